package bridge

import (
	"fmt"
	"time"
)

// IUPD is the EC's own identifier of a debt position, unique within the EC
// (gpd-api.md §1.1).
type IUPD string

// PositionStatus is the state of a debt position (gpd-api.md §2.1).
type PositionStatus string

// The stored states. A position in Published whose validity has begun is Valid,
// and a Valid one whose last due date has passed is Expired, as soon as anybody
// looks: see Position.StatusAt.
const (
	Draft         PositionStatus = "DRAFT"
	Published     PositionStatus = "PUBLISHED"
	Valid         PositionStatus = "VALID"
	Invalid       PositionStatus = "INVALID"
	Expired       PositionStatus = "EXPIRED"
	PartiallyPaid PositionStatus = "PARTIALLY_PAID"
	Paid          PositionStatus = "PAID"
	Reported      PositionStatus = "REPORTED"
)

// Event is what moves a position from one state to another.
type Event string

// The events of gpd-api.md §2.1, column "Trigger".
const (
	EventPublish     Event = "publish"
	EventValidFrom   Event = "validity reached"
	EventExpire      Event = "due date passed"
	EventPayPart     Event = "instalment paid"
	EventPayInFull   Event = "option paid in full"
	EventDelete      Event = "delete"
	EventInvalidate  Event = "invalidate"
	EventReport      Event = "reported"
	EventUpdateDraft Event = "update without publishing"
	EventRestore     Event = "restore"
)

// transition is one legal move. Deleted is the state of what is no more.
type transition struct {
	From  PositionStatus
	Event Event
	To    PositionStatus
}

const deleted PositionStatus = ""

// transitions is the whole life of a debt position (gpd-api.md §2.1, §2.2); a
// move that is not here does not exist. A payment is accepted in every unpaid
// state, Draft and Invalid included: the money has moved (§2.2, note "(!)").
var transitions = []transition{
	{Draft, EventPublish, Valid},
	{Draft, EventPublish, Published},
	{Published, EventValidFrom, Valid},
	{Valid, EventExpire, Expired},

	{Draft, EventPayPart, PartiallyPaid},
	{Published, EventPayPart, PartiallyPaid},
	{Valid, EventPayPart, PartiallyPaid},
	{Invalid, EventPayPart, PartiallyPaid},
	{Expired, EventPayPart, PartiallyPaid},
	{PartiallyPaid, EventPayPart, PartiallyPaid},

	{Draft, EventPayInFull, Paid},
	{Published, EventPayInFull, Paid},
	{Valid, EventPayInFull, Paid},
	{Invalid, EventPayInFull, Paid},
	{Expired, EventPayInFull, Paid},
	{PartiallyPaid, EventPayInFull, Paid},

	{Published, EventInvalidate, Invalid},
	{Valid, EventInvalidate, Invalid},

	{Draft, EventUpdateDraft, Draft},
	{Published, EventUpdateDraft, Draft},
	{Valid, EventUpdateDraft, Draft},
	{Expired, EventUpdateDraft, Draft},

	{Invalid, EventRestore, Draft},
	{Expired, EventRestore, Draft},

	{Paid, EventReport, Reported},
	{PartiallyPaid, EventReport, Reported},

	{Draft, EventDelete, deleted},
	{Published, EventDelete, deleted},
	{Valid, EventDelete, deleted},
	{Invalid, EventDelete, deleted},
	{Expired, EventDelete, deleted},
}

// CanMove says whether the event may take a position from one state to another.
func CanMove(from PositionStatus, event Event, to PositionStatus) bool {
	for _, t := range transitions {
		if t == (transition{from, event, to}) {
			return true
		}
	}
	return false
}

// move is the only way in which a stored position changes state.
func (p *Position) move(event Event, to PositionStatus, now time.Time) error {
	if !CanMove(p.Status, event, to) {
		return fmt.Errorf("cannot move position from %q to %q by %q", p.Status, to, event)
	}
	p.Status, p.LastUpdatedAt = to, now
	return nil
}

// Position is a debt position: what one debtor (or, in v3, one debtor per
// option) owes to one EC.
type Position struct {
	EC          ECCode
	IUPD        IUPD
	Status      PositionStatus // as stored; StatusAt is what holds
	CompanyName string         // name of the EC as shown to the payer, 1 to 140 characters
	OfficeName  string         // at most 140 characters, may be empty
	PayStandIn  bool           // may be paid while the station is unreachable (ACA)
	Options     []Option

	// Times are UTC; the zero time means "not yet" or "not given".
	InsertedAt    time.Time
	LastUpdatedAt time.Time
	PublishedAt   time.Time
	PaidAt        time.Time // when the position became Paid
}

// ValidFrom is the earliest validity of the options, zero when none has one.
func (p *Position) ValidFrom() time.Time {
	var first time.Time
	for i := range p.Options {
		at := p.Options[i].ValidFrom
		if !at.IsZero() && (first.IsZero() || at.Before(first)) {
			first = at
		}
	}
	return first
}

// ExpiresAt is the instant after which the whole position is unpayable: the last
// due date, when every option switches to expired; zero when it never expires
// by itself.
func (p *Position) ExpiresAt() time.Time {
	var last time.Time
	for i := range p.Options {
		if !p.Options[i].SwitchToExpired {
			return time.Time{}
		}
		for j := range p.Options[i].Instalments {
			due := p.Options[i].Instalments[j].DueDate
			if due.IsZero() {
				return time.Time{}
			}
			if due.After(last) {
				last = due
			}
		}
	}
	return last
}

// StatusAt is the state that holds at an instant: time-driven moves need no job
// (architecture.md §7). Boundary: validity at now is valid, due at now is still
// payable (gpd-api.md §2.4).
func (p *Position) StatusAt(now time.Time) PositionStatus {
	return statusAt(p.Status, p.ValidFrom(), p.ExpiresAt(), now)
}

func statusAt(stored PositionStatus, validFrom, expiresAt, now time.Time) PositionStatus {
	status := stored
	if status == Published && !validFrom.After(now) {
		status = Valid
	}
	if status == Valid && !expiresAt.IsZero() && expiresAt.Before(now) {
		status = Expired
	}
	return status
}

// Instalment finds the instalment of a notice number, with its option.
func (p *Position) Instalment(nav NoticeNumber) (*Option, *Instalment) {
	for i := range p.Options {
		for j := range p.Options[i].Instalments {
			if p.Options[i].Instalments[j].NAV == nav {
				return &p.Options[i], &p.Options[i].Instalments[j]
			}
		}
	}
	return nil, nil
}

// firstReceipt names the receipt that paid an instalment, or, when another option
// closed the position, one that did.
func (p *Position) firstReceipt(in *Instalment) string {
	if in.ReceiptID != "" {
		return in.ReceiptID
	}
	for i := range p.Options {
		for j := range p.Options[i].Instalments {
			if id := p.Options[i].Instalments[j].ReceiptID; id != "" {
				return id
			}
		}
	}
	return "unknown"
}

// settledStatus is the recompute rule after a payment or a report (gpd-api.md
// §2.1): any option wholly reported -> Reported; any option wholly settled ->
// Paid; anything settled at all -> PartiallyPaid.
func (p *Position) settledStatus() PositionStatus {
	status := p.Status
	progress := false
	for i := range p.Options {
		switch o := &p.Options[i]; {
		case o.wholly(Instalment.isReported):
			return Reported
		case o.wholly(Instalment.isSettled):
			status = Paid
		case o.Started():
			progress = true
		}
	}
	if status != Paid && progress {
		return PartiallyPaid
	}
	return status
}
