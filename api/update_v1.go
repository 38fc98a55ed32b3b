package api

import (
	"context"
	"fmt"
	"net/http"
	"strings"

	"nodobridge/bridge"
)

// PUT, invalidate and the change of an account (gpd-api.md §3.2 rows 4, 7 and 8).

func (s *Server) updatePosition(ctx context.Context, c *call) (reply, error) {
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
	if bridge.IUPD(*request.IUPD) != c.iupd {
		return reply{}, errOtherIUPD()
	}
	p := request.tree(c.ec)
	if err := s.service.UpdatePosition(ctx, c.by, p, publish); err != nil {
		return reply{}, err
	}
	answer, err := positionModelOf(p)
	if err != nil {
		return reply{}, err
	}
	answer.ordered(&request)
	return reply{status: http.StatusOK, body: answer}, nil
}

// errOtherIUPD comes before anything is looked up (gpd-api.md §4.1 step 6).
func errOtherIUPD() error {
	return invalid(bridge.FieldError{Field: "iupd", Rule: "the path names another debt position than the body"})
}

func (s *Server) invalidatePosition(ctx context.Context, c *call) (reply, error) {
	p, err := s.service.InvalidatePosition(ctx, c.by, c.ec, c.iupd)
	if err != nil {
		return reply{}, err
	}
	answer, err := positionModelOf(p)
	return reply{status: http.StatusOK, body: answer}, err
}

// maxIBANLimit is the most transfers that one PATCH changes, and the default.
const maxIBANLimit = 1000

// ibanChanged is GPD's UpdateTransferIbanMassiveResponse.
type ibanChanged struct {
	Description      string `json:"description"`
	UpdatedTransfers int    `json:"updatedTransfers"`
}

func (s *Server) changeIBAN(ctx context.Context, c *call) (reply, error) {
	limit, err := c.number("limit", maxIBANLimit)
	if err != nil {
		return reply{}, err
	}
	change := bridge.IBANChange{EC: c.ec, Old: c.query.Get("oldIban"), Limit: limit}
	v := &violations{}
	v.must(strings.TrimSpace(change.Old) != "", c.op.name+".oldIban", "must not be blank")
	v.must(limit <= maxIBANLimit, c.op.name+".limit", fmt.Sprintf("must be less than or equal to %d", maxIBANLimit))
	v.must(limit >= 1, c.op.name+".limit", "must be greater than 0") // a negative one reaches GPD's SQL (gpd-api.md §6.1 row 19)
	if err := v.err(); err != nil {
		return reply{}, err
	}
	var given *string
	err = decode(c.body, func(r *reader) error {
		return r.object(func(name string) error {
			if name == "newIban" {
				return set(r, &given, (*reader).text)
			}
			return r.skip()
		})
	})
	if err != nil {
		return reply{}, err
	}
	v.must(given != nil, "newIban", "must not be null")
	v.form(given, ibanForm, "newIban", "IBAN must not contain spaces or special characters")
	if err := v.err(); err != nil {
		return reply{}, err
	}
	change.New = *given
	n, err := s.service.ChangeIBAN(ctx, c.by, change)
	if err != nil {
		return reply{}, err
	}
	return reply{status: http.StatusOK, body: ibanChanged{Description: fmt.Sprintf("Updated IBAN on %d Transfers", n), UpdatedTransfers: n}}, nil
}
