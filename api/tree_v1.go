package api

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"time"

	"nodobridge/bridge"
)

// The domain is v3's tree: position, option, instalment, transfer. v1 is a flat
// view of it (architecture.md §7, gpd-api.md §0 point 2): each whole-amount
// option of v1 is an option of one instalment, all partial ones together are the
// one plan, and what v1 says of the position (validity, expiry, debtor) is said
// of each option.

// tree is the position that a validated model asks for.
func (m *positionModel) tree(ec bridge.ECCode) *bridge.Position {
	p := &bridge.Position{
		EC: ec, IUPD: bridge.IUPD(*m.IUPD),
		CompanyName: *m.CompanyName, OfficeName: value(m.OfficeName),
		PayStandIn: m.PayStandIn == nil || *m.PayStandIn, // default true (gpd-api.md §1.1)
	}
	plan := -1
	for i := range m.PaymentOption {
		in := m.PaymentOption[i].instalment()
		if !*m.PaymentOption[i].IsPartialPayment {
			p.Options = append(p.Options, m.option(false, in))
			continue
		}
		if plan < 0 {
			plan = len(p.Options)
			p.Options = append(p.Options, m.option(true))
		}
		p.Options[plan].Instalments = append(p.Options[plan].Instalments, in)
	}
	if len(p.Options) == 0 {
		// GPD accepts a position without options (gpd-api.md §6.1 row 4); an empty
		// option keeps what v1 says of the position.
		p.Options = append(p.Options, m.option(false))
	}
	return p
}

func (m *positionModel) option(plan bool, instalments ...bridge.Instalment) bridge.Option {
	return bridge.Option{
		Plan: plan, ValidFrom: m.ValidityDate.time(), SwitchToExpired: *m.SwitchToExpired, Instalments: instalments,
		Debtor: bridge.Debtor{
			Type: *m.Type, FiscalCode: *m.FiscalCode, FullName: *m.FullName,
			StreetName: value(m.StreetName), CivicNumber: value(m.CivicNumber), PostalCode: value(m.PostalCode),
			City: value(m.City), Province: value(m.Province), Region: value(m.Region), Country: value(m.Country),
			Email: value(m.Email), Phone: value(m.Phone),
		},
	}
}

func (m *optionModel) instalment() bridge.Instalment {
	in := bridge.Instalment{
		NAV: bridge.NoticeNumber(value(m.NAV)), IUV: bridge.IUV(*m.IUV), Amount: *m.Amount, Description: *m.Description,
		DueDate: m.DueDate.time(), RetentionDate: m.RetentionDate.time(), Metadata: pairs(m.Metadata),
	}
	for i := range m.Transfer {
		in.Transfers = append(in.Transfers, m.Transfer[i].transfer())
	}
	return in
}

func (m *transferModel) transfer() bridge.Transfer {
	t := bridge.Transfer{
		ID: transferID(*m.IDTransfer), EC: bridge.ECCode(value(m.OrganizationFiscalCode)), CompanyName: value(m.CompanyName),
		Amount: *m.Amount, RemittanceInformation: *m.RemittanceInformation, Category: *m.Category,
		IBAN: value(m.IBAN), PostalIBAN: value(m.PostalIBAN), Metadata: pairs(m.Metadata),
	}
	if m.Stamp != nil {
		t.Stamp = &bridge.Stamp{HashDocument: *m.Stamp.HashDocument, Type: *m.Stamp.StampType, ProvincialResidence: *m.Stamp.ProvincialResidence}
	}
	return t
}

// transferID is 0, which the domain refuses, for anything but one digit: an
// unexpected id is a matter of semantics to GPD, not of form (gpd-api.md §4.1
// step 8).
func transferID(s string) int {
	n, err := strconv.Atoi(s)
	if err != nil || len(s) != 1 {
		return 0
	}
	return n
}

func pairs(models []metadataModel) []bridge.Metadata {
	var list []bridge.Metadata
	for _, m := range models {
		list = append(list, bridge.Metadata{Key: *m.Key, Value: value(m.Value)})
	}
	return list
}

// showable refuses a position that v1 cannot show: one with more than one plan
// (gpd-api.md §1.5).
func showable(p *bridge.Position) error {
	plans := 0
	for i := range p.Options {
		if p.Options[i].Plan {
			plans++
		}
	}
	if plans > 1 {
		return &bridge.Error{Code: bridge.CodeMultiPlan, Detail: fmt.Sprintf("debt position %s of organization %s has several instalment plans, which version 1 cannot show", p.IUPD, p.EC)}
	}
	return nil
}

// positionModelOf is the answer of create and publish.
func positionModelOf(p *bridge.Position) (positionModel, error) {
	if err := showable(p); err != nil {
		return positionModel{}, err
	}
	m := positionModel{
		IUPD: given(string(p.IUPD)), PayStandIn: &p.PayStandIn, CompanyName: &p.CompanyName, OfficeName: given(p.OfficeName),
		ValidityDate: localTimeOf(p.ValidFrom()), PaymentDate: localTimeOf(p.PaidAt), Status: &p.Status,
		PaymentOption: []optionModel{},
	}
	for i := range p.Options {
		o := &p.Options[i]
		if i == 0 {
			m.debtor(o)
		}
		for j := range o.Instalments {
			m.PaymentOption = append(m.PaymentOption, optionModelOf(o, &o.Instalments[j]))
		}
	}
	return m, nil
}

// debtor shows the first option's: in v1 they are all the same.
func (m *positionModel) debtor(o *bridge.Option) {
	d := &o.Debtor
	m.SwitchToExpired, m.Type, m.FiscalCode, m.FullName = &o.SwitchToExpired, &d.Type, &d.FiscalCode, &d.FullName
	m.StreetName, m.CivicNumber, m.PostalCode = given(d.StreetName), given(d.CivicNumber), given(d.PostalCode)
	m.City, m.Province, m.Region, m.Country = given(d.City), given(d.Province), given(d.Region), given(d.Country)
	m.Email, m.Phone = given(d.Email), given(d.Phone)
}

func optionModelOf(o *bridge.Option, in *bridge.Instalment) optionModel {
	m := optionModel{
		NAV: given(string(in.NAV)), IUV: given(string(in.IUV)), Amount: &in.Amount, Description: &in.Description,
		IsPartialPayment: &o.Plan, DueDate: localTimeOf(in.DueDate), RetentionDate: localTimeOf(in.RetentionDate),
		Fee: in.Fee, NotificationFee: in.NotificationFee,
		Transfer: []transferModel{}, Metadata: metadataModels(in.Metadata),
	}
	for i := range in.Transfers {
		t := &in.Transfers[i]
		m.Transfer = append(m.Transfer, transferModel{
			IDTransfer: given(strconv.Itoa(t.ID)), Amount: &t.Amount, OrganizationFiscalCode: given(string(t.EC)),
			RemittanceInformation: &t.RemittanceInformation, Category: &t.Category, IBAN: given(t.IBAN), PostalIBAN: given(t.PostalIBAN),
			Stamp: stampModelOf(t.Stamp), CompanyName: given(t.CompanyName), Metadata: metadataModels(t.Metadata),
		})
	}
	return m
}

func stampModelOf(s *bridge.Stamp) *stampModel {
	if s == nil {
		return nil
	}
	return &stampModel{HashDocument: &s.HashDocument, StampType: &s.Type, ProvincialResidence: &s.ProvincialResidence}
}

func metadataModels(list []bridge.Metadata) []metadataModel {
	models := []metadataModel{}
	for i := range list {
		models = append(models, metadataModel{Key: &list[i].Key, Value: &list[i].Value})
	}
	return models
}

// ordered puts the answer's options into the request's order, which the tree
// loses when partial and whole options alternate.
func (m *positionModel) ordered(request *positionModel) {
	place := map[string]int{}
	for i := range request.PaymentOption {
		place[value(request.PaymentOption[i].IUV)] = i
	}
	slices.SortStableFunc(m.PaymentOption, func(a, b optionModel) int { return cmp.Compare(place[value(a.IUV)], place[value(b.IUV)]) })
}

// value is the text, "" for null.
func value(s *string) string {
	if s == nil {
		return ""
	}
	return *s
}

// given is null for the empty text.
func given(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}

// time is the moment, zero for null.
func (t *localTime) time() time.Time {
	if t == nil {
		return time.Time{}
	}
	return time.Time(*t)
}
