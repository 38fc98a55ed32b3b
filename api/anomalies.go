package api

import (
	"context"
	"net/http"
	"strconv"

	"nodobridge/bridge"
)

// anomalyView is what somebody of the EC should look at.
type anomalyView struct {
	ID             int64               `json:"id"`
	Class          bridge.AnomalyClass `json:"class"`
	Organization   string              `json:"organizationFiscalCode"`
	ReceiptID      string              `json:"receiptId,omitempty"`
	NAV            bridge.NoticeNumber `json:"nav,omitempty"`
	Detail         string              `json:"detail,omitempty"`
	NotedAt        instant             `json:"notedAt"`
	AcknowledgedAt *instant            `json:"acknowledgedAt"`
	AcknowledgedBy string              `json:"acknowledgedBy,omitempty"`
}

func anomalyViewOf(a *bridge.Anomaly) anomalyView {
	return anomalyView{
		ID: a.ID, Class: a.Class, Organization: a.EC, ReceiptID: a.ReceiptID, NAV: a.NAV, Detail: a.Detail, NotedAt: instant(a.At),
		AcknowledgedAt: instantOf(a.AcknowledgedAt), AcknowledgedBy: a.AcknowledgedBy,
	}
}

type anomaliesPage struct {
	Anomalies []anomalyView `json:"anomalies"`
	Next      int64         `json:"next"`
	More      bool          `json:"more"`
}

func (s *Server) listAnomalies(ctx context.Context, c *call) (reply, error) {
	if err := c.only("after", "limit", "class", "open"); err != nil {
		return reply{}, err
	}
	q := bridge.AnomalyList{EC: c.ec}
	var err error
	if q.After, err = c.cursor(); err != nil {
		return reply{}, err
	}
	limit, err := c.ownLimit()
	if err != nil {
		return reply{}, err
	}
	if q.Class, err = oneOf(c, "class", bridge.AnomalyClasses); err != nil {
		return reply{}, err
	}
	if q.Open, err = c.flag("open"); err != nil {
		return reply{}, err
	}
	q.Limit = limit + 1
	list, err := s.service.AnomaliesOf(ctx, c.by, q)
	if err != nil {
		return reply{}, err
	}
	out := anomaliesPage{Anomalies: []anomalyView{}, Next: q.After, More: len(list) > limit}
	for i := range list[:min(len(list), limit)] {
		out.Anomalies = append(out.Anomalies, anomalyViewOf(&list[i]))
		out.Next = list[i].ID
	}
	answer := reply{status: http.StatusOK, body: out}
	if out.More {
		answer.header = c.nextLink(strconv.FormatInt(out.Next, 10))
	}
	return answer, nil
}

func (s *Server) acknowledgeAnomaly(ctx context.Context, c *call) (reply, error) {
	if err := c.only(); err != nil {
		return reply{}, err
	}
	id, err := strconv.ParseInt(c.given, 10, 64)
	if err != nil {
		return reply{}, c.constraint(paramAnomaly, anomalyForm.rule)
	}
	a, err := s.service.AcknowledgeAnomaly(ctx, c.by, c.ec, id)
	if err != nil {
		return reply{}, err
	}
	return reply{status: http.StatusOK, body: anomalyViewOf(&a)}, nil
}
