package api

import (
	"fmt"
	"regexp"
	"time"

	"nodobridge/bridge"
)

// What print-payment-notice-service 0.9.8 is asked to print, with its names and bounds.

type printRequest struct {
	TemplateID *string           `json:"templateId" need:"yes" doc:"one of GET /notices/templates"`
	Data       *printDataRequest `json:"data" need:"yes"`
}

type printDataRequest struct {
	Notice      *printNoticeRequest      `json:"notice" need:"yes"`
	Institution *printInstitutionRequest `json:"creditorInstitution" need:"yes"`
	Debtor      *printDebtorRequest      `json:"debtor" need:"yes"`
}

type printNoticeRequest struct {
	Subject     *string            `json:"subject" need:"yes" max:"90"`
	Amount      *int64             `json:"paymentAmount,omitempty" doc:"euro cents, 1 to 99999999999"`
	DueDate     *string            `json:"dueDate,omitempty" doc:"31/12/2026 or 2026-12-31"`
	Code        *string            `json:"code,omitempty" pattern:"^[0-9]{18}$" doc:"notice number; with paymentAmount"`
	Reduced     *printPartRequest  `json:"reduced,omitempty" doc:"of a traffic fine"`
	Discounted  *printPartRequest  `json:"discounted,omitempty" doc:"of a traffic fine"`
	Instalments []printPartRequest `json:"installments,omitempty" min:"2" max:"100"`
}

type printPartRequest struct {
	Amount  *int64  `json:"amount" need:"yes" doc:"euro cents, 1 to 99999999999"`
	Code    *string `json:"code" need:"yes" pattern:"^[0-9]{18}$"`
	DueDate *string `json:"dueDate,omitempty" doc:"31/12/2026 or 2026-12-31"`
}

type printInstitutionRequest struct {
	TaxCode *string `json:"taxCode" need:"yes" pattern:"^[0-9]{11}$"`
}

type printDebtorRequest struct {
	TaxCode        *string `json:"taxCode,omitempty" max:"16"`
	FullName       *string `json:"fullName" need:"yes" max:"70"`
	Address        *string `json:"address" need:"yes" max:"140"`
	BuildingNumber *string `json:"buildingNumber" need:"yes" max:"140"`
	PostalCode     *string `json:"postalCode" need:"yes" max:"140"`
	City           *string `json:"city" need:"yes" max:"140"`
	Province       *string `json:"province" need:"yes" max:"140"`
}

type printManyRequest struct {
	Notices []printRequest `json:"notices" need:"yes" min:"1" max:"1000"`
}

// printMember reads the members of one notice; what it does not know is ignored, as
// pagoPA's service does.
func printMember(r *reader, m *printRequest, name string) error {
	switch name {
	case "templateId":
		return set(r, &m.TemplateID, (*reader).text)
	case "data":
		return inner(r, &m.Data, printDataMember)
	}
	return r.skip()
}

// inner reads an object that may be null.
func inner[T any](r *reader, to **T, member func(*reader, *T, string) error) error {
	return set(r, to, func(r *reader) (T, error) {
		var m T
		err := r.object(func(name string) error { return member(r, &m, name) })
		return m, err
	})
}

func printDataMember(r *reader, m *printDataRequest, name string) error {
	switch name {
	case "notice":
		return inner(r, &m.Notice, printNoticeMember)
	case "creditorInstitution":
		return inner(r, &m.Institution, func(r *reader, m *printInstitutionRequest, name string) error {
			return texts(r, name, map[string]**string{"taxCode": &m.TaxCode})
		})
	case "debtor":
		return inner(r, &m.Debtor, func(r *reader, m *printDebtorRequest, name string) error {
			return texts(r, name, map[string]**string{
				"taxCode": &m.TaxCode, "fullName": &m.FullName, "address": &m.Address, "buildingNumber": &m.BuildingNumber,
				"postalCode": &m.PostalCode, "city": &m.City, "province": &m.Province,
			})
		})
	}
	return r.skip()
}

// texts reads a member that is one of some texts.
func texts(r *reader, name string, to map[string]**string) error {
	if place, known := to[name]; known {
		return set(r, place, (*reader).text)
	}
	return r.skip()
}

func printNoticeMember(r *reader, m *printNoticeRequest, name string) error {
	switch name {
	case "paymentAmount":
		return set(r, &m.Amount, (*reader).integer)
	case "reduced":
		return inner(r, &m.Reduced, printPartMember)
	case "discounted":
		return inner(r, &m.Discounted, printPartMember)
	case "installments":
		return list(r, &m.Instalments, printPartMember)
	}
	return texts(r, name, map[string]**string{"subject": &m.Subject, "dueDate": &m.DueDate, "code": &m.Code})
}

func printPartMember(r *reader, m *printPartRequest, name string) error {
	if name == "amount" {
		return set(r, &m.Amount, (*reader).integer)
	}
	return texts(r, name, map[string]**string{"code": &m.Code, "dueDate": &m.DueDate})
}

var (
	numberOf18 = regexp.MustCompile(`^[0-9]{18}$`)
	elevenOnly = regexp.MustCompile(`^[0-9]{11}$`)
)

const ruleNumber = "must be 18 digits"

// order checks the form of a request and makes it the bridge's. Broken rules are added
// under the names of the request; then what it gives is nil.
func (m *printRequest) order(v *violations, at string) *bridge.PrintRequest {
	before := len(v.broken)
	if m.TemplateID == nil || m.Data == nil || m.Data.Notice == nil || m.Data.Institution == nil || m.Data.Debtor == nil {
		v.must(m.TemplateID != nil, at+"templateId", "must not be null")
		v.must(m.Data != nil, at+"data", "must not be null")
		if m.Data != nil {
			v.must(m.Data.Notice != nil, at+"data.notice", "must not be null")
			v.must(m.Data.Institution != nil, at+"data.creditorInstitution", "must not be null")
			v.must(m.Data.Debtor != nil, at+"data.debtor", "must not be null")
		}
		return nil
	}
	n := m.Data.Notice
	v.must(m.Data.Institution.TaxCode != nil && elevenOnly.MatchString(*m.Data.Institution.TaxCode), at+"data.creditorInstitution.taxCode", "must be 11 digits")
	v.notBlank(n.Subject, at+"data.notice.subject", "must not be blank")
	v.size(n.Subject, 90, at+"data.notice.subject")
	m.Data.Debtor.check(v, at+"data.debtor.")
	out := &bridge.PrintRequest{Template: *m.TemplateID, Debtor: m.Data.Debtor.debtor()}
	if n.Code != nil || n.Amount != nil {
		part := printPartRequest{Amount: n.Amount, Code: n.Code, DueDate: n.DueDate}
		out.Full = part.payment(v, at+"data.notice.", "paymentAmount")
	}
	if n.Reduced != nil {
		out.Reduced = n.Reduced.payment(v, at+"data.notice.reduced.", "amount")
	}
	if n.Discounted != nil {
		out.Discounted = n.Discounted.payment(v, at+"data.notice.discounted.", "amount")
	}
	v.must(n.Instalments == nil || len(n.Instalments) >= 2, at+"data.notice.installments", fmt.Sprintf("size must be between 2 and %d", bridge.MaxPlan))
	for i := range n.Instalments {
		out.Instalments = append(out.Instalments, *n.Instalments[i].payment(v, fmt.Sprintf("%sdata.notice.installments[%d].", at, i), "amount"))
	}
	if len(v.broken) > before || len(v.broken) == maxViolations {
		return nil
	}
	out.EC, out.Subject = bridge.ECCode(*m.Data.Institution.TaxCode), *n.Subject
	for _, missing := range out.Missing() {
		v.add(at+missing.Field, missing.Rule)
	}
	if twice := out.Twice(); twice != "" {
		v.add(at+"data.notice", "has notice number "+string(twice)+" twice")
	}
	return out
}

// payment is one amount of the notice.
func (m *printPartRequest) payment(v *violations, at, amount string) *bridge.PrintedPayment {
	v.must(m.Code != nil && numberOf18.MatchString(*m.Code), at+"code", ruleNumber)
	v.must(m.Amount != nil && *m.Amount >= 1 && *m.Amount <= int64(bridge.MaxAmount), at+amount, fmt.Sprintf("must be between 1 and %d", int64(bridge.MaxAmount)))
	p := &bridge.PrintedPayment{}
	if m.Code != nil {
		p.NAV = bridge.NoticeNumber(*m.Code)
	}
	if m.Amount != nil {
		p.Amount = bridge.Cents(*m.Amount)
	}
	if m.DueDate != nil && *m.DueDate != "" {
		var err error
		p.Due, err = dayOf(*m.DueDate)
		v.must(err == nil, at+"dueDate", "must be a day, 31/12/2026 or 2026-12-31")
	}
	return p
}

// dayOf reads a day as notices show it, or as ISO 8601 writes it.
func dayOf(text string) (bridge.Day, error) {
	for _, layout := range []string{"2/1/2006", time.DateOnly} {
		if at, err := time.Parse(layout, text); err == nil {
			return bridge.Day(at.Format(time.DateOnly)), nil
		}
	}
	return "", fmt.Errorf("not a day")
}

func (m *printDebtorRequest) check(v *violations, at string) {
	v.notBlank(m.FullName, at+"fullName", "must not be blank")
	v.size(m.FullName, 70, at+"fullName")
	v.size(m.TaxCode, 16, at+"taxCode")
	for _, part := range []struct {
		name string
		text *string
	}{{"address", m.Address}, {"buildingNumber", m.BuildingNumber}, {"postalCode", m.PostalCode}, {"city", m.City}, {"province", m.Province}} {
		v.must(part.text != nil, at+part.name, "must not be null")
		v.size(part.text, 140, at+part.name)
	}
}

func (m *printDebtorRequest) debtor() bridge.Debtor {
	text := func(s *string) string {
		if s == nil {
			return ""
		}
		return *s
	}
	d := bridge.Debtor{
		Type: bridge.NaturalPerson, FiscalCode: text(m.TaxCode), FullName: text(m.FullName), StreetName: text(m.Address), CivicNumber: text(m.BuildingNumber),
		PostalCode: text(m.PostalCode), City: text(m.City), Province: text(m.Province),
	}
	if elevenOnly.MatchString(d.FiscalCode) {
		d.Type = bridge.LegalPerson
	}
	return d
}
