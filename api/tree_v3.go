package api

import (
	"strings"
	"time"

	"nodobridge/bridge"
)

// tree is the position that a validated model asks for. Version 3 is the domain's own
// tree: an option of several instalments is a plan (gpd-api.md §1.5).
func (m *positionV3) tree(ec bridge.ECCode) *bridge.Position {
	p := &bridge.Position{
		EC: ec, IUPD: bridge.IUPD(*m.IUPD), CompanyName: *m.CompanyName, OfficeName: value(m.OfficeName),
		PayStandIn: m.PayStandIn == nil || *m.PayStandIn,
	}
	for i := range m.PaymentOption {
		p.Options = append(p.Options, m.PaymentOption[i].option())
	}
	return p
}

func (m *optionV3) option() bridge.Option {
	d := m.Debtor
	o := bridge.Option{
		Plan: len(m.Installments) > 1, Description: value(m.Description), ValidFrom: m.ValidityDate.time(), SwitchToExpired: *m.SwitchToExpired,
		Debtor: bridge.Debtor{
			Type: *d.Type, FiscalCode: *d.FiscalCode, FullName: *d.FullName,
			StreetName: value(d.StreetName), CivicNumber: value(d.CivicNumber), PostalCode: value(d.PostalCode), City: value(d.City),
			Province: value(d.Province), Region: value(d.Region), Country: value(d.Country), Email: value(d.Email), Phone: value(d.Phone),
		},
	}
	for i := range m.Installments {
		in := &m.Installments[i]
		instalment := bridge.Instalment{
			NAV: bridge.NoticeNumber(value(in.NAV)), IUV: bridge.IUV(*in.IUV), Amount: *in.Amount, Description: *in.Description,
			DueDate: in.DueDate.time(), RetentionDate: m.RetentionDate.time(), Metadata: pairs(in.Metadata),
		}
		for k := range in.Transfer {
			instalment.Transfers = append(instalment.Transfers, in.Transfer[k].transfer())
		}
		o.Instalments = append(o.Instalments, instalment)
	}
	return o
}

// statusV3 is the state as version 3 says it: what can no longer be paid is UNPAYABLE,
// and what the reporting flow has shown is PAID (gpd-api.md §1.5).
func statusV3(status bridge.PositionStatus) string {
	switch status {
	case bridge.Expired, bridge.Invalid:
		return "UNPAYABLE"
	case bridge.Reported:
		return string(bridge.Paid)
	}
	return string(status)
}

func instalmentStatusV3(status bridge.InstalmentStatus) string {
	return strings.TrimPrefix(string(status), "PO_")
}

// positionV3Of is the answer of create, update, publish and invalidate. GPD always
// says payStandIn true there; here it is what is stored (gpd-api.md §6.1 row 11).
func positionV3Of(p *bridge.Position) positionV3 {
	status := statusV3(p.Status)
	m := positionV3{
		IUPD: given(string(p.IUPD)), PayStandIn: &p.PayStandIn, CompanyName: &p.CompanyName, OfficeName: given(p.OfficeName),
		PaymentDate: localTimeOf(p.PaidAt), Status: &status, PaymentOption: []optionV3{},
	}
	for i := range p.Options {
		o := &p.Options[i]
		option := optionV3{
			ValidityDate: localTimeOf(o.ValidFrom), RetentionDate: localTimeOf(retentionV3(o)), SwitchToExpired: &o.SwitchToExpired,
			Debtor: debtorV3Of(&o.Debtor), Installments: []instalmentV3{},
		}
		for j := range o.Instalments {
			in := &o.Instalments[j]
			flat := optionModelOf(o, in)
			state := instalmentStatusV3(in.Status)
			option.Installments = append(option.Installments, instalmentV3{
				NAV: flat.NAV, IUV: flat.IUV, Amount: flat.Amount, Description: flat.Description, DueDate: flat.DueDate,
				Fee: flat.Fee, NotificationFee: flat.NotificationFee, Status: &state, Transfer: flat.Transfer, Metadata: flat.Metadata,
			})
		}
		m.PaymentOption = append(m.PaymentOption, option)
	}
	return m
}

// retentionV3 is the option's, which is stored with each of its instalments.
func retentionV3(o *bridge.Option) time.Time {
	if len(o.Instalments) == 0 {
		return time.Time{}
	}
	return o.Instalments[0].RetentionDate
}

func debtorV3Of(d *bridge.Debtor) *debtorV3 {
	return &debtorV3{
		Type: &d.Type, FiscalCode: &d.FiscalCode, FullName: &d.FullName,
		StreetName: given(d.StreetName), CivicNumber: given(d.CivicNumber), PostalCode: given(d.PostalCode), City: given(d.City),
		Province: given(d.Province), Region: given(d.Region), Country: given(d.Country), Email: given(d.Email), Phone: given(d.Phone),
	}
}
