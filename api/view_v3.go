package api

import (
	"cmp"
	"slices"
	"time"

	"nodobridge/bridge"
)

// positionV3View is GPD's PaymentPositionModelResponseV3: what reads answer.
type positionV3View struct {
	IUPD                   string         `json:"iupd"`
	OrganizationFiscalCode string         `json:"organizationFiscalCode"`
	CompanyName            string         `json:"companyName"`
	OfficeName             *string        `json:"officeName"`
	InsertedDate           *localTime     `json:"insertedDate"`
	PublishDate            *localTime     `json:"publishDate"`
	PaymentDate            *localTime     `json:"paymentDate"`
	Status                 string         `json:"status"`
	LastUpdatedDate        *localTime     `json:"lastUpdatedDate"`
	PaymentOption          []optionV3View `json:"paymentOption"`
}

// optionV3View is GPD's PaymentOptionModelResponseV3.
type optionV3View struct {
	SwitchToExpired bool               `json:"switchToExpired"`
	RetentionDate   *localTime         `json:"retentionDate"`
	InsertedDate    *localTime         `json:"insertedDate"`
	ValidityDate    *localTime         `json:"validityDate"`
	Debtor          *debtorV3          `json:"debtor"`
	Installments    []instalmentV3View `json:"installments"`
	firstDue        time.Time
}

// instalmentV3View is GPD's InstallmentModelResponse.
type instalmentV3View struct {
	NAV                    string          `json:"nav"`
	IUV                    string          `json:"iuv"`
	OrganizationFiscalCode string          `json:"organizationFiscalCode"`
	Amount                 bridge.Cents    `json:"amount"`
	Description            string          `json:"description"`
	DueDate                *localTime      `json:"dueDate"`
	PaymentDate            *localTime      `json:"paymentDate"`
	ReportingDate          *localTime      `json:"reportingDate"` // never set, as in GPD
	PaymentMethod          *string         `json:"paymentMethod"`
	PSPCompany             *string         `json:"pspCompany"`
	Fee                    bridge.Cents    `json:"fee"`
	NotificationFee        bridge.Cents    `json:"notificationFee"`
	IDReceipt              *string         `json:"idReceipt"`
	IDFlowReporting        *string         `json:"idFlowReporting"` // never set, as in GPD
	Status                 string          `json:"status"`
	LastUpdatedDate        *localTime      `json:"lastUpdatedDate"`
	Metadata               []metadataModel `json:"installmentMetadata"`
	Transfer               []transferView  `json:"transfer"`
}

// positionV3ViewOf shows a position with the instalments that are due in the window,
// its options by their earliest due date (gpd-api.md §1.5).
func positionV3ViewOf(p *bridge.Position, due dueWindow) positionV3View {
	v := positionV3View{
		IUPD: string(p.IUPD), OrganizationFiscalCode: string(p.EC), CompanyName: p.CompanyName, OfficeName: given(p.OfficeName),
		InsertedDate: localTimeOf(p.InsertedAt), PublishDate: localTimeOf(p.PublishedAt), PaymentDate: localTimeOf(p.PaidAt),
		Status: statusV3(p.Status), LastUpdatedDate: localTimeOf(p.LastUpdatedAt), PaymentOption: []optionV3View{},
	}
	for i := range p.Options {
		if o := optionV3ViewOf(p, &p.Options[i], due); len(o.Installments) > 0 || due == (dueWindow{}) {
			v.PaymentOption = append(v.PaymentOption, o)
		}
	}
	slices.SortStableFunc(v.PaymentOption, func(a, b optionV3View) int { return cmp.Compare(a.firstDue.UnixMicro(), b.firstDue.UnixMicro()) })
	return v
}

func optionV3ViewOf(p *bridge.Position, o *bridge.Option, due dueWindow) optionV3View {
	v := optionV3View{
		SwitchToExpired: o.SwitchToExpired, RetentionDate: localTimeOf(retentionV3(o)), InsertedDate: localTimeOf(p.InsertedAt),
		ValidityDate: localTimeOf(o.ValidFrom), Debtor: debtorV3Of(&o.Debtor), Installments: []instalmentV3View{},
	}
	for j := range o.Instalments {
		in := &o.Instalments[j]
		if !due.holds(in.DueDate) {
			continue
		}
		if v.firstDue.IsZero() || in.DueDate.Before(v.firstDue) {
			v.firstDue = in.DueDate
		}
		flat := optionViewOf(p.EC, o, in)
		v.Installments = append(v.Installments, instalmentV3View{
			NAV: flat.NAV, IUV: flat.IUV, OrganizationFiscalCode: flat.OrganizationFiscalCode, Amount: flat.Amount, Description: flat.Description,
			DueDate: flat.DueDate, PaymentDate: flat.PaymentDate, PaymentMethod: flat.PaymentMethod, PSPCompany: flat.PSPCompany, Fee: flat.Fee,
			NotificationFee: flat.NotificationFee, IDReceipt: flat.IDReceipt, Status: instalmentStatusV3(in.Status),
			LastUpdatedDate: flat.LastUpdatedDate, Metadata: flat.Metadata, Transfer: flat.Transfer,
		})
	}
	return v
}
