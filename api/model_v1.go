package api

import "nodobridge/bridge"

// positionModel is GPD's PaymentPositionModel: the body of a create, and the
// answer of create and publish (gpd-api.md §1.1). A nil is a member that was
// absent or null, and is written as null.
type positionModel struct {
	IUPD            *string                `json:"iupd"`
	Type            *bridge.DebtorType     `json:"type"`
	PayStandIn      *bool                  `json:"payStandIn"`
	FiscalCode      *string                `json:"fiscalCode"`
	FullName        *string                `json:"fullName"`
	StreetName      *string                `json:"streetName"`
	CivicNumber     *string                `json:"civicNumber"`
	PostalCode      *string                `json:"postalCode"`
	City            *string                `json:"city"`
	Province        *string                `json:"province"`
	Region          *string                `json:"region"`
	Country         *string                `json:"country"`
	Email           *string                `json:"email"`
	Phone           *string                `json:"phone"`
	SwitchToExpired *bool                  `json:"switchToExpired"`
	CompanyName     *string                `json:"companyName"`
	OfficeName      *string                `json:"officeName"`
	ValidityDate    *localTime             `json:"validityDate"`
	PaymentDate     *localTime             `json:"paymentDate"` // ignored on input
	Status          *bridge.PositionStatus `json:"status"`      // ignored on input
	PaymentOption   []optionModel          `json:"paymentOption"`
}

// optionModel is GPD's PaymentOptionModel (gpd-api.md §1.2).
type optionModel struct {
	NAV              *string         `json:"nav"`
	IUV              *string         `json:"iuv"`
	Amount           *bridge.Cents   `json:"amount"`
	Description      *string         `json:"description"`
	IsPartialPayment *bool           `json:"isPartialPayment"`
	DueDate          *localTime      `json:"dueDate"`
	RetentionDate    *localTime      `json:"retentionDate"`
	Fee              bridge.Cents    `json:"fee"`             // ignored on input
	NotificationFee  bridge.Cents    `json:"notificationFee"` // ignored on input
	Transfer         []transferModel `json:"transfer"`
	Metadata         []metadataModel `json:"paymentOptionMetadata"`
}

// transferModel is GPD's TransferModel (gpd-api.md §1.3).
type transferModel struct {
	IDTransfer             *string         `json:"idTransfer"`
	Amount                 *bridge.Cents   `json:"amount"`
	OrganizationFiscalCode *string         `json:"organizationFiscalCode"`
	RemittanceInformation  *string         `json:"remittanceInformation"`
	Category               *string         `json:"category"`
	IBAN                   *string         `json:"iban"`
	PostalIBAN             *string         `json:"postalIban"`
	Stamp                  *stampModel     `json:"stamp"`
	CompanyName            *string         `json:"companyName"`
	Metadata               []metadataModel `json:"transferMetadata"`
}

// stampModel is GPD's Stamp.
type stampModel struct {
	HashDocument        *string `json:"hashDocument"`
	StampType           *string `json:"stampType"`
	ProvincialResidence *string `json:"provincialResidence"`
}

// metadataModel is GPD's PaymentOptionMetadataModel and TransferMetadataModel.
type metadataModel struct {
	Key   *string `json:"key"`
	Value *string `json:"value"`
}

// decodePosition reads a PaymentPositionModel. Unknown members are ignored, as
// GPD does, and so are the read-only ones (gpd-api.md §1.6, §8.1 A30).
func decodePosition(body []byte) (positionModel, error) {
	var m positionModel
	err := decode(body, func(r *reader) error {
		return r.object(func(name string) error { return m.member(r, name) })
	})
	return m, err
}

func (m *positionModel) member(r *reader, name string) error {
	texts := map[string]**string{
		"iupd": &m.IUPD, "fiscalCode": &m.FiscalCode, "fullName": &m.FullName, "streetName": &m.StreetName,
		"civicNumber": &m.CivicNumber, "postalCode": &m.PostalCode, "city": &m.City, "province": &m.Province,
		"region": &m.Region, "country": &m.Country, "email": &m.Email, "phone": &m.Phone,
		"companyName": &m.CompanyName, "officeName": &m.OfficeName,
	}
	if to, ok := texts[name]; ok {
		return set(r, to, (*reader).text)
	}
	switch name {
	case "type":
		return set(r, &m.Type, (*reader).debtorType)
	case "payStandIn":
		return set(r, &m.PayStandIn, (*reader).boolean)
	case "switchToExpired":
		return set(r, &m.SwitchToExpired, (*reader).boolean)
	case "validityDate":
		return set(r, &m.ValidityDate, (*reader).dateTime)
	case "paymentOption":
		return list(r, &m.PaymentOption, optionMember)
	}
	return r.unknown(name)
}

func optionMember(r *reader, m *optionModel, name string) error {
	switch name {
	case "nav":
		return set(r, &m.NAV, (*reader).text)
	case "iuv":
		return set(r, &m.IUV, (*reader).text)
	case "amount":
		return set(r, &m.Amount, (*reader).cents)
	case "description":
		return set(r, &m.Description, (*reader).text)
	case "isPartialPayment":
		return set(r, &m.IsPartialPayment, (*reader).boolean)
	case "dueDate":
		return set(r, &m.DueDate, (*reader).dateTime)
	case "retentionDate":
		return set(r, &m.RetentionDate, (*reader).dateTime)
	case "transfer":
		return list(r, &m.Transfer, transferMember)
	case "paymentOptionMetadata":
		return list(r, &m.Metadata, metadataMember)
	}
	return r.unknown(name)
}

func transferMember(r *reader, m *transferModel, name string) error {
	switch name {
	case "idTransfer":
		return set(r, &m.IDTransfer, (*reader).text)
	case "amount":
		return set(r, &m.Amount, (*reader).cents)
	case "organizationFiscalCode":
		return set(r, &m.OrganizationFiscalCode, (*reader).text)
	case "remittanceInformation":
		return set(r, &m.RemittanceInformation, (*reader).text)
	case "category":
		return set(r, &m.Category, (*reader).text)
	case "iban":
		return set(r, &m.IBAN, (*reader).text)
	case "postalIban":
		return set(r, &m.PostalIBAN, (*reader).text)
	case "stamp":
		return set(r, &m.Stamp, (*reader).stamp)
	case "companyName":
		return set(r, &m.CompanyName, (*reader).text)
	case "transferMetadata":
		return list(r, &m.Metadata, metadataMember)
	}
	return r.unknown(name)
}

func metadataMember(r *reader, m *metadataModel, name string) error {
	switch name {
	case "key":
		return set(r, &m.Key, (*reader).text)
	case "value":
		return set(r, &m.Value, (*reader).text)
	}
	return r.unknown(name)
}

func (r *reader) stamp() (stampModel, error) {
	var m stampModel
	err := r.object(func(name string) error {
		switch name {
		case "hashDocument":
			return set(r, &m.HashDocument, (*reader).text)
		case "stampType":
			return set(r, &m.StampType, (*reader).text)
		case "provincialResidence":
			return set(r, &m.ProvincialResidence, (*reader).text)
		}
		return r.unknown(name)
	})
	return m, err
}

func (r *reader) cents() (bridge.Cents, error) {
	n, err := r.integer()
	return bridge.Cents(n), err
}

func (r *reader) dateTime() (localTime, error) {
	text, err := r.text()
	if err != nil {
		return localTime{}, err
	}
	at, err := parseDateTime(text)
	if err != nil {
		return localTime{}, r.wrong(err.Error())
	}
	return localTime(at), nil
}

// debtorType refuses another value as a matter of syntax, as GPD's reader does
// (gpd-api.md §8.1 A32).
func (r *reader) debtorType() (bridge.DebtorType, error) {
	text, err := r.text()
	if err != nil {
		return "", err
	}
	switch kind := bridge.DebtorType(text); kind {
	case bridge.NaturalPerson, bridge.LegalPerson:
		return kind, nil
	}
	return "", r.wrong("must be F or G")
}
