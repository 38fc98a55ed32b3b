package bridge

import (
	"regexp"
	"slices"
)

// taxonomyCode is the form of a transfer's category: what kind of receipt, the
// kind of EC and macro area of two digits each, the service's three, the reason's
// two letters, e.g. "9/0101108TS/"; the bare code is in use too (soap-node.md §2.3
// transferCategory). That the code is in the published taxonomy is not checked.
var taxonomyCode = regexp.MustCompile(`^([0-9]/)?[0-9]{7}[A-Z]{2}/?$`)

// strict is what an EC of the strict profile must satisfy beyond GPD's own rules:
// what the node, a PSP or the post would find wrong once the debtor pays
// (gpd-api.md §6.1 row 3, soap-node.md §5 pitfalls 28 to 30). The position has been
// prepared: every notice number and beneficiary is there.
func (r *Registry) strict(p *Position) error {
	on := r.registrations[p.EC]
	if len(on) == 0 || !on[0].ec.isStrict() {
		return nil
	}
	if len(p.Options) == 0 {
		return refuse(CodeSemantics, "Strict profile: the debt position has no payment option")
	}
	for i := range p.Options {
		o := &p.Options[i]
		if len(o.Instalments) == 0 {
			return refuse(CodeSemantics, "Strict profile: the debt position has no payment option")
		}
		if _, err := ParseFiscalCode(o.Debtor.FiscalCode); err != nil {
			return refuse(CodeSemantics, "Strict profile: the debtor's fiscalCode: %s", err)
		}
		for j := range o.Instalments {
			if err := strictNumber(&o.Instalments[j], on); err != nil {
				return err
			}
			if err := strictTransfers(&o.Instalments[j], p.EC, on); err != nil {
				return err
			}
		}
	}
	return nil
}

// strictNumber wants a notice number that a PSP accepts, that the node sends here,
// and that stands for this IUV. An RF reference has no notice number of its own
// (notices.md §1.2).
func strictNumber(in *Instalment, on []registration) error {
	nav, err := ParseNoticeNumber(string(in.NAV))
	if err != nil {
		return refuse(CodeSemantics, "Strict profile: payment option %s: %s", in.IUV, err)
	}
	if in.IUV != nav.IUV() {
		if _, err := ParseReferenceRF(string(in.IUV)); err != nil {
			return refuse(CodeSemantics, "Strict profile: payment option %s: the iuv is not that of its nav, and no RF reference", in.IUV)
		}
	}
	if !slices.ContainsFunc(on, func(r registration) bool { return r.ec.serves(nav) }) {
		return refuse(CodeSemantics, "Strict profile: payment option %s: no station serves nav %s: its aux digit or code is not configured", in.IUV, nav)
	}
	return nil
}

func strictTransfers(in *Instalment, owner ECCode, on []registration) error {
	stamps := slices.ContainsFunc(on, func(r registration) bool { return r.station.PrimitiveVersion != Primitive1 })
	for i := range in.Transfers {
		t := &in.Transfers[i]
		wrong := func(field, rule string) error {
			return refuse(CodeSemantics, "Strict profile: transfer %d of payment option %s: %s: %s", t.ID, in.IUV, field, rule)
		}
		if _, err := ParseECCode(string(t.EC)); err != nil {
			return wrong("organizationFiscalCode", err.Error())
		}
		if !taxonomyCode.MatchString(t.Category) {
			return wrong("category", "must be a taxonomy code, e.g. 9/0101108TS/")
		}
		if t.Stamp != nil && !stamps {
			return wrong("stamp", "stations of primitive version 1 have no revenue stamps")
		}
		registered := on[0].ec.IBANs
		if t.EC != owner {
			registered = nil // only the beneficiary knows its accounts
		}
		if rule := strictAccount(t.IBAN, registered); rule != "" {
			return wrong("iban", rule)
		}
		if rule := strictAccount(t.PostalIBAN, registered); rule != "" {
			return wrong("postalIban", rule)
		}
		if t.PostalIBAN != "" && IBAN(t.PostalIBAN).PostalAccount() == "" {
			return wrong("postalIban", "must be an account at Poste (ABI "+postalABI+")")
		}
	}
	return nil
}

// strictAccount gives the rule that an account breaks, or "". The node answers a
// payment to an account that the EC has not registered with nothing but an error
// (soap-node.md §5 pitfall 29).
func strictAccount(account string, registered []IBAN) string {
	if account == "" {
		return ""
	}
	iban, err := ParseIBAN(account)
	if err != nil {
		return err.Error()
	}
	if len(registered) > 0 && !slices.Contains(registered, iban) {
		return "is not among the creditor institution's registered accounts"
	}
	return ""
}
