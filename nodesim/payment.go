package nodesim

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"

	"github.com/beevik/etree"
)

// Version is a station's primitive version: which of the two pairs of operations the node uses with it (soap-node §1.4).
type Version int

// V1 is paGetPayment with paSendRT, V2 is paGetPaymentV2 with paSendRTV2.
const (
	V1 Version = 1
	V2 Version = 2
)

// ActivateRequest asks for the full data of a notice about to be paid (soap-node §2.3).
type ActivateRequest struct {
	EC           string // idPA and qrCode/fiscalCode
	NoticeNumber string
	Amount       *Cents // what the payer saw; the station answers with its own amount all the same
	PaymentNote  string // idCart, when the payment began on the creditor's own site
	TransferType string // POSTAL, PAGOPA or nothing
	DueDate      string // may carry an offset
}

// PaymentData is the answer to paGetPayment and paGetPaymentV2: a refusal or all that a payment needs.
type PaymentData struct {
	Fault   *Fault // nil when the payment may go on
	Version Version
	Request ActivateRequest // what was asked, since a receipt repeats some of it

	CreditorReferenceID string
	PaymentAmount       Cents
	DueDate             string
	RetentionDate       string
	LastPayment         *bool
	Description         string
	CompanyName         string
	OfficeName          string
	Debtor              Subject
	Transfers           []Transfer
	Metadata            []MapEntry
}

// GetPayment activates a notice on a station of version 1.
func (n *Node) GetPayment(ctx context.Context, r ActivateRequest) (PaymentData, error) {
	return n.activate(ctx, r, V1, getPaymentOperation)
}

// GetPaymentV2 activates a notice on a station of version 2.
func (n *Node) GetPaymentV2(ctx context.Context, r ActivateRequest) (PaymentData, error) {
	return n.activate(ctx, r, V2, getPaymentV2Operation)
}

// activateAs activates a notice by the operation of a version.
func (n *Node) activateAs(ctx context.Context, r ActivateRequest, v Version) (PaymentData, error) {
	if v == V1 {
		return n.GetPayment(ctx, r)
	}
	return n.GetPaymentV2(ctx, r)
}

func (n *Node) activate(ctx context.Context, r ActivateRequest, v Version, op operation) (PaymentData, error) {
	payload := n.request(op, r.EC)
	putQRCode(payload, r.EC, r.NoticeNumber)
	putCents(payload, "amount", r.Amount)
	putIf(payload, "paymentNote", r.PaymentNote)
	putIf(payload, "transferType", r.TransferType)
	putIf(payload, "dueDate", r.DueDate)

	answer, fault, err := n.call(ctx, op, payload, n.Patience.read())
	if err != nil || fault != nil {
		return PaymentData{Fault: fault, Version: v, Request: r}, wrap("cannot activate notice", err)
	}
	data := childOf(answer, "data")
	if data == nil {
		return PaymentData{}, wrap("cannot activate notice", refuse("%s/data is missing, and an OK needs it", op.response))
	}
	payment := readPayment(data)
	payment.Version, payment.Request = v, r
	err = n.judgePayment(payment)
	if err != nil {
		return PaymentData{}, wrap("cannot activate notice", refuse("%s: %v", op.response, err))
	}
	return payment, nil
}

func readPayment(data *etree.Element) PaymentData {
	p := PaymentData{
		CreditorReferenceID: valueOf(data, "creditorReferenceId"),
		PaymentAmount:       centsOf(data, "paymentAmount"),
		DueDate:             collapse(valueOf(data, "dueDate")), RetentionDate: collapse(valueOf(data, "retentionDate")),
		Description: valueOf(data, "description"),
		CompanyName: valueOf(data, "companyName"), OfficeName: valueOf(data, "officeName"),
		Debtor:   readSubject(childOf(data, "debtor")),
		Metadata: readMetadata(data),
	}
	if childOf(data, "lastPayment") != nil {
		p.LastPayment = new(isTrue(valueOf(data, "lastPayment")))
	}
	for e := range childOf(data, "transferList").ChildElementsSeq() {
		p.Transfers = append(p.Transfers, readTransfer(e))
	}
	return p
}

// judgePayment holds the rules the XSD cannot say (soap-node §0 rule 6, §2.3).
func (n *Node) judgePayment(p PaymentData) error {
	var sum Cents
	seen := map[int]bool{}
	for _, t := range p.Transfers {
		sum += t.Amount
		if seen[t.ID] {
			return fmt.Errorf("two transfers have idTransfer %d", t.ID)
		}
		seen[t.ID] = true
		err := n.judgeTransfer(t)
		if err != nil {
			return fmt.Errorf("transfer %d: %w", t.ID, err)
		}
	}
	if sum != p.PaymentAmount {
		return fmt.Errorf("the transfers sum to %s and paymentAmount is %s", sum, p.PaymentAmount)
	}
	return nil
}

// judgeTransfer wants an account or a stamp, and an account registered on the node for that beneficiary.
func (n *Node) judgeTransfer(t Transfer) error {
	if (t.IBAN == "") == (t.Stamp == nil) {
		return errors.New("want IBAN or richiestaMarcaDaBollo, one of the two")
	}
	if n.Creditors == nil {
		return nil
	}
	accounts, known := n.Creditors[t.FiscalCodePA]
	if !known {
		return fmt.Errorf("the creditor institution %s is not known to the node", t.FiscalCodePA)
	}
	if t.IBAN != "" && !slices.Contains(accounts, t.IBAN) {
		return fmt.Errorf("the IBAN is not registered on the node for %s", t.FiscalCodePA)
	}
	return nil
}

// Transfer is one share of a payment, in an activation and again in its receipt.
type Transfer struct {
	ID                    int
	Amount                Cents
	FiscalCodePA          string
	CompanyName           string // V2 only
	IBAN                  string // empty for a digital stamp
	Stamp                 *Stamp // V2 activation only: the stamp asked for
	MBDAttachment         []byte // V2 receipt only: the stamp bought
	RemittanceInformation string
	TransferCategory      string
	Metadata              []MapEntry
}

// Stamp is a digital revenue stamp to be bought with the payment (ctRichiestaMarcaDaBollo).
type Stamp struct {
	DocumentHash string // base64
	Type         string
	Province     string
}

func readTransfer(e *etree.Element) Transfer {
	id, _ := strconv.Atoi(collapse(valueOf(e, "idTransfer"))) // cannot fail: the facet has judged it
	t := Transfer{
		ID: id, Amount: centsOf(e, "transferAmount"), FiscalCodePA: valueOf(e, "fiscalCodePA"),
		CompanyName: valueOf(e, "companyName"), IBAN: valueOf(e, "IBAN"),
		RemittanceInformation: valueOf(e, "remittanceInformation"), TransferCategory: valueOf(e, "transferCategory"),
		Metadata: readMetadata(e),
	}
	stamp := childOf(e, "richiestaMarcaDaBollo")
	if stamp != nil {
		t.Stamp = &Stamp{
			DocumentHash: collapse(valueOf(stamp, "hashDocumento")),
			Type:         valueOf(stamp, "tipoBollo"), Province: valueOf(stamp, "provinciaResidenza"),
		}
	}
	return t
}
