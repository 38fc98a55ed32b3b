package bridge

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// OfferedService is a spontaneous service as an EC's own portal sees it: which fields a
// payer fills in.
type OfferedService struct {
	Name        string
	Description string // the template of what the payer is shown
	Fields      []ServiceField
}

// ServiceField is one value that a service asks for.
type ServiceField struct {
	Name     string
	Required bool
	Pattern  string // RE2 that the whole value matches; "" for any text
}

// portalService is the id under which the portal's demands are remembered; the node's
// have five characters.
const portalService = "portal:"

// OfferedServices lists what the EC offers, by name.
func (s *Service) OfferedServices(_ context.Context, by Principal, ec ECCode) ([]OfferedService, error) {
	if !by.MayActFor(ec) {
		return nil, &Error{Code: CodeKeyForbidden}
	}
	desk := s.desk.Load()
	if desk == nil {
		return nil, nil
	}
	return (*desk).Offered(ec), nil
}

// RequestPayment makes a notice for a payer at the EC's own portal, as DemandNotice does
// for one at a PSP's counter: the same service, amount and validity, and the same fields
// within the service's window get the same notice.
func (s *Service) RequestPayment(ctx context.Context, by Principal, ec ECCode, name string, fields map[string]string) (*Notice, error) {
	if !by.MayActFor(ec) {
		return nil, &Error{Code: CodeKeyForbidden}
	}
	desk := s.desk.Load()
	if desk == nil {
		return nil, refuse(CodeServiceUnknown, "organization %s offers no service %s", ec, name)
	}
	service, offered := (*desk).ByName(ec, name)
	if !offered {
		return nil, refuse(CodeServiceUnknown, "organization %s offers no service %s", ec, name)
	}
	if terms := service.Terms(); len(by.Segregations) > 0 && !slices.Contains(by.Segregations, terms.Segregation) {
		return nil, refuse(CodeSegregation, "the notices of service %s are outside of the segregation codes", name)
	}
	form, err := service.Fill(fields)
	if err != nil {
		return nil, err
	}
	institution, known := s.Registry().EC(ec)
	if !known {
		return nil, refuse(CodeServiceUnknown, "organization %s offers no service %s", ec, name)
	}
	d := Demand{Addressee: Addressee{EC: string(ec)}, Service: portalService + name}
	n, err := s.demand(ctx, d.key(form.Canonical), institution, service, form, by.actor())
	return n, unavailable("make the position", err)
}

// CanonicalFields is the one way of writing fields, for ServiceForm.
func CanonicalFields(fields map[string]string) []byte {
	var b strings.Builder
	for _, name := range slices.Sorted(maps.Keys(fields)) {
		fmt.Fprintf(&b, "%q=%q\n", name, fields[name])
	}
	return []byte(b.String())
}
