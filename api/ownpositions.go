package api

import (
	"context"
	"net/http"
	"strings"

	"nodobridge/bridge"
)

// Debt positions over /bridge/v1: version 3's model, read strictly, with versions: an
// answer has an ETag, and a change with If-Match takes place only while the position is
// still the one that was read.

func (s *Server) createOwn(ctx context.Context, c *call) (reply, error) {
	p, publish, err := c.ownPosition()
	if err != nil {
		return reply{}, err
	}
	if err := s.service.CreatePosition(ctx, c.by, p, publish); err != nil {
		return reply{}, err
	}
	answer, err := s.getOwn(ctx, c.of(p.IUPD))
	answer.status = http.StatusCreated
	return answer, err
}

func (s *Server) updateOwn(ctx context.Context, c *call) (reply, error) {
	version, err := c.ifMatch()
	if err != nil {
		return reply{}, err
	}
	p, publish, err := c.ownPosition()
	if err != nil {
		return reply{}, err
	}
	if p.IUPD != c.iupd {
		return reply{}, errOtherIUPD()
	}
	if err := s.service.UpdateVersion(ctx, c.by, p, publish, version); err != nil {
		return reply{}, err
	}
	return s.getOwn(ctx, c)
}

func (s *Server) deleteOwn(ctx context.Context, c *call) (reply, error) {
	if err := c.only(); err != nil {
		return reply{}, err
	}
	version, err := c.ifMatch()
	if err != nil {
		return reply{}, err
	}
	return reply{status: http.StatusNoContent}, s.service.DeleteVersion(ctx, c.by, c.ec, c.iupd, version)
}

func (s *Server) publishOwn(ctx context.Context, c *call) (reply, error) {
	return s.moved(ctx, c, s.service.PublishPosition)
}

func (s *Server) invalidateOwn(ctx context.Context, c *call) (reply, error) {
	return s.moved(ctx, c, s.service.InvalidatePosition)
}

// moved answers a change of state with the whole position.
func (s *Server) moved(ctx context.Context, c *call, move func(context.Context, bridge.Principal, bridge.ECCode, bridge.IUPD) (*bridge.Position, error)) (reply, error) {
	if err := c.only(); err != nil {
		return reply{}, err
	}
	if _, err := move(ctx, c.by, c.ec, c.iupd); err != nil {
		return reply{}, err
	}
	return s.getOwn(ctx, c)
}

func (s *Server) getOwn(ctx context.Context, c *call) (reply, error) {
	if c.request.Method == http.MethodGet {
		if err := c.only(); err != nil {
			return reply{}, err
		}
	}
	p, version, err := s.service.PositionVersion(ctx, c.by, c.ec, c.iupd)
	if err == nil && c.request.Method == http.MethodGet {
		err = s.service.NotePersonRead(ctx, c.by, p)
	}
	if err != nil {
		return reply{}, err
	}
	return reply{status: http.StatusOK, body: positionV3ViewOf(p, dueWindow{}), header: http.Header{"Etag": {`"` + version + `"`}}}, nil
}

// viewOnly are the members of answers, so that what was read can be changed and sent back.
var viewOnly = append([]string{
	"organizationFiscalCode", "insertedDate", "publishDate", "lastUpdatedDate", "reportingDate", "paymentMethod", "pspCompany", "idReceipt", "idFlowReporting",
}, readOnly...)

// of is the same call for a position that its path does not name.
func (c *call) of(iupd bridge.IUPD) *call {
	other := *c
	other.iupd = iupd
	return &other
}

func (c *call) ownPosition() (*bridge.Position, bool, error) {
	if err := c.only("toPublish"); err != nil {
		return nil, false, err
	}
	publish, err := c.flag("toPublish")
	if err != nil {
		return nil, false, err
	}
	var m positionV3
	r := &reader{data: c.body, known: true, readOnly: viewOnly}
	err = r.all(func(r *reader) error {
		return r.object(func(name string) error { return m.member(r, name) })
	})
	if err == nil {
		err = m.validate()
	}
	if err != nil {
		return nil, false, err
	}
	return m.tree(c.ec), publish, nil
}

// ifMatch reads the version that a change asks for; "" when it asks for none.
func (c *call) ifMatch() (string, error) {
	values := c.request.Header.Values("If-Match")
	if len(values) == 0 || len(values) == 1 && values[0] == "*" {
		return "", nil
	}
	version := strings.Trim(values[0], `"`)
	if len(values) > 1 || version == "" || values[0] != `"`+version+`"` || strings.ContainsAny(version, `",`) {
		return "", c.constraint("If-Match", "must be one ETag that an answer has given, or *")
	}
	return version, nil
}
