package soap_test

import (
	"reflect"
	"strings"
	"testing"

	"nodobridge/bridge"
	"nodobridge/internal/testkit"
	"nodobridge/soap"
)

// TestReceiptDetail: both versions of a receipt say the same to who prints it; a revenue
// stamp has no account (notices.md §7).
func TestReceiptDetail(t *testing.T) {
	t.Parallel()
	body := receiptOf(string(testkit.NAV(1)), "r1")
	body = strings.Replace(body, "</companyName>", "</companyName><officeName>Ufficio</officeName>", 1)
	body = strings.Replace(body, "<PSPCompanyName>", "<pspPartitaIVA>01199250158</pspPartitaIVA><PSPCompanyName>", 1)
	body = strings.Replace(body, "</channelDescription>", "</channelDescription><payer><uniqueIdentifier><entityUniqueIdentifierType>F</entityUniqueIdentifierType>"+
		"<entityUniqueIdentifierValue>VRDLGU80A01H501X</entityUniqueIdentifierValue></uniqueIdentifier><fullName>Luigi Verdi</fullName></payer>", 1)
	want := bridge.ReceiptDetail{
		Description: "TARI 2026", CompanyName: "Comune di Prova", OfficeName: "Ufficio", PSPVATCode: "01199250158", Channel: "app",
		Debtor: bridge.ReceiptPerson{Code: "RSSMRA80A01H501U", Name: "Mario Rossi"}, Payer: bridge.ReceiptPerson{Code: "VRDLGU80A01H501X", Name: "Luigi Verdi"},
		Transfers: []bridge.ReceiptTransfer{{ID: 1, EC: testkit.EC, Amount: 12000, IBAN: "IT60X0542811101000000123456", RemittanceInformation: "TARI 2026", Category: "9/0101108TS/"}},
	}
	for name, text := range map[string]string{"version 2": body, "version 1": strings.ReplaceAll(body, "paSendRTV2Request", "paSendRTReq")} {
		if got, err := soap.ReceiptDetail([]byte(text)); err != nil || !reflect.DeepEqual(*got, want) {
			t.Errorf("%s: %+v, %v", name, got, err)
		}
	}
	stamp := strings.Replace(body, "<IBAN>IT60X0542811101000000123456</IBAN>", "<companyName>Agenzia</companyName><MBDAttachment>UHJvdmE=</MBDAttachment>", 1)
	if got, err := soap.ReceiptDetail([]byte(stamp)); err != nil || got.Transfers[0].IBAN != "" || got.Transfers[0].CompanyName != "Agenzia" {
		t.Errorf("stamp: %+v, %v", got, err)
	}
	if _, err := soap.ReceiptDetail([]byte(verifyOf(string(testkit.NAV(1))))); err == nil {
		t.Error("a read was taken for a receipt")
	}
}
