package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"nodobridge/bridge"
)

// maxPage bounds a page of the list; the API's own limit is lower.
const maxPage = 1000

var (
	errPage = fmt.Errorf("a page has 1 to %d rows and a number from 0", maxPage)
	errPair = errors.New("an interval needs both ends")
)

// statusNow is bridge.Position.StatusAt in SQL; it takes the instant twice.
const statusNow = `CASE
		WHEN status = 'VALID' OR (status = 'PUBLISHED' AND (valid_from IS NULL OR valid_from <= ?))
		THEN CASE WHEN expires_at < ? THEN 'EXPIRED' ELSE 'VALID' END
		ELSE status END`

// cameFrom are the other stored states that time can have turned into a state.
var cameFrom = map[bridge.PositionStatus][]bridge.PositionStatus{
	bridge.Valid:   {bridge.Published},
	bridge.Expired: {bridge.Published, bridge.Valid},
}

// filter gathers the conditions of a list. Its texts are constants of this file;
// everything that comes from outside is a parameter.
type filter struct {
	conditions []string
	args       []any
}

func (f *filter) add(condition string, args ...any) {
	f.conditions = append(f.conditions, condition)
	f.args = append(f.args, args...)
}

// text is the conditions, all of which must hold.
func (f *filter) text() string { return strings.Join(f.conditions, " AND ") }

// narrow is the same with the due dates leading, if they are asked for: SQLite would walk
// all that the EC has and hold each against the list of those that are due.
func (f *filter) narrow(q bridge.PositionQuery) string {
	if q.DueFrom.IsZero() {
		return f.text()
	}
	return "+" + f.text()
}

func filterOf(q bridge.PositionQuery) (filter, error) {
	var f filter
	f.add("ec = ?", q.EC) // the first: narrow finds it there
	if q.DueFrom.IsZero() != q.DueTo.IsZero() || q.PaidFrom.IsZero() != q.PaidTo.IsZero() {
		return f, errPair
	}
	if len(q.Statuses) > 0 {
		var stored, wanted []any
		for _, status := range q.Statuses {
			wanted = append(wanted, status)
			for _, s := range append([]bridge.PositionStatus{status}, cameFrom[status]...) {
				stored = append(stored, s)
			}
		}
		f.add("status IN ("+marks(len(stored))+")", stored...) // for the index
		f.add("("+statusNow+") IN ("+marks(len(wanted))+")", append([]any{at(q.Now), at(q.Now)}, wanted...)...)
	}
	if !q.DueFrom.IsZero() {
		f.add("id IN (SELECT position_id FROM instalment WHERE ec = ? AND due_date BETWEEN ? AND ?)", q.EC, at(q.DueFrom), at(q.DueTo))
	}
	if !q.PaidFrom.IsZero() {
		f.add("paid_at BETWEEN ? AND ?", at(q.PaidFrom), at(q.PaidTo))
	}
	if len(q.Segregations) > 0 {
		f.add("EXISTS (SELECT 1 FROM instalment WHERE position_id = position.id AND substr(iuv, 1, 2) IN ("+marks(len(q.Segregations))+"))", anys(q.Segregations)...)
	}
	return f, nil
}

// marks gives n placeholders.
func marks(n int) string { return strings.Repeat(", ?", n)[2:] }

// orders are the columns to order by (gpd-api.md §3.3); the row's number makes
// every order total.
var orders = map[bridge.PositionOrder]string{
	"":                    "inserted_at",
	bridge.ByInsertedDate: "inserted_at",
	bridge.ByIUPD:         "iupd",
	bridge.ByStatus:       "(" + statusNow + ")",
	bridge.ByCompanyName:  "company_name",
}

// Positions gives a page of an EC's positions with the status of q.Now, which
// need not be the stored one. With due dates asked for, a position comes without
// the instalments outside of them (gpd-api.md §3.3).
func (t *readTx) Positions(ctx context.Context, q bridge.PositionQuery) (bridge.PositionPage, error) {
	ctx, err := t.enter(ctx)
	if err != nil {
		return bridge.PositionPage{}, err
	}
	page, err := t.page(ctx, q)
	if err != nil {
		return bridge.PositionPage{}, t.fail("list positions", err)
	}
	return page, nil
}

func (t *readTx) page(ctx context.Context, q bridge.PositionQuery) (bridge.PositionPage, error) {
	var page bridge.PositionPage
	order, known := orders[q.OrderBy]
	if !known || q.Page < 0 || q.Limit < 1 || q.Limit > maxPage {
		return page, errPage
	}
	f, err := filterOf(q)
	if err != nil {
		return page, err
	}
	var all int
	page.Total, all, err = t.totals(ctx, q, f)
	where, offset := f.text(), int64(q.Page)*int64(q.Limit)
	if err != nil || offset >= int64(page.Total) {
		return page, err
	}
	if sortsFaster(page.Total, all, offset+int64(q.Limit)) {
		where, order = f.narrow(q), "+"+order
	}
	direction := " DESC"
	if q.Ascending {
		direction = " ASC"
	}
	if q.OrderBy == bridge.ByStatus {
		f.args = append(f.args, at(q.Now), at(q.Now))
	}
	var roots []*storedPosition
	err = t.each(ctx, func(rows *sql.Rows) error {
		p := &storedPosition{}
		roots = append(roots, p)
		return rows.Scan(p.targets()...)
	}, "SELECT "+positionColumns+" FROM position WHERE "+where+" ORDER BY "+order+direction+", id"+direction+" LIMIT ? OFFSET ?",
		append(f.args, q.Limit, offset)...)
	if err != nil {
		return page, err
	}
	if err := t.grow(ctx, roots); err != nil {
		return page, err
	}
	for _, p := range roots {
		// Judged on the whole tree: a pruned one begins and ends elsewhere.
		p.Status = p.StatusAt(q.Now)
		if !q.DueFrom.IsZero() {
			p.prune(q.DueFrom, q.DueTo)
		}
		page.Positions = append(page.Positions, p.Position)
	}
	return page, nil
}

// sortsFaster says whether to find and sort all that match takes less than to walk the
// order's index until as many as wanted have come. A + keeps SQLite from that index.
func sortsFaster(matching, all int, wanted int64) bool {
	return int64(matching)*int64(matching) < wanted*int64(all)
}

// totals is how many positions match and how many the EC has. The tally knows both, unless
// more than states is asked for.
func (t *readTx) totals(ctx context.Context, q bridge.PositionQuery, f filter) (matching, all int, err error) {
	states, err := t.tallyNow(ctx, q)
	if err != nil {
		return 0, 0, err
	}
	for _, n := range states {
		all += n
	}
	due, others := !q.DueFrom.IsZero(), !q.PaidFrom.IsZero() || len(q.Segregations) > 0
	switch {
	case due && !others && len(q.Statuses) == 0:
		err = t.q.QueryRowContext(ctx, `SELECT count(DISTINCT position_id) FROM instalment WHERE ec = ? AND due_date BETWEEN ? AND ?`,
			q.EC, at(q.DueFrom), at(q.DueTo)).Scan(&matching)
	case due || others:
		err = t.q.QueryRowContext(ctx, "SELECT count(id) FROM position WHERE "+f.narrow(q), f.args...).Scan(&matching)
	case len(q.Statuses) == 0:
		matching = all
	default:
		for status := range states {
			if slices.Contains(q.Statuses, status) {
				matching += states[status]
			}
		}
	}
	return matching, all, err
}

// prune leaves the instalments that are due in the interval, ends included, and
// the options that still have one.
func (p *storedPosition) prune(from, to time.Time) {
	for i := range p.Options {
		o := &p.Options[i]
		o.Instalments = slices.DeleteFunc(o.Instalments, func(in bridge.Instalment) bool {
			return in.DueDate.Before(from) || in.DueDate.After(to)
		})
	}
	p.Options = slices.DeleteFunc(p.Options, func(o bridge.Option) bool { return len(o.Instalments) == 0 })
}
