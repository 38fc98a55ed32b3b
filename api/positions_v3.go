package api

import (
	"context"
	"net/http"

	"nodobridge/bridge"
)

// Debt positions of version 3 (gpd-api.md §3.5). Invalidate is our extension: GPD
// wants version 1's for it (§6.1 row 11).

func (s *Server) createPositionV3(ctx context.Context, c *call) (reply, error) {
	p, publish, err := c.positionV3()
	if err != nil {
		return reply{}, err
	}
	err = s.service.CreatePosition(ctx, c.by, p, publish)
	return reply{status: http.StatusCreated, body: positionV3Of(p)}, err
}

func (s *Server) updatePositionV3(ctx context.Context, c *call) (reply, error) {
	p, publish, err := c.positionV3()
	if err != nil {
		return reply{}, err
	}
	if p.IUPD != c.iupd {
		return reply{}, errOtherIUPD()
	}
	err = s.service.UpdatePosition(ctx, c.by, p, publish)
	return reply{status: http.StatusOK, body: positionV3Of(p)}, err
}

// positionV3 reads the body of a create or update.
func (c *call) positionV3() (*bridge.Position, bool, error) {
	publish, err := c.flag("toPublish")
	if err != nil {
		return nil, false, err
	}
	request, err := decodePositionV3(c.body)
	if err != nil {
		return nil, false, err
	}
	if err := request.validate(); err != nil {
		return nil, false, err
	}
	return request.tree(c.ec), publish, nil
}

func (s *Server) getPositionV3(ctx context.Context, c *call) (reply, error) {
	p, err := s.service.Position(ctx, c.by, c.ec, c.iupd)
	if err != nil {
		return reply{}, err
	}
	return reply{status: http.StatusOK, body: positionV3ViewOf(p, dueWindow{})}, nil
}

func (s *Server) publishPositionV3(ctx context.Context, c *call) (reply, error) {
	p, err := s.service.PublishPosition(ctx, c.by, c.ec, c.iupd)
	if err != nil {
		return reply{}, err
	}
	return reply{status: http.StatusOK, body: positionV3Of(p)}, nil
}

func (s *Server) invalidatePositionV3(ctx context.Context, c *call) (reply, error) {
	p, err := s.service.InvalidatePosition(ctx, c.by, c.ec, c.iupd)
	if err != nil {
		return reply{}, err
	}
	return reply{status: http.StatusOK, body: positionV3Of(p)}, nil
}

// positionsV3Page is GPD's PaymentPositionsInfoV3.
type positionsV3Page struct {
	List []positionV3View `json:"payment_position_list"`
	Info pageInfo         `json:"page_info"`
}

// statusesV3 are the stored states behind those of version 3. GPD fails on UNPAYABLE
// and forgets REPORTED (gpd-api.md §6.1 row 10).
var statusesV3 = map[string][]bridge.PositionStatus{
	"DRAFT":          {bridge.Draft},
	"PUBLISHED":      {bridge.Published},
	"VALID":          {bridge.Valid},
	"UNPAYABLE":      {bridge.Expired, bridge.Invalid},
	"PARTIALLY_PAID": {bridge.PartiallyPaid},
	"PAID":           {bridge.Paid, bridge.Reported},
}

func (s *Server) listPositionsV3(ctx context.Context, c *call) (reply, error) {
	q, err := c.positionQuery(statusesV3)
	if err != nil {
		return reply{}, err
	}
	page, err := s.service.Positions(ctx, c.by, q)
	if err != nil {
		return reply{}, err
	}
	out := positionsV3Page{List: []positionV3View{}}
	for i := range page.Positions {
		out.List = append(out.List, positionV3ViewOf(&page.Positions[i], dueWindow{q.DueFrom, q.DueTo}))
	}
	out.Info = pageInfo{Page: q.Page, Limit: q.Limit, ItemsFound: len(out.List), TotalPages: (page.Total + q.Limit - 1) / q.Limit}
	return reply{status: http.StatusOK, body: out}, nil
}
