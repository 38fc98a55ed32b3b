package pafornode_test

import (
	"strings"

	"nodobridge/wsdl/pafornode"
)

// Values that the tests share. Every function makes new ones.

func subject() pafornode.Subject {
	return pafornode.Subject{
		UniqueIdentifier: pafornode.EntityUniqueIdentifier{
			EntityUniqueIdentifierType:  pafornode.EntityUniqueIdentifierTypeF,
			EntityUniqueIdentifierValue: "RSSMRA80A01H501U",
		},
		FullName:            "Mario Rossi & figli <srl>",
		StreetName:          pafornode.Some("Via dell'Unità d'Italia"),
		CivicNumber:         pafornode.Some("1/bis"),
		PostalCode:          pafornode.Some("00100"),
		City:                pafornode.Some("Roma"),
		StateProvinceRegion: pafornode.Some("RM"),
		Country:             pafornode.Some("IT"),
		EMail:               pafornode.Some("mario.rossi+tari@example.it"),
	}
}

func qrCode() pafornode.QrCode {
	return pafornode.QrCode{FiscalCode: "77777777777", NoticeNumber: "302000100000009424"}
}

func metadata(n int) *pafornode.Metadata {
	out := new(pafornode.Metadata)
	for range n {
		out.MapEntry = append(out.MapEntry, pafornode.MapEntry{Key: "chiave", Value: "valore"})
	}
	return out
}

func bollo() pafornode.RichiestaMarcaDaBollo {
	return pafornode.RichiestaMarcaDaBollo{
		HashDocumento:      "dGVzdCBoYXNoIGRlbCBkb2N1bWVudG8gcGVyIGxhIG1hcmNh",
		TipoBollo:          pafornode.TipoBolloDigitale01,
		ProvinciaResidenza: "RM",
	}
}

func verifyRequest() *pafornode.PaVerifyPaymentNoticeReq {
	return &pafornode.PaVerifyPaymentNoticeReq{IdPA: "77777777777", IdBrokerPA: "77777777777", IdStation: "77777777777_01", QrCode: qrCode()}
}

func paymentList() *pafornode.PaymentOptionsDescriptionListPA {
	return &pafornode.PaymentOptionsDescriptionListPA{PaymentOptionDescription: pafornode.PaymentOptionDescriptionPA{
		Amount:            12010,
		Options:           pafornode.AmountOptionEQ,
		DueDate:           pafornode.Some("2026-12-31"),
		DetailDescription: pafornode.Some("TARI 2026, rata unica"),
	}}
}

func verifyResponse() *pafornode.PaVerifyPaymentNoticeRes {
	return &pafornode.PaVerifyPaymentNoticeRes{
		Response:           pafornode.Response{Outcome: pafornode.OutcomeOK},
		PaymentList:        paymentList(),
		PaymentDescription: pafornode.Some("TARI 2026"),
		FiscalCodePA:       pafornode.Some("77777777777"),
		CompanyName:        pafornode.Some("Comune di Prova"),
		OfficeName:         pafornode.Some("Ufficio tributi"),
	}
}

func refusal(code, text string) pafornode.Response {
	return pafornode.Response{Outcome: pafornode.OutcomeKO, Fault: &pafornode.FaultBean{
		FaultCode:   code,
		FaultString: text,
		Id:          "77777777777",
		Description: pafornode.Some("Avviso non trovato"),
		Serial:      pafornode.Some[int32](0),
	}}
}

func getRequestV2() *pafornode.PaGetPaymentV2Request {
	return &pafornode.PaGetPaymentV2Request{
		IdPA: "77777777777", IdBrokerPA: "77777777777", IdStation: "77777777777_01", QrCode: qrCode(),
		Amount: pafornode.Some[int64](12010), PaymentNote: pafornode.Some("nota"),
		TransferType: pafornode.Some(pafornode.TransferTypePAGOPA), DueDate: pafornode.Some("2026-12-31"),
	}
}

func getResponseV2() *pafornode.PaGetPaymentV2Response {
	ofIBAN := pafornode.TransferPAV2{
		IdTransfer: 1, TransferAmount: 10410, FiscalCodePA: "77777777777", CompanyName: pafornode.Some("Comune di Prova"),
		Choice:                pafornode.TransferPAV2Choice{Kind: pafornode.TransferPAV2ChoiceIBAN, IBAN: "IT60X0542811101000000123456"},
		RemittanceInformation: "/RFB/02000100000009424/104.10", TransferCategory: "0101101IM/", Metadata: metadata(1),
	}
	ofStamp := pafornode.TransferPAV2{
		IdTransfer: 2, TransferAmount: 1600, FiscalCodePA: "77777777777",
		Choice: pafornode.TransferPAV2Choice{
			Kind: pafornode.TransferPAV2ChoiceRichiestaMarcaDaBollo, RichiestaMarcaDaBollo: bollo(),
		},
		RemittanceInformation: "Marca da bollo", TransferCategory: "9/0301116TS/9/24B0060000000017/",
	}
	return &pafornode.PaGetPaymentV2Response{
		Response: pafornode.Response{Outcome: pafornode.OutcomeOK},
		Data: &pafornode.PaymentPAV2{
			CreditorReferenceId: "02000100000009424", PaymentAmount: 12010, DueDate: "2026-12-31",
			RetentionDate: pafornode.Some("2026-11-23T10:00:00+01:00"), LastPayment: pafornode.Some(false),
			Description: "TARI 2026", CompanyName: "Comune di Prova", OfficeName: pafornode.Some("Ufficio tributi"),
			Debtor: subject(), TransferList: pafornode.TransferListPAV2{Transfer: []pafornode.TransferPAV2{ofIBAN, ofStamp}},
			Metadata: metadata(2),
		},
	}
}

// transferV1 is the one transfer of the version 1 messages.
func transferV1() pafornode.TransferListPA {
	return pafornode.TransferListPA{Transfer: []pafornode.TransferPA{{
		IdTransfer: 1, TransferAmount: 12010, FiscalCodePA: "77777777777", IBAN: "IT60X0542811101000000123456",
		RemittanceInformation: "TARI 2026", TransferCategory: "0101101IM/", Metadata: metadata(1),
	}}}
}

func receiptV1() *pafornode.PaSendRTReq {
	payer := subject()
	return &pafornode.PaSendRTReq{
		IdPA: "77777777777", IdBrokerPA: "77777777777", IdStation: "77777777777_01",
		Receipt: pafornode.Receipt{
			ReceiptId: "c110729d258c4ab1b765fe902aae41d6", NoticeNumber: "302000100000009424", FiscalCode: "77777777777",
			Outcome: pafornode.OutcomeOK, CreditorReferenceId: "02000100000009424", PaymentAmount: 12010,
			Description: "TARI 2026", CompanyName: "Comune di Prova", Debtor: subject(), TransferList: transferV1(),
			IdPSP: "BPPIITRRXXX", PSPCompanyName: "Poste Italiane", IdChannel: "97103880585_02",
			ChannelDescription: "app", Payer: &payer, PaymentMethod: pafornode.Some("creditCard"),
			Fee: pafornode.Some[int64](150), PaymentDateTime: pafornode.Some("2026-11-23T10:00:00"),
			StandIn: pafornode.Some(true),
		},
	}
}

func receiptV2() *pafornode.PaSendRTV2Request {
	payer := subject()
	ofIBAN := pafornode.TransferPAReceiptV2{
		IdTransfer: 1, TransferAmount: 10410, FiscalCodePA: "77777777777", CompanyName: pafornode.Some("Comune di Prova"),
		Choice:                pafornode.TransferPAReceiptV2Choice{Kind: pafornode.TransferPAReceiptV2ChoiceIBAN, IBAN: "IT60X0542811101000000123456"},
		RemittanceInformation: "/RFB/02000100000009424/104.10", TransferCategory: "0101101IM/", Metadata: metadata(1),
	}
	ofStamp := pafornode.TransferPAReceiptV2{
		IdTransfer: 2, TransferAmount: 1600, FiscalCodePA: "77777777777",
		Choice: pafornode.TransferPAReceiptV2Choice{
			Kind: pafornode.TransferPAReceiptV2ChoiceMBDAttachment, MBDAttachment: "PG1hcmNhRGFCb2xsby8+",
		},
		RemittanceInformation: "Marca da bollo", TransferCategory: "9/0301116TS/9/24B0060000000017/",
	}
	return &pafornode.PaSendRTV2Request{
		IdPA: "77777777777", IdBrokerPA: "77777777777", IdStation: "77777777777_01",
		Receipt: pafornode.ReceiptV2{
			ReceiptId: "c110729d258c4ab1b765fe902aae41d6", NoticeNumber: "302000100000009424", FiscalCode: "77777777777",
			Outcome: pafornode.OutcomeOK, CreditorReferenceId: "02000100000009424", PaymentAmount: 12010,
			Description: "TARI 2026", CompanyName: "Comune di Prova", OfficeName: pafornode.Some("Ufficio tributi"),
			Debtor: subject(), TransferList: pafornode.TransferListPAReceiptV2{Transfer: []pafornode.TransferPAReceiptV2{ofIBAN, ofStamp}},
			IdPSP: "BPPIITRRXXX", PspFiscalCode: pafornode.Some("97103880585"), PspPartitaIVA: pafornode.Some("01114601006"),
			PSPCompanyName: "Poste Italiane", IdChannel: "97103880585_02", ChannelDescription: "app", Payer: &payer,
			PaymentMethod: pafornode.Some("creditCard"), PaymentNote: pafornode.Some("pagata allo sportello"),
			Fee: pafornode.Some[int64](150), PrimaryCiIncurredFee: pafornode.Some[int64](0),
			IdBundle: pafornode.Some("b1"), IdCiBundle: pafornode.Some("b2"),
			PaymentDateTime: pafornode.Some("2026-11-23T10:00:00.123"), ApplicationDate: pafornode.Some("2026-11-23"),
			TransferDate: pafornode.Some("2026-11-24"), Metadata: metadata(2), StandIn: pafornode.Some(false),
		},
	}
}

func demandRequest() *pafornode.PaDemandPaymentNoticeRequest {
	return &pafornode.PaDemandPaymentNoticeRequest{
		IdPA: "77777777777", IdBrokerPA: "77777777777", IdStation: "77777777777_01",
		IdServizio: "00005", IdSoggettoServizio: "00033", DatiSpecificiServizioRequest: "PHRhc3NhQXV0by8+",
	}
}

func demandResponse() *pafornode.PaDemandPaymentNoticeResponse {
	code := qrCode()
	return &pafornode.PaDemandPaymentNoticeResponse{
		Response: pafornode.Response{Outcome: pafornode.OutcomeOK}, QrCode: &code, PaymentList: paymentList(),
		PaymentDescription: pafornode.Some("Tassa automobilistica"), FiscalCodePA: pafornode.Some("77777777777"),
		CompanyName: pafornode.Some("Regione di Prova"),
	}
}

// once replaces the first occurrence of old in doc and panics if there is none:
// a mutation that changes nothing proves nothing.
func once(doc, old, new string) string {
	if !strings.Contains(doc, old) {
		panic("nothing to replace: " + old)
	}
	return strings.Replace(doc, old, new, 1)
}
