package main

// contract is what the WSDL and its schemas say, resolved and checked.
type contract struct {
	namespace  string // of the payload roots
	operations []operation
	complex    []*complexType // those the payloads need, in a fixed order
	simple     []*simpleType
}

// operation is one row of the operations table.
type operation struct {
	name, action      string
	request, response *element
}

// qname is an expanded name.
type qname struct{ space, local string }

// element is a global element.
type element struct {
	name qname
	typ  *complexType
}

// complexType is an xsd:complexType with one sequence.
type complexType struct {
	name      qname
	label     string // common:ctMetadata, for comments
	goName    string
	base      *complexType // of an extension
	particles []particle   // its own, without the base's
	root      string       // name of the global element of this type, if any
}

// all returns the base's particles and then the type's own.
func (c *complexType) all() []particle {
	if c.base == nil {
		return c.particles
	}
	return append(c.base.all(), c.particles...)
}

// particle is one element of a sequence, or a choice among several.
type particle struct {
	name     string
	goName   string
	complex  *complexType // one of complex and simple
	simple   *simpleType
	typeName qname
	label    string
	min, max int
	choice   []particle // instead of all the above
}

// kind is how a simple type is read, held and written.
type kind string

const (
	kindText     kind = "text"
	kindBase64   kind = "base64"
	kindDate     kind = "date"
	kindDateTime kind = "dateTime"
	kindBoolean  kind = "boolean"
	kindInt      kind = "int"
	kindCents    kind = "cents"
)

// builtins are the types of XML Schema that the contract may use.
var builtins = map[string]kind{
	"string":       kindText,
	"base64Binary": kindBase64,
	"date":         kindDate,
	"dateTime":     kindDateTime,
	"boolean":      kindBoolean,
	"int":          kindInt,
	"decimal":      kindCents,
}

// simpleType is a built-in type or a restriction of one.
type simpleType struct {
	name   qname
	label  string
	goName string
	kind   kind
	facets facets
	match  *automaton // of the pattern, unless the kind reads it itself
}

// goType is the Go type that holds a value.
func (s *simpleType) goType() string {
	switch s.kind {
	case kindBoolean:
		return "bool"
	case kindInt:
		return "int32"
	case kindCents:
		return "int64"
	}
	return "string"
}

// facets are the restrictions of a simple type; "" and nil are none.
type facets struct {
	pattern                      string
	enumeration                  []string
	length, minLength, maxLength string
	minInclusive, maxInclusive   string
}
