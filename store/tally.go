package store

import (
	"context"
	"database/sql"
	"fmt"

	"nodobridge/bridge"
)

// unsettled is what the writer's transaction has changed and stores once, before it
// commits: the ends of both chains, how many positions of an EC came, went or changed their
// state, and whose receipts of payments made have come. Whoever rolls back puts back what it
// was, or forgets.
type unsettled struct {
	chainEnds
	moves []move
	made  []bridge.ECCode
}

// move is one position that enters a state (+1) or leaves it (-1).
type move struct {
	tallied
	by int
}

// tallied names a row of the table.
type tallied struct {
	ec     bridge.ECCode
	status bridge.PositionStatus
}

// settle stores all of it. No number is refused: a tally that was tampered with must not
// cost a receipt.
func (u *unsettled) settle(ctx context.Context, q querier) error {
	if err := u.chainEnds.settle(ctx, q); err != nil {
		return err
	}
	if err := u.settlePositions(ctx, q); err != nil {
		return fmt.Errorf("cannot store the tally of positions: %w", err)
	}
	if err := u.settleReceipts(ctx, q); err != nil {
		return fmt.Errorf("cannot store the tally of receipts: %w", err)
	}
	return nil
}

func (u *unsettled) settlePositions(ctx context.Context, q querier) error {
	sums := map[tallied]int{}
	for _, m := range u.moves {
		sums[m.tallied] += m.by
	}
	u.moves = u.moves[:0]
	for of, by := range sums {
		if by == 0 {
			continue
		}
		_, err := q.ExecContext(ctx, `INSERT INTO tally (ec, status, positions) VALUES (?, ?, ?)
			ON CONFLICT (ec, status) DO UPDATE SET positions = positions + excluded.positions`, of.ec, of.status, by)
		if err != nil {
			return err
		}
	}
	return nil
}

func (u *unsettled) settleReceipts(ctx context.Context, q querier) error {
	sums := map[bridge.ECCode]int{}
	for _, ec := range u.made {
		sums[ec]++
	}
	u.made = u.made[:0]
	for ec, n := range sums {
		_, err := q.ExecContext(ctx, `INSERT INTO receipt_tally (ec, receipts) VALUES (?, ?)
			ON CONFLICT (ec) DO UPDATE SET receipts = receipts + excluded.receipts`, ec, n)
		if err != nil {
			return err
		}
	}
	return nil
}

// came and went note a position for the tally.
func (t *writeTx) came(ec bridge.ECCode, status bridge.PositionStatus) {
	t.ends.moves = append(t.ends.moves, move{tallied{ec, status}, 1})
}

func (t *writeTx) went(ec bridge.ECCode, status bridge.PositionStatus) {
	t.ends.moves = append(t.ends.moves, move{tallied{ec, status}, -1})
}

// lift finds the row of a stored position that is about to change, and takes the position
// out of the tally; the caller puts it back in with its new state.
func (t *writeTx) lift(ctx context.Context, ec bridge.ECCode, iupd bridge.IUPD) (id int64, err error) {
	var status bridge.PositionStatus
	err = t.q.QueryRowContext(ctx, `SELECT id, status FROM position WHERE ec = ? AND iupd = ?`, ec, iupd).Scan(&id, &status)
	if err != nil {
		return 0, absent(err)
	}
	t.went(ec, status)
	return id, nil
}

// tally is how many positions of an EC are stored in each state.
func (t *readTx) tally(ctx context.Context, ec bridge.ECCode) (map[bridge.PositionStatus]int, error) {
	list := map[bridge.PositionStatus]int{}
	err := t.each(ctx, func(rows *sql.Rows) error {
		var status bridge.PositionStatus
		var positions int
		err := rows.Scan(&status, &positions)
		list[status] = positions
		return err
	}, `SELECT status, positions FROM tally WHERE ec = ?`, ec)
	return list, err
}

// tallyNow is the tally with the states that positions have at an instant: those that time
// has moved since they were stored are few, because a job stores them (due.go), and have
// indexes of their own.
func (t *readTx) tallyNow(ctx context.Context, q bridge.PositionQuery) (map[bridge.PositionStatus]int, error) {
	list, err := t.tally(ctx, q.EC)
	if err != nil {
		return nil, err
	}
	err = t.each(ctx, func(rows *sql.Rows) error {
		var stored, now bridge.PositionStatus
		var positions int
		err := rows.Scan(&stored, &now, &positions)
		list[stored] -= positions
		list[now] += positions
		return err
	}, overtakenQuery, at(q.Now), q.EC)
	return list, err
}

// overtakenQuery counts the positions that time has moved, by their stored state and the
// one they have.
const overtakenQuery = `SELECT 'PUBLISHED', iif(expires_at < ?1, 'EXPIRED', 'VALID') AS now, count(*)
		FROM position INDEXED BY position_to_begin
		WHERE status = 'PUBLISHED' AND valid_from <= ?1 AND ec = ?2 GROUP BY now
	UNION ALL SELECT 'PUBLISHED', iif(expires_at < ?1, 'EXPIRED', 'VALID') AS now, count(*)
		FROM position INDEXED BY position_to_begin
		WHERE status = 'PUBLISHED' AND valid_from IS NULL AND ec = ?2 GROUP BY now
	UNION ALL SELECT 'VALID', 'EXPIRED', count(*)
		FROM position INDEXED BY position_to_expire
		WHERE status = 'VALID' AND expires_at < ?1 AND ec = ?2`
