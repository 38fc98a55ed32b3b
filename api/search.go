package api

import (
	"context"
	"encoding/base64"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	"nodobridge/bridge"
)

// foundPage is a page of positions in the form of version 3. Next is to be given as
// after; it is null at the end.
type foundPage struct {
	Positions []positionV3View `json:"positions"`
	Next      *string          `json:"next"`
}

// searchPositions finds positions by debtor, notice number or last change, which GPD's
// list cannot (gpd-api.md §6.2).
func (s *Server) searchPositions(ctx context.Context, c *call) (reply, error) {
	if err := c.only("after", "limit", "debtor", "nav", "changedSince"); err != nil {
		return reply{}, err
	}
	q := bridge.PositionSearch{EC: c.ec, Debtor: strings.ToUpper(c.query.Get("debtor")), NAV: bridge.NoticeNumber(c.query.Get("nav"))}
	var err error
	if q.Limit, err = c.ownLimit(); err != nil {
		return reply{}, err
	}
	if text := c.query.Get("changedSince"); text != "" {
		if q.ChangedSince, _, err = moment(text); err != nil {
			return reply{}, c.constraint("changedSince", err.Error())
		}
	}
	if text := c.query.Get("after"); text != "" {
		if q.After, err = parseMark(text); err != nil {
			return reply{}, c.constraint("after", "must be what an answer has given as next")
		}
	}
	page, err := s.service.SearchPositions(ctx, c.by, q)
	if err == nil && q.Debtor != "" && q.After == (bridge.PositionMark{}) {
		err = s.service.NotePersonSearch(ctx, c.by, q.EC, q.Debtor)
	}
	if err != nil {
		return reply{}, err
	}
	out := foundPage{Positions: []positionV3View{}}
	for i := range page.Positions {
		out.Positions = append(out.Positions, masked(&page.Positions[i]))
	}
	answer := reply{status: http.StatusOK}
	if page.Next != (bridge.PositionMark{}) {
		next := markText(page.Next)
		out.Next, answer.header = &next, c.nextLink(next)
	}
	answer.body = out
	return answer, nil
}

// masked shows a position in a list: who owes is told when it is opened
// (reliability-security.md §6 "list views show masked fiscal codes").
func masked(p *bridge.Position) positionV3View {
	for i := range p.Options {
		d := &p.Options[i].Debtor
		d.FiscalCode = bridge.MaskFiscalCode(d.FiscalCode)
	}
	return positionV3ViewOf(p, dueWindow{})
}

// markText writes a place in the order of last changes; clients take it as it is.
func markText(m bridge.PositionMark) string {
	return base64.RawURLEncoding.EncodeToString(fmt.Appendf(nil, "%d.%d", m.ChangedAt.UnixMicro(), m.Row))
}

func parseMark(text string) (bridge.PositionMark, error) {
	plain, err := base64.RawURLEncoding.DecodeString(text)
	if err != nil {
		return bridge.PositionMark{}, err
	}
	micros, row, _ := strings.Cut(string(plain), ".")
	at, err := strconv.ParseInt(micros, 10, 64)
	if err != nil {
		return bridge.PositionMark{}, err
	}
	number, err := strconv.ParseInt(row, 10, 64)
	mark := bridge.PositionMark{ChangedAt: time.UnixMicro(at).UTC(), Row: number}
	if year := mark.ChangedAt.Year(); err == nil && (year < firstYear || year > lastYear) {
		err = errDateTime
	}
	return mark, err
}

// restorePosition brings back what was cancelled or has expired.
func (s *Server) restorePosition(ctx context.Context, c *call) (reply, error) {
	if err := c.only("toPublish", "dueDate"); err != nil {
		return reply{}, err
	}
	r := bridge.Restoration{EC: c.ec, IUPD: c.iupd}
	var err error
	if r.Publish, err = c.flag("toPublish"); err != nil {
		return reply{}, err
	}
	if text := c.query.Get("dueDate"); text != "" {
		if r.DueDate, err = parseDateTime(text); err != nil {
			return reply{}, c.constraint("dueDate", err.Error())
		}
	}
	if _, err := s.service.RestorePosition(ctx, c.by, r); err != nil {
		return reply{}, err
	}
	return s.getOwn(ctx, c)
}
