package nodesim

import (
	"cmp"
	"crypto/rand"
	"encoding/hex"
	"slices"
	"strings"
	"time"

	"github.com/beevik/etree"
)

// PSP is the payment service provider that took the money, and the channel it was taken through.
type PSP struct {
	ID                 string
	FiscalCode         string
	VATNumber          string
	CompanyName        string
	Channel            string
	ChannelDescription string
	PaymentMethod      string // may be empty: the contract makes it optional
}

// SamplePSP is a bank that does not exist.
func SamplePSP() PSP {
	return PSP{
		ID: "ABI99999", FiscalCode: "88888888888", VATNumber: "88888888888", CompanyName: "Banca di Prova S.p.A.",
		Channel: "88888888888_01", ChannelDescription: "app", PaymentMethod: "creditCard",
	}
}

func (p PSP) put(parent *etree.Element) {
	put(parent, "idPSP", p.ID)
	putIf(parent, "pspFiscalCode", p.FiscalCode)
	putIf(parent, "pspPartitaIVA", p.VATNumber)
	put(parent, "PSPCompanyName", p.CompanyName)
	put(parent, "idChannel", p.Channel)
	put(parent, "channelDescription", p.ChannelDescription)
}

// sampleFee is what SamplePSP and its like take for themselves when nobody says otherwise.
const sampleFee Cents = 150

// ReceiptOptions changes what ReceiptFor would choose by itself; the zero value changes nothing. What it does not offer
// can be changed in the Receipt afterwards.
type ReceiptOptions struct {
	Now       time.Time // when the payer paid; its location gives the offset of paymentDateTime
	ReceiptID string    // random when empty
	Fee       *Cents    // 1.50 when nil
	Payer     *Subject  // the debtor when nil
	StandIn   bool
}

// ReceiptFor makes the receipt of a payment: the activation's own data, echoed, and what the PSP adds. The recipient is
// the creditor of the notice; a copy for another beneficiary differs in Recipient alone (soap-node §2.5).
func ReceiptFor(data PaymentData, psp PSP, o ReceiptOptions) Receipt {
	if o.Now.IsZero() {
		o.Now = time.Now()
	}
	fee := sampleFee
	if o.Fee != nil {
		fee = *o.Fee
	}
	payer := data.Debtor
	if o.Payer != nil {
		payer = *o.Payer
	}
	return Receipt{
		Recipient: data.Request.EC, ReceiptID: cmp.Or(o.ReceiptID, newToken()),
		NoticeNumber: data.Request.NoticeNumber, FiscalCode: data.Request.EC, Outcome: "OK",
		CreditorReferenceID: data.CreditorReferenceID, PaymentAmount: data.PaymentAmount, Description: data.Description,
		// A version 1 station may leave its name out of the data, and the receipt needs one: the node knows its creditors.
		CompanyName: cmp.Or(data.CompanyName, "Ente "+data.Request.EC), OfficeName: data.OfficeName,
		Debtor: data.Debtor, Transfers: paidTransfers(data.Transfers, psp, o.Now),
		PSP: psp, Payer: &payer, PaymentNote: data.Request.PaymentNote, Fee: &fee,
		PaymentDateTime: o.Now.Format("2006-01-02T15:04:05.000Z07:00"),
		ApplicationDate: o.Now.Format(time.DateOnly), TransferDate: o.Now.AddDate(0, 0, 1).Format(time.DateOnly),
		Metadata: slices.Clone(data.Metadata), StandIn: o.StandIn,
	}
}

// paidTransfers turns each stamp asked for into a stamp bought.
func paidTransfers(asked []Transfer, psp PSP, now time.Time) []Transfer {
	paid := slices.Clone(asked)
	for i, t := range paid {
		if t.Stamp != nil {
			paid[i].MBDAttachment = t.Stamp.bought(psp, t.Amount, now)
			paid[i].Stamp = nil
		}
	}
	return paid
}

// newToken makes an identifier of 32 hexadecimal digits, the form of the node's payment tokens.
func newToken() string {
	var b [16]byte
	_, _ = rand.Read(b[:]) // never fails: crypto/rand crashes the program instead
	return hex.EncodeToString(b[:])
}

// bought makes the marcaDaBollo document that the PSP would have from the tax agency. It follows MarcaDaBollo.xsd, and
// its signature is a placeholder: nobody must take it for a real stamp.
func (s *Stamp) bought(psp PSP, price Cents, now time.Time) []byte {
	const xmldsig = "http://www.w3.org/2000/09/xmldsig#"
	const sha256 = "http://www.w3.org/2001/04/xmlenc#sha256"
	doc := etree.NewDocument()
	doc.CreateProcInst("xml", `version="1.0" encoding="UTF-8"`)
	root := doc.CreateElement("marcaDaBollo")
	root.CreateAttr("xmlns", "http://www.agenziaentrate.gov.it/2014/MarcaDaBollo")
	root.CreateAttr("xmlns:ds", xmldsig)
	seller := root.CreateElement("PSP")
	put(seller, "CodiceFiscale", cmp.Or(psp.FiscalCode, psp.ID))
	put(seller, "Denominazione", psp.CompanyName)
	put(root, "IUBD", strings.ToUpper(newToken()[:14]))
	put(root, "OraAcquisto", now.Format(time.RFC3339))
	put(root, "Importo", price.String())
	put(root, "TipoBollo", s.Type)
	imprint := root.CreateElement("ImprontaDocumento")
	imprint.CreateElement("DigestMethod").CreateAttr("Algorithm", sha256)
	put(imprint, "ds:DigestValue", s.DocumentHash)

	signature := root.CreateElement("ds:Signature")
	signed := signature.CreateElement("ds:SignedInfo")
	signed.CreateElement("ds:CanonicalizationMethod").CreateAttr("Algorithm", "http://www.w3.org/TR/2001/REC-xml-c14n-20010315")
	signed.CreateElement("ds:SignatureMethod").CreateAttr("Algorithm", "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256")
	reference := signed.CreateElement("ds:Reference")
	reference.CreateAttr("URI", "")
	reference.CreateElement("ds:DigestMethod").CreateAttr("Algorithm", sha256)
	put(reference, "ds:DigestValue", s.DocumentHash)
	put(signature, "ds:SignatureValue", "cGxhY2Vob2xkZXI=") // "placeholder"
	out, _ := doc.WriteToBytes()                            // a document in memory has nothing to fail on
	return out
}
