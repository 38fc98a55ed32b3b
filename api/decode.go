package api

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"unicode/utf8"

	"nodobridge/bridge"
)

// Limits of a document's shape. They keep the memory of what is built from a
// body near the size of the body.
const (
	maxDepth = 32     // reliability-security.md §9 row 48
	maxItems = 20_000 // elements of all read arrays; a v1 body of 1 MiB has 7,000 real ones
	maxName  = 64     // bytes of a member's name that an error text repeats
)

// reader reads one JSON document strictly, from left to right, straight into
// the caller's model (reliability-security.md §0.7): a name occurs once in an
// object, names are case-sensitive, strings are valid text without NUL, a number
// that is to be an integer is one. Unlike encoding/json it never guesses.
//
// The value at hand is consumed by exactly one of object, array, text, integer,
// boolean, null (when it says so) and skip.
type reader struct {
	data  []byte
	pos   int
	depth int
	items int
	path  []byte // of the value at hand, e.g. paymentOption[0].amount

	known    bool     // members that the model does not have are refused, not ignored
	readOnly []string // but for these
}

// readOnly are the members of answers, which a client may send back.
var readOnly = []string{"status", "paymentDate", "fee", "notificationFee"}

// unknown passes over the value of a member that the model does not have.
func (r *reader) unknown(name string) error {
	if r.known && !slices.Contains(r.readOnly, name) {
		return r.wrong("is no member of a debt position")
	}
	return r.skip()
}

// decode reads a document whose value root consumes.
func decode(data []byte, root func(*reader) error) error { return (&reader{data: data}).all(root) }

// decodeKnown is decode that refuses members that the model does not have.
func decodeKnown(data []byte, root func(*reader) error) error {
	return (&reader{data: data, known: true, readOnly: readOnly}).all(root)
}

func (r *reader) all(root func(*reader) error) error {
	data := r.data
	if !utf8.Valid(data) {
		return r.malformed("it is not valid UTF-8")
	}
	r.space()
	if r.pos == len(data) {
		return r.malformed("it is empty")
	}
	if err := root(r); err != nil {
		return err
	}
	r.space()
	if r.pos != len(data) {
		return r.malformed("something follows the document")
	}
	return nil
}

// malformed refuses the document as no JSON.
func (r *reader) malformed(what string) error {
	return &bridge.Error{Code: bridge.CodeInvalid, Field: string(r.path), Detail: fmt.Sprintf("the request body cannot be read: %s, at byte %d%s", what, r.pos, r.where())}
}

func (r *reader) where() string {
	if len(r.path) == 0 {
		return ""
	}
	return " in " + string(r.path)
}

// wrong refuses the value at hand; it names the field, never the value.
func (r *reader) wrong(rule string) error {
	if r.pos == len(r.data) {
		return r.malformed("it ends too early")
	}
	if len(r.path) == 0 {
		return &bridge.Error{Code: bridge.CodeInvalid, Detail: "the request body " + rule}
	}
	return invalid(bridge.FieldError{Field: string(r.path), Rule: rule})
}

func (r *reader) space() {
	for r.pos < len(r.data) {
		switch r.data[r.pos] {
		case ' ', '\t', '\n', '\r':
			r.pos++
		default:
			return
		}
	}
}

// peek is the byte at hand, 0 at the end.
func (r *reader) peek() byte {
	if r.pos == len(r.data) {
		return 0
	}
	return r.data[r.pos]
}

// take consumes the byte if it is the one at hand.
func (r *reader) take(b byte) bool {
	if r.peek() != b || r.pos == len(r.data) {
		return false
	}
	r.pos++
	return true
}

// within reads the elements of an object or array: element reads one, and
// between two there is a comma.
func (r *reader) within(closing byte, element func() error) error {
	r.pos++
	r.depth++
	if r.depth > maxDepth {
		return r.malformed(fmt.Sprintf("it is nested deeper than %d", maxDepth))
	}
	r.space()
	for first := true; !r.take(closing); first = false {
		if !first {
			if !r.take(',') {
				return r.malformed("a comma is missing")
			}
			r.space()
		}
		if err := element(); err != nil {
			return err
		}
		r.space()
	}
	r.depth--
	return nil
}

// object reads an object; member consumes the value of each name.
func (r *reader) object(member func(name string) error) error {
	if r.peek() != '{' {
		return r.wrong("must be an object")
	}
	outer := len(r.path)
	seen := map[string]struct{}{}
	return r.within('}', func() error {
		if r.peek() != '"' {
			return r.malformed("a member's name is missing")
		}
		name, err := r.quoted()
		if err != nil {
			return err
		}
		r.enter(name)
		if _, twice := seen[name]; twice {
			return r.wrong("is given twice")
		}
		seen[name] = struct{}{}
		r.space()
		if !r.take(':') {
			return r.malformed("a colon is missing")
		}
		r.space()
		err = member(name)
		if err != nil {
			return err
		}
		r.path = r.path[:outer]
		return nil
	})
}

func (r *reader) enter(name string) {
	if len(r.path) > 0 {
		r.path = append(r.path, '.')
	}
	r.path = append(r.path, name[:min(len(name), maxName)]...)
}

// array reads an array; item consumes each element.
func (r *reader) array(item func() error) error {
	if r.peek() != '[' {
		return r.wrong("must be an array")
	}
	outer, index := len(r.path), int64(0)
	return r.within(']', func() error {
		r.items++
		if r.items > maxItems {
			return r.wrong(fmt.Sprintf("is too much: the request body has more than %d array elements", maxItems))
		}
		r.path = append(r.path, '[')
		r.path = strconv.AppendInt(r.path, index, 10)
		r.path = append(r.path, ']')
		index++
		if err := item(); err != nil {
			return err
		}
		r.path = r.path[:outer]
		return nil
	})
}

// null consumes a null, if there is one.
func (r *reader) null() bool { return r.word("null") }

func (r *reader) word(word string) bool {
	rest := r.data[r.pos:]
	if len(rest) < len(word) || string(rest[:len(word)]) != word {
		return false
	}
	r.pos += len(word)
	return true
}

func (r *reader) boolean() (bool, error) {
	switch {
	case r.word("true"):
		return true, nil
	case r.word("false"):
		return false, nil
	}
	return false, r.wrong("must be true or false")
}

// integer reads a whole number of at most 64 bits written with digits only.
func (r *reader) integer() (int64, error) {
	if b := r.peek(); b != '-' && (b < '0' || b > '9') {
		return 0, r.wrong("must be an integer")
	}
	text, whole, err := r.number()
	if err != nil {
		return 0, err
	}
	if !whole {
		return 0, r.wrong("must be an integer, without fraction or exponent")
	}
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil {
		return 0, r.wrong(fmt.Sprintf("must be an integer of at most %d", int64(math.MaxInt64)))
	}
	return n, nil
}

// number reads any JSON number and says whether it has neither fraction nor
// exponent.
func (r *reader) number() (text string, whole bool, err error) {
	start := r.pos
	whole = true
	r.take('-')
	switch {
	case r.take('0'):
	case !r.digits():
		return "", false, r.malformed("a number has no digits")
	}
	if r.take('.') {
		whole = false
		if !r.digits() {
			return "", false, r.malformed("a fraction has no digits")
		}
	}
	if r.take('e') || r.take('E') {
		whole = false
		if !r.take('+') {
			r.take('-')
		}
		if !r.digits() {
			return "", false, r.malformed("an exponent has no digits")
		}
	}
	return string(r.data[start:r.pos]), whole, nil
}

func (r *reader) digits() bool {
	start := r.pos
	for b := r.peek(); b >= '0' && b <= '9'; b = r.peek() {
		r.pos++
	}
	return r.pos > start
}

// skip consumes any value, as strictly as if it were read.
func (r *reader) skip() error {
	switch b := r.peek(); {
	case b == '{':
		return r.object(func(string) error { return r.skip() })
	case b == '[':
		return r.within(']', r.skip)
	case b == '"':
		_, err := r.quoted()
		return err
	case b == '-' || b >= '0' && b <= '9':
		_, _, err := r.number()
		return err
	case r.null() || r.word("true") || r.word("false"):
		return nil
	}
	return r.malformed("a value is missing")
}

// set reads a value that may be null into to; null leaves it as it is, like a
// member that is absent (gpd-api.md §1.1).
func set[T any](r *reader, to **T, read func(*reader) (T, error)) error {
	if r.null() {
		return nil
	}
	value, err := read(r)
	if err != nil {
		return err
	}
	*to = &value
	return nil
}

// list reads an array of objects that may be null, which is the same as empty
// (gpd-api.md §8.1 A25). member consumes the members of the element at hand.
func list[T any](r *reader, to *[]T, member func(*reader, *T, string) error) error {
	if r.null() {
		return nil
	}
	return r.array(func() error {
		var item T
		if err := r.object(func(name string) error { return member(r, &item, name) }); err != nil {
			return err
		}
		*to = append(*to, item)
		return nil
	})
}
