package soap

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/beevik/etree"
)

// keptElements are those of a receipt call that name neither who owes, nor who paid, nor
// for what (reliability-security.md §6 "Anonymisation"). Whatever else stands in it, an
// element that the contract does not know included, goes.
var keptElements = []string{
	"Envelope", "Body", "paSendRTReq", "paSendRTV2Request", "idPA", "idBrokerPA", "idStation", "receipt", "receiptId", "noticeNumber", "fiscalCode", "outcome",
	"creditorReferenceId", "paymentAmount", "companyName", "officeName", "transferList", "transfer", "idTransfer", "transferAmount", "fiscalCodePA", "IBAN", "transferCategory",
	"idPSP", "pspFiscalCode", "pspPartitaIVA", "PSPCompanyName", "idChannel", "channelDescription", "paymentMethod", "fee", "primaryCiIncurredFee", "idBundle", "idCiBundle",
	"paymentDateTime", "applicationDate", "transferDate", "standIn", "standin",
	"debtor", "payer", "uniqueIdentifier", "entityUniqueIdentifierType",
}

// removedAttachment is base64 for "dato rimosso".
const removedAttachment = "ZGF0byByaW1vc3Nv"

// redactedTexts are elements that the contract wants, and what they then say.
var redactedTexts = map[string]string{"fullName": "ANONIMO", "description": "dato rimosso", "remittanceInformation": "dato rimosso", "MBDAttachment": removedAttachment}

// RedactReceipt takes the persons out of the kept body of a receipt call: it is the
// bridge.Redactor. debtor is the alias of the one who owes; the payer gets none.
func RedactReceipt(raw []byte, debtor string) ([]byte, error) {
	// Our strict reader judges first: what it reads etree reads alike.
	if _, _, err := archived(raw); err != nil {
		return nil, err
	}
	tree := etree.NewDocument()
	tree.ReadSettings.CharsetReader = latin1Charset
	if err := tree.ReadFromBytes(raw); err != nil {
		return nil, fmt.Errorf("cannot read receipt: %w", err)
	}
	redactElement(tree.Root(), debtor)
	if declaration, ok := tree.Child[0].(*etree.ProcInst); ok {
		declaration.Inst = `version="1.0" encoding="UTF-8"` // whatever it came in
	}
	out, err := tree.WriteToBytes()
	if err != nil {
		return nil, fmt.Errorf("cannot write redacted receipt: %w", err)
	}
	if _, _, err := archived(out); err != nil {
		return nil, fmt.Errorf("cannot read what was redacted: %w", err)
	}
	return out, nil
}

// redactElement takes out what may not stay below an element; alias stands for the code
// of the person that it is about.
func redactElement(e *etree.Element, alias string) {
	if e.Tag == "payer" {
		alias = "ANONIMO" // may be a third person, who is not the alias's
	}
	for _, token := range slices.Clone(e.Child) {
		child, ok := token.(*etree.Element)
		if !ok {
			if _, text := token.(*etree.CharData); !text {
				e.RemoveChild(token) // comments
			}
			continue
		}
		text, known := redactedTexts[child.Tag]
		if child.Tag == "entityUniqueIdentifierValue" {
			text, known = alias, true
		}
		switch {
		case known:
			for _, inside := range slices.Clone(child.Child) {
				child.RemoveChild(inside)
			}
			child.SetText(text)
		case slices.Contains(keptElements, child.Tag):
			redactElement(child, alias)
		default:
			e.RemoveChild(child)
		}
	}
}

// latin1Charset reads the two encodings beside UTF-8 that our reader accepts.
func latin1Charset(charset string, in io.Reader) (io.Reader, error) {
	if strings.EqualFold(charset, "US-ASCII") {
		return in, nil
	}
	raw, err := io.ReadAll(in)
	if err != nil {
		return nil, err
	}
	runes := make([]rune, len(raw))
	for i, b := range raw {
		runes[i] = rune(b) // ISO-8859-1 is the first 256 code points
	}
	return strings.NewReader(string(runes)), nil
}
