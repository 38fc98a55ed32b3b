package api

import "fmt"

// Bounds of version 3 (gpd-api.md §1.5).
const (
	maxOptionsV3     = 100
	maxInstalmentsV3 = 100
)

// validate is the form of a create or update of version 3 (gpd-api.md §1.5).
func (m *positionV3) validate() error {
	v := &violations{}
	v.notBlank(m.IUPD, "iupd", "iupd is required")
	v.size(m.IUPD, maxColumn, "iupd")
	v.notBlank(m.CompanyName, "companyName", "company name is required")
	v.size(m.CompanyName, maxText, "companyName")
	v.size(m.OfficeName, maxText, "officeName")
	v.must(len(m.PaymentOption) >= 1 && len(m.PaymentOption) <= maxOptionsV3, "paymentOption", fmt.Sprintf("size must be between 1 and %d", maxOptionsV3))
	for i := range m.PaymentOption {
		m.PaymentOption[i].validate(v, fmt.Sprintf("paymentOption[%d].", i))
	}
	m.uniqueIUVs(v)
	return v.err()
}

// uniqueIUVs: GPD answers a repeated IUV with an empty detail (gpd-api.md §6.1 row
// 12); here it is named.
func (m *positionV3) uniqueIUVs(v *violations) {
	seen := map[string]bool{}
	for i := range m.PaymentOption {
		for j := range m.PaymentOption[i].Installments {
			iuv := m.PaymentOption[i].Installments[j].IUV
			if iuv == nil {
				continue
			}
			v.must(!seen[*iuv], fmt.Sprintf("paymentOption[%d].installments[%d].iuv", i, j), "must occur once in the debt position")
			seen[*iuv] = true
		}
	}
}

func (m *optionV3) validate(v *violations, at string) {
	v.size(m.Description, maxText, at+"description")
	v.must(m.SwitchToExpired != nil, at+"switchToExpired", "switch to expired value is required")
	v.must(m.Debtor != nil, at+"debtor", "debtor is required")
	if m.Debtor != nil {
		m.Debtor.validate(v, at+"debtor.")
	}
	v.must(len(m.Installments) >= 1 && len(m.Installments) <= maxInstalmentsV3, at+"installments", fmt.Sprintf("size must be between 1 and %d", maxInstalmentsV3))
	for i := range m.Installments {
		m.Installments[i].validate(v, fmt.Sprintf("%sinstallments[%d].", at, i))
	}
}

func (m *debtorV3) validate(v *violations, at string) {
	v.must(m.Type != nil, at+"type", "type is required")
	v.must(m.FiscalCode != nil, at+"fiscalCode", "fiscal code is required")
	v.must(m.FullName != nil, at+"fullName", "full name is required")
	v.form(m.Country, twoCapitals, at+"country", "The country must be reported with two capital letters (example: IT)")
	v.form(m.Email, emailForm, at+"email", "Please provide a valid email address")
	for _, column := range []struct {
		value *string
		field string
	}{
		{m.FiscalCode, "fiscalCode"}, {m.FullName, "fullName"}, {m.StreetName, "streetName"}, {m.CivicNumber, "civicNumber"},
		{m.PostalCode, "postalCode"}, {m.City, "city"}, {m.Province, "province"}, {m.Region, "region"}, {m.Email, "email"}, {m.Phone, "phone"},
	} {
		v.size(column.value, maxColumn, at+column.field)
	}
}

func (m *instalmentV3) validate(v *violations, at string) {
	v.size(m.NAV, maxColumn, at+"nav")
	v.notBlank(m.IUV, at+"iuv", "iuv is required")
	v.size(m.IUV, maxColumn, at+"iuv")
	v.amount(m.Amount, at+"amount")
	v.notBlank(m.Description, at+"description", "payment option description is required")
	v.size(m.Description, maxText, at+"description")
	v.must(m.DueDate != nil, at+"dueDate", "due date is required")
	v.must(len(m.Transfer) >= 1, at+"transfer", "size must be at least 1")
	v.pairs(m.Metadata, at, "installmentMetadata", false)
	for i := range m.Transfer {
		m.Transfer[i].validate(v, fmt.Sprintf("%stransfer[%d].", at, i))
	}
}
