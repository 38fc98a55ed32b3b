package nodesim

import (
	"math/rand/v2"
	"net/http"
	"unicode/utf8"

	"github.com/beevik/etree"
)

// Place says where the payload's namespace is declared.
type Place int

// The places, from the outside in.
const (
	AtEnvelope Place = iota
	AtBody
	AtPayload
)

// Quotes says what stands around the values of attributes.
type Quotes int

// The ways of quoting.
const (
	QuoteDouble Quotes = iota
	QuoteSingle
	QuoteBoth // by turns
)

// Gaps says what stands between elements.
type Gaps int

// The kinds of white space.
const (
	GapNone    Gaps = iota
	GapIndent       // line feeds and spaces
	GapWindows      // carriage returns, line feeds and tabs
)

// TextForm says how the text of a leaf is written.
type TextForm int

// The forms of text.
const (
	TextPlain   TextForm = iota
	TextCDATA            // a CDATA section
	TextDecimal          // every character as &#49;
	TextHex              // every character as &#x31;
	TextMixed            // one half plain, the other a CDATA section
)

// Encoding says in which bytes a document is written.
type Encoding int

// The encodings a station must read (soap-node §1.1, cases T6 and T7).
const (
	UTF8           Encoding = iota
	UTF8WithMark            // a byte order mark before the prolog
	UTF8Undeclared          // no prolog at all
	Latin1                  // ISO-8859-1, declared
)

func (e Encoding) declared() string {
	if e == Latin1 {
		return "ISO-8859-1"
	}
	return "UTF-8"
}

// holds says whether a character can be written without a reference.
func (e Encoding) holds(r rune) bool { return e != Latin1 || r <= 0xff }

func (e Encoding) append(dst []byte, r rune) []byte {
	if e == Latin1 {
		return append(dst, byte(r))
	}
	return utf8.AppendRune(dst, r)
}

// Spelling is one of the countless ways of writing one and the same request. All of them are well-formed and, but for
// StandInBeside, valid; a station answers all of them alike (soap-node §6 T2 to T8, R6). The same Spelling writes the
// same bytes every time.
type Spelling struct {
	Envelope string // prefix of the envelope; empty: the default namespace
	Payload  string // prefix of the payload's root; empty: the default namespace, undone by xmlns="" on each child
	Declared Place  // of the payload's namespace; AtPayload when both prefixes are the same
	UndoLate bool   // xmlns="" stands on each child of the payload, needed or not

	Quotes    Quotes
	Gaps      Gaps
	LooseTags bool // white space inside the tags
	Comments  bool // comments between elements, full of what looks like elements
	Text      TextForm
	Encoding  Encoding
	Header    bool // a SOAP Header with a block that nobody has to understand
	Spare     bool // declared namespaces that nothing uses

	StandInBeside bool // a stand-in mark is written as before SANP 3.9: "standin", beside the receipt

	Action      ActionStyle
	ContentType string // empty: no such header
	RequestID   string // X-Request-Id; empty: no such header
}

// place is Declared where XML allows it: one prefix cannot mean two namespaces at one place.
func (s Spelling) place() Place {
	if s.Envelope == s.Payload {
		return AtPayload
	}
	return s.Declared
}

// Spelt is a node like this one that writes its requests in one Spelling, in place of its Style.
func (n *Node) Spelt(s Spelling) *Node {
	other := *n
	other.spelt = &s
	other.hand = func(operation string, payload *etree.Element) (message, error) {
		return s.message(operation, payload), nil
	}
	return &other
}

// message is a request as it goes over the wire in this Spelling.
func (s Spelling) message(operation string, payload *etree.Element) message {
	return message{body: s.write(payload), header: s.headers(operation)}
}

func (s Spelling) headers(operation string) http.Header {
	h := http.Header{}
	if s.ContentType != "" {
		h.Set("Content-Type", s.ContentType)
	}
	if s.RequestID != "" {
		h.Set("X-Request-Id", s.RequestID)
	}
	action, sent := WireStyle{Action: s.Action}.action(operation)
	if sent {
		h.Set("SOAPAction", action)
	}
	return h
}

var (
	// hostilePrefixes are those seen (soap-node §1.1) and some that XML allows and nobody expects; the empty one is the
	// default namespace.
	hostilePrefixes = []string{"soapenv", "pafn", "s", "nod", "SOAP-ENV", "paf", "ppt", "ns2", "_", "è", "a.b-c", "idPA", ""}

	utf8Types   = []string{"text/xml;charset=UTF-8", "text/xml; charset=utf-8", `TEXT/XML; Charset="utf-8"`, "text/xml", "application/xml", "text/plain", ""}
	latin1Types = []string{"text/xml; charset=ISO-8859-1", "text/xml", "application/xml", ""}
)

// DrawSpelling chooses a Spelling at random; one stream of numbers gives one Spelling.
func DrawSpelling(r *rand.Rand) Spelling {
	s := Spelling{
		Envelope: pick(r, hostilePrefixes), Payload: pick(r, hostilePrefixes),
		Declared: pick(r, []Place{AtEnvelope, AtBody, AtPayload}), UndoLate: chance(r, 25),
		Quotes: pick(r, []Quotes{QuoteDouble, QuoteSingle, QuoteBoth}), Gaps: pick(r, []Gaps{GapNone, GapIndent, GapWindows}),
		LooseTags: chance(r, 25), Comments: chance(r, 25),
		Text:     pick(r, []TextForm{TextPlain, TextPlain, TextCDATA, TextDecimal, TextHex, TextMixed}),
		Encoding: pick(r, []Encoding{UTF8, UTF8, UTF8WithMark, UTF8Undeclared, Latin1}),
		Header:   chance(r, 25), Spare: chance(r, 25), StandInBeside: chance(r, 50),
		Action:    pick(r, []ActionStyle{ActionQuoted, ActionBare, ActionMissing, ActionEmpty}),
		RequestID: drawRequestID(r),
	}
	s.ContentType = pick(r, utf8Types)
	if s.Encoding == Latin1 {
		s.ContentType = pick(r, latin1Types)
		// A name is written in the document's encoding like any text, but no library agrees on how to read it there.
		s.Envelope, s.Payload = latinPrefix(s.Envelope), latinPrefix(s.Payload)
	}
	return s
}

// latinPrefix keeps the names of a document in ISO-8859-1 to ASCII.
func latinPrefix(prefix string) string {
	if prefix == "è" {
		return "e"
	}
	return prefix
}

// drawRequestID gives a UUID, as the forwarder does, or what another forwarder might send.
func drawRequestID(r *rand.Rand) string {
	hex := drawToken(r)
	switch r.IntN(5) {
	case 0:
		return hex
	case 1:
		return "" // no header
	case 2:
		return hex + hex + hex + hex // longer than anybody stores
	case 3:
		return `"|<` + hex[:8] + `>;` // printable, and unpleasant in a log
	default:
		return hex[:8] + "-" + hex[8:12] + "-4" + hex[13:16] + "-a" + hex[17:20] + "-" + hex[20:]
	}
}

// drawToken is newToken from a stream that can be replayed.
func drawToken(r *rand.Rand) string {
	const digits = "0123456789abcdef"
	var b [32]byte
	for i := range b {
		b[i] = digits[r.IntN(len(digits))]
	}
	return string(b[:])
}

func pick[T any](r *rand.Rand, from []T) T { return from[r.IntN(len(from))] }

// chance is true in percent of a hundred draws.
func chance(r *rand.Rand, percent int) bool { return r.IntN(100) < percent }
