package soap

import (
	"bytes"
	"context"
	"encoding/xml"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"nodobridge/bridge"
	"nodobridge/wsdl/pafornode"
	"nodobridge/wsdl/xmlpull"
)

// exchange is one request and the answer that is being made for it.
type exchange struct {
	server  *Server
	request *http.Request
	record  Record

	status      int
	contentType string
	allow       string
	closing     bool
	body        []byte
	buffer      []byte // spare: body is in it
}

const contentTypeXML = "text/xml; charset=utf-8"

// Header values that every answer shares; nobody changes them.
var (
	headerXML     = []string{contentTypeXML}
	headerNosniff = []string{"nosniff"}
)

// call reads the document and has its operation answered. The payload's name
// decides which one; the SOAPAction header only helps where there is no payload
// to read (architecture.md §7).
func (x *exchange) call(body []byte) {
	action := strings.Trim(x.request.Header.Get("SOAPAction"), `"`)
	x.record.Action = action
	r := x.server.spare.reader()
	op, c, rep, err := read(r, body, x.server.limits.XML)
	x.server.spare.giveReader(r)
	if op != nil {
		x.record.Operation = op.name
		x.record.ActionMismatch = action != "" && action != op.name
	}
	if err != nil {
		x.unreadable(op, byAction(action), c, body, err)
		return
	}
	x.record.address(c.addressee())
	x.record.Unknown = rep.UnknownCount
	ctx := x.request.Context()
	if op.receipt {
		// Once it is read a receipt is recorded, whether or not the caller still waits.
		ctx = context.WithoutCancel(ctx)
	}
	ctx, cancel := context.WithTimeout(ctx, op.deadline(x.server.limits))
	defer cancel()
	if op.receipt {
		x.receipt(ctx, c.(receiptCall), rep, body)
		return
	}
	x.ask(ctx, op, c, rep)
}

// read runs the whole document through the gate and the payload's decoder. On an
// error the operation, and what was decoded of its call, are given when known.
func read(r *xmlpull.Reader, body []byte, limits xmlpull.Limits) (*operation, call, *pafornode.Report, error) {
	if err := r.Reset(body, limits); err != nil {
		return nil, nil, nil, err
	}
	payload, err := enter(r)
	if err != nil {
		return nil, nil, nil, err
	}
	op := byPayload(payload)
	if op == nil {
		return nil, nil, nil, errUnknownOperation
	}
	c, rep := op.call(), new(pafornode.Report)
	if err := c.decode(r, rep); err != nil {
		return op, c, rep, err
	}
	return op, c, rep, leave(r)
}

// ask answers verify, getPayment or demand. Precedence: the probe, the schema,
// then the bridge's checks (soap-node.md §2.0 rows 0, 2, 3 to 11).
func (x *exchange) ask(ctx context.Context, op *operation, c call, rep *pafornode.Report) {
	q := c.(readCall)
	x.record.Notice = x.server.spare.noticeHash(q.nav())
	switch {
	case q.nav() == string(bridge.ProbeNotice) && op.probe:
		x.record.Probe = true
		x.refuse(q, faultUnknown)
		return
	case len(rep.Violations) > 0:
		f := op.syntax
		f.description = cut(rep.Violations[0].Path + ": " + rep.Violations[0].Rule)
		x.refuse(q, f)
		return
	}
	if !x.enterBridge() {
		x.refuse(q, faultOverloaded)
		return
	}
	defer x.leaveBridge()
	answer, err := q.ask(ctx, x.server.service)
	if err != nil {
		x.record.Err = err
		x.refuse(q, faultOf(err))
		return
	}
	out := x.server.spare.report()
	defer x.server.spare.giveReport(out)
	answer.Validate(out)
	if len(out.Violations) > 0 {
		// A value that the uploading client was allowed to store and the wire cannot
		// carry: an invalid answer would only look like a broken station.
		x.record.Unsayable = out.Violations[0].Path
		x.refuse(q, faultUnsayable)
		return
	}
	x.record.Outcome = "OK"
	x.envelope(answer.append)
}

// finalRefusals are the only KOs that a receipt may get (soap-node.md §2.5 steps 2
// and 3); everything else leaves the node to send it again.
var finalRefusals = []bridge.Code{bridge.CodeBrokerUnknown, bridge.CodeStationUnknown, bridge.CodeECUnknown, bridge.CodeReceiptDuplicate}

// receipt stores a receipt. A valid KO would be final for the node, so whatever
// is not certain is answered with HTTP 500 (soap-node.md §2.6).
func (x *exchange) receipt(ctx context.Context, c receiptCall, rep *pafornode.Report, body []byte) {
	d, ok := deliver(c, rep, body, x.server.limits.XML)
	x.record.Notice = x.server.spare.noticeHash(string(d.Receipt.NAV))
	if !ok {
		x.keep(x.record.Operation, "essential fields unreadable", body)
		x.fail("Client", "the receipt's essential fields cannot be read")
		return
	}
	if !x.enterBridge() {
		x.plain(http.StatusServiceUnavailable, "too many calls at once")
		return
	}
	defer x.leaveBridge()
	err := x.server.service.RecordReceipt(ctx, d)
	switch {
	case err == nil:
		x.record.Outcome = "OK"
		x.envelope(c.accept)
	case slices.Contains(finalRefusals, bridge.CodeOf(err)):
		x.record.Err = err
		x.refuse(c, faultOf(err))
	default:
		x.record.Err = err
		x.fail("Server", "the receipt cannot be stored now")
	}
}

// unreadable answers a document that is not one readable call. A receipt's bytes
// are kept, whether the payload or the SOAPAction says that it is one.
func (x *exchange) unreadable(op, named *operation, c call, body []byte, err error) {
	x.record.Err = err
	receipt := op != nil && op.receipt || op == nil && named != nil && named.receipt
	if receipt {
		kept := op
		if kept == nil {
			kept = named
		}
		x.record.Operation = kept.name
		x.keep(kept.name, reason(err), body)
	}
	switch {
	case receipt:
		x.fail("Client", reason(err))
	case isVersion(err):
		x.fail("VersionMismatch", reason(err))
	case err == errMustUnderstand:
		x.fail("MustUnderstand", reason(err))
	case isStructural(err), err == errUnknownOperation, named == nil:
		// Without a whole payload and without a SOAPAction nobody can tell what the
		// answer should be (soap-node.md §6 T10).
		x.fail("Client", reason(err))
	default:
		if op == nil {
			op, c = named, named.call()
		}
		x.record.Operation = op.name
		f := op.syntax
		f.description = reason(err)
		x.refuse(c, f)
	}
}

// keep stores the bytes of a receipt that cannot be recorded.
func (x *exchange) keep(operation, why string, body []byte) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(x.request.Context()), x.server.limits.ReceiptDeadline)
	defer cancel()
	err := x.server.service.KeepUnreadable(ctx, bridge.RejectedInput{Operation: operation, Reason: why, Raw: body})
	if err != nil {
		x.server.log.Error("cannot keep an unreadable receipt", "request_id", x.record.RequestID, "error", err)
		return
	}
	x.record.Kept = true
}

func (x *exchange) enterBridge() bool {
	select {
	case x.server.slots <- struct{}{}:
		return true
	default:
		return false
	}
}

func (x *exchange) leaveBridge() { <-x.server.slots }

// refuse makes a KO: HTTP 200 and a fault whose id is the EC's.
func (x *exchange) refuse(c refusable, f fault) {
	x.record.Outcome, x.record.FaultCode = "KO", f.code
	bean := f.bean(c.addressee().FaultID(x.server.service.Registry().OwnBroker()))
	x.envelope(func(dst []byte) []byte { return c.refuse(dst, bean) })
}

func (x *exchange) envelope(payload func([]byte) []byte) {
	x.buffer = x.server.spare.body()
	x.body = pafornode.AppendEnvelope(x.buffer[:0], payload)
	x.buffer = x.body
	x.status, x.contentType = http.StatusOK, contentTypeXML
}

// fail makes a SOAP Fault: the node takes it as no answer.
func (x *exchange) fail(code, text string) {
	var b bytes.Buffer
	b.WriteString(`<?xml version="1.0" encoding="UTF-8"?><soapenv:Envelope xmlns:soapenv="` + envelope11 + `"><soapenv:Body><soapenv:Fault><faultcode>soapenv:` + code + `</faultcode><faultstring>`)
	xml.EscapeText(&b, []byte(text)) // a bytes.Buffer cannot fail
	b.WriteString(`</faultstring></soapenv:Fault></soapenv:Body></soapenv:Envelope>`)
	x.body = b.Bytes()
	x.status, x.contentType = http.StatusInternalServerError, contentTypeXML
	x.record.Outcome = "FAULT"
}

func (x *exchange) plain(status int, text string) {
	x.status, x.contentType, x.body = status, "text/plain; charset=utf-8", []byte(text+"\n")
}

func (x *exchange) notAllowed() {
	x.allow = "POST"
	x.plain(http.StatusMethodNotAllowed, "paForNode is called by POST; its contract is at ?wsdl")
}

func (x *exchange) write(w http.ResponseWriter) {
	h := w.Header()
	if x.contentType == contentTypeXML {
		h["Content-Type"] = headerXML
	} else {
		h.Set("Content-Type", x.contentType)
	}
	h.Set("Content-Length", strconv.Itoa(len(x.body)))
	h["X-Content-Type-Options"] = headerNosniff
	if x.allow != "" {
		h.Set("Allow", x.allow)
	}
	if x.closing {
		h.Set("Connection", "close")
	}
	if x.record.RequestID != "" {
		h.Set("X-Request-Id", x.record.RequestID)
	}
	// A recorder in a test has no deadlines to move.
	_ = http.NewResponseController(w).SetWriteDeadline(time.Now().Add(x.server.limits.Farewell))
	w.WriteHeader(x.status)
	if x.request.Method != http.MethodHead {
		_, x.record.WriteErr = w.Write(x.body)
	}
	x.record.Status = x.status
	x.record.Duration = time.Since(x.record.Start)
}
