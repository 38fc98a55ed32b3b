package api

import (
	"context"
	"net/http"
	"strconv"
	"strings"
	"unicode/utf8"

	"nodobridge/bridge"
)

// The compat server is GPD's core as its own test suites and its own services see it:
// no prefix, no key, and the internal calls (gpd-api.md §3.4). It belongs on loopback.

// compatKey signs the journal for calls of the compat server.
const compatKey = "compat"

// internalOption is where GPD keeps the calls on one payment option.
const internalOption = "/organizations/:" + paramEC + "/paymentoptions/:"

// internal are the calls that GPD's own services make.
var internal = []operation{
	{method: http.MethodGet, path: internalOption + paramNAV, number: navForm, name: "getOrganizationPaymentOptionByNAV", handle: (*Server).getOption},
	{method: http.MethodGet, path: internalOption + paramNAV + "/debtposition", number: navForm, name: "getDebtPositionByIUV", handle: (*Server).getPositionByIUV},
	{method: http.MethodPost, path: internalOption + paramNAV + "/pay", number: navForm, name: "payPaymentOption", failure: "The pay call for a payment option is failed", body: true, handle: (*Server).payOption},
	{method: http.MethodPost, path: internalOption + paramNAV + "/transfers/:" + paramTransfer + "/report", number: navForm, transfer: true, name: "reportTransfer", failure: "The reporting for the transfer is failed", handle: (*Server).reportTransfer},
	{method: http.MethodPut, path: internalOption + paramNAV + "/notificationfee", number: navForm, name: "updateNotificationFee", body: true, handle: (*Server).setNotificationFee},
}

// compatOperations are the public ones without GPD's prefixes, and the internal ones.
// The external bulk is left out: its three operations stand without prefix already.
func compatOperations() []operation {
	list := append([]operation{}, internal...)
	for _, op := range operations {
		switch {
		case strings.HasPrefix(op.path, prefixV1+"/"):
			op.path = strings.TrimPrefix(op.path, prefixV1)
			if op.path == "/info" {
				continue // the operation without prefix
			}
		case strings.HasPrefix(op.path, prefixV3+"/"):
			op.path = coreV3 + strings.TrimPrefix(op.path, prefixV3)
		case strings.HasPrefix(op.path, prefixReceipts+"/"):
			op.path = strings.TrimPrefix(op.path, prefixReceipts)
		case strings.HasPrefix(op.path, prefixV2+"/"):
			continue
		}
		list = append(list, op)
	}
	return list
}

// internalOptionView is GPD's PaymentsWithDebtorInfoModelResponse: an option with the
// debtor and the position's state.
type internalOptionView struct {
	optionView
	IUPD               string                `json:"iupd"`
	Type               bridge.DebtorType     `json:"type"`
	FiscalCode         string                `json:"fiscalCode"`
	FullName           string                `json:"fullName"`
	StreetName         *string               `json:"streetName"`
	CivicNumber        *string               `json:"civicNumber"`
	PostalCode         *string               `json:"postalCode"`
	City               *string               `json:"city"`
	Province           *string               `json:"province"`
	Region             *string               `json:"region"`
	Country            *string               `json:"country"`
	Email              *string               `json:"email"`
	Phone              *string               `json:"phone"`
	CompanyName        string                `json:"companyName"`
	OfficeName         *string               `json:"officeName"`
	PayStandIn         bool                  `json:"payStandIn"`
	ServiceType        string                `json:"serviceType"`
	DebtPositionStatus bridge.PositionStatus `json:"debtPositionStatus"`
}

// serviceType: what is uploaded here is GPD's kind of position.
const serviceType = "GPD"

func (s *Server) getOption(ctx context.Context, c *call) (reply, error) {
	p, o, in, err := s.service.OptionByNumber(ctx, c.by, c.ec, bridge.NoticeNumber(c.given))
	if err != nil {
		return reply{}, err
	}
	return reply{status: http.StatusOK, body: internalOptionViewOf(p, o, in)}, nil
}

func internalOptionViewOf(p *bridge.Position, o *bridge.Option, in *bridge.Instalment) internalOptionView {
	d := debtorV3Of(&o.Debtor)
	v := internalOptionView{
		optionView: optionViewOf(p.EC, o, in), IUPD: string(p.IUPD), Type: o.Debtor.Type, FiscalCode: o.Debtor.FiscalCode, FullName: o.Debtor.FullName,
		StreetName: d.StreetName, CivicNumber: d.CivicNumber, PostalCode: d.PostalCode, City: d.City, Province: d.Province, Region: d.Region,
		Country: d.Country, Email: d.Email, Phone: d.Phone, CompanyName: p.CompanyName, OfficeName: given(p.OfficeName),
		PayStandIn: p.PayStandIn, ServiceType: serviceType, DebtPositionStatus: p.Status,
	}
	// Always there, even when it is nothing (gpd-api.md §1.4).
	key, fee := bridge.NotificationFeeKey, strconv.FormatInt(int64(in.NotificationFee), 10)
	v.Metadata = append(v.Metadata, metadataModel{Key: &key, Value: &fee})
	return v
}

func (s *Server) getPositionByIUV(ctx context.Context, c *call) (reply, error) {
	p, err := s.service.PositionByIUV(ctx, c.by, c.ec, bridge.IUV(c.given))
	if err != nil {
		return reply{}, err
	}
	view, err := positionViewOf(p, dueWindow{})
	return reply{status: http.StatusOK, body: view}, err
}

// paymentModel is GPD's PaymentOptionModel of the pay call. The fee is a text of
// cents, as GPD's client sends it.
type paymentModel struct {
	PaymentDate   *localTime
	PaymentMethod *string
	PSPCode       *string
	PSPTaxCode    *string
	PSPCompany    *string
	IDReceipt     *string
	Fee           *string
}

func (m *paymentModel) member(r *reader, name string) error {
	texts := map[string]**string{
		"paymentMethod": &m.PaymentMethod, "pspCode": &m.PSPCode, "pspTaxCode": &m.PSPTaxCode, "pspCompany": &m.PSPCompany, "idReceipt": &m.IDReceipt, "fee": &m.Fee,
	}
	if to, ok := texts[name]; ok {
		return set(r, to, (*reader).text)
	}
	if name == "paymentDate" {
		return set(r, &m.PaymentDate, (*reader).dateTime)
	}
	return r.skip()
}

// payment is the declared payment that a body asks for. A fee that is no number of
// cents is GPD's 500, and 400 here (gpd-api.md §6.1 row 21).
func (m *paymentModel) payment(c *call) (bridge.DeclaredPayment, error) {
	v := &violations{}
	v.size(m.PSPCode, 35, "pspCode")
	v.size(m.PSPTaxCode, 70, "pspTaxCode")
	v.notBlank(m.PSPCompany, "pspCompany", "must not be blank")
	v.size(m.PSPCompany, maxColumn, "pspCompany")
	v.size(m.PaymentMethod, maxColumn, "paymentMethod")
	v.notBlank(m.IDReceipt, "idReceipt", "must not be blank")
	v.size(m.IDReceipt, maxColumn, "idReceipt")
	fee := int64(0)
	if m.Fee != nil {
		var err error
		fee, err = strconv.ParseInt(*m.Fee, 10, 64)
		v.must(err == nil && fee >= 0 && bridge.Cents(fee) <= bridge.MaxAmount, "fee", "must be a number of euro cents")
	}
	if err := v.err(); err != nil {
		return bridge.DeclaredPayment{}, err
	}
	p := bridge.DeclaredPayment{EC: c.ec, NAV: bridge.NoticeNumber(c.given), Method: value(m.PaymentMethod), PSPCompany: *m.PSPCompany, ReceiptID: *m.IDReceipt, Fee: bridge.Cents(fee)}
	if m.PaymentDate != nil {
		p.PaidAt = m.PaymentDate.time()
	}
	return p, nil
}

func (s *Server) payOption(ctx context.Context, c *call) (reply, error) {
	var m paymentModel
	err := decode(c.body, func(r *reader) error {
		return r.object(func(name string) error { return m.member(r, name) })
	})
	if err != nil {
		return reply{}, err
	}
	p, err := m.payment(c)
	if err != nil {
		return reply{}, err
	}
	o, in, err := s.service.Pay(ctx, c.by, p)
	if err != nil {
		return reply{}, err
	}
	return reply{status: http.StatusOK, body: paidViewOf(c.ec, o, in)}, nil
}

func (s *Server) reportTransfer(ctx context.Context, c *call) (reply, error) {
	in, t, err := s.service.ReportTransfer(ctx, c.by, c.ec, bridge.IUV(c.given), c.transfer)
	if err != nil {
		return reply{}, err
	}
	o := bridge.Option{}
	view := optionViewOf(c.ec, &o, in)
	for i := range in.Transfers {
		if in.Transfers[i].ID == t.ID {
			return reply{status: http.StatusOK, body: view.Transfer[i]}, nil
		}
	}
	return reply{}, &bridge.Error{Code: bridge.CodeTransferUnknown}
}

// setNotificationFee answers 209, GPD's way to say that the fee is stored and the node
// could not be asked whether a payment is under way (gpd-api.md §2.5): a station has no
// node to ask.
func (s *Server) setNotificationFee(ctx context.Context, c *call) (reply, error) {
	var fee *bridge.Cents
	err := decode(c.body, func(r *reader) error {
		return r.object(func(name string) error {
			if name == "notificationFee" {
				return set(r, &fee, (*reader).cents)
			}
			return r.skip()
		})
	})
	if err != nil {
		return reply{}, err
	}
	v := &violations{}
	v.must(fee != nil, "notificationFee", "must not be null")
	v.must(fee == nil || *fee >= 0, "notificationFee", "must be greater than or equal to 0")
	if err := v.err(); err != nil {
		return reply{}, err
	}
	o, in, err := s.service.SetNotificationFee(ctx, c.by, c.ec, bridge.NoticeNumber(c.given), *fee)
	if err != nil {
		return reply{}, err
	}
	return reply{status: statusUpdatedUnchecked, body: optionViewOf(c.ec, o, in)}, nil
}

// statusUpdatedUnchecked is GPD's own (gpd-api.md §6.1 row 22).
const statusUpdatedUnchecked = 209

// transferNumber reads the transfer's number in the path.
func (c *call) transferNumber(path func(string) (string, error)) error {
	text, err := path(paramTransfer)
	if err != nil || !utf8.ValidString(text) {
		return c.constraint("transferId", "must be a number from 1 to 5")
	}
	if c.transfer = transferID(text); c.transfer == 0 {
		return c.constraint("transferId", "must be a number from 1 to 5")
	}
	return nil
}
