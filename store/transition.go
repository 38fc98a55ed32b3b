package store

import (
	"context"
	"fmt"

	"nodobridge/bridge"
)

// UpdatePositionState stores what a transition or a payment changes, all or
// nothing, and the notices with it. The tree must be the stored one: an option,
// instalment or transfer that is not there is ErrNotFound.
func (t *writeTx) UpdatePositionState(ctx context.Context, p *bridge.Position) error {
	ctx, err := t.enter(ctx)
	if err != nil {
		return err
	}
	if rule := brokenRule(p); rule != "" {
		return wrap("update position", fmt.Errorf("%w: %s", errRule, rule))
	}
	err = t.atomically(ctx, func() error { return t.transit(ctx, p) })
	return t.fail("update position", err)
}

func (t *writeTx) transit(ctx context.Context, p *bridge.Position) error {
	id, err := t.lift(ctx, p.EC, p.IUPD)
	if err != nil {
		return err
	}
	err = t.execOne(ctx, `UPDATE position SET status = ?, last_updated_at = ?, published_at = ?, paid_at = ?,
			valid_from = ?, expires_at = ?
		WHERE id = ?`,
		p.Status, at(p.LastUpdatedAt), at(p.PublishedAt), at(p.PaidAt), at(p.ValidFrom()), at(p.ExpiresAt()), id)
	if err != nil {
		return err
	}
	t.came(p.EC, p.Status)
	for i := range p.Options {
		o := &p.Options[i]
		err := t.execOne(ctx, `UPDATE option SET valid_from = ? WHERE position_id = ? AND idx = ?`, at(o.ValidFrom), id, i)
		if err != nil {
			return err
		}
		for j := range o.Instalments {
			if err := t.transitInstalment(ctx, place{id, i, j}, &o.Instalments[j]); err != nil {
				return err
			}
		}
	}
	for _, n := range p.Notices() {
		if err := t.updateNotice(ctx, &n); err != nil {
			return err
		}
	}
	return nil
}

func (t *writeTx) transitInstalment(ctx context.Context, k place, in *bridge.Instalment) error {
	err := t.execOne(ctx, `UPDATE instalment SET status = ?, last_updated_at = ?, paid_at = ?, payment_method = ?,
			psp_company = ?, receipt_id = ?, fee_cents = ?
		WHERE position_id = ? AND option_idx = ? AND idx = ? AND nav = ?`,
		in.Status, at(in.LastUpdatedAt), at(in.PaidAt), in.PaymentMethod, in.PSPCompany, in.ReceiptID, in.Fee,
		k.position, k.option, k.instalment, in.NAV)
	for i := 0; err == nil && i < len(in.Transfers); i++ {
		err = t.execOne(ctx, `UPDATE transfer SET status = ?
			WHERE position_id = ? AND option_idx = ? AND instalment_idx = ? AND transfer_id = ?`,
			in.Transfers[i].Status, k.position, k.option, k.instalment, in.Transfers[i].ID)
	}
	return err
}
