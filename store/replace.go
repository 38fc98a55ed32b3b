package store

import (
	"context"
	"encoding/json"
	"fmt"

	"nodobridge/bridge"
)

// ReplacePosition stores another tree in the place of the one that the EC and IUPD
// name. The position keeps its row; what hangs below is planted anew, because options
// and transfers may come, go and change their order. Notice numbers that are no longer
// in the tree stay used (number.go).
func (t *writeTx) ReplacePosition(ctx context.Context, p *bridge.Position) error {
	ctx, err := t.enter(ctx)
	if err != nil {
		return err
	}
	if rule := brokenRule(p); rule != "" {
		return wrap("replace position", fmt.Errorf("%w: %s", errRule, rule))
	}
	err = t.atomically(ctx, func() error { return t.replant(ctx, p) })
	return t.fail("replace position", err)
}

func (t *writeTx) replant(ctx context.Context, p *bridge.Position) error {
	id, err := t.lift(ctx, p.EC, p.IUPD)
	if err != nil {
		return err
	}
	err = t.execOne(ctx, `UPDATE position SET status = ?, company_name = ?, office_name = ?, pay_stand_in = ?,
			last_updated_at = ?, published_at = ?, paid_at = ?, valid_from = ?, expires_at = ?
		WHERE id = ?`,
		p.Status, p.CompanyName, p.OfficeName, p.PayStandIn,
		at(p.LastUpdatedAt), at(p.PublishedAt), at(p.PaidAt), at(p.ValidFrom()), at(p.ExpiresAt()), id)
	if err != nil {
		return err
	}
	t.came(p.EC, p.Status)
	if err := t.retireLeaving(ctx, p, id); err != nil {
		return err
	}
	// Instalments, transfers, metadata and notices go with their option.
	if err := t.exec(ctx, `DELETE FROM option WHERE position_id = ?`, id); err != nil {
		return err
	}
	return t.plantOptions(ctx, p, id)
}

// retireLeaving keeps the numbers of the stored tree that the new one does not have.
func (t *writeTx) retireLeaving(ctx context.Context, p *bridge.Position, id int64) error {
	staying := []bridge.NoticeNumber{}
	for i := range p.Options {
		for j := range p.Options[i].Instalments {
			staying = append(staying, p.Options[i].Instalments[j].NAV)
		}
	}
	list, err := json.Marshal(staying)
	if err != nil {
		return err
	}
	return t.exec(ctx, `INSERT INTO used_number (ec, nav, iuv, issued, retired)
		SELECT ec, nav, iuv, 0, 1 FROM instalment
		WHERE position_id = ? AND nav NOT IN (SELECT value FROM json_each(?))
		ON CONFLICT (ec, nav) DO UPDATE SET retired = 1`, id, string(list))
}

// PositionsWithIBAN walks the EC's positions that may still be changed, the oldest
// first (position_by_status). There is no index of accounts: an EC changes its bank
// once in years, and every upload would pay for it.
func (t *readTx) PositionsWithIBAN(ctx context.Context, ec bridge.ECCode, iban string, limit int) ([]bridge.IUPD, error) {
	ctx, err := t.enter(ctx)
	if err != nil {
		return nil, err
	}
	var list []bridge.IUPD
	rows, err := t.q.QueryContext(ctx, `SELECT p.iupd FROM position AS p
		WHERE p.ec = ?1 AND p.status IN ('DRAFT', 'PUBLISHED', 'VALID', 'PARTIALLY_PAID') AND EXISTS (
			SELECT 1 FROM transfer AS t JOIN instalment AS i
				ON i.position_id = t.position_id AND i.option_idx = t.option_idx AND i.idx = t.instalment_idx
			WHERE t.position_id = p.id AND t.ec = ?1 AND t.iban = ?2 AND i.status = 'PO_UNPAID')
		ORDER BY p.id LIMIT ?3`, ec, iban, limit)
	if err != nil {
		return nil, t.fail("find positions by account", err)
	}
	defer rows.Close()
	for rows.Next() {
		var iupd bridge.IUPD
		if err := rows.Scan(&iupd); err != nil {
			return nil, t.fail("find positions by account", err)
		}
		list = append(list, iupd)
	}
	return list, t.fail("find positions by account", rows.Err())
}
