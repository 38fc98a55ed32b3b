package soap

import (
	"errors"

	"nodobridge/wsdl/xmlpull"
)

// Namespaces of the two envelopes: 1.1, which paForNode speaks, and 1.2, which
// gets a VersionMismatch.
const (
	envelope11 = "http://schemas.xmlsoap.org/soap/envelope/"
	envelope12 = "http://www.w3.org/2003/05/soap-envelope"
)

// The structural refusals: the document is XML, but not one call. They are
// answered with a SOAP Fault whatever the operation (reliability-security.md §9
// rows 19, 20), because what was meant is unknown.
var (
	errVersion        = errors.New("the envelope is not SOAP 1.1")
	errNoEnvelope     = errors.New("the document is not a SOAP envelope")
	errBody           = errors.New("the envelope must hold one Body with one element")
	errMustUnderstand = errors.New("a header block must be understood and is not")
)

// name is a qualified name.
type name struct{ space, local string }

// enter walks from the start of the document to the payload's start element:
// Envelope, at most one Header, Body, one child. It returns the payload's name.
func enter(r *xmlpull.Reader) (name, error) {
	kind, err := r.Next()
	switch {
	case err != nil:
		return name{}, err
	case kind != xmlpull.StartElement || at(r).local != "Envelope":
		return name{}, errNoEnvelope
	case at(r).space == envelope12:
		return name{}, errVersion
	case at(r).space != envelope11:
		return name{}, errNoEnvelope
	}
	child, err := r.Child()
	if err == nil && child && at(r) == (name{envelope11, "Header"}) {
		if err = skipHeader(r); err == nil {
			child, err = r.Child()
		}
	}
	if err != nil {
		return name{}, err
	}
	if !child || at(r) != (name{envelope11, "Body"}) {
		return name{}, errBody
	}
	child, err = r.Child()
	if err != nil {
		return name{}, err
	}
	if !child {
		return name{}, errBody
	}
	return at(r), nil
}

// leave checks that nothing follows the payload but the ends of Body, Envelope
// and document.
func leave(r *xmlpull.Reader) error {
	for range 2 {
		child, err := r.Child()
		if err != nil {
			return err
		}
		if child {
			return errBody
		}
	}
	_, err := r.Next()
	return err
}

// skipHeader passes over the header's blocks; one that must be understood is
// refused, as SOAP 1.1 §4.2.3 demands.
func skipHeader(r *xmlpull.Reader) error {
	for {
		child, err := r.Child()
		if err != nil || !child {
			return err
		}
		for _, a := range r.Attrs() {
			if a.Space == envelope11 && a.Local == "mustUnderstand" && (a.Value == "1" || a.Value == "true") {
				return errMustUnderstand
			}
		}
		if err := r.Skip(); err != nil {
			return err
		}
	}
}

func at(r *xmlpull.Reader) name {
	space, local := r.Name()
	return name{space, local}
}

// isStructural says whether the document is well-formed up to here but no single
// call: then the operation that its parts name must not be answered.
func isStructural(err error) bool {
	for _, structural := range []error{errVersion, errNoEnvelope, errBody, errMustUnderstand} {
		if errors.Is(err, structural) {
			return true
		}
	}
	var syntax *xmlpull.SyntaxError
	return errors.As(err, &syntax) && syntax.Rule == xmlpull.RuleTrailing
}
