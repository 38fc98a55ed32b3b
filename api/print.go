package api

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"regexp"
	"strings"

	"nodobridge/bridge"
)

// Printer makes the documents that payers are given. cmd plugs one in.
type Printer interface {
	// Notice makes the PDF of a payment notice.
	Notice(n *bridge.PaymentNotice) ([]byte, error)
	// Receipt makes the PDF of a receipt from what is stored of it and what its bytes say.
	Receipt(ec *bridge.CreditorInstitution, r *bridge.Receipt, d *bridge.ReceiptDetail) ([]byte, error)
}

const kindPDF = "application/pdf"

// headerNoSlip tells why a notice of an EC that prints postal slips has none.
const headerNoSlip = "X-No-Postal-Slip"

// printOperations are the documents.
func printOperations() []operation {
	return []operation{
		{method: http.MethodGet, path: ownPath + "/notices/:" + paramNAV, number: navForm, name: "getNotice", handle: (*Server).printNotice},
		{method: http.MethodGet, path: ownReceipt + "/pdf", number: receiptForm, name: "getReceiptPDF", handle: (*Server).printReceipt},
		uploadNoticesOperation(),
	}
}

var errNoPrinter = errors.New("no printer is plugged in")

// printNotice gives the notice of a stored position as it is to be paid now. Any of the
// position's notice numbers asks for it.
func (s *Server) printNotice(ctx context.Context, c *call) (reply, error) {
	if err := c.only("slip", "language", "layout"); err != nil {
		return reply{}, err
	}
	if s.printer == nil {
		return reply{}, errNoPrinter
	}
	order, err := c.printOrder()
	if err != nil {
		return reply{}, err
	}
	order.NAV = bridge.NoticeNumber(c.given)
	layout, err := oneOf(c, "layout", []string{"fine"})
	if err != nil {
		return reply{}, err
	}
	order.Fine = layout == "fine"
	n, err := s.service.NoticeToPrint(ctx, c.by, order)
	if err != nil {
		return reply{}, err
	}
	file, err := s.printer.Notice(n)
	if err != nil {
		return reply{}, err
	}
	answer := document(file, fmt.Sprintf("avviso-%s-%s.pdf", c.ec, n.Payments()[0].NAV))
	if n.NoSlip != "" {
		answer.header.Set(headerNoSlip, n.NoSlip)
	}
	return answer, nil
}

// printOrder reads how notices are wanted.
func (c *call) printOrder() (bridge.PrintOrder, error) {
	order := bridge.PrintOrder{EC: c.ec}
	var err error
	if order.Slip, err = oneOf(c, "slip", []bridge.SlipChoice{bridge.SlipNever, bridge.SlipAlways}); err != nil {
		return order, err
	}
	order.Language, err = oneOf(c, "language", bridge.SecondLanguages())
	return order, err
}

// printReceipt gives a receipt as a document for the payer.
func (s *Server) printReceipt(ctx context.Context, c *call) (reply, error) {
	if err := c.only(); err != nil {
		return reply{}, err
	}
	if s.printer == nil || s.detail == nil {
		return reply{}, errNoPrinter
	}
	r, err := s.service.ReadReceipt(ctx, c.by, c.ec, c.given)
	if err != nil {
		return reply{}, err
	}
	d, err := s.detail(r.Raw)
	if err != nil {
		return reply{}, err
	}
	ec, known := s.service.Registry().EC(c.ec)
	if !known {
		ec = bridge.CreditorInstitution{Code: c.ec, Name: d.CompanyName}
	}
	file, err := s.printer.Receipt(&ec, r, d)
	if err != nil {
		return reply{}, err
	}
	return document(file, fmt.Sprintf("ricevuta-%s-%s.pdf", c.ec, plainName.ReplaceAllString(string(r.IUV), "_"))), nil
}

// plainName matches what no name of a file should hold.
var plainName = regexp.MustCompile(`[^0-9A-Za-z_-]`)

func document(file []byte, name string) reply {
	return reply{status: http.StatusOK, raw: file, kind: kindPDF, header: http.Header{"Content-Disposition": {`inline; filename="` + strings.TrimSpace(name) + `"`}}}
}
