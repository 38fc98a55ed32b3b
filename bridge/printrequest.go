package bridge

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
)

// PrintRequest is a notice that an application describes itself, for a position that
// need not be stored here (print-payment-notice-service 0.9.8, notices.md §6). Its form
// has been checked by who has read it.
type PrintRequest struct {
	Template    string // one of PrintTemplates
	EC          ECCode
	Subject     string
	Debtor      Debtor
	Full        *PrintedPayment  `json:",omitempty"`
	Discounted  *PrintedPayment  `json:",omitempty"`
	Reduced     *PrintedPayment  `json:",omitempty"`
	Instalments []PrintedPayment `json:",omitempty"`
}

// PrintTemplate is a form of notice under the name that pagoPA's print service has for it.
type PrintTemplate struct {
	ID          string
	Description string
	Single      bool // must have a payment in full
	Fine        bool // has a discounted and a reduced amount instead
	Slip        bool // with postal slips
	Min, Max    int  // instalments; 0: none are printed
}

// MaxPlan is how many instalments a notice may have.
const MaxPlan = 100

// manyInstalments is where pagoPA's plans of many instalments begin, and those of few
// end (notices.md §6).
const manyInstalments = 9

// PrintTemplates are all of them. The two for thermal printers are not among them.
func PrintTemplates() []PrintTemplate {
	return []PrintTemplate{
		{ID: "TemplateSingleInstalment", Description: "One payment in full", Single: true},
		{ID: "TemplateSingleInstalmentPoste", Description: "One payment in full, with a postal slip", Single: true, Slip: true},
		{ID: "TemplateInstalments", Description: "2 to 9 instalments, and the payment in full if its code is given", Min: 2, Max: manyInstalments},
		{ID: "TemplateInstalmentsPoste", Description: "2 or more instalments, and the payment in full if its code is given, with postal slips", Min: 2, Max: MaxPlan, Slip: true},
		{ID: "TemplateManyInstalments", Description: "9 or more instalments, and the payment in full if its code is given", Min: manyInstalments, Max: MaxPlan},
		{ID: "TemplateCdsInfraction", Description: "A traffic fine with a discounted and a reduced amount", Fine: true},
		{ID: "TemplateCdsInfractionPoste", Description: "A traffic fine with a discounted and a reduced amount, with postal slips", Fine: true, Slip: true},
	}
}

// PrintTemplateOf finds one; CodeTemplateUnknown when there is none.
func PrintTemplateOf(id string) (PrintTemplate, error) {
	list := PrintTemplates()
	at := slices.IndexFunc(list, func(t PrintTemplate) bool { return t.ID == id })
	if at < 0 {
		return PrintTemplate{}, refuse(CodeTemplateUnknown, "there is no template of this id; the templates are those of GET /notices/templates")
	}
	return list[at], nil
}

// File names the notice within a folder: the EC, the first number that is printed, and
// the template. pagoPA's service takes the first instalment's number even where a payment
// in full stands before it (notices.md §4, i).
func (r *PrintRequest) File() string {
	number := NoticeNumber("")
	t, err := PrintTemplateOf(r.Template)
	if n := r.notice(t); err == nil && len(n.Payments()) > 0 {
		number = n.Payments()[0].NAV
	}
	return fmt.Sprintf("pagopa-avviso-%s-%s-%s", r.EC, number, r.Template)
}

// numbers are all that the request names, printed or not.
func (r *PrintRequest) numbers() []NoticeNumber {
	var list []NoticeNumber
	for _, p := range []*PrintedPayment{r.Full, r.Discounted, r.Reduced} {
		if p != nil {
			list = append(list, p.NAV)
		}
	}
	for _, p := range r.Instalments {
		list = append(list, p.NAV)
	}
	return list
}

// Twice is a number that the request names more than once; "" when there is none.
func (r *PrintRequest) Twice() NoticeNumber {
	list := r.numbers()
	for i, nav := range list {
		if slices.Contains(list[:i], nav) {
			return nav
		}
	}
	return ""
}

// notice is what the template shows of the request.
func (r *PrintRequest) notice(t PrintTemplate) *PaymentNotice {
	n := &PaymentNotice{EC: CreditorInstitution{Code: r.EC}, Subject: r.Subject, Debtor: r.Debtor}
	switch {
	case t.Fine:
		n.Discounted, n.Reduced = r.Discounted, r.Reduced
	case t.Single:
		n.Full = r.Full
	default:
		n.Full, n.Instalments = r.Full, slices.Clone(r.Instalments)
		for i := range n.Instalments {
			n.Instalments[i].Number = i + 1
		}
	}
	return n
}

// MayPrint says whether the principal may have the notice printed: its EC must be in the
// key, and each of its numbers, whether the template shows it or not, be one that the EC's
// stations here serve and that the key is not held from. pagoPA's service looks at the
// first number only (notices.md §6).
func (s *Service) MayPrint(by Principal, r *PrintRequest) error {
	if !by.MayActFor(r.EC) {
		return &Error{Code: CodeKeyForbidden}
	}
	registry, held := s.Registry(), by.At(r.EC)
	if _, known := registry.EC(r.EC); !known {
		return refuse(CodeECUnknown, "creditor institution %s is not configured", r.EC)
	}
	for _, nav := range r.numbers() {
		switch {
		case !registry.receives(r.EC, nav):
			return refuse(CodeNotDelegated, "no station of creditor institution %s serves notice number %s", r.EC, nav)
		case !held.mayUseIUV(nav.IUV()):
			return refuse(CodeNotDelegated, "notice number %s of creditor institution %s is outside of the key's segregation codes", nav, r.EC)
		}
	}
	return nil
}

// RequestedNotice gives what the notice says, and notes in the journal who has it.
func (s *Service) RequestedNotice(ctx context.Context, by Principal, r *PrintRequest) (*PaymentNotice, error) {
	if err := s.MayPrint(by, r); err != nil {
		return nil, err
	}
	var n *PaymentNotice
	err := s.store.View(ctx, func(tx ReadTx) (err error) {
		n, err = s.requested(ctx, tx, r)
		return err
	})
	if err != nil {
		return nil, unavailable("prepare the notice", err)
	}
	return n, s.notePerson(ctx, r.printed(by.actor(), n), "")
}

// printed is the journal's record of a notice that somebody was given.
func (r *PrintRequest) printed(actor string, n *PaymentNotice) JournalEntry {
	return JournalEntry{Actor: actor, Action: "notice.print", EC: string(r.EC), Object: r.File(), Detail: r.Template, About: Subject{NAV: n.Payments()[0].NAV, Amount: n.Payments()[0].Amount}}
}

// Example is the notice as an institution would have it that is configured nowhere; with
// slips if the template has them.
func (r *PrintRequest) Example(ec CreditorInstitution) *PaymentNotice {
	t, err := PrintTemplateOf(r.Template)
	n := r.notice(t)
	n.EC, n.Slip = ec, err == nil && t.Slip
	return n
}

// Missing lists what the template needs and the request does not have, by the names that
// print-payment-notice-service has for it.
func (r *PrintRequest) Missing() []FieldError {
	t, err := PrintTemplateOf(r.Template)
	if err != nil {
		return []FieldError{{"templateId", "is the id of no template"}}
	}
	var missing []FieldError
	if t.Single && r.Full == nil {
		missing = append(missing, FieldError{"data.notice.code", "and paymentAmount are needed by the template"})
	}
	if t.Fine && (r.Discounted == nil || r.Reduced == nil) {
		missing = append(missing, FieldError{"data.notice.reduced", "and discounted are needed by the template"})
	}
	if n := len(r.Instalments); t.Max > 0 && (n < t.Min || n > t.Max) {
		missing = append(missing, FieldError{"data.notice.installments", fmt.Sprintf("size must be between %d and %d for the template", t.Min, t.Max)})
	}
	return missing
}

// requested completes the notice.
func (s *Service) requested(ctx context.Context, tx ReadTx, r *PrintRequest) (*PaymentNotice, error) {
	if missing := r.Missing(); len(missing) > 0 {
		return nil, refuse(CodeInvalid, "%s: %s", missing[0].Field, missing[0].Rule)
	}
	t, err := PrintTemplateOf(r.Template)
	if err != nil {
		return nil, err
	}
	n, slip := r.notice(t), SlipNever
	if t.Slip {
		slip = SlipAlways
		n.SlipAccount, n.NoSlip, err = slipAccountOf(ctx, tx, r.EC, n.Payments())
	}
	if err != nil {
		return nil, err
	}
	return n, s.Registry().Printable(n, slip)
}

// slipAccountOf is the account at Poste of those positions that are stored: it must be the
// one that the node is told.
func slipAccountOf(ctx context.Context, tx ReadTx, ec ECCode, payments []PrintedPayment) (account, why string, err error) {
	for _, payment := range payments {
		p, err := tx.PositionByNAV(ctx, ec, payment.NAV)
		if errors.Is(err, ErrNotFound) {
			continue
		}
		if err != nil {
			return "", "", err
		}
		o, _ := p.Instalment(payment.NAV)
		its, why := p.slipAccount([]*Option{o})
		if why != "" || account != "" && its != account {
			return "", cmp.Or(why, "the transfers go to different accounts at Poste"), nil
		}
		account = its
	}
	return account, "", nil
}
