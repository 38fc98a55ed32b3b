package bridge

import (
	"context"
	"errors"
)

// ReceiptsQuery asks for the receipts that an EC holds, in the order of their arrival.
type ReceiptsQuery struct {
	EC           ECCode
	NAV          NoticeNumber // "": of every notice
	After        int64        // the number of the last one that is known
	Segregations []string
	Limit        int
}

// NumberedReceipt is a receipt with its place in the order of arrival.
type NumberedReceipt struct {
	Number int64
	Receipt
}

// ReceiptsAfter reads the receipts that have arrived after a known one.
func (s *Service) ReceiptsAfter(ctx context.Context, by Principal, q ReceiptsQuery) ([]NumberedReceipt, error) {
	if !by.MayActFor(q.EC) {
		return nil, &Error{Code: CodeKeyForbidden}
	}
	q.Segregations = by.Segregations
	var list []NumberedReceipt
	err := s.store.View(ctx, func(tx ReadTx) (err error) {
		list, err = tx.ReceiptsAfter(ctx, q)
		return err
	})
	return list, unavailable("list the receipts", err)
}

// ReadReceipt reads one receipt whole and notes in the journal who has: it names the
// debtor (reliability-security.md §6 "list views show masked fiscal codes").
func (s *Service) ReadReceipt(ctx context.Context, by Principal, ec ECCode, receiptID string) (*Receipt, error) {
	if !by.MayActFor(ec) {
		return nil, &Error{Code: CodeKeyForbidden}
	}
	now := s.now()
	var r *Receipt
	err := s.store.Update(ctx, func(tx Tx) (err error) {
		r, err = tx.Receipt(ctx, ec, receiptID)
		if err != nil {
			return err
		}
		if !by.mayUseIUV(r.IUV) {
			return refuse(CodeReceiptForbidden, "receipt %s of organization %s is outside of the segregation codes", receiptID, ec)
		}
		return tx.Journal(ctx, JournalEntry{At: now, Actor: by.actor(), Action: "receipt.read", EC: string(ec), Object: receiptID, About: r.about("")})
	})
	if errors.Is(err, ErrNotFound) {
		return nil, refuse(CodeReceiptUnknown, "organization %s has no receipt %s", ec, receiptID)
	}
	return r, unavailable("read the receipt", err)
}

// MaskFiscalCode hides all of a fiscal code but its ends, for lists. Asterisks stand for
// what is hidden; what is too short to hide anything is hidden whole.
func MaskFiscalCode(code string) string {
	const shown = 2
	masked := []rune(code)
	for i := range masked {
		if len(masked) <= 3*shown || i >= shown && i < len(masked)-shown {
			masked[i] = '*'
		}
	}
	return string(masked)
}
