package soap

import (
	"slices"
	"strings"

	"nodobridge/bridge"
	"nodobridge/wsdl/pafornode"
	"nodobridge/wsdl/xmlpull"
)

// sendRTCall is paSendRT (soap-node.md §2.5).
type sendRTCall struct{ req pafornode.PaSendRTReq }

func (c *sendRTCall) decode(r *xmlpull.Reader, rep *pafornode.Report) error {
	return pafornode.DecodePaSendRTReq(r, &c.req, rep)
}

func (c *sendRTCall) addressee() bridge.Addressee {
	return addressed(c.req.IdPA, c.req.IdBrokerPA, c.req.IdStation)
}

func (c *sendRTCall) refuse(dst []byte, bean *pafornode.FaultBean) []byte {
	return pafornode.AppendPaSendRTRes(dst, &pafornode.PaSendRTRes{Response: no(bean)})
}

func (c *sendRTCall) accept(dst []byte) []byte {
	return pafornode.AppendPaSendRTRes(dst, &pafornode.PaSendRTRes{Response: yes})
}

func (c *sendRTCall) delivery(rep *pafornode.Report) (bridge.Delivery, bool) {
	r := &c.req.Receipt
	d := bridge.Delivery{Addressee: c.addressee(), SchemaBroken: broken(rep), Receipt: bridge.Receipt{
		Version:          bridge.ReceiptV1,
		ReceiptID:        r.ReceiptId,
		NAV:              bridge.NoticeNumber(r.NoticeNumber),
		PrimaryEC:        bridge.ECCode(r.FiscalCode),
		Outcome:          bridge.Outcome(r.Outcome),
		IUV:              bridge.IUV(r.CreditorReferenceId),
		Amount:           bridge.Cents(r.PaymentAmount),
		Fee:              bridge.Cents(r.Fee.Value),
		DebtorFiscalCode: r.Debtor.UniqueIdentifier.EntityUniqueIdentifierValue,
		PSPCode:          r.IdPSP,
		PSPFiscalCode:    r.PspFiscalCode.Value,
		PSPCompany:       r.PSPCompanyName,
		PaymentMethod:    r.PaymentMethod.Value,
		StandIn:          r.StandIn.Value,
		PaymentDateTime:  r.PaymentDateTime.Value,
		ApplicationDate:  r.ApplicationDate.Value,
		TransferDate:     r.TransferDate.Value,
	}}
	for i := range r.TransferList.Transfer {
		d.Receipt.TransferTotal = d.Receipt.TransferTotal.Plus(bridge.Cents(r.TransferList.Transfer[i].TransferAmount))
	}
	return d, essential(rep, d.Receipt)
}

// sendRTV2Call is paSendRTV2.
type sendRTV2Call struct{ req pafornode.PaSendRTV2Request }

func (c *sendRTV2Call) decode(r *xmlpull.Reader, rep *pafornode.Report) error {
	return pafornode.DecodePaSendRTV2Request(r, &c.req, rep)
}

func (c *sendRTV2Call) addressee() bridge.Addressee {
	return addressed(c.req.IdPA, c.req.IdBrokerPA, c.req.IdStation)
}

func (c *sendRTV2Call) refuse(dst []byte, bean *pafornode.FaultBean) []byte {
	return pafornode.AppendPaSendRTV2Response(dst, &pafornode.PaSendRTV2Response{Response: no(bean)})
}

func (c *sendRTV2Call) accept(dst []byte) []byte {
	return pafornode.AppendPaSendRTV2Response(dst, &pafornode.PaSendRTV2Response{Response: yes})
}

func (c *sendRTV2Call) delivery(rep *pafornode.Report) (bridge.Delivery, bool) {
	r := &c.req.Receipt
	d := bridge.Delivery{Addressee: c.addressee(), SchemaBroken: broken(rep), Receipt: bridge.Receipt{
		Version:          bridge.ReceiptV2,
		ReceiptID:        r.ReceiptId,
		NAV:              bridge.NoticeNumber(r.NoticeNumber),
		PrimaryEC:        bridge.ECCode(r.FiscalCode),
		Outcome:          bridge.Outcome(r.Outcome),
		IUV:              bridge.IUV(r.CreditorReferenceId),
		Amount:           bridge.Cents(r.PaymentAmount),
		Fee:              bridge.Cents(r.Fee.Value),
		DebtorFiscalCode: r.Debtor.UniqueIdentifier.EntityUniqueIdentifierValue,
		PSPCode:          r.IdPSP,
		PSPFiscalCode:    r.PspFiscalCode.Value,
		PSPCompany:       r.PSPCompanyName,
		PaymentMethod:    r.PaymentMethod.Value,
		PaymentNote:      r.PaymentNote.Value,
		StandIn:          r.StandIn.Value,
		PaymentDateTime:  r.PaymentDateTime.Value,
		ApplicationDate:  r.ApplicationDate.Value,
		TransferDate:     r.TransferDate.Value,
	}}
	for i := range r.TransferList.Transfer {
		d.Receipt.TransferTotal = d.Receipt.TransferTotal.Plus(bridge.Cents(r.TransferList.Transfer[i].TransferAmount))
	}
	return d, essential(rep, d.Receipt)
}

// essentials are the elements without which a receipt cannot be applied
// (architecture.md §7 "receipt with wrong facets"). The addressee belongs to them:
// a KO for a wrong one is final, so it must be known that it was meant.
var essentials = []string{"/idPA", "/idBrokerPA", "/idStation", "/receipt/receiptId", "/receipt/noticeNumber", "/receipt/fiscalCode", "/receipt/paymentAmount"}

func essential(rep *pafornode.Report, r bridge.Receipt) bool {
	// Beyond what a report holds there may be an essential one.
	if rep.ViolationCount > len(rep.Violations) || r.ReceiptID == "" {
		return false
	}
	return !slices.ContainsFunc(rep.Violations, func(v pafornode.Violation) bool {
		return spoilsValue(v.Rule) && slices.ContainsFunc(essentials, func(e string) bool { return strings.HasSuffix(v.Path, e) }) ||
			strings.HasSuffix(v.Path, "/receipt") && v.Rule == pafornode.RuleMissing
	})
}

// spoilsValue tells the rules that leave an element's value in doubt from those
// about its place and its attributes.
func spoilsValue(rule string) bool {
	return rule != pafornode.RuleOrder && rule != pafornode.RuleAttribute && rule != pafornode.RuleType
}

// broken lists the schema's rules that the call violates, for the anomalies.
func broken(rep *pafornode.Report) []string {
	var rules []string
	for _, v := range rep.Violations {
		rules = append(rules, v.Path+": "+v.Rule)
	}
	return rules
}
