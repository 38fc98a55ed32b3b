package bridge

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
)

// PaymentNotice is what a printed notice ("avviso di pagamento") says; how it looks is
// the printer's business (notices.md §3).
type PaymentNotice struct {
	EC      CreditorInstitution // its name is the one that the payer is shown
	Sector  string              // the office that asks, may be empty
	Subject string
	Debtor  Debtor

	Full        *PrintedPayment  // at once; nil when only instalments can be paid
	Instalments []PrintedPayment // of a plan, in order; none without one
	// A traffic fine has these two instead (notices.md §3 "Traffic fines").
	Discounted, Reduced *PrintedPayment

	// Slip says that postal slips are printed; without them NoSlip says why, unless the
	// EC prints none at all.
	Slip   bool
	NoSlip string
	// SlipAccount is the account at Poste to which the payments go, twelve digits; "" when
	// they are not known here.
	SlipAccount string
	Language    string // a second language: "de", "sl", "fr", "en", or "" for none
}

// PrintedPayment is one amount that can be paid by itself.
type PrintedPayment struct {
	NAV    NoticeNumber
	Amount Cents
	Due    Day // "" when there is no due date
	Number int // of an instalment within its plan, from 1; 0 of a payment in full
}

// Payments lists everything that the notice lets pay, in printed order.
func (n *PaymentNotice) Payments() []PrintedPayment {
	var list []PrintedPayment
	for _, p := range []*PrintedPayment{n.Full, n.Discounted, n.Reduced} {
		if p != nil {
			list = append(list, *p)
		}
	}
	return append(list, n.Instalments...)
}

// SlipChoice says whether postal slips are wanted.
type SlipChoice string

// The choices; the zero value prints slips where they may be printed.
const (
	SlipIfPossible SlipChoice = ""
	SlipNever      SlipChoice = "never"
	SlipAlways     SlipChoice = "always"
)

// PrintOrder asks for the notice of a stored position.
type PrintOrder struct {
	EC       ECCode
	NAV      NoticeNumber // any notice of the position
	Slip     SlipChoice
	Language string // second language; "" is the EC's own choice
	Fine     bool   // a traffic fine: two amounts by the time of payment
}

// maxSlipAmount is the largest amount of a postal slip, whose field has ten digits
// (notices.md §2.2).
const maxSlipAmount Cents = 9_999_999_999

// NoticeToPrint gives what the notice of a stored position says now, and notes in the
// journal who has it. It is refused when
// the position, or that part of it, cannot be paid any more or not yet be shown, or when
// what a notice must have is missing.
func (s *Service) NoticeToPrint(ctx context.Context, by Principal, order PrintOrder) (*PaymentNotice, error) {
	if !by.MayActFor(order.EC) {
		return nil, &Error{Code: CodeKeyForbidden}
	}
	var p *Position
	err := s.store.View(ctx, func(tx ReadTx) (err error) {
		p, err = byNumber(ctx, tx, by, order.EC, order.NAV)
		return err
	})
	if err == nil {
		err = by.segregated(p)
	}
	if err != nil {
		return nil, unavailable("read the position", err)
	}
	n, err := p.notice(order, s.now())
	if err == nil {
		err = s.Registry().Printable(n, order.Slip)
	}
	if err != nil {
		return nil, err
	}
	// It names the debtor, so the journal says who has it (reliability-security.md §6).
	return n, s.notePerson(ctx, JournalEntry{Actor: by.actor(), Action: "notice.print", EC: string(p.EC), Object: string(p.IUPD), About: p.about()}, "")
}

func notPrintable(format string, args ...any) *Error {
	return refuse(CodeNotPrintable, format, args...)
}

// notice chooses what is printed: the option that the number belongs to, and beside it
// the plan, or the payment in full, that the payer may choose instead.
func (p *Position) notice(order PrintOrder, now time.Time) (*PaymentNotice, error) {
	switch status := p.StatusAt(now); status {
	case Published, Valid, PartiallyPaid:
	default:
		return nil, notPrintable("the debt position is %s: nothing of it is to be paid", status)
	}
	o, in := p.instalmentOf(order.NAV)
	if !o.payable(in, now) {
		return nil, notPrintable("notice %s is paid or past its last day", in.NAV)
	}
	for i := range p.Options {
		if &p.Options[i] != o && p.Options[i].Started() {
			return nil, notPrintable("another payment option of the debt position has been begun")
		}
	}
	n := &PaymentNotice{EC: CreditorInstitution{Code: p.EC, Name: p.CompanyName}, Sector: p.OfficeName, Subject: in.Description, Debtor: o.Debtor, Language: order.Language}
	shown := []*Option{o}
	var err error
	if order.Fine {
		shown, err = p.fine(n, now)
	} else {
		shown = append(shown, p.alternative(o, now)...)
		err = n.choose(shown, now)
	}
	if err != nil {
		return nil, err
	}
	n.SlipAccount, n.NoSlip = p.slipAccount(shown)
	return n, nil
}

// payable says whether a notice of the option may be paid now or later.
func (o *Option) payable(in *Instalment, now time.Time) bool {
	overdue := o.SwitchToExpired && !in.DueDate.IsZero() && in.DueDate.Before(now)
	return !in.isSettled() && !overdue
}

// alternative is the plan beside a payment in full or the reverse, when neither has been
// begun: the first of its kind that is still whole.
func (p *Position) alternative(o *Option, now time.Time) []*Option {
	if o.Started() {
		return nil
	}
	for i := range p.Options {
		other := &p.Options[i]
		whole := !slices.ContainsFunc(other.Instalments, func(in Instalment) bool { return !other.payable(&in, now) })
		if other.Plan != o.Plan && whole && len(other.Instalments) > 0 {
			return []*Option{other}
		}
	}
	return nil
}

// choose sorts the payments of the options into their places.
func (n *PaymentNotice) choose(options []*Option, now time.Time) error {
	for _, o := range options {
		for i := range o.Instalments {
			in := &o.Instalments[i]
			if !o.payable(in, now) {
				continue
			}
			payment := printed(in)
			if !o.Plan {
				n.Full, n.Subject = &payment, in.Description
				continue
			}
			payment.Number = i + 1
			n.Instalments = append(n.Instalments, payment)
		}
	}
	// One instalment is a payment like any other: there is nothing to choose.
	if len(n.Instalments) == 1 {
		if n.Full == nil {
			n.Full = &n.Instalments[0]
		}
		n.Instalments = nil
	}
	if n.Full == nil && len(n.Instalments) == 0 {
		return notPrintable("nothing of the debt position is to be paid")
	}
	return nil
}

func printed(in *Instalment) PrintedPayment {
	return PrintedPayment{NAV: in.NAV, Amount: in.Amount, Due: DayOf(in.DueDate)}
}

// fine takes the two payments in full of a traffic fine: the smaller amount is the
// discounted one.
func (p *Position) fine(n *PaymentNotice, now time.Time) ([]*Option, error) {
	var single []*Option
	for i := range p.Options {
		o := &p.Options[i]
		if !o.Plan && len(o.Instalments) == 1 && o.payable(&o.Instalments[0], now) {
			single = append(single, o)
		}
	}
	if len(single) != 2 || single[0].Instalments[0].Amount == single[1].Instalments[0].Amount {
		return nil, notPrintable("a traffic fine is printed from two payment options in full of different amounts")
	}
	slices.SortFunc(single, func(a, b *Option) int { return cmp.Compare(a.Instalments[0].Amount, b.Instalments[0].Amount) })
	discounted, reduced := printed(&single[0].Instalments[0]), printed(&single[1].Instalments[0])
	n.Discounted, n.Reduced, n.Subject = &discounted, &reduced, single[1].Instalments[0].Description
	return single, nil
}

// slipAccount gives the account at Poste of everything that is shown, or why there is
// none. What the node is told when it asks for postal accounts must be what is printed
// (notices.md §2.3).
func (p *Position) slipAccount(shown []*Option) (account, why string) {
	for _, o := range shown {
		for i := range o.Instalments {
			in := &o.Instalments[i]
			if slices.ContainsFunc(in.Transfers, func(t Transfer) bool { return t.Stamp != nil }) {
				return "", "a transfer is a revenue stamp"
			}
			own := slices.IndexFunc(in.Transfers, func(t Transfer) bool { return t.EC == p.EC })
			if own < 0 {
				return "", "no transfer goes to the creditor institution itself"
			}
			its := IBAN(in.Transfers[own].postalAccount()).PostalAccount()
			if its == "" {
				return "", "the transfer to the creditor institution has no account at Poste"
			}
			if account != "" && account != its {
				return "", "the transfers go to different accounts at Poste"
			}
			account = its
		}
	}
	return account, ""
}

// Printable completes a notice with what the registry knows of its EC, and refuses one
// that could not be paid: each of its numbers must be one that the node sends here.
func (r *Registry) Printable(n *PaymentNotice, slip SlipChoice) error {
	ec, known := r.EC(n.EC.Code)
	if !known {
		return notPrintable("creditor institution %s is not configured", n.EC.Code)
	}
	name := n.EC.Name
	n.EC = ec
	if name != "" {
		n.EC.Name = name
	}
	if n.Language == "" {
		n.Language = ec.Print.Language
	}
	if ec.CBILL == "" {
		return notPrintable("creditor institution %s has no CBILL code in the configuration, which every notice shows", ec.Code)
	}
	for _, p := range n.Payments() {
		if len(p.NAV) != 18 || !allDigits(string(p.NAV)) {
			return notPrintable("notice number %s is not 18 digits", p.NAV)
		}
		if p.NAV == ProbeNotice {
			return notPrintable("the notice number of eighteen zeros is reserved to the node's probe")
		}
		if !r.receives(ec.Code, p.NAV) {
			return notPrintable("no station of creditor institution %s serves notice number %s", ec.Code, p.NAV)
		}
		if p.Amount < 1 || p.Amount > MaxAmount {
			return notPrintable("the amount of notice %s must be between 0.01 and %s", p.NAV, MaxAmount)
		}
	}
	return n.decideSlip(slip)
}

// decideSlip is the rule of notices.md §2.3: slips need Poste's permission, the EC's
// account, and transfers to that account.
func (n *PaymentNotice) decideSlip(slip SlipChoice) error {
	why := n.slipRefusal()
	n.Slip, n.NoSlip = why == nil && slip != SlipNever, ""
	switch {
	case why == nil:
		return nil
	case slip == SlipAlways:
		return notPrintable("no postal slip can be printed: %s", why)
	case slip == SlipIfPossible && n.EC.PostalAccount != "":
		n.NoSlip = why.Error()
	}
	return nil
}

func (n *PaymentNotice) slipRefusal() error {
	switch {
	case n.EC.PostalAccount == "":
		return errors.New("the creditor institution has no account at Poste in the configuration")
	case n.EC.PostalAuthorization == "":
		return errors.New("the creditor institution has no authorisation of Poste in the configuration")
	case n.NoSlip != "":
		return errors.New(n.NoSlip)
	case n.SlipAccount != "" && n.SlipAccount != strings.Repeat("0", max(0, 12-len(n.EC.PostalAccount)))+n.EC.PostalAccount:
		return errors.New("the account at Poste of the transfers is not the configured one")
	case len(n.Debtor.FiscalCode) > maxText16:
		return errors.New("the debtor's fiscal code is longer than 16 characters")
	}
	for _, p := range n.Payments() {
		if p.Amount > maxSlipAmount {
			return fmt.Errorf("an amount exceeds %s", maxSlipAmount)
		}
	}
	return nil
}
