package pafornode_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"nodobridge/wsdl/pafornode"
	"nodobridge/wsdl/xmlpull"
)

// root is one payload with its generated code, the Go type hidden.
type root struct {
	name     string
	create   func() any
	decode   func(r *xmlpull.Reader, rep *pafornode.Report) (any, error)
	encode   func(v any) []byte
	validate func(v any, rep *pafornode.Report)
}

// validator is what every generated type can do.
type validator[T any] interface {
	*T
	Validate(*pafornode.Report)
}

func codec[T any, P validator[T]](name string, decode func(*xmlpull.Reader, *T, *pafornode.Report) error, encode func([]byte, *T) []byte) root {
	return root{
		name:   name,
		create: func() any { return new(T) },
		decode: func(r *xmlpull.Reader, rep *pafornode.Report) (any, error) {
			v := new(T)
			err := decode(r, v, rep)
			return v, err
		},
		encode: func(v any) []byte {
			payload := v.(*T)
			return pafornode.AppendEnvelope(nil, func(dst []byte) []byte { return encode(dst, payload) })
		},
		validate: func(v any, rep *pafornode.Report) { P(v.(*T)).Validate(rep) },
	}
}

// roots are the twelve payloads.
var roots = []root{
	codec("paVerifyPaymentNoticeReq", pafornode.DecodePaVerifyPaymentNoticeReq, pafornode.AppendPaVerifyPaymentNoticeReq),
	codec("paVerifyPaymentNoticeRes", pafornode.DecodePaVerifyPaymentNoticeRes, pafornode.AppendPaVerifyPaymentNoticeRes),
	codec("paGetPaymentReq", pafornode.DecodePaGetPaymentReq, pafornode.AppendPaGetPaymentReq),
	codec("paGetPaymentRes", pafornode.DecodePaGetPaymentRes, pafornode.AppendPaGetPaymentRes),
	codec("paGetPaymentV2Request", pafornode.DecodePaGetPaymentV2Request, pafornode.AppendPaGetPaymentV2Request),
	codec("paGetPaymentV2Response", pafornode.DecodePaGetPaymentV2Response, pafornode.AppendPaGetPaymentV2Response),
	codec("paSendRTReq", pafornode.DecodePaSendRTReq, pafornode.AppendPaSendRTReq),
	codec("paSendRTRes", pafornode.DecodePaSendRTRes, pafornode.AppendPaSendRTRes),
	codec("paSendRTV2Request", pafornode.DecodePaSendRTV2Request, pafornode.AppendPaSendRTV2Request),
	codec("paSendRTV2Response", pafornode.DecodePaSendRTV2Response, pafornode.AppendPaSendRTV2Response),
	codec("paDemandPaymentNoticeRequest", pafornode.DecodePaDemandPaymentNoticeRequest, pafornode.AppendPaDemandPaymentNoticeRequest),
	codec("paDemandPaymentNoticeResponse", pafornode.DecodePaDemandPaymentNoticeResponse, pafornode.AppendPaDemandPaymentNoticeResponse),
}

// rootNamed returns the payload with a local name, or nil.
func rootNamed(name string) *root {
	for i := range roots {
		if roots[i].name == name {
			return &roots[i]
		}
	}
	return nil
}

// rootOf returns the payload that a value is.
func rootOf(t testing.TB, v any) *root {
	t.Helper()
	for i := range roots {
		if fmt.Sprintf("%T", roots[i].create()) == fmt.Sprintf("%T", v) {
			return &roots[i]
		}
	}
	t.Fatalf("%T is no payload", v)
	return nil
}

const soapNamespace = "http://schemas.xmlsoap.org/soap/envelope/"

var errEnvelope = errors.New("not one payload in a SOAP 1.1 envelope")

// readEnvelope is a gate for tests: one Envelope, an optional Header, one Body
// with one known payload, nothing behind.
func readEnvelope(doc []byte, rep *pafornode.Report) (*root, any, error) {
	r, err := xmlpull.NewReader(doc, xmlpull.DefaultLimits())
	if err != nil {
		return nil, nil, err
	}
	err = startOf(r, soapNamespace, "Envelope")
	if err != nil {
		return nil, nil, err
	}
	err = startOf(r, soapNamespace, "Header")
	if err == nil {
		err = skipHeader(r)
		if err == nil {
			err = startOf(r, soapNamespace, "Body")
		}
	} else if space, local := r.Name(); space == soapNamespace && local == "Body" {
		err = nil
	}
	if err != nil {
		return nil, nil, err
	}
	more, err := r.Child()
	if err != nil || !more {
		return nil, nil, errors.Join(errEnvelope, err)
	}
	space, local := r.Name()
	known := rootNamed(local)
	if known == nil || space != pafornode.Namespace {
		return nil, nil, errEnvelope
	}
	v, err := known.decode(r, rep)
	for range 2 { // the ends of Body and Envelope
		if err == nil {
			more, err = r.Child()
		}
		if more {
			err = errEnvelope
		}
	}
	if err == nil {
		_, err = r.Next()
	}
	return known, v, err
}

// skipHeader passes over the header's blocks, between which no text may stand, as the
// station does.
func skipHeader(r *xmlpull.Reader) error {
	for {
		child, err := r.Child()
		if err != nil || !child {
			return err
		}
		if err := r.Skip(); err != nil {
			return err
		}
	}
}

// startOf reads on to a start tag, which must have a name.
func startOf(r *xmlpull.Reader, space, local string) error {
	kind, err := r.Next()
	for err == nil && kind == xmlpull.Text && strings.TrimSpace(r.Text()) == "" {
		kind, err = r.Next()
	}
	if err != nil {
		return err
	}
	s, l := r.Name()
	if kind != xmlpull.StartElement || s != space || l != local {
		return errEnvelope
	}
	return nil
}
