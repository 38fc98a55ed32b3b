package store

import (
	"context"
	"database/sql"

	"nodobridge/bridge"
)

// madeOnly leaves out what tells of no payment made (bridge.OutcomeKO in any
// spelling is only archived).
const madeOnly = `upper(trim(outcome)) <> 'KO'`

// Receipts reads a page of an EC's receipts, ordered by IUV.
func (t *readTx) Receipts(ctx context.Context, q bridge.ReceiptQuery) (bridge.ReceiptPage, error) {
	var page bridge.ReceiptPage
	if q.Limit < 1 || q.Limit > maxPage || q.Page < 0 {
		return page, wrap("list receipts", errPage)
	}
	ctx, err := t.enter(ctx)
	if err != nil {
		return page, err
	}
	f := receiptFilter(q)
	err = t.q.QueryRowContext(ctx, `SELECT count(id) FROM receipt WHERE `+f.text(), f.args...).Scan(&page.Total)
	if err != nil {
		return page, t.fail("count receipts", err)
	}
	err = t.each(ctx, func(rows *sql.Rows) error {
		var r bridge.ListedReceipt
		err := rows.Scan(&r.EC, &r.ReceiptID, &r.IUV, &r.Debtor, &r.PaymentDateTime)
		page.Receipts = append(page.Receipts, r)
		return err
	}, `SELECT ec, receipt_id, iuv, debtor_fiscal_code, CASE payment_date_time WHEN '' THEN substr(received_at, 1, 19) ELSE payment_date_time END
		FROM receipt WHERE `+f.text()+` ORDER BY iuv, id LIMIT ? OFFSET ?`, append(f.args, q.Limit, int64(q.Page)*int64(q.Limit))...)
	return page, t.fail("list receipts", err)
}

func receiptFilter(q bridge.ReceiptQuery) filter {
	var f filter
	f.add("ec = ?", q.EC)
	f.add(madeOnly)
	if !q.From.IsZero() || !q.To.IsZero() {
		f.add("paid_at BETWEEN ? AND ?", at(q.From), at(q.To))
	}
	if q.Debtor != "" {
		f.add("debtor_fiscal_code = ?", q.Debtor)
	}
	if q.Service != "" {
		f.add("substr(iuv, 1, length(?)) = ?", q.Service, q.Service)
	}
	if q.DebtorOrIUV != "" {
		f.add("(substr(iuv, 1, length(?)) = ? OR substr(debtor_fiscal_code, 1, length(?)) = ?)", q.DebtorOrIUV, q.DebtorOrIUV, q.DebtorOrIUV, q.DebtorOrIUV)
	}
	if len(q.Segregations) > 0 {
		f.add("substr(iuv, 1, 2) IN ("+marks(len(q.Segregations))+")", anys(q.Segregations)...)
	}
	return f
}

// ReceiptByIUV reads the first receipt of a payment made for an IUV.
func (t *readTx) ReceiptByIUV(ctx context.Context, ec bridge.ECCode, iuv bridge.IUV) (*bridge.Receipt, error) {
	list, err := t.receipts(ctx, `SELECT `+receiptColumns+` FROM receipt WHERE ec = ? AND iuv = ? AND `+madeOnly+` ORDER BY id LIMIT 1`, ec, iuv)
	if err != nil {
		return nil, err
	}
	if len(list) == 0 {
		return nil, bridge.ErrNotFound
	}
	return &list[0], nil
}

// ReceiptsAfter reads an EC's receipts in the order of their arrival.
func (t *readTx) ReceiptsAfter(ctx context.Context, q bridge.ReceiptsQuery) ([]bridge.NumberedReceipt, error) {
	if q.Limit < 1 || q.Limit > maxPage {
		return nil, wrap("list receipts", errPage)
	}
	ctx, err := t.enter(ctx)
	if err != nil {
		return nil, err
	}
	var f filter
	f.add("ec = ?", q.EC)
	f.add("id > ?", q.After)
	if q.NAV != "" {
		f.add("nav = ?", q.NAV)
	}
	if len(q.Segregations) > 0 {
		f.add("substr(iuv, 1, 2) IN ("+marks(len(q.Segregations))+")", anys(q.Segregations)...)
	}
	var list []bridge.NumberedReceipt
	err = t.each(ctx, func(rows *sql.Rows) error {
		var n bridge.NumberedReceipt
		r, err := scanReceipt(numbered{rows, &n.Number})
		n.Receipt = r
		list = append(list, n)
		return err
	}, `SELECT id, `+receiptColumns+` FROM receipt WHERE `+f.text()+` ORDER BY id LIMIT ?`, append(f.args, q.Limit)...)
	return list, t.fail("list receipts", err)
}

// numbered scans a number that stands before the columns asked for.
type numbered struct {
	rows   scanner
	number *int64
}

func (n numbered) Scan(to ...any) error { return n.rows.Scan(append([]any{n.number}, to...)...) }
