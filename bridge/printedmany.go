package bridge

import (
	"context"
	"errors"
	"time"
)

// PrintResult is the notice of one position of many, or why it has none.
type PrintResult struct {
	IUPD   IUPD
	Notice *PaymentNotice
	Reason string
}

// MaxPrints bounds how many notices are asked for at once.
const MaxPrints = 500

// NoticesToPrint gives the notices of many positions, each as NoticeToPrint does for the
// first of its payments. What cannot be printed has a reason and keeps nobody else back.
func (s *Service) NoticesToPrint(ctx context.Context, by Principal, order PrintOrder, positions []IUPD) ([]PrintResult, error) {
	if !by.MayActFor(order.EC) {
		return nil, &Error{Code: CodeKeyForbidden}
	}
	if len(positions) > MaxPrints {
		return nil, refuse(CodeInvalid, "at most %d notices are printed at once", MaxPrints)
	}
	now := s.now()
	results := make([]PrintResult, len(positions))
	var printed []JournalEntry
	err := s.store.View(ctx, func(tx ReadTx) error {
		for i, iupd := range positions {
			p, err := tx.Position(ctx, order.EC, iupd)
			if err != nil && !errors.Is(err, ErrNotFound) {
				return err
			}
			results[i] = PrintResult{IUPD: iupd, Reason: "there is no such position any more"}
			if err != nil {
				continue
			}
			if results[i].Notice, err = s.printOne(by, p, order, now); err != nil {
				var refusal *Error
				if !errors.As(err, &refusal) {
					return err
				}
				results[i].Reason = refusal.Detail
				continue
			}
			results[i].Reason = ""
			printed = append(printed, JournalEntry{At: now, Actor: by.actor(), Action: "notice.print", EC: string(p.EC), Object: string(p.IUPD), About: p.about()})
		}
		return nil
	})
	if err == nil && len(printed) > 0 {
		err = s.store.Update(ctx, func(tx Tx) error {
			for _, e := range printed {
				if err := tx.Journal(ctx, e); err != nil {
					return err
				}
			}
			return nil
		})
	}
	if err != nil {
		return nil, unavailable("print the notices", err)
	}
	return results, nil
}

func (s *Service) printOne(by Principal, p *Position, order PrintOrder, now time.Time) (*PaymentNotice, error) {
	if err := by.segregated(p); err != nil {
		return nil, err
	}
	order.NAV = p.firstToPay(now)
	if order.NAV == "" {
		return nil, notPrintable("nothing of the debt position is to be paid")
	}
	n, err := p.notice(order, now)
	if err == nil {
		err = s.Registry().Printable(n, order.Slip)
	}
	if err != nil {
		return nil, err
	}
	return n, nil
}

// firstToPay is the notice number that the position's notice is asked for by: that of an
// option that has been begun, else of the first that can be paid.
func (p *Position) firstToPay(now time.Time) NoticeNumber {
	first := NoticeNumber("")
	for i := range p.Options {
		o := &p.Options[i]
		for j := range o.Instalments {
			if in := &o.Instalments[j]; o.payable(in, now) && (first == "" || o.Started()) {
				first = in.NAV
				break
			}
		}
	}
	return first
}
