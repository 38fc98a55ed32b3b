package soap

import (
	"context"

	"nodobridge/bridge"
	"nodobridge/wsdl/pafornode"
	"nodobridge/wsdl/xmlpull"
)

// demandCall is paDemandPaymentNotice, the spontaneous payment at a PSP. It is
// not enabled on this station, which every peer answers with PAA_SYSTEM_ERROR
// (soap-node.md §2.4 "not supported").
type demandCall struct {
	req pafornode.PaDemandPaymentNoticeRequest
}

func (c *demandCall) decode(r *xmlpull.Reader, rep *pafornode.Report) error {
	return pafornode.DecodePaDemandPaymentNoticeRequest(r, &c.req, rep)
}

func (c *demandCall) addressee() bridge.Addressee {
	return bridge.Addressee{EC: c.req.IdPA, Broker: c.req.IdBrokerPA, Station: c.req.IdStation}
}

func (c *demandCall) nav() string { return "" }

func (c *demandCall) refuse(dst []byte, bean *pafornode.FaultBean) []byte {
	res := pafornode.PaDemandPaymentNoticeResponse{Response: no(bean)}
	return pafornode.AppendPaDemandPaymentNoticeResponse(dst, &res)
}

func (c *demandCall) ask(ctx context.Context, s *bridge.Service) (answer, error) {
	return nil, s.DemandNotice(ctx, c.addressee())
}
