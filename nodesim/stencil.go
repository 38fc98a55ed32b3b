package nodesim

import (
	"bytes"
	"fmt"
	"net/url"
	"strconv"

	"github.com/beevik/etree"
)

// Stencil is a request of the node's that was written once and is stamped out for many
// notices, for load: the same bytes as a Node's call sends, at the cost of copying them.
type Stencil struct {
	Operation string
	head      []byte   // up to the length of the body
	parts     [][]byte // of the body; holes[i] stands behind parts[i]
	holes     []hole
}

// hole is what differs from notice to notice.
type hole int

const (
	holeNotice hole = iota
	holeReference
	holeReceiptID
)

// placeholders are written where the holes will be.
var placeholders = [...]string{holeNotice: "@notice@", holeReference: "@reference@", holeReceiptID: "@receipt@"}

// VerifyStencil stamps out paVerifyPaymentNotice.
func (n *Node) VerifyStencil(ec string) (*Stencil, error) {
	return n.stencil(verifyOperation, n.verifyRequest(ec, placeholders[holeNotice]))
}

// PaymentStencil stamps out paGetPaymentV2.
func (n *Node) PaymentStencil(ec string) (*Stencil, error) {
	payload := n.request(getPaymentV2Operation, ec)
	putQRCode(payload, ec, placeholders[holeNotice])
	return n.stencil(getPaymentV2Operation, payload)
}

// ReceiptStencil stamps out paSendRTV2: one receipt's content for many notices, whose
// amount and transfers must be the same.
func (n *Node) ReceiptStencil(r Receipt) (*Stencil, error) {
	r.NoticeNumber, r.CreditorReferenceID, r.ReceiptID = placeholders[holeNotice], placeholders[holeReference], placeholders[holeReceiptID]
	payload := n.request(sendRTV2Operation, r.Recipient)
	r.put(payload, V2)
	return n.stencil(sendRTV2Operation, payload)
}

func (n *Node) stencil(op operation, payload *etree.Element) (*Stencil, error) {
	m, err := n.write(op.name, payload, n.Style)
	if err != nil {
		return nil, err
	}
	target, err := url.Parse(n.URL)
	if err != nil || target.Host == "" {
		return nil, fmt.Errorf("cannot address station %q: want http://host:port/path", n.URL)
	}
	s := &Stencil{Operation: op.name}
	s.head = fmt.Appendf(nil, "POST %s HTTP/1.1\r\nHost: %s\r\n", target.RequestURI(), target.Host)
	for name, values := range m.header {
		s.head = fmt.Appendf(s.head, "%s: %s\r\n", name, values[0])
	}
	s.head = append(s.head, "Content-Length: "...)
	for rest := m.body; ; {
		next, at := hole(0), -1
		for h, name := range placeholders {
			if i := bytes.Index(rest, []byte(name)); i >= 0 && (at < 0 || i < at) {
				next, at = hole(h), i
			}
		}
		if at < 0 {
			s.parts = append(s.parts, rest)
			return s, nil
		}
		s.parts = append(s.parts, rest[:at])
		s.holes = append(s.holes, next)
		rest = rest[at+len(placeholders[next]):]
	}
}

// Append appends the whole HTTP message for a notice of 18 digits; receiptID is only
// looked at by a receipt's stencil. The request ids of all messages are the same.
func (s *Stencil) Append(dst []byte, nav, receiptID string) []byte {
	fills := [...]string{holeNotice: nav, holeReference: reference(nav), holeReceiptID: receiptID}
	length := 0
	for _, part := range s.parts {
		length += len(part)
	}
	for _, h := range s.holes {
		length += len(fills[h])
	}
	dst = append(dst, s.head...)
	dst = strconv.AppendInt(dst, int64(length), 10)
	dst = append(dst, "\r\n\r\n"...)
	for i, part := range s.parts {
		dst = append(dst, part...)
		if i < len(s.holes) {
			dst = append(dst, fills[s.holes[i]]...)
		}
	}
	return dst
}

// reference is the creditor reference that a notice number implies (notices.md §1.1).
func reference(nav string) string {
	switch {
	case len(nav) != 18:
		return nav
	case nav[0] == '0':
		return nav[3:]
	}
	return nav[1:]
}

// Answered judges an answer by a look at its bytes, as load has to: "" for an OK, the
// fault code of a KO, or what else came.
func Answered(status int, body []byte) string {
	if status != 200 {
		return fmt.Sprint("HTTP ", status)
	}
	if bytes.Contains(body, []byte("<outcome>OK</outcome>")) {
		return ""
	}
	_, code, found := bytes.Cut(body, []byte("<faultCode>"))
	code, _, ended := bytes.Cut(code, []byte("</faultCode>"))
	if !found || !ended {
		return "no outcome in the answer"
	}
	return string(code)
}
