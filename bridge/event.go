package bridge

import (
	"context"
	"slices"
	"time"
)

// Subject is what a record of the journal is about. It holds codes and an amount, never
// a person's data, so that it can be told to whoever may act for the EC.
type Subject struct {
	IUPD         IUPD
	NAV          NoticeNumber // of the instalment that it is about, if of one
	ReceiptID    string
	Status       PositionStatus // of the position afterwards
	Amount       Cents          // paid, or due
	Segregations []string       // first two digits of the IUVs, in order
}

// about is the whole position.
func (p *Position) about() Subject {
	s := Subject{IUPD: p.IUPD, Status: p.Status}
	for i := range p.Options {
		for j := range p.Options[i].Instalments {
			s.Segregations = append(s.Segregations, segregationOf(p.Options[i].Instalments[j].IUV)...)
		}
	}
	slices.Sort(s.Segregations)
	s.Segregations = slices.Compact(s.Segregations)
	return s
}

// aboutInstalment is one notice of the position.
func (p *Position) aboutInstalment(in *Instalment) Subject {
	s := p.about()
	s.NAV, s.ReceiptID, s.Amount = in.NAV, in.ReceiptID, in.Amount
	return s
}

func (r *Receipt) about(status PositionStatus) Subject {
	return Subject{IUPD: r.IUPD, NAV: r.NAV, ReceiptID: r.ReceiptID, Status: status, Amount: r.Amount, Segregations: segregationOf(r.IUV)}
}

func segregationOf(iuv IUV) []string {
	if len(iuv) < 2 {
		return nil
	}
	return []string{string(iuv[:2])}
}

// EventType names what has happened, for who follows an EC's events.
type EventType string

// The types of events.
const (
	PositionCreated     EventType = "position.created"
	PositionUpdated     EventType = "position.updated"
	PositionPublished   EventType = "position.published"
	PositionBecameValid EventType = "position.valid"
	PositionExpired     EventType = "position.expired"
	PositionInvalidated EventType = "position.invalidated"
	PositionRestored    EventType = "position.restored"
	PositionDeleted     EventType = "position.deleted"
	PaymentDeclared     EventType = "payment.declared"
	ReceiptReceived     EventType = "receipt.received"
	ReceiptVariant      EventType = "receipt.variant"
	TransferWasReported EventType = "transfer.reported"
)

// eventActions are the journal's actions that are told, and as what.
var eventActions = map[string]EventType{
	"position.create":           PositionCreated,
	"position.demand":           PositionCreated,
	"position.update":           PositionUpdated,
	"position.iban":             PositionUpdated,
	"position.notification_fee": PositionUpdated,
	"position.publish":          PositionPublished,
	"position.valid":            PositionBecameValid,
	"position.expire":           PositionExpired,
	"position.invalidate":       PositionInvalidated,
	"position.restore":          PositionRestored,
	"position.delete":           PositionDeleted,
	"payment.already_paid":      PaymentDeclared,
	"payment.record":            PaymentDeclared,
	"receipt.record":            ReceiptReceived,
	"receipt.variant":           ReceiptVariant,
	"transfer.report":           TransferWasReported,
}

// EventTypes are all types, in order of their names.
func EventTypes() []EventType {
	var types []EventType
	for _, t := range eventActions {
		types = append(types, t)
	}
	slices.Sort(types)
	return slices.Compact(types)
}

// FeedEvent is one thing that has happened to an EC's position or receipt.
type FeedEvent struct {
	ID    int64 // grows; the cursor
	Type  EventType
	At    time.Time
	Actor string
	EC    ECCode
	Subject
	Anomalies []AnomalyClass // of a receipt that did not simply pay its position
}

// EventQuery asks for an EC's events in their order.
type EventQuery struct {
	EC    ECCode
	After int64       // the cursor: events with a greater id; 0 for the first
	Types []EventType // any of them; none means all
	Limit int
}

// EventPage is some events and the cursor to go on with. More says that there may be
// others behind it already.
type EventPage struct {
	Events []FeedEvent
	Next   int64
	More   bool
}

// JournalQuery asks for an EC's records of some actions above an id, in order.
type JournalQuery struct {
	EC      ECCode
	After   int64
	Actions []string
	Limit   int
}

// JournalRecord is a record of the journal with its number.
type JournalRecord struct {
	ID int64
	JournalEntry
}

// actionsOf are the journal's actions of some types.
func actionsOf(types []EventType) []string {
	var actions []string
	for action, t := range eventActions {
		if len(types) == 0 || slices.Contains(types, t) {
			actions = append(actions, action)
		}
	}
	slices.Sort(actions)
	return actions
}

// Events reads what has happened since a cursor. Numbers come in the order of the
// commits, so a reader that goes on from Next misses nothing and sees nothing twice. A
// key that is held to segregation codes sees what lies wholly within them.
func (s *Service) Events(ctx context.Context, by Principal, q EventQuery) (EventPage, error) {
	if !by.MayActFor(q.EC) {
		return EventPage{}, &Error{Code: CodeKeyForbidden}
	}
	var page EventPage
	err := s.store.View(ctx, func(tx ReadTx) (err error) {
		page, err = eventsIn(ctx, tx, by.Segregations, q)
		return err
	})
	return page, unavailable("read the events", err)
}

// eventBatches bounds how much of others' events one page passes over.
const eventBatches = 20

func eventsIn(ctx context.Context, tx ReadTx, segregations []string, q EventQuery) (EventPage, error) {
	page := EventPage{Next: q.After, More: true}
	actions := actionsOf(q.Types)
	for range eventBatches {
		records, err := tx.JournalAfter(ctx, JournalQuery{EC: q.EC, After: page.Next, Actions: actions, Limit: q.Limit})
		if err != nil {
			return page, err
		}
		for i := range records {
			if len(page.Events) == q.Limit {
				return page, nil
			}
			page.Next = records[i].ID
			if within(segregations, records[i].About.Segregations) {
				page.Events = append(page.Events, eventOf(&records[i]))
			}
		}
		if len(records) < q.Limit {
			page.More = false
			return page, nil
		}
		if len(page.Events) == q.Limit {
			return page, nil
		}
	}
	return page, nil
}

// within says whether what has these codes may be seen with those allowed.
func within(allowed, codes []string) bool {
	if len(allowed) == 0 {
		return true
	}
	for _, code := range codes {
		if !slices.Contains(allowed, code) {
			return false
		}
	}
	return len(codes) > 0
}

func eventOf(r *JournalRecord) FeedEvent {
	e := FeedEvent{ID: r.ID, Type: eventActions[r.Action], At: r.At, Actor: r.Actor, EC: ECCode(r.EC), Subject: r.About}
	if e.Type == ReceiptReceived {
		e.Anomalies = classesIn(r.Detail)
	}
	if e.IUPD == "" && e.ReceiptID == "" { // a record from before records said it
		if e.Type == ReceiptReceived || e.Type == ReceiptVariant {
			e.ReceiptID = r.Object
		} else {
			e.IUPD = IUPD(r.Object)
		}
	}
	return e
}
