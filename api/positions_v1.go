package api

import (
	"context"
	"net/http"
	"strings"

	"nodobridge/bridge"
)

// textDeleted is GPD's answer to a delete: a JSON string (gpd-api.md §3.2 row 5).
const textDeleted = "The debt position was successfully deleted"

func (s *Server) createPosition(ctx context.Context, c *call) (reply, error) {
	publish, err := c.flag("toPublish")
	if err != nil {
		return reply{}, err
	}
	request, err := decodePosition(c.body)
	if err != nil {
		return reply{}, err
	}
	if err := request.validate(); err != nil {
		return reply{}, err
	}
	p := request.tree(c.ec)
	if err := s.service.CreatePosition(ctx, c.by, p, publish); err != nil {
		return reply{}, err
	}
	answer, err := positionModelOf(p)
	if err != nil {
		return reply{}, err
	}
	answer.ordered(&request)
	return reply{status: http.StatusCreated, body: answer}, nil
}

func (s *Server) getPosition(ctx context.Context, c *call) (reply, error) {
	p, err := s.service.Position(ctx, c.by, c.ec, c.iupd)
	if err != nil {
		return reply{}, err
	}
	view, err := positionViewOf(p, dueWindow{})
	return reply{status: http.StatusOK, body: view}, err
}

func (s *Server) deletePosition(ctx context.Context, c *call) (reply, error) {
	err := s.service.DeletePosition(ctx, c.by, c.ec, c.iupd)
	return reply{status: http.StatusOK, body: textDeleted}, err
}

func (s *Server) publishPosition(ctx context.Context, c *call) (reply, error) {
	p, err := s.service.PublishPosition(ctx, c.by, c.ec, c.iupd)
	if err != nil {
		return reply{}, err
	}
	answer, err := positionModelOf(p)
	return reply{status: http.StatusOK, body: answer}, err
}

func (s *Server) listPositions(ctx context.Context, c *call) (reply, error) {
	q, err := c.positionQuery(statusesV1)
	if err != nil {
		return reply{}, err
	}
	page, err := s.service.Positions(ctx, c.by, q)
	if err != nil {
		return reply{}, err
	}
	return reply{status: http.StatusOK, body: pageOf(q, page)}, nil
}

// pageOf leaves out what v1 cannot show and counts what remains (gpd-api.md §1.5,
// §6.1 row 9).
func pageOf(q bridge.PositionQuery, page bridge.PositionPage) positionsPage {
	out := positionsPage{List: []positionView{}}
	for i := range page.Positions {
		view, err := positionViewOf(&page.Positions[i], dueWindow{q.DueFrom, q.DueTo})
		if bridge.CodeOf(err) == bridge.CodeMultiPlan {
			continue
		}
		out.List = append(out.List, view)
	}
	out.Info = pageInfo{Page: q.Page, Limit: q.Limit, ItemsFound: len(out.List), TotalPages: (page.Total + q.Limit - 1) / q.Limit}
	return out
}

// flag reads a boolean parameter as Spring does, in any case (gpd-api.md §1.6);
// absent and empty are false.
func (c *call) flag(name string) (bool, error) {
	switch given := c.query.Get(name); strings.ToLower(given) {
	case "true", "on", "yes", "1":
		return true, nil
	case "false", "off", "no", "0", "":
		return false, nil
	default:
		return false, parameterValue(name, given)
	}
}
