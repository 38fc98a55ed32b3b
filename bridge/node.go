package bridge

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strings"
	"time"
)

// NoticeQuery is what the node asks about: whom it addresses and the notice's
// code, whose own fiscalCode must be the addressed EC's (soap-node.md §2.0 row 5).
type NoticeQuery struct {
	Addressee
	QRFiscalCode string
	NAV          string
}

// VerifyNotice answers paVerifyPaymentNotice: the notice as it can be paid now,
// or the refusal. It is a read.
func (s *Service) VerifyNotice(ctx context.Context, q NoticeQuery) (*Verification, error) {
	n, ec, err := s.payableNotice(ctx, q)
	if err != nil {
		return nil, err
	}
	return verification(n, ec)
}

// GetPayment answers paGetPayment and paGetPaymentV2: everything the node needs
// to have the notice paid. It is a read, may come any number of times, and never
// disputes the amount the payer saw (soap-node.md §2.3, §6 G3).
func (s *Service) GetPayment(ctx context.Context, q PaymentQuery) (*Payment, error) {
	n, ec, err := s.payableNotice(ctx, q.NoticeQuery)
	if err != nil {
		return nil, err
	}
	return payment(n, ec, q)
}

// payableNotice runs checks 3 to 10 of soap-node.md §2.0 in their order.
func (s *Service) payableNotice(ctx context.Context, q NoticeQuery) (*Notice, CreditorInstitution, error) {
	_, ec, err := s.Registry().find(q.Addressee)
	if err != nil {
		return nil, ec, err
	}
	if q.QRFiscalCode != q.EC {
		return nil, ec, &Error{Code: CodeECUnknown, Field: "qrCode.fiscalCode", Detail: "qrCode.fiscalCode differs from idPA"}
	}
	if !ec.serves(NoticeNumber(q.NAV)) {
		// The node sends a notice to the station of its codes, so our registry or the
		// node's is wrong: even a notice that is stored is not this station's to
		// answer (soap-node.md §1.4 "Routing consequence").
		return nil, ec, refuse(CodeNoticeUnknown, "the notice number's codes are not configured on the station")
	}
	n, err := s.store.Notice(ctx, ec.Code, NoticeNumber(q.NAV))
	if errors.Is(err, ErrNotFound) {
		return nil, ec, &Error{Code: CodeNoticeUnknown}
	}
	if err != nil {
		return nil, ec, unavailable("read the notice", err)
	}
	return n, ec, Payable(n, s.now())
}

// Delivery is a receipt as the node hands it over.
type Delivery struct {
	Addressee
	Receipt Receipt
	// SchemaBroken names the rules of the XSD that the call violates, when its
	// essential fields were readable all the same (architecture.md §7).
	SchemaBroken []string
}

// RecordReceipt stores a receipt and its effect in one transaction and returns
// only after a durable commit. Its refusals are few, because each is final for
// the node: the addressee is not ours (the body is kept for a replay), or the
// receipt is already here. Any other error means that nothing was stored and
// that the caller must not give a valid answer, so that the node sends it again
// (soap-node.md §2.5, §2.6).
func (s *Service) RecordReceipt(ctx context.Context, d Delivery) error {
	now := s.now()
	ctx = ForReceipt(ctx)
	station, _, refusal := s.Registry().find(d.Addressee)
	if refusal != nil {
		err := s.store.Update(ctx, func(tx Tx) error { return keepMisrouted(ctx, tx, d, refusal, now) })
		if err != nil {
			return unavailable("keep the misrouted receipt", err)
		}
		return refusal
	}
	r := d.Receipt
	r.EC, r.ReceivedAt = ECCode(d.EC), now
	duplicate := false
	record := func(tx Tx) (err error) {
		duplicate, err = recordOnce(ctx, tx, &r, d.SchemaBroken, now)
		return err
	}
	err := s.store.Update(ctx, record)
	if errors.Is(err, ErrNoRoom) {
		err = s.store.Update(ctx, record) // the store has made room for it
	}
	switch {
	case err != nil:
		return errors.Join(unavailable("record the receipt", err), s.keepUnapplied(ctx, r))
	case duplicate && !station.DuplicateReceiptOK:
		return &Error{Code: CodeReceiptDuplicate}
	}
	return nil
}

// keepUnapplied keeps the body of a receipt that could not be recorded, so that it
// is not gone when the node stops sending it. With the store down it fails too,
// and the node's next attempt is what is left.
func (s *Service) keepUnapplied(ctx context.Context, r Receipt) error {
	return s.KeepUnreadable(ctx, RejectedInput{Operation: r.Version.operation(), Reason: "cannot be applied", Raw: r.Raw})
}

// KeepUnreadable keeps the body of a receipt call that cannot be recorded. The
// caller answers it with HTTP 500, whatever this returns.
func (s *Service) KeepUnreadable(ctx context.Context, in RejectedInput) error {
	in.At = s.now()
	ctx = ForReceipt(ctx)
	err := s.store.Update(ctx, func(tx Tx) error {
		isNew, err := tx.KeepRejected(ctx, in)
		if err != nil || !isNew {
			return err
		}
		return tx.InsertAnomaly(ctx, Anomaly{Class: AnomalyUnreadable, Detail: in.Reason, At: in.At})
	})
	return unavailable("keep the unreadable receipt", err)
}

func keepMisrouted(ctx context.Context, tx Tx, d Delivery, refusal error, now time.Time) error {
	operation := d.Receipt.Version.operation()
	isNew, err := tx.KeepRejected(ctx, RejectedInput{Operation: operation, Reason: string(CodeOf(refusal)), Raw: d.Receipt.Raw, At: now})
	if err != nil || !isNew {
		return err
	}
	return tx.InsertAnomaly(ctx, Anomaly{
		Class: AnomalyConfiguration, EC: d.EC, ReceiptID: d.Receipt.ReceiptID, NAV: d.Receipt.NAV, Detail: string(CodeOf(refusal)), At: now,
	})
}

// recordOnce is steps 3 to 8 of soap-node.md §2.5. It says whether the receipt
// was here already.
func recordOnce(ctx context.Context, tx Tx, r *Receipt, broken []string, now time.Time) (bool, error) {
	earlier, err := tx.Receipt(ctx, r.EC, r.ReceiptID)
	if err == nil {
		return true, recordAgain(ctx, tx, earlier, r, now)
	}
	if !errors.Is(err, ErrNotFound) {
		return false, err
	}
	var found []Anomaly
	note := func(class AnomalyClass, detail string) {
		found = append(found, Anomaly{Class: class, EC: string(r.EC), ReceiptID: r.ReceiptID, NAV: r.NAV, Detail: detail, At: now})
	}
	for _, rule := range broken {
		note(AnomalySchema, rule)
	}
	if r.TransferTotal != r.Amount {
		note(AnomalyTransferTotal, fmt.Sprintf("paymentAmount %s, transfers %s", r.Amount, r.TransferTotal))
	}
	if r.StandIn {
		note(AnomalyStandIn, "")
	}
	if r.fromFuture() {
		note(AnomalyDate, "paymentDateTime is in the future")
	}
	status, err := applyReceipt(ctx, tx, r, now, note)
	if err != nil {
		return false, err
	}
	if err := tx.InsertReceipt(ctx, r); err != nil {
		return false, err
	}
	for _, a := range found {
		if err := tx.InsertAnomaly(ctx, a); err != nil {
			return false, err
		}
	}
	return false, tx.Journal(ctx, JournalEntry{
		At: now, Actor: "node", Action: "receipt.record", EC: string(r.EC), Object: r.ReceiptID, Detail: classesOf(found), About: r.about(status),
	})
}

// recordAgain keeps what came under a known receiptId only when it says something
// else than before.
func recordAgain(ctx context.Context, tx Tx, earlier, r *Receipt, now time.Time) error {
	if bytes.Equal(earlier.Raw, r.Raw) {
		return nil
	}
	isNew, err := tx.KeepVariant(ctx, r)
	if err != nil || !isNew {
		return err
	}
	detail := ""
	if earlier.Amount != r.Amount {
		detail = fmt.Sprintf("paymentAmount %s, before %s", r.Amount, earlier.Amount)
	}
	err = tx.InsertAnomaly(ctx, Anomaly{Class: AnomalyVariant, EC: string(r.EC), ReceiptID: r.ReceiptID, NAV: r.NAV, Detail: detail, At: now})
	if err != nil {
		return err
	}
	return tx.Journal(ctx, JournalEntry{At: now, Actor: "node", Action: "receipt.variant", EC: string(r.EC), Object: r.ReceiptID, Detail: detail, About: r.about("")})
}

// applyReceipt gives the receipt its effect on the position that it pays, if
// there is one, and notes what is odd. It gives the position's new status.
func applyReceipt(ctx context.Context, tx Tx, r *Receipt, now time.Time, note func(AnomalyClass, string)) (PositionStatus, error) {
	if strings.EqualFold(strings.TrimSpace(string(r.Outcome)), string(OutcomeKO)) {
		note(AnomalyOutcome, "")
		return "", nil
	}
	if r.PrimaryEC != r.EC {
		// Another EC's notice, of which ours is a beneficiary or an observer. Its
		// number may equal one of ours: never touch a position (§5 pitfall 37).
		note(AnomalyOtherEC, string(r.PrimaryEC))
		return "", nil
	}
	p, err := tx.PositionByNAV(ctx, r.EC, r.NAV)
	if errors.Is(err, ErrNotFound) {
		note(AnomalyUnknownNotice, "")
		return "", nil
	}
	if err != nil {
		return "", err
	}
	o, in := p.Instalment(r.NAV)
	if in == nil {
		return "", fmt.Errorf("cannot find notice in its own position %s", p.IUPD)
	}
	if in.isSettled() || p.Status == Paid || p.Status == Reported {
		note(AnomalyDoublePayment, "first receipt "+p.firstReceipt(in))
		return "", nil
	}
	r.IUPD = p.IUPD
	if r.predates(p) {
		note(AnomalyDate, "paymentDateTime is before the position's creation")
	}
	in.compare(r, o.Debtor, note)
	odd, err := p.settle(o, in, r, now)
	if err != nil {
		return "", err
	}
	for _, class := range odd {
		note(class, "")
	}
	return p.Status, tx.UpdatePositionState(ctx, p)
}

// ReceiptsOfNotice reads the receipts that the EC holds for a notice, oldest
// first.
func (s *Service) ReceiptsOfNotice(ctx context.Context, by Principal, ec ECCode, nav NoticeNumber) ([]Receipt, error) {
	if !by.MayActFor(ec) {
		return nil, &Error{Code: CodeKeyForbidden}
	}
	var receipts []Receipt
	err := s.store.View(ctx, func(tx ReadTx) (err error) {
		receipts, err = tx.ReceiptsByNAV(ctx, ec, nav)
		return err
	})
	return receipts, unavailable("read the receipts", err)
}
