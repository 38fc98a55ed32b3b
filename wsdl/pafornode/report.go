package pafornode

import (
	"strconv"
	"strings"
)

// Violation is one broken rule of the XSD. It never holds the value.
type Violation struct {
	Path string // /paSendRTV2Request/receipt/transferList/transfer[2]/IBAN
	Rule string // one of the Rule constants
}

// The rules a message may break and still be read.
const (
	RuleMissing      = "required element missing"
	RuleOrder        = "element out of order"
	RuleChoice       = "one alternative required"
	RuleTooMany      = "too many elements"
	RuleTooFew       = "too few elements"
	RuleAttribute    = "attribute not allowed"
	RuleNil          = "xsi:nil not allowed"
	RuleType         = "xsi:type other than the declared type"
	RuleLexical      = "not in the lexical space of the type"
	RulePattern      = "pattern"
	RuleLength       = "length"
	RuleMinLength    = "minLength"
	RuleMaxLength    = "maxLength"
	RuleEnumeration  = "enumeration"
	RuleMinInclusive = "minInclusive"
	RuleMaxInclusive = "maxInclusive"
	RuleCharacter    = "character forbidden by XML"
)

// What one report keeps at most; the counters go on.
const (
	MaxViolations = 64
	MaxUnknown    = 16
	maxNameBytes  = 64 // of an unknown element's name
)

// Report collects what Decode and Validate find. The zero value is ready.
type Report struct {
	Violations     []Violation // the first MaxViolations
	ViolationCount int
	Unknown        []string // paths of skipped elements, the first MaxUnknown
	UnknownCount   int

	path []step
}

// step is one element on the way to the current one.
type step struct {
	name string
	item int // 1, 2, … in a list, else 0
}

// Valid reports whether the message obeys the whole schema.
func (rep *Report) Valid() bool { return rep.ViolationCount == 0 && rep.UnknownCount == 0 }

// Reset empties the report and keeps its buffers.
func (rep *Report) Reset() {
	*rep = Report{Violations: rep.Violations[:0], Unknown: rep.Unknown[:0], path: rep.path[:0]}
}

func (rep *Report) push(name string, item int) {
	if rep.path == nil {
		rep.path = make([]step, 0, 8) // the schema is six deep
	}
	rep.path = append(rep.path, step{name, item})
}

func (rep *Report) pop() { rep.path = rep.path[:len(rep.path)-1] }

// here is the path of the current element.
func (rep *Report) here() string {
	var b []byte
	for _, s := range rep.path {
		b = append(b, '/')
		b = append(b, s.name...)
		if s.item > 0 {
			b = append(b, '[')
			b = strconv.AppendInt(b, int64(s.item), 10)
			b = append(b, ']')
		}
	}
	return string(b)
}

// violate reports a rule broken by the current element.
func (rep *Report) violate(rule string) {
	rep.ViolationCount++
	if len(rep.Violations) < MaxViolations {
		rep.Violations = append(rep.Violations, Violation{rep.here(), rule})
	}
}

// violateChild reports a rule broken by a child of the current element; no rule,
// no report.
func (rep *Report) violateChild(name, rule string) {
	if rule == "" {
		return
	}
	rep.push(name, 0)
	rep.violate(rule)
	rep.pop()
}

// violateText is violateChild for a value that the encoder must write unchanged.
func (rep *Report) violateText(name, value, rule string) {
	if rule == "" && !allAllowed(value) {
		rule = RuleCharacter
	}
	rep.violateChild(name, rule)
}

// skipped reports an element that the schema does not know.
func (rep *Report) skipped(name string) {
	rep.UnknownCount++
	if len(rep.Unknown) < MaxUnknown {
		rep.push(strings.ToValidUTF8(name[:min(len(name), maxNameBytes)], ""), 0)
		rep.Unknown = append(rep.Unknown, rep.here())
		rep.pop()
	}
}

// RepeatedError refuses a second occurrence of an element that occurs once: the
// readers of the world disagree about which one counts.
type RepeatedError struct{ Path string }

// Error implements error.
func (e *RepeatedError) Error() string { return "cannot decode " + e.Path + ": element repeated" }

// ChoiceError refuses a second alternative of a choice.
type ChoiceError struct{ Path string }

// Error implements error.
func (e *ChoiceError) Error() string {
	return "cannot decode " + e.Path + ": second alternative of a choice"
}

// QualifiedError refuses an element of the schema that stands in a namespace:
// its children are unqualified (XSD paForNode.xsd, no elementFormDefault).
type QualifiedError struct{ Path string }

// Error implements error.
func (e *QualifiedError) Error() string {
	return "cannot decode " + e.Path + ": element in a namespace"
}

// RootError refuses a payload other than the one asked for.
type RootError struct{ Want string }

// Error implements error.
func (e *RootError) Error() string { return "cannot decode " + e.Want + ": other root element" }
