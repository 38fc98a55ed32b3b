package store

import (
	"context"
	"fmt"

	"nodobridge/bridge"
)

const positionColumns = `id, ec, iupd, status, company_name, office_name, pay_stand_in,
	inserted_at, last_updated_at, published_at, paid_at, valid_from, expires_at`

// storedPosition is a position's row; the tree is filled in by grow.
type storedPosition struct {
	bridge.Position
	id                   int64
	validFrom, expiresAt moment
}

// Position reads a tree by its IUPD.
func (t *readTx) Position(ctx context.Context, ec bridge.ECCode, iupd bridge.IUPD) (*bridge.Position, error) {
	return t.onePosition(ctx, `SELECT `+positionColumns+` FROM position WHERE ec = ? AND iupd = ?`, ec, iupd)
}

// PositionByNAV reads the tree in which a notice stands.
func (t *readTx) PositionByNAV(ctx context.Context, ec bridge.ECCode, nav bridge.NoticeNumber) (*bridge.Position, error) {
	return t.onePosition(ctx, `SELECT `+positionColumns+` FROM position
		WHERE id = (SELECT position_id FROM instalment WHERE ec = ? AND nav = ?)`, ec, nav)
}

// PositionByIUV reads the tree in which a creditor reference stands.
func (t *readTx) PositionByIUV(ctx context.Context, ec bridge.ECCode, iuv bridge.IUV) (*bridge.Position, error) {
	return t.onePosition(ctx, `SELECT `+positionColumns+` FROM position
		WHERE id = (SELECT position_id FROM instalment WHERE ec = ? AND iuv = ?)`, ec, iuv)
}

func (t *readTx) onePosition(ctx context.Context, query string, args ...any) (*bridge.Position, error) {
	ctx, err := t.enter(ctx)
	if err != nil {
		return nil, err
	}
	var p storedPosition
	err = t.q.QueryRowContext(ctx, query, args...).Scan(p.targets()...)
	if err == nil {
		err = t.grow(ctx, []*storedPosition{&p})
	}
	if err != nil {
		return nil, t.fail("read position", absent(err))
	}
	return &p.Position, nil
}

func (p *storedPosition) targets() []any {
	return []any{
		&p.id, &p.EC, &p.IUPD, &p.Status, &p.CompanyName, &p.OfficeName, &p.PayStandIn,
		into(&p.InsertedAt), into(&p.LastUpdatedAt), into(&p.PublishedAt), into(&p.PaidAt), &p.validFrom, &p.expiresAt,
	}
}

// InsertPosition stores the tree and its notices, all or nothing. The transfers
// of an instalment come back in the order of their numbers.
func (t *writeTx) InsertPosition(ctx context.Context, p *bridge.Position) error {
	ctx, err := t.enter(ctx)
	if err != nil {
		return err
	}
	if rule := brokenRule(p); rule != "" {
		return wrap("insert position", fmt.Errorf("%w: %s", errRule, rule))
	}
	err = t.atomically(ctx, func() error { return t.plant(ctx, p) })
	return t.fail("insert position", err)
}

func (t *writeTx) plant(ctx context.Context, p *bridge.Position) error {
	result, err := t.q.ExecContext(ctx, `INSERT INTO position (ec, iupd, status, company_name, office_name, pay_stand_in,
			inserted_at, last_updated_at, published_at, paid_at, valid_from, expires_at)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
		p.EC, p.IUPD, p.Status, p.CompanyName, p.OfficeName, p.PayStandIn,
		at(p.InsertedAt), at(p.LastUpdatedAt), at(p.PublishedAt), at(p.PaidAt), at(p.ValidFrom()), at(p.ExpiresAt()))
	if err != nil {
		return taken(err)
	}
	id, err := result.LastInsertId()
	if err != nil {
		return err
	}
	t.came(p.EC, p.Status)
	return t.plantOptions(ctx, p, id)
}

// plantOptions stores everything below a position's row, and its notices.
func (t *writeTx) plantOptions(ctx context.Context, p *bridge.Position, id int64) error {
	for i := range p.Options {
		if err := t.plantOption(ctx, p.EC, id, i, &p.Options[i]); err != nil {
			return err
		}
	}
	for _, n := range p.Notices() {
		if err := t.insertNotice(ctx, &n); err != nil {
			return err
		}
	}
	return nil
}

func (t *writeTx) plantOption(ctx context.Context, ec bridge.ECCode, id int64, i int, o *bridge.Option) error {
	d := &o.Debtor
	err := t.exec(ctx, `INSERT INTO option (position_id, idx, plan, description, valid_from, switch_to_expired,
			debtor_type, debtor_fiscal_code, debtor_full_name, debtor_street, debtor_civic, debtor_postal_code,
			debtor_city, debtor_province, debtor_region, debtor_country, debtor_email, debtor_phone)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
		id, i, o.Plan, o.Description, at(o.ValidFrom), o.SwitchToExpired,
		d.Type, d.FiscalCode, d.FullName, d.StreetName, d.CivicNumber, d.PostalCode,
		d.City, d.Province, d.Region, d.Country, d.Email, d.Phone)
	for j := 0; err == nil && j < len(o.Instalments); j++ {
		err = t.plantInstalment(ctx, ec, place{id, i, j}, &o.Instalments[j])
	}
	return err
}

// place is the key of an instalment.
type place struct {
	position           int64
	option, instalment int
}

func (t *writeTx) plantInstalment(ctx context.Context, ec bridge.ECCode, k place, in *bridge.Instalment) error {
	if err := t.refuseRetired(ctx, ec, in); err != nil {
		return err
	}
	err := t.exec(ctx, `INSERT INTO instalment (position_id, option_idx, idx, ec, nav, iuv, amount_cents, description,
			due_date, retention_date, notification_fee_cents, status, inserted_at, last_updated_at,
			paid_at, payment_method, psp_company, receipt_id, fee_cents)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
		k.position, k.option, k.instalment, ec, in.NAV, in.IUV, in.Amount, in.Description,
		at(in.DueDate), at(in.RetentionDate), in.NotificationFee, in.Status, at(in.InsertedAt), at(in.LastUpdatedAt),
		at(in.PaidAt), in.PaymentMethod, in.PSPCompany, in.ReceiptID, in.Fee)
	if err != nil {
		return taken(err)
	}
	err = t.plantMetadata(ctx, k, 0, in.Metadata)
	for i := 0; err == nil && i < len(in.Transfers); i++ {
		err = t.plantTransfer(ctx, k, &in.Transfers[i])
	}
	return err
}

func (t *writeTx) plantTransfer(ctx context.Context, k place, tr *bridge.Transfer) error {
	var hash, kind, province any
	if tr.Stamp != nil {
		hash, kind, province = tr.Stamp.HashDocument, tr.Stamp.Type, tr.Stamp.ProvincialResidence
	}
	err := t.exec(ctx, `INSERT INTO transfer (position_id, option_idx, instalment_idx, transfer_id, ec, company_name,
			amount_cents, remittance_information, category, iban, postal_iban, stamp_hash, stamp_type, stamp_province, status)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
		k.position, k.option, k.instalment, tr.ID, tr.EC, tr.CompanyName,
		tr.Amount, tr.RemittanceInformation, tr.Category, orNull(tr.IBAN), orNull(tr.PostalIBAN), hash, kind, province, tr.Status)
	if err != nil {
		return err
	}
	return t.plantMetadata(ctx, k, tr.ID, tr.Metadata)
}

func (t *writeTx) plantMetadata(ctx context.Context, k place, transfer int, entries []bridge.Metadata) error {
	for i, m := range entries {
		err := t.exec(ctx, `INSERT INTO metadata (position_id, option_idx, instalment_idx, transfer_id, idx, key, value)
			VALUES (?, ?, ?, ?, ?, ?, ?)`, k.position, k.option, k.instalment, transfer, i, m.Key, m.Value)
		if err != nil {
			return err
		}
	}
	return nil
}

// DeletePosition removes the tree; the foreign keys take its children and
// notices along. Its notice numbers stay used (number.go).
func (t *writeTx) DeletePosition(ctx context.Context, ec bridge.ECCode, iupd bridge.IUPD) error {
	ctx, err := t.enter(ctx)
	if err != nil {
		return err
	}
	err = t.atomically(ctx, func() error {
		if err := t.retireNumbers(ctx, ec, iupd); err != nil {
			return err
		}
		id, err := t.lift(ctx, ec, iupd)
		if err != nil {
			return err
		}
		return t.execOne(ctx, `DELETE FROM position WHERE id = ?`, id)
	})
	return t.fail("delete position", err)
}

// orNull keeps "not given" apart from every text.
func orNull[T ~string](s T) any {
	if s == "" {
		return nil
	}
	return string(s)
}
