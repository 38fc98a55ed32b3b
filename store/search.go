package store

import (
	"context"
	"database/sql"

	"nodobridge/bridge"
)

// SearchPositions reads a page of positions in the order of their last change.
func (t *readTx) SearchPositions(ctx context.Context, q bridge.PositionSearch) (bridge.FoundPositions, error) {
	var page bridge.FoundPositions
	if q.Limit < 1 || q.Limit > maxPage {
		return page, wrap("search positions", errPage)
	}
	ctx, err := t.enter(ctx)
	if err != nil {
		return page, err
	}
	f := searchFilter(q)
	var roots []*storedPosition
	err = t.each(ctx, func(rows *sql.Rows) error {
		p := &storedPosition{}
		roots = append(roots, p)
		return rows.Scan(p.targets()...)
	}, "SELECT "+positionColumns+" FROM position WHERE "+f.text()+" ORDER BY last_updated_at, id LIMIT ?", append(f.args, q.Limit+1)...)
	if err == nil && len(roots) > q.Limit {
		roots = roots[:q.Limit]
		last := roots[q.Limit-1]
		page.Next = bridge.PositionMark{ChangedAt: last.LastUpdatedAt, Row: last.id}
	}
	if err == nil {
		err = t.grow(ctx, roots)
	}
	for _, p := range roots {
		page.Positions = append(page.Positions, p.Position)
	}
	return page, t.fail("search positions", err)
}

func searchFilter(q bridge.PositionSearch) filter {
	var f filter
	if q.Debtor == "" {
		f.add("ec = ?", q.EC)
	} else {
		// A person has few positions: SQLite would walk all of the EC's in their order
		// and look for each among those few.
		f.add("+ec = ?", q.EC)
	}
	if !q.After.ChangedAt.IsZero() {
		f.add("(last_updated_at, id) > (?, ?)", at(q.After.ChangedAt), q.After.Row)
	}
	if !q.ChangedSince.IsZero() {
		f.add("last_updated_at >= ?", at(q.ChangedSince))
	}
	if q.NAV != "" {
		f.add("id = (SELECT position_id FROM instalment WHERE ec = ? AND nav = ?)", q.EC, q.NAV)
	}
	if q.Debtor != "" {
		f.add("id IN (SELECT position_id FROM option WHERE debtor_fiscal_code = ?)", q.Debtor)
	}
	if len(q.Segregations) > 0 {
		// Wholly within the codes, as a single read asks for.
		f.add("NOT EXISTS (SELECT 1 FROM instalment WHERE position_id = position.id AND substr(iuv, 1, 2) NOT IN ("+marks(len(q.Segregations))+"))", anys(q.Segregations)...)
	}
	return f
}

// anys makes texts parameters.
func anys(texts []string) []any {
	out := make([]any, len(texts))
	for i, text := range texts {
		out[i] = text
	}
	return out
}
