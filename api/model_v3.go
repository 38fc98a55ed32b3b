package api

import "nodobridge/bridge"

// positionV3 is GPD's PaymentPositionModelV3: the body of a create or update of
// version 3, and its answer (gpd-api.md §1.5). Debtor, validity and expiry are the
// option's, not the position's.
type positionV3 struct {
	IUPD          *string    `json:"iupd"`
	PayStandIn    *bool      `json:"payStandIn"`
	CompanyName   *string    `json:"companyName"`
	OfficeName    *string    `json:"officeName"`
	PaymentDate   *localTime `json:"paymentDate"` // ignored on input
	Status        *string    `json:"status"`      // ignored on input
	PaymentOption []optionV3 `json:"paymentOption"`
}

// optionV3 is GPD's PaymentOptionModelV3. The description is never shown again but in
// the payment options of a notice.
type optionV3 struct {
	Description     *string        `json:"-"`
	ValidityDate    *localTime     `json:"validityDate"`
	RetentionDate   *localTime     `json:"retentionDate"`
	SwitchToExpired *bool          `json:"switchToExpired"`
	Debtor          *debtorV3      `json:"debtor"`
	Installments    []instalmentV3 `json:"installments"`
}

// debtorV3 is GPD's DebtorModel.
type debtorV3 struct {
	Type        *bridge.DebtorType `json:"type"`
	FiscalCode  *string            `json:"fiscalCode"`
	FullName    *string            `json:"fullName"`
	StreetName  *string            `json:"streetName"`
	CivicNumber *string            `json:"civicNumber"`
	PostalCode  *string            `json:"postalCode"`
	City        *string            `json:"city"`
	Province    *string            `json:"province"`
	Region      *string            `json:"region"`
	Country     *string            `json:"country"`
	Email       *string            `json:"email"`
	Phone       *string            `json:"phone"`
}

// instalmentV3 is GPD's InstallmentModel.
type instalmentV3 struct {
	NAV             *string         `json:"nav"`
	IUV             *string         `json:"iuv"`
	Amount          *bridge.Cents   `json:"amount"`
	Description     *string         `json:"description"`
	DueDate         *localTime      `json:"dueDate"`
	Fee             bridge.Cents    `json:"fee"`             // ignored on input
	NotificationFee bridge.Cents    `json:"notificationFee"` // ignored on input
	Status          *string         `json:"status"`          // ignored on input
	Transfer        []transferModel `json:"transfer"`
	Metadata        []metadataModel `json:"installmentMetadata"`
}

// decodePositionV3 reads a PaymentPositionModelV3 as decodePosition reads version 1's.
func decodePositionV3(body []byte) (positionV3, error) {
	var m positionV3
	err := decode(body, func(r *reader) error {
		return r.object(func(name string) error { return m.member(r, name) })
	})
	return m, err
}

func (m *positionV3) member(r *reader, name string) error {
	switch name {
	case "iupd":
		return set(r, &m.IUPD, (*reader).text)
	case "payStandIn":
		return set(r, &m.PayStandIn, (*reader).boolean)
	case "companyName":
		return set(r, &m.CompanyName, (*reader).text)
	case "officeName":
		return set(r, &m.OfficeName, (*reader).text)
	case "paymentOption":
		return list(r, &m.PaymentOption, optionV3Member)
	}
	return r.unknown(name)
}

func optionV3Member(r *reader, m *optionV3, name string) error {
	switch name {
	case "description":
		return set(r, &m.Description, (*reader).text)
	case "validityDate":
		return set(r, &m.ValidityDate, (*reader).dateTime)
	case "retentionDate":
		return set(r, &m.RetentionDate, (*reader).dateTime)
	case "switchToExpired":
		return set(r, &m.SwitchToExpired, (*reader).boolean)
	case "debtor":
		return set(r, &m.Debtor, (*reader).debtorV3)
	case "installments":
		return list(r, &m.Installments, instalmentV3Member)
	}
	return r.unknown(name)
}

func (r *reader) debtorV3() (debtorV3, error) {
	var m debtorV3
	texts := map[string]**string{
		"fiscalCode": &m.FiscalCode, "fullName": &m.FullName, "streetName": &m.StreetName, "civicNumber": &m.CivicNumber,
		"postalCode": &m.PostalCode, "city": &m.City, "province": &m.Province, "region": &m.Region, "country": &m.Country,
		"email": &m.Email, "phone": &m.Phone,
	}
	err := r.object(func(name string) error {
		if to, ok := texts[name]; ok {
			return set(r, to, (*reader).text)
		}
		if name == "type" {
			return set(r, &m.Type, (*reader).debtorType)
		}
		return r.unknown(name)
	})
	return m, err
}

func instalmentV3Member(r *reader, m *instalmentV3, name string) error {
	switch name {
	case "nav":
		return set(r, &m.NAV, (*reader).text)
	case "iuv":
		return set(r, &m.IUV, (*reader).text)
	case "amount":
		return set(r, &m.Amount, (*reader).cents)
	case "description":
		return set(r, &m.Description, (*reader).text)
	case "dueDate":
		return set(r, &m.DueDate, (*reader).dateTime)
	case "transfer":
		return list(r, &m.Transfer, transferMember)
	case "installmentMetadata":
		return list(r, &m.Metadata, metadataMember)
	}
	return r.unknown(name)
}
