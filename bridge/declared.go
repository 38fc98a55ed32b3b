package bridge

import (
	"context"
	"errors"
	"strings"
	"time"
)

// DeclaredPayment is what an EC, or GPD's own internal caller, says of a payment that no
// receipt of the node's has told of (gpd-api.md §3.2 row 9, §3.4 "pay").
type DeclaredPayment struct {
	EC         ECCode
	NAV        NoticeNumber // or the IUV, as in GPD
	PaidAt     time.Time    // zero: now
	Method     string
	PSPCompany string
	ReceiptID  string
	Fee        Cents
}

// ClosedByEC stands in the place of receipt and PSP of a notice that the EC itself
// has declared paid (gpd-api.md §3.2 row 9).
const ClosedByEC = "CLOSED_AS_ALREADY_PAID_BY_EC"

// AlreadyPaid records that a debt was paid elsewhere, whatever the position's state:
// the node no longer offers it (gpd-api.md §2.2 note "(!)").
func (s *Service) AlreadyPaid(ctx context.Context, by Principal, ec ECCode, nav NoticeNumber, paidAt time.Time) (*Option, *Instalment, error) {
	return s.pay(ctx, by, "payment.already_paid", DeclaredPayment{EC: ec, NAV: nav, PaidAt: paidAt, PSPCompany: ClosedByEC, ReceiptID: ClosedByEC})
}

// Pay records a payment that the caller vouches for, as GPD's internal call does.
func (s *Service) Pay(ctx context.Context, by Principal, p DeclaredPayment) (*Option, *Instalment, error) {
	return s.pay(ctx, by, "payment.record", p)
}

func (s *Service) pay(ctx context.Context, by Principal, action string, pay DeclaredPayment) (*Option, *Instalment, error) {
	if !by.MayActFor(pay.EC) {
		return nil, nil, &Error{Code: CodeKeyForbidden}
	}
	now := s.now()
	if pay.PaidAt.IsZero() {
		pay.PaidAt = now
	}
	var o *Option
	var in *Instalment
	err := s.store.Update(ctx, func(tx Tx) error {
		p, err := byNumber(ctx, tx, by, pay.EC, pay.NAV)
		if err != nil {
			return err
		}
		o, in = p.instalmentOf(pay.NAV)
		if err := p.stillOpen(o, in); err != nil {
			return err
		}
		_, err = p.settle(o, in, &Receipt{
			ReceiptID: pay.ReceiptID, PSPCompany: pay.PSPCompany, PaymentMethod: pay.Method, Fee: pay.Fee, ReceivedAt: pay.PaidAt,
		}, now)
		if err != nil {
			return err
		}
		if err := tx.UpdatePositionState(ctx, p); err != nil {
			return err
		}
		return tx.Journal(ctx, JournalEntry{At: now, Actor: by.actor(), Action: action, EC: string(p.EC), Object: string(p.IUPD), Detail: string(in.NAV), About: p.aboutInstalment(in)})
	})
	return o, in, unavailable("record the payment", err)
}

// byNumber finds the position of a notice number, or of an IUV in its place, within
// the caller's segregation codes.
func byNumber(ctx context.Context, tx ReadTx, by Principal, ec ECCode, number NoticeNumber) (*Position, error) {
	p, err := tx.PositionByNAV(ctx, ec, number)
	if errors.Is(err, ErrNotFound) {
		p, err = tx.PositionByIUV(ctx, ec, IUV(number))
	}
	if errors.Is(err, ErrNotFound) {
		return nil, refuse(CodeOptionUnknown, "organization %s has no payment option %s", ec, number)
	}
	if err != nil {
		return nil, err
	}
	if _, in := p.instalmentOf(number); !by.mayUseIUV(in.IUV) {
		return nil, refuse(CodeSegregation, "payment option %s of organization %s is outside of the segregation codes", number, ec)
	}
	return p, nil
}

// instalmentOf finds an instalment by its notice number or IUV.
func (p *Position) instalmentOf(number NoticeNumber) (*Option, *Instalment) {
	if o, in := p.Instalment(number); in != nil {
		return o, in
	}
	for i := range p.Options {
		for j := range p.Options[i].Instalments {
			if in := &p.Options[i].Instalments[j]; in.IUV == IUV(number) {
				return &p.Options[i], in
			}
		}
	}
	return nil, nil
}

// stillOpen is the guards of a payment by JSON, in GPD's order (gpd-api.md §2.3). A
// receipt of the node's passes none of them: its money has moved.
func (p *Position) stillOpen(o *Option, in *Instalment) error {
	paid := func() error {
		return refuse(CodeAlreadyPaid, "payment option %s of organization %s, or another of its debt position, is paid", in.NAV, p.EC)
	}
	if p.Status == Paid || p.Status == Reported {
		return paid()
	}
	for i := range p.Options {
		if !p.Options[i].Plan && p.Options[i].Started() {
			return paid()
		}
	}
	if in.isSettled() {
		return paid()
	}
	for i := range p.Options {
		if other := &p.Options[i]; other != o && other.Started() {
			return refuse(CodeOptionUnknown, "payment option %s of organization %s is an alternative of a plan that has begun", in.NAV, p.EC)
		}
	}
	return nil
}

// ReportTransfer records that the reporting flow has shown a transfer (gpd-api.md
// §2.3 "Report guards").
func (s *Service) ReportTransfer(ctx context.Context, by Principal, ec ECCode, iuv IUV, transferID int) (*Instalment, *Transfer, error) {
	if !by.MayActFor(ec) {
		return nil, nil, &Error{Code: CodeKeyForbidden}
	}
	now := s.now()
	var in *Instalment
	var t *Transfer
	err := s.store.Update(ctx, func(tx Tx) error {
		p, err := tx.PositionByIUV(ctx, ec, iuv)
		if err == nil {
			_, in = p.instalmentOf(NoticeNumber(iuv))
			t = in.transfer(transferID)
		}
		if errors.Is(err, ErrNotFound) || err == nil && t == nil {
			return refuse(CodeTransferUnknown, "payment option %s of organization %s has no transfer %d", iuv, ec, transferID)
		}
		if err != nil {
			return err
		}
		if err := p.report(in, t, now); err != nil {
			return err
		}
		if err := tx.UpdatePositionState(ctx, p); err != nil {
			return err
		}
		return tx.Journal(ctx, JournalEntry{At: now, Actor: by.actor(), Action: "transfer.report", EC: string(p.EC), Object: string(p.IUPD), Detail: string(in.NAV), About: p.aboutInstalment(in)})
	})
	return in, t, unavailable("report the transfer", err)
}

func (in *Instalment) transfer(id int) *Transfer {
	for i := range in.Transfers {
		if in.Transfers[i].ID == id {
			return &in.Transfers[i]
		}
	}
	return nil
}

func (p *Position) report(in *Instalment, t *Transfer, now time.Time) error {
	open := p.Status == PartiallyPaid || p.Status == Paid
	if !open || in.Status != InstalmentPaid && in.Status != InstalmentPartiallyReported || t.Status != TransferUnreported {
		return refuse(CodeNotAccountable, "transfer %d of payment option %s is %s, the option %s, the debt position %s", t.ID, in.IUV, t.Status, strings.TrimPrefix(string(in.Status), "PO_"), p.Status)
	}
	t.Status = TransferReported
	in.Status, in.LastUpdatedAt = InstalmentReported, now
	for i := range in.Transfers {
		if in.Transfers[i].Status != TransferReported {
			in.Status = InstalmentPartiallyReported
		}
	}
	if p.settledStatus() == Reported {
		return p.move(EventReport, Reported, now)
	}
	p.LastUpdatedAt = now
	return nil
}

// SetNotificationFee puts SEND's cost on an unpaid notice, in the place of an earlier
// one (gpd-api.md §2.5).
func (s *Service) SetNotificationFee(ctx context.Context, by Principal, ec ECCode, nav NoticeNumber, fee Cents) (*Option, *Instalment, error) {
	if !by.MayActFor(ec) {
		return nil, nil, &Error{Code: CodeKeyForbidden}
	}
	now := s.now()
	var o *Option
	var in *Instalment
	err := s.store.Update(ctx, func(tx Tx) error {
		p, err := byNumber(ctx, tx, by, ec, nav)
		if err != nil {
			return err
		}
		o, in = p.instalmentOf(nav)
		if in.isSettled() {
			return refuse(CodeFeeNotUnpaid, "payment option %s of organization %s is not unpaid", nav, ec)
		}
		primary := in.primaryTransfer(ec)
		if primary == nil {
			return refuse(CodeFeeNoTransfer, "payment option %s has no transfer of organization %s", nav, ec)
		}
		added := fee - in.NotificationFee
		if in.Amount+added > MaxAmount {
			return refuse(CodeSemantics, "Amounts congruence error: with the notification fee payment option %s exceeds %d cents", nav, MaxAmount)
		}
		in.NotificationFee, in.Amount, primary.Amount = fee, in.Amount+added, primary.Amount+added
		in.LastUpdatedAt, p.LastUpdatedAt = now, now
		if err := tx.ReplacePosition(ctx, p); err != nil {
			return err
		}
		return tx.Journal(ctx, JournalEntry{At: now, Actor: by.actor(), Action: "position.notification_fee", EC: string(p.EC), Object: string(p.IUPD), Detail: string(in.NAV), About: p.aboutInstalment(in)})
	})
	return o, in, unavailable("store the notification fee", err)
}
