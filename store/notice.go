package store

import (
	"context"
	"database/sql/driver"
	"io"
	"slices"

	"nodobridge/bridge"
)

// noticeQuery is the hot path: one row by its number, no transaction.
const noticeQuery = `SELECT ec, nav, iuv, iupd, position_status, instalment_status, excluded, valid_from, due_date,
		switch_to_expired, paid_at, amount_cents, description, company_name, office_name, all_postal, last, detail
	FROM notice WHERE ec = ? AND nav = ?`

// noticeColumns is how many it reads.
const noticeColumns = 18

// Notice is the node's point read.
func (db *DB) Notice(ctx context.Context, ec bridge.ECCode, nav bridge.NoticeNumber) (*bridge.Notice, error) {
	if err := db.usable(); err != nil {
		return nil, err
	}
	var n *bridge.Notice
	err := db.notices.read(ctx, string(ec), string(nav), func(row []driver.Value) (err error) {
		n, err = noticeOf(row)
		return err
	})
	if err == io.EOF {
		return nil, bridge.ErrNotFound
	}
	if err == nil {
		err = checkNotice(n, ec, nav)
	}
	if err != nil {
		return nil, db.readFailure("read notice", err)
	}
	return n, nil
}

// readNotice reads a notice within a transaction.
func readNotice(ctx context.Context, q querier, ec bridge.ECCode, nav bridge.NoticeNumber) (*bridge.Notice, error) {
	var values [noticeColumns]any
	targets := make([]any, noticeColumns)
	for i := range values {
		targets[i] = &values[i]
	}
	if err := q.QueryRowContext(ctx, noticeQuery, string(ec), string(nav)).Scan(targets...); err != nil {
		return nil, err
	}
	row := make([]driver.Value, noticeColumns)
	for i, v := range values {
		row[i] = v
	}
	n, err := noticeOf(row)
	if err != nil {
		return nil, err
	}
	return n, checkNotice(n, ec, nav)
}

// noticeOf makes a notice of the columns of noticeQuery.
func noticeOf(row []driver.Value) (*bridge.Notice, error) {
	c := columns{row: row}
	n := &bridge.Notice{
		EC: bridge.ECCode(c.text()), NAV: bridge.NoticeNumber(c.text()), IUV: bridge.IUV(c.text()), IUPD: bridge.IUPD(c.text()),
		PositionStatus: bridge.PositionStatus(c.text()), InstalmentStatus: bridge.InstalmentStatus(c.text()),
		Excluded: c.flag(), ValidFrom: c.moment().Time, DueDate: c.moment().Time,
		SwitchToExpired: c.flag(), PaidAt: c.moment().Time, Amount: bridge.Cents(c.number()),
		Description: c.text(), CompanyName: c.text(), OfficeName: c.text(), AllPostal: c.flag(), Last: c.flag(),
	}
	text := c.text()
	if c.wrong {
		return nil, corrupt("a notice's column is of another type")
	}
	return n, decodeDetail(text, n)
}

// checkNotice asserts what every notice satisfies that this program has stored.
func checkNotice(n *bridge.Notice, ec bridge.ECCode, nav bridge.NoticeNumber) error {
	switch {
	case n.EC != ec, n.NAV != nav:
		return corrupt("a notice is another than the one asked for")
	case n.IUV == "", n.IUPD == "":
		return corrupt("a notice has no IUV or no position")
	case !slices.Contains(positionStatuses, n.PositionStatus), !slices.Contains(instalmentStatuses, n.InstalmentStatus):
		return corrupt("a notice's status is unknown")
	}
	if rule := brokenShares(n.Amount, n.Transfers); rule != "" {
		return corrupt(rule)
	}
	return nil
}

func (t *writeTx) insertNotice(ctx context.Context, n *bridge.Notice) error {
	detail, err := encodeDetail(n)
	if err != nil {
		return err
	}
	return t.exec(ctx, `INSERT INTO notice (ec, nav, iuv, iupd, position_status, instalment_status, excluded, valid_from,
			due_date, switch_to_expired, paid_at, amount_cents, description, company_name, office_name, all_postal, last, detail)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
		n.EC, n.NAV, n.IUV, n.IUPD, n.PositionStatus, n.InstalmentStatus, n.Excluded, at(n.ValidFrom),
		at(n.DueDate), n.SwitchToExpired, at(n.PaidAt), n.Amount, n.Description, n.CompanyName, n.OfficeName, n.AllPostal, n.Last, detail)
}

// updateNotice stores what a transition can change of a notice.
func (t *writeTx) updateNotice(ctx context.Context, n *bridge.Notice) error {
	detail, err := encodeDetail(n)
	if err != nil {
		return err
	}
	return t.execOne(ctx, `UPDATE notice SET position_status = ?, instalment_status = ?, excluded = ?, valid_from = ?,
			paid_at = ?, last = ?, detail = ?
		WHERE ec = ? AND nav = ?`,
		n.PositionStatus, n.InstalmentStatus, n.Excluded, at(n.ValidFrom),
		at(n.PaidAt), n.Last, detail, n.EC, n.NAV)
}
