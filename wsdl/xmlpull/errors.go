package xmlpull

import "strconv"

// SyntaxError says where and by which rule a document was refused. It never
// holds any part of the document.
type SyntaxError struct {
	Offset int    // byte offset in the document as received
	Rule   string // one of the Rule constants
}

// Error implements error.
func (e *SyntaxError) Error() string {
	return "cannot read xml: " + e.Rule + " at byte " + strconv.Itoa(e.Offset)
}

// The rules a document may break.
const (
	RuleEncoding     = "encoding not accepted"
	RuleBytes        = "bytes invalid in the encoding"
	RuleDeclaration  = "malformed XML declaration"
	RuleVersion      = "XML version not accepted"
	RuleDoctype      = "DOCTYPE or other declaration refused"
	RuleInstruction  = "processing instruction refused"
	RuleCharacter    = "character forbidden by XML"
	RuleReference    = "malformed or forbidden reference"
	RuleMarkup       = "malformed markup"
	RuleName         = "malformed name"
	RuleAttribute    = "malformed attribute"
	RuleDuplicate    = "duplicate attribute"
	RulePrefix       = "prefix not bound"
	RuleNamespace    = "reserved or empty namespace binding"
	RuleEndTag       = "end tag does not match"
	RuleComment      = "malformed comment"
	RuleLeafComment  = "comment inside a leaf"
	RuleLeafChild    = "element inside a leaf"
	RuleMixed        = "text beside child elements"
	RuleSectionEnd   = "]]> outside a CDATA section"
	RuleTruncated    = "document ends too early"
	RuleNoRoot       = "no root element"
	RuleTrailing     = "content after the root element"
	RuleLeading      = "content before the root element"
	RuleUse          = "reader used out of turn"
	RuleMaxDepth     = "limit: depth"
	RuleMaxTokens    = "limit: tokens"
	RuleMaxAttrs     = "limit: attributes of one element"
	RuleMaxNamespace = "limit: namespace bindings"
	RuleMaxLeaf      = "limit: length of a value"
	RuleMaxName      = "limit: length of a name"
)
