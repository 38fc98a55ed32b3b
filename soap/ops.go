package soap

import (
	"context"
	"errors"
	"strings"
	"time"

	"nodobridge/bridge"
	"nodobridge/wsdl/pafornode"
	"nodobridge/wsdl/xmlpull"
)

// operation is one row of the table: what a payload's name leads to.
type operation struct {
	name    string // of the WSDL, which is also its SOAPAction
	payload string // local name of the request's root
	receipt bool   // its answer decides about money that has moved
	probe   bool   // the node's liveness probe comes through it
	syntax  fault  // for what is not one valid request
	call    func() call
}

// operations is the whole of paForNode (wsdl/paForNode.wsdl).
var operations = []operation{
	{name: "paVerifyPaymentNotice", payload: "paVerifyPaymentNoticeReq", probe: true, syntax: faultSyntax, call: func() call { return new(verifyCall) }},
	{name: "paGetPayment", payload: "paGetPaymentReq", syntax: faultSyntax, call: func() call { return new(getPaymentCall) }},
	{name: "paGetPaymentV2", payload: "paGetPaymentV2Request", syntax: faultSyntax, call: func() call { return new(getPaymentV2Call) }},
	{name: "paSendRT", payload: "paSendRTReq", receipt: true, syntax: faultSyntax, call: func() call { return new(sendRTCall) }},
	{name: "paSendRTV2", payload: "paSendRTV2Request", receipt: true, syntax: faultSyntax, call: func() call { return new(sendRTV2Call) }},
	{name: "paDemandPaymentNotice", payload: "paDemandPaymentNoticeRequest", syntax: faultSyntaxXSD, call: func() call { return new(demandCall) }},
}

var errUnknownOperation = errors.New("unknown operation")

// refusable can be answered with a KO.
type refusable interface {
	addressee() bridge.Addressee
	// refuse appends the operation's response with outcome KO.
	refuse(dst []byte, bean *pafornode.FaultBean) []byte
}

// addressed is whom the node means: white space around an identifier is within the
// XSD's stText35 and means nobody else.
func addressed(idPA, idBrokerPA, idStation string) bridge.Addressee {
	return bridge.Addressee{EC: strings.TrimSpace(idPA), Broker: strings.TrimSpace(idBrokerPA), Station: strings.TrimSpace(idStation)}
}

// call is one decoded request.
type call interface {
	refusable
	decode(r *xmlpull.Reader, rep *pafornode.Report) error
}

// readCall is a request whose answer is data.
type readCall interface {
	call
	nav() string // "" where the operation has none
	ask(ctx context.Context, s *bridge.Service) (answer, error)
}

// answer is an OK response that can say whether the contract allows it.
type answer interface {
	Validate(rep *pafornode.Report)
	append(dst []byte) []byte
}

// receiptCall is a request that delivers a receipt.
type receiptCall interface {
	call
	// delivery gives the receipt, and whether its essential fields were readable.
	delivery(rep *pafornode.Report) (bridge.Delivery, bool)
	// accept appends the operation's response with outcome OK.
	accept(dst []byte) []byte
}

// yes and no begin every response (XSD ctResponse).
var yes = pafornode.Response{Outcome: "OK"}

func no(bean *pafornode.FaultBean) pafornode.Response {
	return pafornode.Response{Outcome: "KO", Fault: bean}
}

func (op *operation) deadline(l Limits) time.Duration {
	if op.receipt {
		return l.ReceiptDeadline
	}
	return l.ReadDeadline
}

func byPayload(n name) *operation {
	if n.space != pafornode.Namespace {
		return nil
	}
	for i := range operations {
		if operations[i].payload == n.local {
			return &operations[i]
		}
	}
	return nil
}

func byAction(action string) *operation {
	for i := range operations {
		if operations[i].name == action {
			return &operations[i]
		}
	}
	return nil
}

// reason is the fixed text of a refusal of form; it never repeats the document.
func reason(err error) string {
	var syntax *xmlpull.SyntaxError
	if errors.As(err, &syntax) {
		return syntax.Rule
	}
	return cut(err.Error())
}

func isVersion(err error) bool { return errors.Is(err, errVersion) }
