package bridge

import (
	"context"
	"errors"
	"slices"
	"time"
)

// ReceiptQuery asks for a page of the receipts of payments made that an EC holds
// (gpd-api.md §3.6). Zero values mean no filter.
type ReceiptQuery struct {
	EC           ECCode
	From, To     time.Time // paid in [From, To]
	Debtor       string    // fiscal code, whole
	Service      string    // the IUV begins with it
	DebtorOrIUV  string    // the IUV or the fiscal code begins with it
	Segregations []string  // allowed first two characters of the IUV; none means all
	Page         int       // from 0
	Limit        int       // rows a page
}

// ListedReceipt is a line of the list.
type ListedReceipt struct {
	EC              ECCode
	ReceiptID       string
	IUV             IUV
	Debtor          string // fiscal code
	PaymentDateTime string // as received; when it has none, the time of arrival
}

// ReceiptPage is one page and how many receipts match in all.
type ReceiptPage struct {
	Receipts []ListedReceipt
	Total    int
}

// Receipts reads a page of the EC's receipts, ordered by IUV.
func (s *Service) Receipts(ctx context.Context, by Principal, q ReceiptQuery) (ReceiptPage, error) {
	if !by.MayActFor(q.EC) {
		return ReceiptPage{}, &Error{Code: CodeKeyForbidden}
	}
	q.Segregations = by.Segregations
	var page ReceiptPage
	err := s.store.View(ctx, func(tx ReadTx) (err error) {
		page, err = tx.Receipts(ctx, q)
		return err
	})
	return page, unavailable("list the receipts", err)
}

// ReceiptByIUV reads the first receipt of a payment made that the EC holds for an IUV.
func (s *Service) ReceiptByIUV(ctx context.Context, by Principal, ec ECCode, iuv IUV) (*Receipt, error) {
	if !by.MayActFor(ec) {
		return nil, &Error{Code: CodeKeyForbidden}
	}
	if len(by.Segregations) > 0 && (len(iuv) < 2 || !slices.Contains(by.Segregations, string(iuv[:2]))) {
		return nil, refuse(CodeReceiptForbidden, "the receipt of iuv %s of organization %s is outside of the segregation codes", iuv, ec)
	}
	var r *Receipt
	err := s.store.View(ctx, func(tx ReadTx) (err error) {
		r, err = tx.ReceiptByIUV(ctx, ec, iuv)
		return err
	})
	if errors.Is(err, ErrNotFound) {
		return nil, refuse(CodeReceiptUnknown, "organization %s has no receipt of iuv %s", ec, iuv)
	}
	return r, unavailable("read the receipt", err)
}
