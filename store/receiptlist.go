package store

import (
	"context"
	"database/sql"
	"errors"
	"strings"

	"nodobridge/bridge"
)

// madeOnly leaves out what tells of no payment made (bridge.OutcomeKO in any
// spelling is only archived). It is written as the indexes have it.
const madeOnly = `upper(trim(outcome)) <> 'KO'`

// isMade is madeOnly for a receipt that comes.
func isMade(r *bridge.Receipt) bool {
	outcome := strings.Trim(string(r.Outcome), " ")
	return len(outcome) != 2 || outcome[0]|0x20 != 'k' || outcome[1]|0x20 != 'o'
}

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
	f := receiptFilter(q, "")
	var all int
	page.Total, all, err = t.receiptTotals(ctx, q, f)
	offset := int64(q.Page) * int64(q.Limit)
	if err != nil || offset >= int64(page.Total) {
		return page, t.fail("count receipts", err)
	}
	order := "+iuv"
	if !sortsFaster(page.Total, all, offset+int64(q.Limit)) {
		f, order = receiptFilter(q, "+"), "iuv"
	}
	err = t.each(ctx, func(rows *sql.Rows) error {
		var r bridge.ListedReceipt
		err := rows.Scan(&r.EC, &r.ReceiptID, &r.IUV, &r.Debtor, &r.PaymentDateTime)
		page.Receipts = append(page.Receipts, r)
		return err
	}, `SELECT ec, receipt_id, iuv, debtor_fiscal_code, CASE payment_date_time WHEN '' THEN substr(received_at, 1, 19) ELSE payment_date_time END
		FROM receipt WHERE `+f.text()+` ORDER BY `+order+`, id LIMIT ? OFFSET ?`, append(f.args, q.Limit, offset)...)
	return page, t.fail("list receipts", err)
}

// receiptTotals is how many receipts match and how many the EC has. The tally knows both,
// unless there is a filter.
func (t *readTx) receiptTotals(ctx context.Context, q bridge.ReceiptQuery, f filter) (matching, all int, err error) {
	err = t.q.QueryRowContext(ctx, `SELECT receipts FROM receipt_tally WHERE ec = ?`, q.EC).Scan(&all)
	if errors.Is(err, sql.ErrNoRows) {
		err = nil
	}
	if err != nil || len(f.conditions) == unfiltered {
		return all, all, err
	}
	err = t.q.QueryRowContext(ctx, `SELECT count(id) FROM receipt WHERE `+f.text(), f.args...).Scan(&matching)
	return matching, all, err
}

// unfiltered is how many conditions every list of receipts has.
const unfiltered = 2

// receiptFilter is the conditions of a list; a + before a column keeps SQLite from its index.
func receiptFilter(q bridge.ReceiptQuery, plus string) filter {
	var f filter
	telling := len(q.DebtorOrIUV) >= tellingPrefix
	if plus == "" && (q.Debtor != "" || telling) {
		f.add("+ec = ?", q.EC) // SQLite would walk all that the EC has
	} else {
		f.add("ec = ?", q.EC)
	}
	f.add(madeOnly)
	if !q.From.IsZero() || !q.To.IsZero() {
		f.add(plus+"paid_at BETWEEN ? AND ?", at(q.From), at(q.To))
	}
	if q.Debtor != "" {
		f.add(plus+"debtor_fiscal_code = ?", q.Debtor)
	}
	if q.Service != "" {
		f.add("iuv >= ? AND iuv < ?", q.Service, behind(q.Service))
	}
	switch end := behind(q.DebtorOrIUV); {
	case q.DebtorOrIUV == "":
	case telling:
		f.add(plus+"id IN (SELECT id FROM receipt WHERE ec = ? AND "+madeOnly+" AND iuv >= ? AND iuv < ? UNION SELECT id FROM receipt WHERE debtor_fiscal_code >= ? AND debtor_fiscal_code < ?)",
			q.EC, q.DebtorOrIUV, end, q.DebtorOrIUV, end)
	default:
		f.add("(iuv >= ? AND iuv < ? OR debtor_fiscal_code >= ? AND debtor_fiscal_code < ?)", q.DebtorOrIUV, end, q.DebtorOrIUV, end)
	}
	if len(q.Segregations) > 0 {
		f.add("substr(iuv, 1, 2) IN ("+marks(len(q.Segregations))+")", anys(q.Segregations)...)
	}
	return f
}

// tellingPrefix is from how many characters on few receipts are expected to begin so: a
// person's code, but for the birthday, or the EC's and the day's part of many IUVs.
const tellingPrefix = 6

// behind is a text that comes behind every one that begins so: no text holds the last code
// point twice, which is no character.
func behind(prefix string) string { return prefix + "\U0010FFFF\U0010FFFF" }

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
