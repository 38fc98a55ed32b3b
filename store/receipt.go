package store

import (
	"bytes"
	"context"
	"crypto/sha256"
	"database/sql"
	"fmt"

	"nodobridge/bridge"
)

const receiptColumns = `ec, receipt_id, version, raw, raw_sha256, nav, primary_ec, iuv, outcome, amount_cents, fee_cents,
	debtor_fiscal_code, psp_code, psp_fiscal_code, psp_company, payment_method, payment_note, stand_in,
	payment_date_time, application_date, transfer_date, transfer_total_cents, received_at, iupd`

// InsertReceipt stores a receipt whatever it says: only who received it, its id
// and its version are asked for.
func (t *writeTx) InsertReceipt(ctx context.Context, r *bridge.Receipt) error {
	ctx, err := t.enter(ctx)
	if err != nil {
		return err
	}
	if rule := brokenReceipt(r); rule != "" {
		return wrap("insert receipt", fmt.Errorf("%w: %s", errRule, rule))
	}
	sum := sha256.Sum256(r.Raw)
	err = t.append(ctx, &receiptChain, []any{
		r.EC, r.ReceiptID, r.Version, sum[:], r.NAV, r.PrimaryEC, r.IUV, r.Outcome, r.Amount, r.Fee,
		r.DebtorFiscalCode, r.PSPCode, r.PSPFiscalCode, r.PSPCompany, r.PaymentMethod, r.PaymentNote, r.StandIn,
		r.PaymentDateTime, r.ApplicationDate, r.TransferDate, r.TransferTotal, at(r.ReceivedAt), orNull(r.IUPD), at(r.PaidAt().UTC()), nil, nil,
	}, blob(r.Raw))
	if err == nil && isMade(r) {
		t.ends.made = append(t.ends.made, r.EC)
	}
	return t.fail("insert receipt", taken(err))
}

func brokenReceipt(r *bridge.Receipt) string {
	if _, err := bridge.ParseECCode(string(r.EC)); err != nil {
		return "the receipt's recipient is no fiscal code"
	}
	switch {
	case r.ReceiptID == "":
		return "the receipt has no id"
	case r.Version != bridge.ReceiptV1 && r.Version != bridge.ReceiptV2:
		return "the receipt's version is unknown"
	case r.ReceivedAt.IsZero():
		return "the receipt has no time of arrival"
	}
	return ""
}

// Receipt reads one receipt of the recipient EC.
func (t *readTx) Receipt(ctx context.Context, ec bridge.ECCode, receiptID string) (*bridge.Receipt, error) {
	list, err := t.receipts(ctx, `SELECT `+receiptColumns+` FROM receipt WHERE ec = ? AND receipt_id = ?`, ec, receiptID)
	if err != nil {
		return nil, err
	}
	if len(list) == 0 {
		return nil, bridge.ErrNotFound
	}
	return &list[0], nil
}

// ReceiptsByNAV reads the receipts of a notice in the order of their arrival.
func (t *readTx) ReceiptsByNAV(ctx context.Context, ec bridge.ECCode, nav bridge.NoticeNumber) ([]bridge.Receipt, error) {
	return t.receipts(ctx, `SELECT `+receiptColumns+` FROM receipt WHERE ec = ? AND nav = ? ORDER BY id`, ec, nav)
}

func (t *readTx) receipts(ctx context.Context, query string, args ...any) ([]bridge.Receipt, error) {
	ctx, err := t.enter(ctx)
	if err != nil {
		return nil, err
	}
	var list []bridge.Receipt
	err = t.each(ctx, func(rows *sql.Rows) error {
		r, err := scanReceipt(rows)
		list = append(list, r)
		return err
	}, query, args...)
	if err != nil {
		return nil, t.fail("read receipts", err)
	}
	return list, nil
}

// scanner is a row that is at hand.
type scanner interface{ Scan(to ...any) error }

func scanReceipt(rows scanner) (bridge.Receipt, error) {
	var r bridge.Receipt
	var sum []byte
	var iupd sql.NullString
	err := rows.Scan(&r.EC, &r.ReceiptID, &r.Version, &r.Raw, &sum, &r.NAV, &r.PrimaryEC, &r.IUV, &r.Outcome, &r.Amount, &r.Fee,
		&r.DebtorFiscalCode, &r.PSPCode, &r.PSPFiscalCode, &r.PSPCompany, &r.PaymentMethod, &r.PaymentNote, &r.StandIn,
		&r.PaymentDateTime, &r.ApplicationDate, &r.TransferDate, &r.TransferTotal, into(&r.ReceivedAt), &iupd)
	if err != nil {
		return r, err
	}
	r.IUPD = bridge.IUPD(iupd.String)
	if rule := brokenReceipt(&r); rule != "" {
		return r, corrupt(rule)
	}
	// SQLite has no page checksums: a flipped bit shows only here
	// (reliability-security.md §0.9).
	if got := sha256.Sum256(r.Raw); !bytes.Equal(got[:], sum) {
		return r, corrupt("a receipt's bytes are not those that were stored")
	}
	return r, nil
}

// KeepVariant keeps other bytes under a known receiptId, each once.
func (t *writeTx) KeepVariant(ctx context.Context, r *bridge.Receipt) (bool, error) {
	ctx, err := t.enter(ctx)
	if err != nil {
		return false, err
	}
	sum := sha256.Sum256(r.Raw)
	var known bool
	err = t.q.QueryRowContext(ctx, `SELECT EXISTS (SELECT 1 FROM receipt WHERE ec = ? AND receipt_id = ? AND raw_sha256 = ?)`, r.EC, r.ReceiptID, sum[:]).Scan(&known)
	if err != nil || known {
		return false, t.fail("keep receipt variant", err)
	}
	isNew, err := t.keep(ctx, &keptVariant, r.ReceivedAt, r.Raw, string(r.EC), r.ReceiptID, int64(r.Version), sum[:], at(r.ReceivedAt))
	return isNew, t.fail("keep receipt variant", err)
}

// blob keeps no bytes apart from NULL.
func blob(b []byte) []byte {
	if b == nil {
		return []byte{}
	}
	return b
}
