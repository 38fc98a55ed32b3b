package store

import (
	"context"
	"slices"

	"nodobridge/bridge"
)

// noticeQuery is the hot path: one row by primary key, no transaction.
const noticeQuery = `SELECT ec, nav, iuv, iupd, position_status, instalment_status, excluded, valid_from, due_date,
		switch_to_expired, paid_at, amount_cents, description, company_name, office_name, all_postal, last, detail
	FROM notice WHERE ec = ? AND nav = ?`

// Notice is the node's point read. Waiting for a connection ends with ctx; the
// read itself does not look at it: watching a context costs as much as two rows
// (go-stack.md §5).
func (db *DB) Notice(ctx context.Context, ec bridge.ECCode, nav bridge.NoticeNumber) (*bridge.Notice, error) {
	if err := db.usable(); err != nil {
		return nil, err
	}
	conn, err := db.readers.Conn(ctx)
	if err != nil {
		return nil, db.readFailure("read notice", err)
	}
	defer conn.Close()
	n, err := readNotice(context.WithoutCancel(ctx), conn, ec, nav)
	if err != nil {
		return nil, db.readFailure("read notice", absent(err))
	}
	return n, nil
}

func readNotice(ctx context.Context, q querier, ec bridge.ECCode, nav bridge.NoticeNumber) (*bridge.Notice, error) {
	var n bridge.Notice
	var detail []byte
	err := q.QueryRowContext(ctx, noticeQuery, string(ec), string(nav)).Scan(
		(*string)(&n.EC), (*string)(&n.NAV), (*string)(&n.IUV), (*string)(&n.IUPD),
		(*string)(&n.PositionStatus), (*string)(&n.InstalmentStatus), &n.Excluded, into(&n.ValidFrom), into(&n.DueDate),
		&n.SwitchToExpired, into(&n.PaidAt), (*int64)(&n.Amount), &n.Description, &n.CompanyName, &n.OfficeName,
		&n.AllPostal, &n.Last, &detail)
	if err != nil {
		return nil, err
	}
	if err := decodeDetail(detail, &n); err != nil {
		return nil, err
	}
	switch {
	case n.EC != ec, n.NAV != nav:
		return nil, corrupt("a notice is another than the one asked for")
	case n.IUV == "", n.IUPD == "":
		return nil, corrupt("a notice has no IUV or no position")
	case !slices.Contains(positionStatuses, n.PositionStatus), !slices.Contains(instalmentStatuses, n.InstalmentStatus):
		return nil, corrupt("a notice's status is unknown")
	}
	if rule := brokenShares(n.Amount, n.Transfers); rule != "" {
		return nil, corrupt(rule)
	}
	return &n, nil
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
