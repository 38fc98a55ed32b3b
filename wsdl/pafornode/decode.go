package pafornode

import (
	"strings"

	"nodobridge/wsdl/xmlpull"
)

const (
	xsdNamespace = "http://www.w3.org/2001/XMLSchema"
	xsiNamespace = "http://www.w3.org/2001/XMLSchema-instance"
)

// decoder reads one payload.
type decoder struct {
	r   *xmlpull.Reader
	rep *Report
}

// particle is one element of a sequence; the alternatives of a choice share
// their place in it.
type particle struct {
	name                 string
	typeSpace, typeLocal string
	place                int
	max                  int
	choice               int // 1, 2, … for the alternatives of a choice, else 0
}

// sequence is what has been read of one sequence.
type sequence struct {
	seen        uint64 // a bit for each place
	last        int    // the highest place so far
	items       int    // of its list
	alternative int    // of its choice
}

// root begins the payload on whose start tag the reader stands.
func (d *decoder) root(p *particle) error {
	d.rep.path = d.rep.path[:0]
	space, local := d.r.Name()
	if space != Namespace || local != p.name {
		return &RootError{Want: p.name}
	}
	d.rep.push(p.name, 0)
	d.attributes(p)
	return nil
}

// begin enters the child element on whose start tag the reader stands.
func (d *decoder) begin(s *sequence, p *particle) error {
	item := 0
	if p.max > 1 {
		s.items++
		item = s.items
	}
	d.rep.push(p.name, item)
	space, _ := d.r.Name()
	if space != "" {
		return &QualifiedError{d.rep.here()}
	}
	bit := uint64(1) << p.place
	switch {
	case s.seen&bit == 0:
	case p.choice > 0 && s.alternative != p.choice:
		return &ChoiceError{d.rep.here()}
	case p.max == 1:
		return &RepeatedError{d.rep.here()}
	case s.items == p.max+1:
		d.rep.violate(RuleTooMany)
	}
	s.seen |= bit
	if p.choice > 0 {
		s.alternative = p.choice
	}
	if p.place < s.last {
		d.rep.violate(RuleOrder)
	}
	s.last = max(s.last, p.place)
	if len(d.r.Attrs()) > 0 {
		d.attributes(p)
	}
	return nil
}

// end leaves a sequence; every place with a bit in required must be filled.
func (d *decoder) end(s *sequence, required uint64, particles []particle) {
	missing := required &^ s.seen
	if missing == 0 {
		return
	}
	for i := range particles {
		p := &particles[i]
		switch {
		case missing>>p.place&1 == 0 || p.choice > 1:
		case p.choice == 1:
			d.rep.violate(RuleChoice)
		default:
			d.rep.violateChild(p.name, RuleMissing)
		}
	}
}

// unknown skips the element on whose start tag the reader stands.
func (d *decoder) unknown() error {
	_, local := d.r.Name()
	d.rep.skipped(local)
	return d.r.Skip()
}

// attributes checks the attributes of the current element. The schema declares
// none, so only those of XMLSchema-instance may stand there, and of them not
// xsi:nil, since no element is nillable (XML Schema Part 1, cvc-elt clause 3).
func (d *decoder) attributes(p *particle) {
	for _, a := range d.r.Attrs() {
		switch {
		case a.Space != xsiNamespace:
			d.rep.violate(RuleAttribute)
		case a.Local == "schemaLocation", a.Local == "noNamespaceSchemaLocation":
		case a.Local == "nil":
			d.rep.violate(RuleNil)
		case a.Local == "type":
			prefix, local, prefixed := strings.Cut(trim(a.Value), ":")
			if !prefixed {
				prefix, local = "", prefix
			}
			space, bound := d.r.Lookup(prefix)
			if !bound || local != p.typeLocal || space != p.typeSpace {
				d.rep.violate(RuleType)
			}
		default:
			d.rep.violate(RuleAttribute)
		}
	}
}

// text reads a string, whose white space is part of the value.
func (d *decoder) text(check func(string) string) (string, error) {
	s, err := d.r.Leaf()
	if err != nil {
		return "", err
	}
	d.broken(check(s))
	return s, nil
}

// token reads a date or dateTime.
func (d *decoder) token(check func(string) string) (string, error) {
	s, err := d.r.Leaf()
	if err != nil {
		return "", err
	}
	s = trim(s)
	d.broken(check(s))
	return s, nil
}

// base64 reads base64Binary and keeps the text as it came.
func (d *decoder) base64(check func(string) string) (string, error) {
	s, err := d.r.Base64Leaf()
	if err != nil {
		return "", err
	}
	d.broken(check(s))
	return s, nil
}

// boolean reads xs:boolean; an unreadable one is false.
func (d *decoder) boolean() (bool, error) {
	s, err := d.r.Leaf()
	if err != nil {
		return false, err
	}
	v, ok := parseBoolean(s)
	if !ok {
		d.rep.violate(RuleLexical)
	}
	return v, nil
}

// int32 reads xs:int; an unreadable one is zero.
func (d *decoder) int32(check func(int32) string) (int32, error) {
	s, err := d.r.Leaf()
	if err != nil {
		return 0, err
	}
	v, ok := parseInt32(s)
	if !ok {
		d.rep.violate(RuleLexical)
		return 0, nil
	}
	d.broken(check(v))
	return v, nil
}

// cents reads an amount; an unreadable one is zero.
func (d *decoder) cents(check func(int64) string) (int64, error) {
	s, err := d.r.Leaf()
	if err != nil {
		return 0, err
	}
	v, rule := parseCents(s)
	if rule == "" {
		rule = check(v)
	}
	d.broken(rule)
	return v, nil
}

// broken reports a rule, if there is one.
func (d *decoder) broken(rule string) {
	if rule != "" {
		d.rep.violate(rule)
	}
}
