package api

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"nodobridge/bridge"
)

// The receipts of payments (gpd-api.md §3.6), as pagopa-gpd-payments serves them.

const (
	defaultReceiptPage = 20
	maxReceiptPage     = 100
	receiptMonths      = 3 // how far an open interval reaches
)

// receiptsPage is GPD's PaymentsResult.
type receiptsPage struct {
	CurrentPageNumber int           `json:"currentPageNumber"`
	Length            int           `json:"length"`
	TotalPages        int           `json:"totalPages"`
	Results           []receiptLine `json:"results"`
}

// receiptLine is a line of the list. receiptId is ours: GPD's clients have asked for it
// (gpd-api.md §6.1 row 27).
type receiptLine struct {
	OrganizationFiscalCode string `json:"organizationFiscalCode"`
	IUV                    string `json:"iuv"`
	Debtor                 string `json:"debtor"`
	PaymentDateTime        string `json:"paymentDateTime"`
	Status                 string `json:"status"`
	ReceiptID              string `json:"receiptId"`
}

func (s *Server) listReceipts(ctx context.Context, c *call) (reply, error) {
	q := bridge.ReceiptQuery{EC: c.ec, Debtor: c.query.Get("debtor"), Service: c.query.Get("service"), DebtorOrIUV: c.query.Get("debtorOrIuv")}
	var err error
	if q.Page, err = c.number("pageNum", 0); err != nil {
		return reply{}, err
	}
	if q.Limit, err = c.number("pageSize", defaultReceiptPage); err != nil {
		return reply{}, err
	}
	v := &violations{}
	v.must(q.Page >= 0, c.op.name+".pageNum", "must be greater than or equal to 0")
	v.must(q.Limit >= 1, c.op.name+".pageSize", "must be greater than or equal to 1")
	v.must(q.Limit <= maxReceiptPage, c.op.name+".pageSize", fmt.Sprintf("must be less than or equal to %d", maxReceiptPage))
	if err := v.err(); err != nil {
		return reply{}, err
	}
	if q.From, q.To, err = receiptInterval(c.query.Get("from"), c.query.Get("to"), s.service.Now()); err != nil {
		return reply{}, err
	}
	page, err := s.service.Receipts(ctx, c.by, q)
	if err != nil {
		return reply{}, err
	}
	pages := max(1, (page.Total+q.Limit-1)/q.Limit)
	if q.Page >= pages {
		return reply{}, &bridge.Error{Code: codePastTheEnd, Detail: fmt.Sprintf("there are %d pages of %d receipts, counted from 0", pages, q.Limit)}
	}
	out := receiptsPage{CurrentPageNumber: q.Page, Length: len(page.Receipts), TotalPages: pages, Results: []receiptLine{}}
	for _, r := range page.Receipts {
		out.Results = append(out.Results, receiptLine{
			OrganizationFiscalCode: string(r.EC), IUV: string(r.IUV), Debtor: r.Debtor, PaymentDateTime: r.PaymentDateTime, Status: "PAID", ReceiptID: r.ReceiptID,
		})
	}
	return reply{status: http.StatusOK, body: out}, nil
}

// receiptInterval completes what is open to three months, up to now.
func receiptInterval(from, to string, now time.Time) (time.Time, time.Time, error) {
	first, _, err := moment(from)
	last, wholeDay, err2 := moment(to)
	if err := errors.Join(err, err2); err != nil {
		return first, last, &bridge.Error{Code: codeRange, Detail: "from and to must be dates such as 2026-12-31 or date-times such as 2026-12-31T10:30:00"}
	}
	if wholeDay {
		last = endOfDay(last)
	}
	switch {
	case first.IsZero() && last.IsZero():
		first, last = now.AddDate(0, -receiptMonths, 0), now
	case first.IsZero():
		first = last.AddDate(0, -receiptMonths, 0)
	case last.IsZero():
		last = first.AddDate(0, receiptMonths, 0)
		if last.After(now) {
			last = now
		}
	}
	if first.After(last) {
		return first, last, &bridge.Error{Code: codeRange, Detail: fmt.Sprintf("from %s is after to %s", localTime(first), localTime(last))}
	}
	return first, last, nil
}

// moment reads a date or date-time, "" as the zero time, and says whether it was a date.
func moment(text string) (time.Time, bool, error) {
	if text == "" {
		return time.Time{}, false, nil
	}
	if at, err := parseDay(text); err == nil {
		return at, true, nil
	}
	at, err := parseDateTime(text)
	return at, false, err
}

func (s *Server) getReceipt(ctx context.Context, c *call) (reply, error) {
	r, err := s.service.ReceiptByIUV(ctx, c.by, c.ec, bridge.IUV(c.given))
	if err != nil {
		return reply{}, err
	}
	if s.receipt == nil {
		return reply{}, errors.New("no writer of receipts is plugged in")
	}
	text, err := s.receipt(r.Raw)
	return reply{status: http.StatusOK, raw: text, kind: kindXML}, err
}
