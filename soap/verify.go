package soap

import (
	"context"

	"nodobridge/bridge"
	"nodobridge/wsdl/pafornode"
	"nodobridge/wsdl/xmlpull"
)

// verifyCall is paVerifyPaymentNotice (soap-node.md §2.2).
type verifyCall struct {
	req pafornode.PaVerifyPaymentNoticeReq
}

func (c *verifyCall) decode(r *xmlpull.Reader, rep *pafornode.Report) error {
	return pafornode.DecodePaVerifyPaymentNoticeReq(r, &c.req, rep)
}

func (c *verifyCall) addressee() bridge.Addressee {
	return addressed(c.req.IdPA, c.req.IdBrokerPA, c.req.IdStation)
}

func (c *verifyCall) nav() string { return c.req.QrCode.NoticeNumber }

func (c *verifyCall) refuse(dst []byte, bean *pafornode.FaultBean) []byte {
	res := pafornode.PaVerifyPaymentNoticeRes{Response: no(bean)}
	return pafornode.AppendPaVerifyPaymentNoticeRes(dst, &res)
}

func (c *verifyCall) ask(ctx context.Context, s *bridge.Service) (answer, error) {
	v, err := s.VerifyNotice(ctx, bridge.NoticeQuery{Addressee: c.addressee(), QRFiscalCode: c.req.QrCode.FiscalCode, NAV: c.nav()})
	if err != nil {
		return nil, err
	}
	return &verifyAnswer{pafornode.PaVerifyPaymentNoticeRes{
		Response:           yes,
		PaymentList:        &pafornode.PaymentOptionsDescriptionListPA{PaymentOptionDescription: option(v)},
		PaymentDescription: pafornode.Some(v.Description),
		FiscalCodePA:       pafornode.Some(string(v.EC)),
		CompanyName:        pafornode.Some(v.CompanyName),
		OfficeName:         optional(v.OfficeName),
	}}, nil
}

// option is the one payment option of a verification. EQ is the only amount
// option in use (soap-node.md §2.2 options).
func option(v *bridge.Verification) pafornode.PaymentOptionDescriptionPA {
	return pafornode.PaymentOptionDescriptionPA{
		Amount:            int64(v.Amount),
		Options:           "EQ",
		DueDate:           optional(string(v.DueDate)),
		DetailDescription: optional(v.DetailDescription),
		AllCCP:            v.AllCCP,
	}
}

// optional leaves an empty text out: the XSD's texts have at least one character.
func optional(s string) pafornode.Opt[string] {
	if s == "" {
		return pafornode.Opt[string]{}
	}
	return pafornode.Some(s)
}

type verifyAnswer struct {
	pafornode.PaVerifyPaymentNoticeRes
}

func (a *verifyAnswer) append(dst []byte) []byte {
	return pafornode.AppendPaVerifyPaymentNoticeRes(dst, &a.PaVerifyPaymentNoticeRes)
}
