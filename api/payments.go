package api

import (
	"context"
	"net/http"
	"time"

	"nodobridge/bridge"
)

// alreadyPaid closes a payment option that was paid elsewhere (gpd-api.md §3.2 row 9).
func (s *Server) alreadyPaid(ctx context.Context, c *call) (reply, error) {
	var paid *localTime
	err := decode(c.body, func(r *reader) error {
		return r.object(func(name string) error {
			if name == "paymentDate" {
				return set(r, &paid, (*reader).dateTime)
			}
			return r.skip()
		})
	})
	if err != nil {
		return reply{}, err
	}
	at := time.Time{}
	if paid != nil {
		at = paid.time()
	}
	o, in, err := s.service.AlreadyPaid(ctx, c.by, c.ec, bridge.NoticeNumber(c.given), at)
	if err != nil {
		return reply{}, err
	}
	return reply{status: http.StatusOK, body: paidViewOf(c.ec, o, in)}, nil
}

// paidView is GPD's PaymentsModelResponse: the option, and what kind of position it is
// of.
type paidView struct {
	optionView
	ServiceType                    string     `json:"serviceType"`
	LastUpdatedDateNotificationFee *localTime `json:"lastUpdatedDateNotificationFee"` // never set: no SEND is connected
}

func paidViewOf(ec bridge.ECCode, o *bridge.Option, in *bridge.Instalment) paidView {
	return paidView{optionView: optionViewOf(ec, o, in), ServiceType: serviceType}
}
