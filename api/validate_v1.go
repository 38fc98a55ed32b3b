package api

import (
	"fmt"
	"regexp"
	"strings"
	"unicode/utf8"

	"nodobridge/bridge"
)

// Lengths of gpd-api.md §1.1 to §1.3, in characters.
const (
	maxText     = 140 // texts that travel on the node's wire
	maxColumn   = 255 // everything else that is stored
	maxMetadata = 10
)

// maxViolations bounds the answer: a body of empty options would else be
// answered with a hundred times its size.
const maxViolations = 100

// violations gathers every broken rule of form, not only the first (gpd-api.md
// §4.1 step 5). Where GPD has a text of its own the rule has it, else it is
// Hibernate's.
type violations struct {
	broken []bridge.FieldError
}

func (v *violations) add(field, rule string) {
	if len(v.broken) < maxViolations {
		v.broken = append(v.broken, bridge.FieldError{Field: field, Rule: rule})
	}
}

func (v *violations) must(holds bool, field, rule string) {
	if !holds {
		v.add(field, rule)
	}
}

// notBlank asks for a text that is more than blanks, as Java's trim sees them.
func (v *violations) notBlank(s *string, field, rule string) {
	v.must(s != nil && strings.TrimFunc(*s, func(r rune) bool { return r <= ' ' }) != "", field, rule)
}

func (v *violations) size(s *string, most int, field string) {
	v.must(s == nil || utf8.RuneCountInString(*s) <= most, field, fmt.Sprintf("size must be between 0 and %d", most))
}

func (v *violations) form(s *string, form *regexp.Regexp, field, rule string) {
	v.must(s == nil || form.MatchString(*s), field, rule)
}

// err is nil when every rule holds.
func (v *violations) err() error {
	if len(v.broken) == 0 {
		return nil
	}
	return invalid(v.broken...)
}

var (
	twoCapitals = regexp.MustCompile(`^[A-Z]{2}$`)
	ibanForm    = regexp.MustCompile(`^[A-Za-z0-9]{1,35}$`)
	// emailForm takes what Hibernate's @Email takes of what occurs: atoms, an at
	// sign, labels; the empty text too.
	emailForm = regexp.MustCompile(`^$|^[^\s@"(),:;<>\[\]\\.\x00-\x1f]+(\.[^\s@"(),:;<>\[\]\\.\x00-\x1f]+)*@[\pL\pN]([\pL\pN-]*[\pL\pN])?(\.[\pL\pN]([\pL\pN-]*[\pL\pN])?)*$`)
)

// validate is the form of a create or update (gpd-api.md §1.1).
func (m *positionModel) validate() error {
	v := &violations{}
	m.check(v, "")
	return v.err()
}

// check is validate for a position that stands at a place of a larger document.
func (m *positionModel) check(v *violations, at string) {
	v.notBlank(m.IUPD, at+"iupd", "iupd is required")
	v.must(m.Type != nil, at+"type", "type is required")
	v.must(m.FiscalCode != nil, at+"fiscalCode", "fiscal code is required")
	v.must(m.FullName != nil, at+"fullName", "full name is required")
	v.form(m.Country, twoCapitals, at+"country", "The country must be reported with two capital letters (example: IT)")
	v.form(m.Email, emailForm, at+"email", "Please provide a valid email address")
	v.must(m.SwitchToExpired != nil, at+"switchToExpired", "switch to expired value is required")
	v.notBlank(m.CompanyName, at+"companyName", "company name is required")
	v.size(m.CompanyName, maxText, at+"companyName")
	v.size(m.OfficeName, maxText, at+"officeName")
	for _, column := range []struct {
		value *string
		field string
	}{
		{m.IUPD, "iupd"}, {m.FiscalCode, "fiscalCode"}, {m.FullName, "fullName"}, {m.StreetName, "streetName"},
		{m.CivicNumber, "civicNumber"}, {m.PostalCode, "postalCode"}, {m.City, "city"}, {m.Province, "province"},
		{m.Region, "region"}, {m.Email, "email"}, {m.Phone, "phone"},
	} {
		v.size(column.value, maxColumn, at+column.field)
	}
	for i := range m.PaymentOption {
		m.PaymentOption[i].validate(v, fmt.Sprintf("%spaymentOption[%d].", at, i))
	}
}

func (m *optionModel) validate(v *violations, at string) {
	v.size(m.NAV, maxColumn, at+"nav")
	v.notBlank(m.IUV, at+"iuv", "iuv is required")
	v.size(m.IUV, maxColumn, at+"iuv")
	v.amount(m.Amount, at+"amount")
	v.notBlank(m.Description, at+"description", "payment option description is required")
	v.size(m.Description, maxText, at+"description")
	v.must(m.IsPartialPayment != nil, at+"isPartialPayment", "is partial payment is required")
	v.must(m.DueDate != nil, at+"dueDate", "due date is required")
	v.metadata(m.Metadata, at, "paymentOptionMetadata")
	for i := range m.Transfer {
		m.Transfer[i].validate(v, fmt.Sprintf("%stransfer[%d].", at, i))
	}
}

func (m *transferModel) validate(v *violations, at string) {
	v.notBlank(m.IDTransfer, at+"idTransfer", "id transfer is required")
	v.amount(m.Amount, at+"amount")
	v.size(m.OrganizationFiscalCode, maxColumn, at+"organizationFiscalCode")
	v.notBlank(m.RemittanceInformation, at+"remittanceInformation", "remittance information is required")
	v.size(m.RemittanceInformation, maxText, at+"remittanceInformation")
	v.notBlank(m.Category, at+"category", "category is required")
	v.size(m.Category, maxColumn, at+"category")
	v.form(m.IBAN, ibanForm, at+"iban", "IBAN must not contain spaces or special characters")
	v.form(m.PostalIBAN, ibanForm, at+"postalIban", "Postal IBAN must not contain spaces or special characters")
	v.size(m.CompanyName, maxText, at+"companyName")
	v.metadata(m.Metadata, at, "transferMetadata")
	if m.Stamp != nil {
		m.Stamp.validate(v, at+"stamp.")
	}
}

func (m *stampModel) validate(v *violations, at string) {
	v.notBlank(m.HashDocument, at+"hashDocument", "must not be blank")
	v.size(m.HashDocument, 72, at+"hashDocument")
	v.notBlank(m.StampType, at+"stampType", "must not be blank")
	v.must(m.StampType == nil || utf8.RuneCountInString(*m.StampType) == 2, at+"stampType", "size must be between 2 and 2")
	v.notBlank(m.ProvincialResidence, at+"provincialResidence", "must not be blank")
	v.form(m.ProvincialResidence, twoCapitals, at+"provincialResidence", `must match "[A-Z]{2}"`)
}

func (v *violations) amount(amount *bridge.Cents, field string) {
	v.must(amount != nil, field, "amount is required")
	v.must(amount == nil || *amount >= 1, field, "minimum amount is 1 eurocent")
}

// metadata checks the pairs of an option or a transfer: at most ten, each key
// once (gpd-api.md §8.1 A24).
func (v *violations) metadata(pairs []metadataModel, at, field string) {
	v.pairs(pairs, at, field, true)
}

// pairs is metadata whose values may be asked for; version 3's instalments need none
// (gpd-api.md §1.5).
func (v *violations) pairs(pairs []metadataModel, at, field string, values bool) {
	v.must(len(pairs) <= maxMetadata, at+field, fmt.Sprintf("size must be between 0 and %d", maxMetadata))
	seen := map[string]bool{}
	for i, pair := range pairs {
		item := fmt.Sprintf("%s%s[%d].", at, field, i)
		v.notBlank(pair.Key, item+"key", "key is required")
		v.must(pair.Key == nil || utf8.RuneCountInString(*pair.Key) <= maxText, item+"key", "key must not exceed 140 characters")
		if values {
			v.notBlank(pair.Value, item+"value", "value is required")
		}
		v.must(pair.Value == nil || utf8.RuneCountInString(*pair.Value) <= maxText, item+"value", "value must not exceed 140 characters")
		if pair.Key == nil {
			continue
		}
		if seen[*pair.Key] {
			v.add(at+field, field+" keys must be unique")
			return
		}
		seen[*pair.Key] = true
	}
}
