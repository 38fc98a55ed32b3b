package nodesim

import (
	"context"
	"encoding/base64"
	"fmt"
	"strconv"

	"github.com/beevik/etree"
)

// Receipt is what the node sends once a payment has succeeded (ctReceipt and ctReceiptV2 in one: what only version 2
// knows is said at the field and not written in version 1). Dates are texts, so that any spelling can be sent.
type Receipt struct {
	Recipient string // idPA: who is told, not always the creditor of the notice (soap-node §2.5)

	ReceiptID           string
	NoticeNumber        string
	FiscalCode          string // the creditor of the notice
	Outcome             string // OK; the node sends no receipt for a KO (soap-node §2.5)
	CreditorReferenceID string
	PaymentAmount       Cents
	Description         string
	CompanyName         string
	OfficeName          string
	Debtor              Subject
	Transfers           []Transfer
	PSP                 PSP // its PaymentMethod included
	Payer               *Subject
	PaymentNote         string // V2 only

	Fee                  *Cents
	PrimaryCIIncurredFee *Cents // V2 only
	IDBundle             string // V2 only
	IDCIBundle           string // V2 only
	PaymentDateTime      string
	ApplicationDate      string
	TransferDate         string
	Metadata             []MapEntry
	StandIn              bool // paid while the node answered in the station's place (soap-node §2.8)
}

// ReceiptResult is the answer to a receipt. OK and KO are both final: the node does not send again (soap-node §2.6).
type ReceiptResult struct {
	Fault *Fault // nil when the station took the receipt
}

// SendRT sends a receipt to a station of version 1.
func (n *Node) SendRT(ctx context.Context, r Receipt) (ReceiptResult, error) {
	return n.send(ctx, r, V1, sendRTOperation)
}

// SendRTV2 sends a receipt to a station of version 2.
func (n *Node) SendRTV2(ctx context.Context, r Receipt) (ReceiptResult, error) {
	return n.send(ctx, r, V2, sendRTV2Operation)
}

func (n *Node) send(ctx context.Context, r Receipt, v Version, op operation) (ReceiptResult, error) {
	payload := n.request(op, r.Recipient)
	r.put(payload, v)
	_, fault, err := n.call(ctx, op, payload, n.Patience.receipt())
	return ReceiptResult{Fault: fault}, wrap("cannot send receipt", err)
}

// put writes the receipt in the order of the XSD.
func (r Receipt) put(parent *etree.Element, v Version) {
	e := parent.CreateElement("receipt")
	put(e, "receiptId", r.ReceiptID)
	put(e, "noticeNumber", r.NoticeNumber)
	put(e, "fiscalCode", r.FiscalCode)
	put(e, "outcome", r.Outcome)
	put(e, "creditorReferenceId", r.CreditorReferenceID)
	put(e, "paymentAmount", r.PaymentAmount.String())
	put(e, "description", r.Description)
	put(e, "companyName", r.CompanyName)
	putIf(e, "officeName", r.OfficeName)
	r.Debtor.put(e, "debtor")
	list := e.CreateElement("transferList")
	for _, t := range r.Transfers {
		t.put(list, v)
	}
	r.PSP.put(e)
	if r.Payer != nil {
		r.Payer.put(e, "payer")
	}
	putIf(e, "paymentMethod", r.PSP.PaymentMethod)
	if v == V2 {
		putIf(e, "paymentNote", r.PaymentNote)
	}
	putCents(e, "fee", r.Fee)
	if v == V2 {
		putCents(e, "primaryCiIncurredFee", r.PrimaryCIIncurredFee)
		putIf(e, "idBundle", r.IDBundle)
		putIf(e, "idCiBundle", r.IDCIBundle)
	}
	putIf(e, "paymentDateTime", r.PaymentDateTime)
	putIf(e, "applicationDate", r.ApplicationDate)
	putIf(e, "transferDate", r.TransferDate)
	putMetadata(e, r.Metadata)
	if r.StandIn {
		put(e, "standIn", strconv.FormatBool(r.StandIn))
	}
}

// put writes a transfer of a receipt: in version 2 the stamp bought stands in place of the account.
func (t Transfer) put(parent *etree.Element, v Version) {
	e := parent.CreateElement("transfer")
	put(e, "idTransfer", strconv.Itoa(t.ID))
	put(e, "transferAmount", t.Amount.String())
	put(e, "fiscalCodePA", t.FiscalCodePA)
	if v == V2 {
		putIf(e, "companyName", t.CompanyName)
	}
	putIf(e, "IBAN", t.IBAN)
	if v == V2 && t.MBDAttachment != nil {
		put(e, "MBDAttachment", base64.StdEncoding.EncodeToString(t.MBDAttachment))
	}
	put(e, "remittanceInformation", t.RemittanceInformation)
	put(e, "transferCategory", t.TransferCategory)
	putMetadata(e, t.Metadata)
}

// deliver sends a receipt by the operation of a version.
func (n *Node) deliver(ctx context.Context, r Receipt, v Version) (ReceiptResult, error) {
	if v == V1 {
		return n.SendRT(ctx, r)
	}
	return n.SendRTV2(ctx, r)
}

// check refuses a version that does not exist.
func (v Version) check() error {
	if v != V1 && v != V2 {
		return fmt.Errorf("cannot use primitive version %d: want 1 or 2", v)
	}
	return nil
}
