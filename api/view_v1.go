package api

import (
	"strconv"
	"time"

	"nodobridge/bridge"
)

// positionView is GPD's PaymentPositionModelBaseResponse: what reads answer. It
// has no debtor (gpd-api.md §1.4).
type positionView struct {
	IUPD                   string                `json:"iupd"`
	OrganizationFiscalCode string                `json:"organizationFiscalCode"`
	Type                   *string               `json:"type"`
	CompanyName            string                `json:"companyName"`
	OfficeName             *string               `json:"officeName"`
	InsertedDate           *localTime            `json:"insertedDate"`
	PublishDate            *localTime            `json:"publishDate"`
	ValidityDate           *localTime            `json:"validityDate"`
	PaymentDate            *localTime            `json:"paymentDate"`
	Status                 bridge.PositionStatus `json:"status"`
	LastUpdatedDate        *localTime            `json:"lastUpdatedDate"`
	PaymentOption          []optionView          `json:"paymentOption"`
}

// optionView is GPD's PaymentOptionModelResponse.
type optionView struct {
	NAV                    string                  `json:"nav"`
	IUV                    string                  `json:"iuv"`
	OrganizationFiscalCode string                  `json:"organizationFiscalCode"`
	Amount                 bridge.Cents            `json:"amount"`
	Description            string                  `json:"description"`
	IsPartialPayment       bool                    `json:"isPartialPayment"`
	DueDate                *localTime              `json:"dueDate"`
	RetentionDate          *localTime              `json:"retentionDate"`
	PaymentDate            *localTime              `json:"paymentDate"`
	ReportingDate          *localTime              `json:"reportingDate"` // never set, as in GPD
	InsertedDate           *localTime              `json:"insertedDate"`
	PaymentMethod          *string                 `json:"paymentMethod"`
	Fee                    bridge.Cents            `json:"fee"`
	NotificationFee        bridge.Cents            `json:"notificationFee"`
	PSPCompany             *string                 `json:"pspCompany"`
	IDReceipt              *string                 `json:"idReceipt"`
	IDFlowReporting        *string                 `json:"idFlowReporting"` // never set, as in GPD
	Status                 bridge.InstalmentStatus `json:"status"`
	LastUpdatedDate        *localTime              `json:"lastUpdatedDate"`
	Metadata               []metadataModel         `json:"paymentOptionMetadata"`
	Transfer               []transferView          `json:"transfer"`
}

// transferView is GPD's TransferModelResponse.
type transferView struct {
	OrganizationFiscalCode string                `json:"organizationFiscalCode"`
	CompanyName            *string               `json:"companyName"`
	IDTransfer             string                `json:"idTransfer"`
	Amount                 bridge.Cents          `json:"amount"`
	RemittanceInformation  string                `json:"remittanceInformation"`
	Category               string                `json:"category"`
	IBAN                   *string               `json:"iban"`
	PostalIBAN             *string               `json:"postalIban"`
	Stamp                  *stampModel           `json:"stamp"`
	InsertedDate           *localTime            `json:"insertedDate"`
	Status                 bridge.TransferStatus `json:"status"`
	LastUpdatedDate        *localTime            `json:"lastUpdatedDate"`
	Metadata               []metadataModel       `json:"transferMetadata"`
}

// dueWindow is the list's filter on due dates; the zero window holds everything.
type dueWindow struct{ from, to time.Time }

func (w dueWindow) holds(due time.Time) bool {
	return w.from.IsZero() || !due.Before(w.from) && !due.After(w.to)
}

// positionViewOf shows a position with the options that are due in the window
// (gpd-api.md §3.3).
func positionViewOf(p *bridge.Position, due dueWindow) (positionView, error) {
	if err := showable(p); err != nil {
		return positionView{}, err
	}
	v := positionView{
		IUPD: string(p.IUPD), OrganizationFiscalCode: string(p.EC), CompanyName: p.CompanyName, OfficeName: given(p.OfficeName),
		InsertedDate: localTimeOf(p.InsertedAt), PublishDate: localTimeOf(p.PublishedAt), ValidityDate: localTimeOf(p.ValidFrom()),
		PaymentDate: localTimeOf(p.PaidAt), Status: p.Status, LastUpdatedDate: localTimeOf(p.LastUpdatedAt),
		PaymentOption: []optionView{},
	}
	for i := range p.Options {
		o := &p.Options[i]
		if v.Type == nil {
			v.Type = given(string(o.Debtor.Type))
		}
		for j := range o.Instalments {
			if in := &o.Instalments[j]; due.holds(in.DueDate) {
				v.PaymentOption = append(v.PaymentOption, optionViewOf(p.EC, o, in))
			}
		}
	}
	return v, nil
}

func optionViewOf(ec bridge.ECCode, o *bridge.Option, in *bridge.Instalment) optionView {
	v := optionView{
		NAV: string(in.NAV), IUV: string(in.IUV), OrganizationFiscalCode: string(ec), Amount: in.Amount, Description: in.Description,
		IsPartialPayment: o.Plan, DueDate: localTimeOf(in.DueDate), RetentionDate: localTimeOf(in.RetentionDate),
		PaymentDate: localTimeOf(in.PaidAt), InsertedDate: localTimeOf(in.InsertedAt), PaymentMethod: given(in.PaymentMethod),
		Fee: in.Fee, NotificationFee: in.NotificationFee, PSPCompany: given(in.PSPCompany), IDReceipt: given(in.ReceiptID),
		Status: in.Status, LastUpdatedDate: localTimeOf(in.LastUpdatedAt), Metadata: metadataModels(in.Metadata),
		Transfer: []transferView{},
	}
	for i := range in.Transfers {
		t := &in.Transfers[i]
		v.Transfer = append(v.Transfer, transferView{
			OrganizationFiscalCode: string(t.EC), CompanyName: given(t.CompanyName), IDTransfer: strconv.Itoa(t.ID), Amount: t.Amount,
			RemittanceInformation: t.RemittanceInformation, Category: t.Category, IBAN: given(t.IBAN), PostalIBAN: given(t.PostalIBAN),
			Stamp: stampModelOf(t.Stamp), InsertedDate: v.InsertedDate, Status: t.Status, LastUpdatedDate: v.LastUpdatedDate,
			Metadata: metadataModels(t.Metadata),
		})
	}
	return v
}
