package nodesim

import (
	"bytes"
	"context"
	"fmt"

	"github.com/beevik/etree"
)

// Option is the one payment option a notice has (ctPaymentOptionDescriptionPA).
type Option struct {
	Amount            Cents
	DueDate           string // as written by the station, empty if it wrote none
	DetailDescription string
	AllCCP            bool
}

// NoticeDescription is what verify and demand tell the payer.
type NoticeDescription struct {
	Option             Option
	PaymentDescription string
	FiscalCodePA       string
	CompanyName        string
	OfficeName         string
}

// VerifyResult is the answer to paVerifyPaymentNotice: a refusal or a description.
type VerifyResult struct {
	Fault *Fault // nil when the notice can be paid
	NoticeDescription
}

// Verify looks a notice up, as a PSP does before showing it to the payer (soap-node §2.2).
func (n *Node) Verify(ctx context.Context, ec, nav string) (VerifyResult, error) {
	answer, fault, err := n.call(ctx, verifyOperation, n.verifyRequest(ec, nav), n.Patience.read())
	if err != nil || fault != nil {
		return VerifyResult{Fault: fault}, wrap("cannot verify notice", err)
	}
	notice, err := readNotice(answer, verifyOperation.response)
	if err != nil {
		return VerifyResult{}, wrap("cannot verify notice", refuse("%v", err))
	}
	return VerifyResult{NoticeDescription: notice}, nil
}

func (n *Node) verifyRequest(ec, nav string) *etree.Element {
	payload := n.request(verifyOperation, ec)
	putQRCode(payload, ec, nav)
	return payload
}

func putQRCode(parent *etree.Element, ec, nav string) {
	qr := parent.CreateElement("qrCode")
	put(qr, "fiscalCode", ec)
	put(qr, "noticeNumber", nav)
}

// readNotice reads the description of a payable notice, and wants what the node wants beyond the XSD: the four elements
// the XSD leaves optional, and EQ, the only option not suspended (soap-node §0 rule 5, §2.2).
func readNotice(answer *etree.Element, path string) (NoticeDescription, error) {
	for _, name := range []string{"paymentList", "paymentDescription", "fiscalCodePA", "companyName"} {
		if childOf(answer, name) == nil {
			return NoticeDescription{}, fmt.Errorf("%s/%s is missing, and an OK needs it", path, name)
		}
	}
	option := childOf(childOf(answer, "paymentList"), "paymentOptionDescription")
	if options := valueOf(option, "options"); options != "EQ" {
		return NoticeDescription{}, fmt.Errorf("%s: options is %q, want EQ", path, options)
	}
	return NoticeDescription{
		Option: Option{
			Amount: centsOf(option, "amount"), DueDate: collapse(valueOf(option, "dueDate")),
			DetailDescription: valueOf(option, "detailDescription"), AllCCP: isTrue(valueOf(option, "allCCP")),
		},
		PaymentDescription: valueOf(answer, "paymentDescription"), FiscalCodePA: valueOf(answer, "fiscalCodePA"),
		CompanyName: valueOf(answer, "companyName"), OfficeName: valueOf(answer, "officeName"),
	}, nil
}

// centsOf reads an amount that the shape has already judged.
func centsOf(e *etree.Element, name string) Cents {
	c, _ := ParseCents(collapse(valueOf(e, name))) // cannot fail: the facet called the same function
	return c
}

// wrap says what could not be done, and keeps a nil error nil.
func wrap(what string, err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("%s: %w", what, err)
}

// probeNotice is the notice number that no debt has (soap-node §2.8).
const probeNotice = "000000000000000000"

// Probe asks the station whether it is alive, as the stand-in manager does every five minutes while the node answers in
// the station's place. It is far less severe than the node: HTTP 2xx and the word SCONOSCIUTO somewhere are enough
// (soap-node §2.8). A nil error is a living station.
func (n *Node) Probe(ctx context.Context, ec string) error {
	style := n.Style
	if style == (WireStyle{}) {
		style.PayloadPrefix = "paf" // the prober is another program than the node, and writes this prefix
	}
	x, err := n.exchange(ctx, verifyOperation.name, n.verifyRequest(ec, probeNotice), style, n.Patience.probe())
	if err != nil {
		return wrap("cannot probe station", err)
	}
	if x.Status < 200 || x.Status > 299 {
		return wrap("cannot probe station", refuse("the HTTP status is %d, want 2xx", x.Status))
	}
	if !bytes.Contains(x.ResponseBody, []byte("SCONOSCIUTO")) {
		return wrap("cannot probe station", refuse("the answer does not say SCONOSCIUTO"))
	}
	return nil
}
