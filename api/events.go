package api

import (
	"context"
	"net/http"
	"slices"
	"strconv"

	"nodobridge/bridge"
)

// eventView is one event. What does not apply is left out.
type eventView struct {
	ID             int64                 `json:"id"`
	Type           bridge.EventType      `json:"type"`
	OccurredAt     instant               `json:"occurredAt"`
	Organization   bridge.ECCode         `json:"organizationFiscalCode"`
	Actor          string                `json:"actor"`
	IUPD           bridge.IUPD           `json:"iupd,omitempty"`
	NAV            bridge.NoticeNumber   `json:"nav,omitempty"`
	ReceiptID      string                `json:"receiptId,omitempty"`
	PositionStatus bridge.PositionStatus `json:"positionStatus,omitempty"`
	Amount         bridge.Cents          `json:"amount,omitempty"` // cents
	Anomalies      []bridge.AnomalyClass `json:"anomalies,omitempty"`
}

func eventViewOf(e *bridge.FeedEvent) eventView {
	return eventView{
		ID: e.ID, Type: e.Type, OccurredAt: instant(e.At), Organization: e.EC, Actor: e.Actor, IUPD: e.IUPD, NAV: e.NAV, ReceiptID: e.ReceiptID,
		PositionStatus: e.Status, Amount: e.Amount, Anomalies: e.Anomalies,
	}
}

// eventsPage is a page of the feed. Next is to be given as after, now or later.
type eventsPage struct {
	Events []eventView `json:"events"`
	Next   int64       `json:"next"`
	More   bool        `json:"more"`
}

// listEvents tells what has happened to the EC's positions and receipts since a cursor.
func (s *Server) listEvents(ctx context.Context, c *call) (reply, error) {
	if err := c.only("after", "limit", "types"); err != nil {
		return reply{}, err
	}
	q := bridge.EventQuery{EC: c.ec}
	var err error
	if q.After, err = c.cursor(); err != nil {
		return reply{}, err
	}
	if q.Limit, err = c.ownLimit(); err != nil {
		return reply{}, err
	}
	if q.Types, err = c.typesOf(c.query.Get("types")); err != nil {
		return reply{}, err
	}
	q.Types = slices.DeleteFunc(orAll(q.Types), func(t bridge.EventType) bool { return !c.mayReadEvent(t) })
	if len(q.Types) == 0 {
		return reply{}, &bridge.Error{Code: bridge.CodeKeyForbidden}
	}
	page, err := s.service.Events(ctx, c.by, q)
	if err != nil {
		return reply{}, err
	}
	out := eventsPage{Events: []eventView{}, Next: page.Next, More: page.More}
	for i := range page.Events {
		out.Events = append(out.Events, eventViewOf(&page.Events[i]))
	}
	answer := reply{status: http.StatusOK, body: out}
	if page.More {
		answer.header = c.nextLink(strconv.FormatInt(page.Next, 10))
	}
	return answer, nil
}

func orAll(types []bridge.EventType) []bridge.EventType {
	if len(types) == 0 {
		return bridge.EventTypes()
	}
	return types
}
