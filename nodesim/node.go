package nodesim

import (
	"bytes"
	"cmp"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"net/http"
	"time"

	"github.com/beevik/etree"
)

// maxAnswer is the longest answer the node reads; real ones stay well under a hundredth of it.
const maxAnswer = 4 << 20

// Node is the caller of one station. Its fields may be changed between calls, not during them.
type Node struct {
	URL     string // the station's paForNode endpoint
	Broker  string // idBrokerPA
	Station string // idStation

	HTTP     *http.Client // nil: a plain client; give one for mTLS or for a network that misbehaves
	Style    WireStyle    // how the requests are written
	Patience Patience     // zero: the node's own timeouts

	// Creditors, when not nil, is the node's registry of creditor institutions: fiscal code to the IBANs registered for
	// it. A transfer to an unknown code or account is then refused, as on the node (soap-node §2.3, §5 rows 29 and 30).
	Creditors map[string][]string

	// Trace, when not nil, is told of every exchange before the call returns.
	Trace func(Exchange)

	// hand, when not nil, writes the requests in place of Style.
	hand  func(operation string, payload *etree.Element) (message, error)
	spelt *Spelling // the one that hand writes in, if it is one
}

// Patience is how long the node waits for an answer (soap-node §2.7); a zero field means the node's own number.
type Patience struct {
	Read    time.Duration // verify, getPayment, demand: 7 s
	Receipt time.Duration // paSendRT and paSendRTV2: 15 s
	Probe   time.Duration // the liveness probe: 10 s (soap-node §2.8)
}

func (p Patience) read() time.Duration    { return cmp.Or(p.Read, 7*time.Second) }
func (p Patience) receipt() time.Duration { return cmp.Or(p.Receipt, 15*time.Second) }
func (p Patience) probe() time.Duration   { return cmp.Or(p.Probe, 10*time.Second) }

// Exchange is one request and what came of it.
type Exchange struct {
	Operation    string // SOAPAction, always bare
	RequestID    string // X-Request-Id, which the forwarder always sends (soap-node §1.3)
	RequestBody  []byte
	Status       int    // 0: no answer came
	ContentType  string // of the answer
	ResponseBody []byte
	Duration     time.Duration
	Err          error // why no answer came, nil otherwise
}

// operation is one row of the WSDL.
type operation struct {
	name     string // the operation and its SOAPAction
	request  string // root element of the request
	response string // root element of the answer
	answer   []element
}

// The suffixes of the root elements are not uniform; they are as the XSD has them (soap-node §1.1).
var (
	verifyOperation       = operation{"paVerifyPaymentNotice", "paVerifyPaymentNoticeReq", "paVerifyPaymentNoticeRes", answerShape(noticeShape...)}
	getPaymentOperation   = operation{"paGetPayment", "paGetPaymentReq", "paGetPaymentRes", answerShape(branch("data", paymentV1Shape).optional())}
	getPaymentV2Operation = operation{"paGetPaymentV2", "paGetPaymentV2Request", "paGetPaymentV2Response", answerShape(branch("data", paymentV2Shape).optional())}
	sendRTOperation       = operation{"paSendRT", "paSendRTReq", "paSendRTRes", answerShape()}
	sendRTV2Operation     = operation{"paSendRTV2", "paSendRTV2Request", "paSendRTV2Response", answerShape()}
	demandOperation       = operation{"paDemandPaymentNotice", "paDemandPaymentNoticeRequest", "paDemandPaymentNoticeResponse",
		answerShape(append([]element{branch("qrCode", qrCodeShape).optional()}, noticeShape...)...)}
)

// request starts a payload with what every request begins with; ec is the idPA.
func (n *Node) request(op operation, ec string) *etree.Element {
	payload := etree.NewElement(op.request)
	put(payload, "idPA", ec)
	put(payload, "idBrokerPA", n.Broker)
	put(payload, "idStation", n.Station)
	return payload
}

// call sends a request and judges the answer up to its outcome. With a Fault there is nothing left to read; without,
// the payload is an OK that follows the XSD.
func (n *Node) call(ctx context.Context, op operation, request *etree.Element, patience time.Duration) (*etree.Element, *Fault, error) {
	answer, err := n.exchange(ctx, op.name, request, n.Style, patience)
	if err != nil {
		return nil, nil, err
	}
	if answer.Status != http.StatusOK {
		return nil, nil, refuse("the HTTP status is %d, want 200 for OK and for KO alike", answer.Status)
	}
	payload, fault, err := judgeAnswer(op, answer.ResponseBody)
	if err != nil {
		return nil, nil, refuse("%v", err)
	}
	return payload, fault, nil
}

func judgeAnswer(op operation, body []byte) (*etree.Element, *Fault, error) {
	root, err := readAnswer(body)
	if err != nil {
		return nil, nil, err
	}
	payload, err := openEnvelope(root)
	if err != nil {
		return nil, nil, err
	}
	err = judgeRoot(payload, op.response)
	if err != nil {
		return nil, nil, err
	}
	err = judgeSequence(payload, op.response, op.answer)
	if err != nil {
		return nil, nil, err
	}
	fault, err := judgeOutcome(payload)
	return payload, fault, err
}

// exchange sends one request and reads one answer, whatever it is, and tells Trace.
func (n *Node) exchange(ctx context.Context, name string, request *etree.Element, style WireStyle, patience time.Duration) (Exchange, error) {
	m, err := n.write(name, request, style)
	if err != nil {
		return Exchange{}, err
	}
	x := Exchange{Operation: name, RequestID: m.header.Get("X-Request-Id"), RequestBody: m.body}
	inTime, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	start := time.Now()
	err = n.post(inTime, &x, m.header)
	x.Duration = time.Since(start)
	if err != nil {
		err = classify(ctx, inTime, err, patience)
		x.Err = err
	}
	if n.Trace != nil {
		n.Trace(x)
	}
	return x, err
}

// message is a request as it goes over the wire.
type message struct {
	body   []byte
	header http.Header
}

// write spells a request out, by the node's own hand or by that of a Spelling.
func (n *Node) write(name string, request *etree.Element, style WireStyle) (message, error) {
	if n.hand != nil {
		return n.hand(name, request)
	}
	body, err := style.write(request)
	if err != nil {
		return message{}, err
	}
	header := http.Header{}
	header.Set("Content-Type", style.contentType())
	header.Set("X-Request-Id", rand.Text())
	action, sent := style.action(name)
	if sent {
		header.Set("SOAPAction", action)
	}
	return message{body: body, header: header}, nil
}

// post fills in the answer's half of an exchange.
func (n *Node) post(ctx context.Context, x *Exchange, header http.Header) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, n.URL, bytes.NewReader(x.RequestBody))
	if err != nil {
		return fmt.Errorf("cannot address station: %w", err)
	}
	req.Header = header
	res, err := n.client().Do(req)
	if err != nil {
		return err
	}
	defer func() { _ = res.Body.Close() }() // read only: nothing can be lost by a failing close
	x.Status = res.StatusCode
	x.ContentType = res.Header.Get("Content-Type")
	x.ResponseBody, err = io.ReadAll(io.LimitReader(res.Body, maxAnswer+1))
	if err != nil {
		return err
	}
	if len(x.ResponseBody) > maxAnswer {
		return refuse("the answer is longer than %d bytes", maxAnswer)
	}
	return nil
}

// client follows no redirect: the forwarder is a plain client of one URL (soap-node §1.2).
func (n *Node) client() *http.Client {
	var c http.Client
	if n.HTTP != nil {
		c = *n.HTTP
	}
	c.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	return &c
}

// classify turns a failed exchange into the node's verdict. A caller who gave up is not the station's fault.
func classify(caller, inTime context.Context, err error, patience time.Duration) error {
	verdict, ok := errors.AsType[*NodeError](err)
	if ok {
		return verdict
	}
	if caller.Err() != nil {
		return fmt.Errorf("cannot wait for answer: %w", caller.Err())
	}
	if inTime.Err() != nil {
		return &NodeError{Code: TimedOut, Reason: fmt.Sprintf("no answer within %s", patience), err: err}
	}
	return &NodeError{Code: Unreachable, Reason: err.Error(), err: err}
}
