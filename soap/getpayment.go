package soap

import (
	"context"

	"nodobridge/bridge"
	"nodobridge/wsdl/pafornode"
	"nodobridge/wsdl/xmlpull"
)

// getPaymentCall is paGetPayment (soap-node.md §2.3).
type getPaymentCall struct{ req pafornode.PaGetPaymentReq }

func (c *getPaymentCall) decode(r *xmlpull.Reader, rep *pafornode.Report) error {
	return pafornode.DecodePaGetPaymentReq(r, &c.req, rep)
}

func (c *getPaymentCall) addressee() bridge.Addressee {
	return addressed(c.req.IdPA, c.req.IdBrokerPA, c.req.IdStation)
}

func (c *getPaymentCall) nav() string { return c.req.QrCode.NoticeNumber }

func (c *getPaymentCall) refuse(dst []byte, bean *pafornode.FaultBean) []byte {
	res := pafornode.PaGetPaymentRes{Response: no(bean)}
	return pafornode.AppendPaGetPaymentRes(dst, &res)
}

func (c *getPaymentCall) ask(ctx context.Context, s *bridge.Service) (answer, error) {
	p, err := s.GetPayment(ctx, bridge.PaymentQuery{
		NoticeQuery:  bridge.NoticeQuery{Addressee: c.addressee(), QRFiscalCode: c.req.QrCode.FiscalCode, NAV: c.nav()},
		TransferType: bridge.TransferType(c.req.TransferType.Value),
	})
	if err != nil {
		return nil, err
	}
	data := &pafornode.PaymentPA{
		CreditorReferenceId: string(p.IUV),
		PaymentAmount:       int64(p.Amount),
		DueDate:             string(p.DueDate),
		LastPayment:         pafornode.Some(p.LastPayment),
		Description:         p.Description,
		CompanyName:         optional(p.CompanyName),
		OfficeName:          optional(p.OfficeName),
		Debtor:              subject(p.Debtor),
		Metadata:            metadata(p.Metadata),
	}
	for _, t := range p.Transfers {
		data.TransferList.Transfer = append(data.TransferList.Transfer, pafornode.TransferPA{
			IdTransfer: int32(t.ID), TransferAmount: int64(t.Amount), FiscalCodePA: string(t.EC), IBAN: t.IBAN,
			RemittanceInformation: t.RemittanceInformation, TransferCategory: t.Category, Metadata: metadata(t.Metadata),
		})
	}
	return &getPaymentAnswer{pafornode.PaGetPaymentRes{Response: yes, Data: data}}, nil
}

type getPaymentAnswer struct{ pafornode.PaGetPaymentRes }

func (a *getPaymentAnswer) append(dst []byte) []byte {
	return pafornode.AppendPaGetPaymentRes(dst, &a.PaGetPaymentRes)
}

// getPaymentV2Call is paGetPaymentV2: the same with beneficiaries' names and
// revenue stamps.
type getPaymentV2Call struct {
	req pafornode.PaGetPaymentV2Request
}

func (c *getPaymentV2Call) decode(r *xmlpull.Reader, rep *pafornode.Report) error {
	return pafornode.DecodePaGetPaymentV2Request(r, &c.req, rep)
}

func (c *getPaymentV2Call) addressee() bridge.Addressee {
	return addressed(c.req.IdPA, c.req.IdBrokerPA, c.req.IdStation)
}

func (c *getPaymentV2Call) nav() string { return c.req.QrCode.NoticeNumber }

func (c *getPaymentV2Call) refuse(dst []byte, bean *pafornode.FaultBean) []byte {
	res := pafornode.PaGetPaymentV2Response{Response: no(bean)}
	return pafornode.AppendPaGetPaymentV2Response(dst, &res)
}

func (c *getPaymentV2Call) ask(ctx context.Context, s *bridge.Service) (answer, error) {
	p, err := s.GetPayment(ctx, bridge.PaymentQuery{
		NoticeQuery:  bridge.NoticeQuery{Addressee: c.addressee(), QRFiscalCode: c.req.QrCode.FiscalCode, NAV: c.nav()},
		V2:           true,
		TransferType: bridge.TransferType(c.req.TransferType.Value),
	})
	if err != nil {
		return nil, err
	}
	data := &pafornode.PaymentPAV2{
		CreditorReferenceId: string(p.IUV),
		PaymentAmount:       int64(p.Amount),
		DueDate:             string(p.DueDate),
		LastPayment:         pafornode.Some(p.LastPayment),
		Description:         p.Description,
		CompanyName:         p.CompanyName,
		OfficeName:          optional(p.OfficeName),
		Debtor:              subject(p.Debtor),
		Metadata:            metadata(p.Metadata),
	}
	for _, t := range p.Transfers {
		data.TransferList.Transfer = append(data.TransferList.Transfer, transferV2(t))
	}
	return &getPaymentV2Answer{pafornode.PaGetPaymentV2Response{Response: yes, Data: data}}, nil
}

func transferV2(t bridge.PaymentTransfer) pafornode.TransferPAV2 {
	out := pafornode.TransferPAV2{
		IdTransfer: int32(t.ID), TransferAmount: int64(t.Amount), FiscalCodePA: string(t.EC), CompanyName: optional(t.CompanyName),
		RemittanceInformation: t.RemittanceInformation, TransferCategory: t.Category, Metadata: metadata(t.Metadata),
	}
	if t.Stamp == nil {
		out.Choice = pafornode.TransferPAV2Choice{Kind: pafornode.TransferPAV2ChoiceIBAN, IBAN: t.IBAN}
		return out
	}
	out.Choice = pafornode.TransferPAV2Choice{
		Kind: pafornode.TransferPAV2ChoiceRichiestaMarcaDaBollo,
		RichiestaMarcaDaBollo: pafornode.RichiestaMarcaDaBollo{
			HashDocumento: t.Stamp.HashDocument, TipoBollo: t.Stamp.Type, ProvinciaResidenza: t.Stamp.ProvincialResidence,
		},
	}
	return out
}

type getPaymentV2Answer struct {
	pafornode.PaGetPaymentV2Response
}

func (a *getPaymentV2Answer) append(dst []byte) []byte {
	return pafornode.AppendPaGetPaymentV2Response(dst, &a.PaGetPaymentV2Response)
}

func subject(d bridge.Debtor) pafornode.Subject {
	return pafornode.Subject{
		UniqueIdentifier: pafornode.EntityUniqueIdentifier{
			EntityUniqueIdentifierType: string(d.Type), EntityUniqueIdentifierValue: d.FiscalCode,
		},
		FullName:            d.FullName,
		StreetName:          optional(d.StreetName),
		CivicNumber:         optional(d.CivicNumber),
		PostalCode:          optional(d.PostalCode),
		City:                optional(d.City),
		StateProvinceRegion: optional(d.Province),
		Country:             optional(d.Country),
		EMail:               optional(d.Email),
	}
}

func metadata(entries []bridge.Metadata) *pafornode.Metadata {
	if len(entries) == 0 {
		return nil
	}
	m := &pafornode.Metadata{MapEntry: make([]pafornode.MapEntry, len(entries))}
	for i, e := range entries {
		m.MapEntry[i] = pafornode.MapEntry{Key: e.Key, Value: e.Value}
	}
	return m
}
