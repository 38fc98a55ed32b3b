package soap

import (
	"context"

	"nodobridge/bridge"
	"nodobridge/wsdl/pafornode"
	"nodobridge/wsdl/xmlpull"
)

// demandCall is paDemandPaymentNotice, the spontaneous payment at a PSP
// (soap-node.md §2.4).
type demandCall struct {
	req pafornode.PaDemandPaymentNoticeRequest
}

func (c *demandCall) decode(r *xmlpull.Reader, rep *pafornode.Report) error {
	return pafornode.DecodePaDemandPaymentNoticeRequest(r, &c.req, rep)
}

func (c *demandCall) addressee() bridge.Addressee {
	return addressed(c.req.IdPA, c.req.IdBrokerPA, c.req.IdStation)
}

func (c *demandCall) nav() string { return "" }

func (c *demandCall) refuse(dst []byte, bean *pafornode.FaultBean) []byte {
	res := pafornode.PaDemandPaymentNoticeResponse{Response: no(bean)}
	return pafornode.AppendPaDemandPaymentNoticeResponse(dst, &res)
}

func (c *demandCall) ask(ctx context.Context, s *bridge.Service) (answer, error) {
	d, err := s.DemandNotice(ctx, bridge.Demand{
		Addressee: c.addressee(), Service: c.req.IdServizio, Subject: c.req.IdSoggettoServizio, Payload: c.req.DatiSpecificiServizioRequest,
	})
	if err != nil {
		return nil, err
	}
	return &demandAnswer{pafornode.PaDemandPaymentNoticeResponse{
		Response:           yes,
		QrCode:             &pafornode.QrCode{FiscalCode: string(d.EC), NoticeNumber: string(d.NAV)},
		PaymentList:        &pafornode.PaymentOptionsDescriptionListPA{PaymentOptionDescription: option(&d.Verification)},
		PaymentDescription: pafornode.Some(d.Description),
		FiscalCodePA:       pafornode.Some(string(d.EC)),
		CompanyName:        pafornode.Some(d.CompanyName),
		OfficeName:         optional(d.OfficeName),
	}}, nil
}

type demandAnswer struct {
	pafornode.PaDemandPaymentNoticeResponse
}

func (a *demandAnswer) append(dst []byte) []byte {
	return pafornode.AppendPaDemandPaymentNoticeResponse(dst, &a.PaDemandPaymentNoticeResponse)
}
