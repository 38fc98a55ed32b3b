package api

import (
	"context"
	"fmt"
	"net/http"

	"nodobridge/bridge"
)

// The bulk operations take many positions or none (gpd-api.md §3.2 rows 10 to 12).

const (
	maxBulk       = 100 // positions of a bulk create or update
	maxBulkDelete = 20  // positions of a bulk delete

	textBulkDeleted = "The debt positions were successfully deleted"
)

func (s *Server) createPositions(ctx context.Context, c *call) (reply, error) {
	list, publish, err := c.positions()
	if err != nil {
		return reply{}, err
	}
	if err := s.service.CreatePositions(ctx, c.by, c.ec, list, publish); err != nil {
		return reply{}, err
	}
	return reply{status: http.StatusCreated}, nil
}

func (s *Server) updatePositions(ctx context.Context, c *call) (reply, error) {
	list, publish, err := c.positions()
	if err != nil {
		return reply{}, err
	}
	if err := s.service.UpdatePositions(ctx, c.by, c.ec, list, publish); err != nil {
		return reply{}, err
	}
	return reply{status: http.StatusOK}, nil
}

// deletePositions answers a JSON string; GPD declares JSON and sends bare text
// (gpd-api.md §6.1 row 8).
func (s *Server) deletePositions(ctx context.Context, c *call) (reply, error) {
	iupds, err := decodeIUPDs(c.body)
	if err != nil {
		return reply{}, err
	}
	if err := s.service.DeletePositions(ctx, c.by, c.ec, iupds); err != nil {
		return reply{}, err
	}
	return reply{status: http.StatusOK, body: textBulkDeleted}, nil
}

// positions reads the body of a bulk create or update: each position is validated
// as a single one would be, under its place in the list.
func (c *call) positions() ([]*bridge.Position, bool, error) {
	publish, err := c.flag("toPublish")
	if err != nil {
		return nil, false, err
	}
	var models []positionModel
	v := &violations{}
	err = decode(c.body, func(r *reader) error {
		return r.object(func(name string) error {
			if name != "paymentPositions" {
				return r.skip()
			}
			return list(r, &models, func(r *reader, m *positionModel, name string) error { return m.member(r, name) })
		})
	})
	if err != nil {
		return nil, false, err
	}
	v.must(len(models) >= 1 && len(models) <= maxBulk, "paymentPositions", fmt.Sprintf("size must be between 1 and %d", maxBulk))
	for i := range models {
		models[i].check(v, fmt.Sprintf("paymentPositions[%d].", i))
	}
	if err := v.err(); err != nil {
		return nil, false, err
	}
	positions := make([]*bridge.Position, len(models))
	for i := range models {
		positions[i] = models[i].tree(c.ec)
	}
	return positions, publish, nil
}

func decodeIUPDs(body []byte) ([]bridge.IUPD, error) {
	var iupds []bridge.IUPD
	v := &violations{}
	err := decode(body, func(r *reader) error {
		return r.object(func(name string) error {
			if name != "paymentPositionIUPDs" {
				return r.skip()
			}
			if r.null() {
				return nil
			}
			return r.array(func() error {
				text, err := r.text()
				iupds = append(iupds, bridge.IUPD(text))
				return err
			})
		})
	})
	if err != nil {
		return nil, err
	}
	v.must(len(iupds) >= 1 && len(iupds) <= maxBulkDelete, "paymentPositionIUPDs", fmt.Sprintf("size must be between 1 and %d", maxBulkDelete))
	seen := map[bridge.IUPD]bool{}
	for i, iupd := range iupds {
		v.must(iupd != "" && !seen[iupd], fmt.Sprintf("paymentPositionIUPDs[%d]", i), "must be a iupd that is not in the list already")
		seen[iupd] = true
	}
	return iupds, v.err()
}
