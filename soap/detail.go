package soap

import (
	"nodobridge/bridge"
	"nodobridge/wsdl/pafornode"
)

// ReceiptDetail reads from the kept body of a receipt call what a printed receipt shows
// beyond the stored columns (notices.md §7).
func ReceiptDetail(raw []byte) (*bridge.ReceiptDetail, error) {
	c, _, err := archived(raw)
	if err != nil {
		return nil, err
	}
	switch c := c.(type) {
	case *sendRTCall:
		return detailV1(&c.req.Receipt), nil
	case *sendRTV2Call:
		return detailV2(&c.req.Receipt), nil
	}
	return nil, errNoReceipt
}

func detailV1(r *pafornode.Receipt) *bridge.ReceiptDetail {
	d := &bridge.ReceiptDetail{
		Description: r.Description, CompanyName: r.CompanyName, OfficeName: r.OfficeName.Value, Debtor: person(&r.Debtor), Payer: person(r.Payer),
		PSPVATCode: r.PspPartitaIVA.Value, Channel: r.ChannelDescription,
	}
	for i := range r.TransferList.Transfer {
		t := &r.TransferList.Transfer[i]
		d.Transfers = append(d.Transfers, bridge.ReceiptTransfer{
			ID: int(t.IdTransfer), EC: bridge.ECCode(t.FiscalCodePA), Amount: bridge.Cents(t.TransferAmount), IBAN: t.IBAN,
			RemittanceInformation: t.RemittanceInformation, Category: t.TransferCategory,
		})
	}
	return d
}

func detailV2(r *pafornode.ReceiptV2) *bridge.ReceiptDetail {
	d := &bridge.ReceiptDetail{
		Description: r.Description, CompanyName: r.CompanyName, OfficeName: r.OfficeName.Value, Debtor: person(&r.Debtor), Payer: person(r.Payer),
		PSPVATCode: r.PspPartitaIVA.Value, Channel: r.ChannelDescription,
	}
	for i := range r.TransferList.Transfer {
		t := &r.TransferList.Transfer[i]
		d.Transfers = append(d.Transfers, bridge.ReceiptTransfer{
			ID: int(t.IdTransfer), EC: bridge.ECCode(t.FiscalCodePA), CompanyName: t.CompanyName.Value, Amount: bridge.Cents(t.TransferAmount), IBAN: t.Choice.IBAN,
			RemittanceInformation: t.RemittanceInformation, Category: t.TransferCategory,
		})
	}
	return d
}

func person(s *pafornode.Subject) bridge.ReceiptPerson {
	if s == nil {
		return bridge.ReceiptPerson{}
	}
	return bridge.ReceiptPerson{Code: s.UniqueIdentifier.EntityUniqueIdentifierValue, Name: s.FullName}
}
