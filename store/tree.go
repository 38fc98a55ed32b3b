package store

import (
	"context"
	"database/sql"
	"strconv"
	"strings"

	"nodobridge/bridge"
)

// grow reads the trees of the positions with one query for each level, whatever
// their number, and refuses what breaks the domain's rules. The ids travel as
// one JSON parameter, so that the statements are the same for any number.
func (t *readTx) grow(ctx context.Context, roots []*storedPosition) error {
	g := grove{byID: make(map[int64]*storedPosition, len(roots))}
	texts := make([]string, len(roots))
	for i, p := range roots {
		g.byID[p.id] = p
		texts[i] = strconv.FormatInt(p.id, 10)
	}
	ids := "[" + strings.Join(texts, ",") + "]"
	levels := []struct {
		query string
		read  func(*sql.Rows) error
	}{
		{optionsOf, g.option}, {instalmentsOf, g.instalment}, {transfersOf, g.transfer}, {metadataOf, g.metadata},
	}
	for _, level := range levels {
		if err := t.each(ctx, level.read, level.query, ids); err != nil {
			return err
		}
	}
	for _, p := range roots {
		if rule := brokenRule(&p.Position); rule != "" {
			return corrupt(rule)
		}
		if !p.validFrom.Equal(p.ValidFrom()) || !p.expiresAt.Equal(p.ExpiresAt()) {
			return corrupt("the position's validity is not its tree's")
		}
	}
	return nil
}

// each runs a query and hands every row on.
func (t *readTx) each(ctx context.Context, read func(*sql.Rows) error, query string, args ...any) error {
	rows, err := t.q.QueryContext(ctx, query, args...)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		if err := read(rows); err != nil {
			return err
		}
	}
	return rows.Err()
}

const (
	optionsOf = `SELECT position_id, idx, plan, description, valid_from, switch_to_expired,
			debtor_type, debtor_fiscal_code, debtor_full_name, debtor_street, debtor_civic, debtor_postal_code,
			debtor_city, debtor_province, debtor_region, debtor_country, debtor_email, debtor_phone
		FROM option WHERE position_id IN (SELECT value FROM json_each(?)) ORDER BY position_id, idx`
	instalmentsOf = `SELECT position_id, option_idx, idx, ec, nav, iuv, amount_cents, description,
			due_date, retention_date, notification_fee_cents, status, inserted_at, last_updated_at,
			paid_at, payment_method, psp_company, receipt_id, fee_cents
		FROM instalment WHERE position_id IN (SELECT value FROM json_each(?)) ORDER BY position_id, option_idx, idx`
	transfersOf = `SELECT position_id, option_idx, instalment_idx, transfer_id, ec, company_name, amount_cents,
			remittance_information, category, iban, postal_iban, stamp_hash, stamp_type, stamp_province, status
		FROM transfer WHERE position_id IN (SELECT value FROM json_each(?))
		ORDER BY position_id, option_idx, instalment_idx, transfer_id`
	metadataOf = `SELECT position_id, option_idx, instalment_idx, transfer_id, key, value
		FROM metadata WHERE position_id IN (SELECT value FROM json_each(?))
		ORDER BY position_id, option_idx, instalment_idx, transfer_id, idx`
)

// grove puts rows in their places.
type grove struct{ byID map[int64]*storedPosition }

func (g *grove) option(rows *sql.Rows) error {
	var id int64
	var idx int
	var o bridge.Option
	d := &o.Debtor
	err := rows.Scan(&id, &idx, &o.Plan, &o.Description, into(&o.ValidFrom), &o.SwitchToExpired,
		&d.Type, &d.FiscalCode, &d.FullName, &d.StreetName, &d.CivicNumber, &d.PostalCode,
		&d.City, &d.Province, &d.Region, &d.Country, &d.Email, &d.Phone)
	if err != nil {
		return err
	}
	p := g.byID[id]
	if p == nil || idx != len(p.Options) {
		return corrupt("an option is out of place")
	}
	p.Options = append(p.Options, o)
	return nil
}

func (g *grove) instalment(rows *sql.Rows) error {
	var k place
	var ec bridge.ECCode
	var in bridge.Instalment
	err := rows.Scan(&k.position, &k.option, &k.instalment, &ec, &in.NAV, &in.IUV, &in.Amount, &in.Description,
		into(&in.DueDate), into(&in.RetentionDate), &in.NotificationFee, &in.Status, into(&in.InsertedAt), into(&in.LastUpdatedAt),
		into(&in.PaidAt), &in.PaymentMethod, &in.PSPCompany, &in.ReceiptID, &in.Fee)
	if err != nil {
		return err
	}
	p := g.byID[k.position]
	if p == nil || k.option >= len(p.Options) || k.instalment != len(p.Options[k.option].Instalments) {
		return corrupt("an instalment is out of place")
	}
	if ec != p.EC {
		return corrupt("an instalment is of another EC than its position")
	}
	o := &p.Options[k.option]
	o.Instalments = append(o.Instalments, in)
	return nil
}

// at finds an instalment that has been read.
func (g *grove) at(k place) *bridge.Instalment {
	p := g.byID[k.position]
	if p == nil || k.option >= len(p.Options) || k.instalment >= len(p.Options[k.option].Instalments) {
		return nil
	}
	return &p.Options[k.option].Instalments[k.instalment]
}

func (g *grove) transfer(rows *sql.Rows) error {
	var k place
	var tr bridge.Transfer
	var iban, postal, hash, kind, province sql.NullString
	err := rows.Scan(&k.position, &k.option, &k.instalment, &tr.ID, &tr.EC, &tr.CompanyName, &tr.Amount,
		&tr.RemittanceInformation, &tr.Category, &iban, &postal, &hash, &kind, &province, &tr.Status)
	if err != nil {
		return err
	}
	in := g.at(k)
	if in == nil {
		return corrupt("a transfer is out of place")
	}
	tr.IBAN, tr.PostalIBAN = iban.String, postal.String
	if hash.Valid {
		tr.Stamp = &bridge.Stamp{HashDocument: hash.String, Type: kind.String, ProvincialResidence: province.String}
	}
	in.Transfers = append(in.Transfers, tr)
	return nil
}

func (g *grove) metadata(rows *sql.Rows) error {
	var k place
	var transfer int
	var m bridge.Metadata
	if err := rows.Scan(&k.position, &k.option, &k.instalment, &transfer, &m.Key, &m.Value); err != nil {
		return err
	}
	in := g.at(k)
	if in == nil {
		return corrupt("a metadata entry is out of place")
	}
	if transfer == 0 {
		in.Metadata = append(in.Metadata, m)
		return nil
	}
	for i := range in.Transfers {
		if in.Transfers[i].ID == transfer {
			in.Transfers[i].Metadata = append(in.Transfers[i].Metadata, m)
			return nil
		}
	}
	return corrupt("a metadata entry is out of place")
}
