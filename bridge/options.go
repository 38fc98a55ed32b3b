package bridge

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"time"
)

// PaymentOptions is every way in which a debt can be, or has been, paid: the
// answer to "Opzioni di pagamento" (soap-node.md §3), fit for the wire.
type PaymentOptions struct {
	EC          ECCode
	CompanyName string // 1 to 140 characters
	OfficeName  string // at most 140 characters, may be empty
	StandIn     bool   // may be paid while the station is unreachable
	Cancelled   bool   // why its options are invalid: else another one was chosen
	Options     []OfferedOption
}

// OfferedOption is one option of the debt as it stands at the instant of asking.
type OfferedOption struct {
	Description string    // at most 140 characters, may be empty
	Amount      Cents     // the sum of the instalments
	DueDate     time.Time // UTC, the last one; zero when no instalment has one
	ValidFrom   time.Time // UTC, when it can first be paid; may lie ahead
	State       OfferState
	AllPostal   bool                // every transfer can be credited to a postal account (allCCP)
	Instalments []OfferedInstalment // by due date, those without one last; never empty
}

// OfferedInstalment is one payable notice of an option.
type OfferedInstalment struct {
	NAV         NoticeNumber
	IUV         IUV
	Amount      Cents
	Description string // at most 140 characters, may be empty
	DueDate     time.Time
	State       OfferState // never OfferPartiallyPaid
}

// OfferState is what can be done with an option or an instalment now. On the wire
// it has the prefix PO_ or POI_ (openapi orgs_payment_options.json).
type OfferState string

// The states (soap-node.md §3 "Status derivation", gpd-api.md §3.4).
const (
	OfferUnpaid            OfferState = "UNPAID"
	OfferPaid              OfferState = "PAID" // reported counts as paid
	OfferPartiallyPaid     OfferState = "PARTIALLY_PAID"
	OfferExpiredNotPayable OfferState = "EXPIRED_NOT_PAYABLE"
	OfferExpiredUnpaid     OfferState = "EXPIRED_UNPAID" // past due and payable
	OfferInvalid           OfferState = "INVALID"        // cancelled, or another option was chosen
)

// PaymentOptions describes the debt that owns a notice. A debt that can be
// described is described, paid and cancelled ones too; the refusals are for what
// has no form (CodeInvalid), is not ours (CodeECUnknown) or is not to be seen
// (CodeNoticeUnknown).
func (s *Service) PaymentOptions(ctx context.Context, ec, nav string) (*PaymentOptions, error) {
	code, err := ParseECCode(ec)
	if err != nil {
		return nil, &Error{Code: CodeInvalid, Field: "organization-fiscal-code", Detail: err.Error()}
	}
	if len(nav) != 18 || !allDigits(nav) {
		// The check digits are no reason to refuse a lookup (soap-node.md §1.4).
		return nil, &Error{Code: CodeInvalid, Field: "notice-number", Detail: "the notice number must be 18 digits"}
	}
	registered, ours := s.Registry().EC(code)
	if !ours {
		return nil, &Error{Code: CodeECUnknown, Field: "organization-fiscal-code"}
	}
	now := s.now()
	var p *Position
	err = s.store.View(ctx, func(tx ReadTx) (err error) {
		p, err = tx.PositionByNAV(ctx, code, NoticeNumber(nav))
		return err
	})
	switch {
	case errors.Is(err, ErrNotFound):
		return nil, &Error{Code: CodeNoticeUnknown}
	case err != nil:
		return nil, unavailable("read the payment options", err)
	case !p.isShown(now):
		return nil, &Error{Code: CodeNoticeUnknown}
	}
	return p.paymentOptions(registered, now), nil
}

// isShown says whether the node may know of the position: a draft and one whose
// validity lies ahead as a whole are unknown to it, as they are to the other reads
// (gpd-api.md §2.7; GPD's own answer shows them, §3.4).
func (p *Position) isShown(now time.Time) bool {
	switch p.StatusAt(now) {
	case Draft, Published:
		return false
	case Valid:
		return !p.ValidFrom().After(now)
	}
	return true
}

func (p *Position) paymentOptions(ec CreditorInstitution, now time.Time) *PaymentOptions {
	return &PaymentOptions{
		EC:          p.EC,
		CompanyName: cmp.Or(line(p.CompanyName, maxText140), line(ec.Name, maxText140)),
		OfficeName:  line(p.OfficeName, maxText140),
		StandIn:     p.PayStandIn,
		Cancelled:   p.Status == Invalid,
		Options:     p.OffersAt(now),
	}
}

// OffersAt gives the options as they stand at an instant, by due date and those
// without one last.
func (p *Position) OffersAt(now time.Time) []OfferedOption {
	var offers []OfferedOption
	for i := range p.Options {
		if len(p.Options[i].Instalments) > 0 { // without a notice there is nothing to pay
			offers = append(offers, p.offer(i, now))
		}
	}
	slices.SortStableFunc(offers, func(a, b OfferedOption) int { return byDueDate(a.DueDate, b.DueDate) })
	return offers
}

// offer describes the i-th option.
func (p *Position) offer(i int, now time.Time) OfferedOption {
	o := &p.Options[i]
	offered := OfferedOption{Description: line(o.Description, maxText140), ValidFrom: o.ValidFrom, AllPostal: true}
	for j := range o.Instalments {
		in := &o.Instalments[j]
		offered.Amount += in.Amount
		offered.AllPostal = offered.AllPostal && in.allPostal()
		if in.DueDate.After(offered.DueDate) {
			offered.DueDate = in.DueDate
		}
		offered.Instalments = append(offered.Instalments, OfferedInstalment{
			NAV: in.NAV, IUV: in.IUV, Amount: in.Amount, Description: line(in.Description, maxText140), DueDate: in.DueDate,
			State: p.instalmentState(i, in, now),
		})
	}
	if offered.Description == "" && !o.Plan {
		offered.Description = offered.Instalments[0].Description // v1 has no other text
	}
	slices.SortStableFunc(offered.Instalments, func(a, b OfferedInstalment) int { return byDueDate(a.DueDate, b.DueDate) })
	offered.State = optionState(offered.Instalments)
	if chosen := p.chosenOption(); chosen >= 0 && chosen != i {
		offered.State = OfferInvalid
	}
	return offered
}

// instalmentState agrees with Payable: what that lets pay is unpaid here, or
// expired and unpaid. Money that has moved is shown as paid whatever else holds.
func (p *Position) instalmentState(option int, in *Instalment, now time.Time) OfferState {
	status := p.StatusAt(now)
	pastDue := !in.DueDate.IsZero() && in.DueDate.Before(now)
	switch {
	case in.isSettled():
		return OfferPaid
	case status == Invalid, status == Paid, status == Reported, p.startedElsewhere(option):
		return OfferInvalid
	case status == Expired, pastDue && p.Options[option].SwitchToExpired:
		return OfferExpiredNotPayable
	case pastDue:
		return OfferExpiredUnpaid
	}
	return OfferUnpaid
}

// optionState sums the instalments up: what holds for all holds for the option;
// else it is partially paid when any is paid, and unpaid when none is.
func optionState(instalments []OfferedInstalment) OfferState {
	sum := instalments[0].State
	for _, in := range instalments {
		switch {
		case in.State == sum:
		case in.State == OfferPaid, sum == OfferPaid, sum == OfferPartiallyPaid:
			sum = OfferPartiallyPaid
		default:
			sum = OfferUnpaid
		}
	}
	return sum
}

// chosenOption is the option by which the debt is being paid, -1 while none is
// started. When money came in for several (anomaly excluded_option) it is the one
// paid in full, then the one begun first.
func (p *Position) chosenOption() int {
	chosen := -1
	for i := range p.Options {
		o := &p.Options[i]
		if !o.Started() {
			continue
		}
		if chosen < 0 || o.precedes(&p.Options[chosen]) {
			chosen = i
		}
	}
	return chosen
}

func (o *Option) precedes(other *Option) bool {
	if full := o.wholly(Instalment.isSettled); full != other.wholly(Instalment.isSettled) {
		return full
	}
	return o.firstPaidAt().Before(other.firstPaidAt())
}

func (o *Option) firstPaidAt() time.Time {
	var first time.Time
	for i := range o.Instalments {
		at := o.Instalments[i].PaidAt
		if o.Instalments[i].isSettled() && (first.IsZero() || at.Before(first)) {
			first = at
		}
	}
	return first
}

// byDueDate orders ascending, the zero time last.
func byDueDate(a, b time.Time) int {
	switch {
	case a.IsZero() && b.IsZero():
		return 0
	case a.IsZero():
		return 1
	case b.IsZero():
		return -1
	}
	return a.Compare(b)
}
