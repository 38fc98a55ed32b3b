package hostile_test

import "strings"

const (
	prolog    = `<?xml version="1.0" encoding="UTF-8"?>`
	opened    = `<soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/" xmlns:pafn="http://pagopa-api.pagopa.gov.it/pa/paForNode.xsd"><soapenv:Body>`
	closed    = `</soapenv:Body></soapenv:Envelope>`
	addressed = `<idPA>77777777777</idPA><idBrokerPA>99999999999</idBrokerPA><idStation>99999999999_01</idStation>`
)

func wrapped(payload string) string { return prolog + opened + payload + closed }

func verifyOf(nav string) string {
	return wrapped(`<pafn:paVerifyPaymentNoticeReq>` + addressed + `<qrCode><fiscalCode>77777777777</fiscalCode><noticeNumber>` + nav + `</noticeNumber></qrCode></pafn:paVerifyPaymentNoticeReq>`)
}

func getOf(nav string) string {
	return wrapped(`<pafn:paGetPaymentV2Request>` + addressed + `<qrCode><fiscalCode>77777777777</fiscalCode><noticeNumber>` + nav + `</noticeNumber></qrCode></pafn:paGetPaymentV2Request>`)
}

// receiptOf is a receipt of 120.00 euro.
func receiptOf(nav, id string) string {
	return wrapped(`<pafn:paSendRTV2Request>` + addressed + `<receipt><receiptId>` + id + `</receiptId><noticeNumber>` + nav + `</noticeNumber><fiscalCode>77777777777</fiscalCode>` +
		`<outcome>OK</outcome><creditorReferenceId>` + nav[1:] + `</creditorReferenceId><paymentAmount>120.00</paymentAmount><description>TARI 2026</description><companyName>Comune di Prova</companyName>` +
		`<debtor><uniqueIdentifier><entityUniqueIdentifierType>F</entityUniqueIdentifierType><entityUniqueIdentifierValue>RSSMRA80A01H501U</entityUniqueIdentifierValue></uniqueIdentifier><fullName>Mario Rossi</fullName></debtor>` +
		`<transferList><transfer><idTransfer>1</idTransfer><transferAmount>120.00</transferAmount><fiscalCodePA>77777777777</fiscalCodePA><IBAN>IT60X0542811101000000123456</IBAN><remittanceInformation>TARI 2026</remittanceInformation><transferCategory>9/0101108TS/</transferCategory></transfer></transferList>` +
		`<idPSP>ABI99999</idPSP><PSPCompanyName>Banca di Prova</PSPCompanyName><idChannel>88888888888_01</idChannel><channelDescription>app</channelDescription></receipt></pafn:paSendRTV2Request>`)
}

// changed replaces a text that must be there, once.
func changed(document, old, now string) string {
	if !strings.Contains(document, old) {
		panic("nothing to change: " + old)
	}
	return strings.Replace(document, old, now, 1)
}
