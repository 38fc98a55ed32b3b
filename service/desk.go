package service

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"nodobridge/bridge"
)

// idLength is that of idServizio and idSoggettoServizio (XSD
// stIdentificativoServizio, stIdentificativoSoggettoServizio).
const idLength = 5

// Enrolment says that a creditor institution offers a service on a station. What
// is left out comes from the definition, the names from the EC.
type Enrolment struct {
	Station     string
	EC          bridge.ECCode
	Service     string // a definition's name
	IDServizio  string
	Subject     string // idSoggettoServizio
	Segregation string // of the notices to issue
	IBAN        string
	PostalIBAN  string
	CompanyName string
	OfficeName  string
	Category    string
	ValidDays   int
	Amount      *AmountSpec
	Disabled    bool
}

var (
	_ bridge.ServiceDesk        = (*Desk)(nil)
	_ bridge.SpontaneousService = (*offer)(nil)
)

// Desk is the enrolments in force. It is immutable; a reload builds another.
type Desk struct{ offers map[place]*offer }

// place is where a demand finds an offer.
type place struct {
	station string
	ec      bridge.ECCode
	service string
	subject string
}

// offer is one enrolment with its definition.
type offer struct {
	definition *Definition
	ec         bridge.ECCode
	terms      bridge.ServiceTerms
	source     source
}

// EnrolmentError is a rule that an enrolment breaks.
type EnrolmentError struct {
	Index int // in the list given to NewDesk
	Err   error
}

// Error names the key and the rule.
func (e *EnrolmentError) Error() string { return e.Err.Error() }

// Unwrap gives the rule alone.
func (e *EnrolmentError) Unwrap() error { return e.Err }

// NewDesk checks the enrolments, disabled ones too. A broken rule is an
// *EnrolmentError.
func NewDesk(c *Catalog, enrolments []Enrolment) (*Desk, error) {
	d := &Desk{offers: map[place]*offer{}}
	seen := map[place]bool{}
	for i, e := range enrolments {
		at, o, err := c.enrol(e)
		if err == nil && seen[at] {
			err = errors.New("subject: the service is listed twice for this subject")
		}
		if err != nil {
			return nil, &EnrolmentError{i, err}
		}
		seen[at] = true
		if !e.Disabled {
			d.offers[at] = o
		}
	}
	return d, nil
}

func (c *Catalog) enrol(e Enrolment) (place, *offer, error) {
	def := c.definitions[e.Service]
	if def == nil {
		return place{}, nil, fmt.Errorf("service: there is no service %q, only %s", e.Service, strings.Join(c.Names(), ", "))
	}
	at := place{e.Station, e.EC, first(e.IDServizio, def.IDServizio), e.Subject}
	if len(at.service) != idLength {
		return at, nil, fmt.Errorf("id_servizio: must be the %d characters of pagoPA's catalogue of services", idLength)
	}
	if len(at.subject) != idLength {
		return at, nil, fmt.Errorf("subject: must be the %d characters of pagoPA's catalogue of services", idLength)
	}
	amount := e.Amount
	if amount == nil {
		amount = def.Amount
	}
	if amount == nil {
		return at, nil, fmt.Errorf("amount: the service %s leaves it to the creditor institution", def.Name)
	}
	if err := amount.validate(def.has); err != nil {
		return at, nil, fmt.Errorf("amount.%w", err)
	}
	o := &offer{definition: def, ec: e.EC, terms: bridge.ServiceTerms{
		Name: def.Name, IBAN: e.IBAN, PostalIBAN: e.PostalIBAN, Segregation: e.Segregation,
		CompanyName: e.CompanyName, OfficeName: e.OfficeName, Category: first(e.Category, def.Category),
		ValidDays: e.ValidDays, Window: def.window,
	}}
	if o.terms.ValidDays == 0 {
		o.terms.ValidDays = def.ValidDays
	}
	if err := o.terms.Validate(); err != nil {
		return at, nil, err
	}
	var err error
	o.source, err = amount.source()
	if err != nil {
		return at, nil, fmt.Errorf("amount.%w", err)
	}
	return at, o, nil
}

func first(a, b string) string {
	if a != "" {
		return a
	}
	return b
}

// Open says whether anything is offered at all.
func (d *Desk) Open() bool { return len(d.offers) > 0 }

// Find gives the enabled offer that a demand is for.
func (d *Desk) Find(q bridge.Demand) (bridge.SpontaneousService, bool) {
	o, ok := d.offers[place{q.Station, bridge.ECCode(q.EC), q.Service, q.Subject}]
	return o, ok
}

// Offered lists the services of an EC by name; one that it offers under several codes is
// listed once.
func (d *Desk) Offered(ec bridge.ECCode) []bridge.OfferedService {
	var list []bridge.OfferedService
	for _, o := range d.offers {
		if o.ec == ec && !slices.ContainsFunc(list, func(s bridge.OfferedService) bool { return s.Name == o.definition.Name }) {
			list = append(list, o.definition.offered())
		}
	}
	slices.SortFunc(list, func(a, b bridge.OfferedService) int { return strings.Compare(a.Name, b.Name) })
	return list
}

// ByName gives an EC's offer of a service; of several the one with the first station and
// subject.
func (d *Desk) ByName(ec bridge.ECCode, name string) (bridge.SpontaneousService, bool) {
	var at place
	var found *offer
	for p, o := range d.offers {
		if o.ec == ec && o.definition.Name == name && (found == nil || p.station+p.subject < at.station+at.subject) {
			at, found = p, o
		}
	}
	return found, found != nil
}

// Fill is the definition's.
func (o *offer) Fill(fields map[string]string) (bridge.ServiceForm, error) {
	return o.definition.fill(fields)
}

// Terms is how the EC's positions of the service are made.
func (o *offer) Terms() bridge.ServiceTerms { return o.terms }

// Read is the definition's.
func (o *offer) Read(payload []byte) (bridge.ServiceForm, error) { return o.definition.read(payload) }

// Claim asks the amount's source and words the notice.
func (o *offer) Claim(ctx context.Context, form bridge.ServiceForm) (bridge.Claim, error) {
	due, err := o.source.quote(ctx, question{o.definition.Name, o.ec, form.Fields})
	if err != nil {
		return bridge.Claim{}, err
	}
	return bridge.Claim{
		Amount: due.amount, Description: first(due.description, o.definition.template.fill(form.Fields)),
		DueDate: due.due, Debtor: o.definition.debtor(form.Fields),
	}, nil
}
