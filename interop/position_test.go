package interop_test

import (
	"encoding/json"
	"time"

	"nodobridge/internal/binarytest"
)

const iban = "IT60X0542811101000000123456"

// position is the JSON of a position with all the node's wire can carry of one: five
// transfers (XSD ctTransferListPA: at most five), one of them another EC's, metadata of
// both kinds, a debtor with an address, and texts that XML must escape or encode. A
// revenue stamp and a transfer's companyName exist in version 2 alone.
func position(n int64, version int) (body string, made notice) {
	made.nav = string(binarytest.NAV(n))
	amounts := []int64{10000 + n, 1600, 250, 101, 49}
	var transfers []map[string]any
	for i, cents := range amounts {
		text := "voce <" + string(rune('1'+i)) + "> & così"
		transfer := map[string]any{
			"idTransfer": string(rune('1' + i)), "amount": cents, "iban": iban,
			"remittanceInformation": text, "category": "9/0101108TS/",
		}
		want := transferReport{
			IDTransfer: i + 1, TransferAmount: units(cents), FiscalCodePA: creditorInstitution, IBAN: iban,
			RemittanceInformation: text, TransferCategory: "9/0101108TS/",
		}
		switch {
		case i == 1 && version == 2:
			delete(transfer, "iban")
			transfer["stamp"] = map[string]any{
				"hashDocument": "wHpFSLCGZjIvNSXxqtGbxg7275t446DRTk5ZrsdUQ6E=", "stampType": "01", "provincialResidence": "RM",
			}
			want.IBAN, want.StampType = "", "01"
		case i == 2:
			transfer["organizationFiscalCode"] = binarytest.OtherEC
			want.FiscalCodePA = binarytest.OtherEC
			if version == 2 {
				transfer["companyName"] = "Comune di Altrove"
				want.CompanyName = "Comune di Altrove"
			}
		case i == 3:
			transfer["transferMetadata"] = []map[string]any{{"key": "capitolo", "value": "è"}}
			want.Metadata = map[string]string{"capitolo": "è"}
		}
		transfers = append(transfers, transfer)
		made.cents += cents
		made.transfers = append(made.transfers, want)
	}
	return encoded(n, made, transfers), made
}

func encoded(n int64, made notice, transfers []map[string]any) string {
	text, err := json.Marshal(map[string]any{
		"iupd": "P-" + made.nav, "type": "F", "fiscalCode": "RSSMRA80A01H501U", "fullName": "Niccolò D'Arrò",
		"streetName": "Via Roma", "civicNumber": "1/A", "postalCode": "00100", "city": "Roma", "province": "RM",
		"country": "IT", "email": "niccolo@example.org",
		"companyName": "Comune di Prova", "officeName": "Tributi", "switchToExpired": false,
		"paymentOption": []map[string]any{{
			"iuv": binarytest.NAV(n).IUV(), "amount": made.cents, "description": "TARI 2026", "isPartialPayment": false,
			"dueDate":  time.Now().UTC().AddDate(0, 1, 0).Format("2006-01-02T15:04:05"),
			"transfer": transfers, "paymentOptionMetadata": []map[string]any{{"key": "anno", "value": "2026"}},
		}},
	})
	if err != nil {
		panic(err) // maps of texts and numbers
	}
	return string(text)
}
