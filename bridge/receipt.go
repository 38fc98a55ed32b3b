package bridge

import (
	"fmt"
	"time"
)

// ReceiptVersion is the primitive that delivered a receipt; it follows the
// receiving station's registration at the node (soap-node.md §1.4).
type ReceiptVersion int

// paSendRT and paSendRTV2.
const (
	ReceiptV1 ReceiptVersion = 1
	ReceiptV2 ReceiptVersion = 2
)

// operation is the primitive's name in the WSDL.
func (v ReceiptVersion) operation() string {
	if v == ReceiptV2 {
		return "paSendRTV2"
	}
	return "paSendRT"
}

// Outcome is the payment's outcome as the receipt states it. The node sends
// receipts of successful payments only; a KO is archived and has no effect
// (soap-node.md §2.5).
type Outcome string

// The two outcomes.
const (
	OutcomeOK Outcome = "OK"
	OutcomeKO Outcome = "KO"
)

// Receipt is the node's attestation that a notice was paid ("ricevuta
// telematica"), as delivered to one recipient EC. (EC, ReceiptID) is unique.
type Receipt struct {
	EC        ECCode // the recipient: idPA of the call
	ReceiptID string
	Version   ReceiptVersion
	Raw       []byte // the call's body, byte for byte

	NAV       NoticeNumber
	PrimaryEC ECCode // receipt.fiscalCode: the EC that owns the notice
	IUV       IUV
	Outcome   Outcome
	Amount    Cents
	Fee       Cents

	DebtorFiscalCode string
	PSPCode          string // idPSP
	PSPFiscalCode    string
	PSPCompany       string
	PaymentMethod    string
	PaymentNote      string // equals the cart's id for payments begun at the EC's own front end
	StandIn          bool   // collected by the node while the station did not answer

	PaymentDateTime string // as received; may be absent, with or without zone
	ApplicationDate string
	TransferDate    string
	TransferTotal   Cents // sum of transferAmount

	ReceivedAt time.Time
	IUPD       IUPD // the position that the receipt settled, "" when none
}

// PaidAt is when the payment was made: the receipt's own time, or the time of
// arrival when it has none that can be read.
func (r *Receipt) PaidAt() time.Time {
	if at := ParseWireTime(r.PaymentDateTime); at.Year() > 1 && at.Year() < 9999 {
		return at // any other year is nobody's payment, and cannot be stored everywhere
	}
	return r.ReceivedAt
}

// settle records the payment of an unpaid instalment and gives the anomalies of
// doing so. The caller has made sure that the position is not closed: a closed
// one stays as it is, and the receipt is a double payment.
func (p *Position) settle(o *Option, in *Instalment, r *Receipt, now time.Time) ([]AnomalyClass, error) {
	found := p.timing(o, in, r, now)
	in.Status = InstalmentPaid
	in.PaidAt, in.PaymentMethod, in.PSPCompany = r.PaidAt(), r.PaymentMethod, r.PSPCompany
	in.ReceiptID, in.Fee, in.LastUpdatedAt = r.ReceiptID, r.Fee, now

	to, event := p.settledStatus(), EventPayPart
	if to == Paid {
		event = EventPayInFull
		p.PaidAt = in.PaidAt
	}
	return found, p.move(event, to, now)
}

// timing says what was odd about paying this instalment when it was paid.
func (p *Position) timing(o *Option, in *Instalment, r *Receipt, now time.Time) []AnomalyClass {
	var found []AnomalyClass
	switch {
	case p.Status == Invalid:
		found = append(found, AnomalyCancelled)
	case p.Status == Draft, o.ValidFrom.After(now):
		found = append(found, AnomalyNotPublished)
	case o.SwitchToExpired && !in.DueDate.IsZero() && in.DueDate.Before(r.PaidAt()):
		found = append(found, AnomalyExpired)
	}
	for i := range p.Options {
		if &p.Options[i] != o && p.Options[i].Started() {
			return append(found, AnomalyExcludedOption)
		}
	}
	return found
}

// suspiciousFactor is how many times the amount due a receipt must state for a
// slip of the payer to be no explanation (reliability-security.md §5).
const suspiciousFactor = 100

// compare notes how a receipt differs from what was due.
func (in *Instalment) compare(r *Receipt, debtor Debtor, note func(AnomalyClass, string)) {
	amounts := fmt.Sprintf("paymentAmount %s, due %s", r.Amount, in.Amount)
	if r.Amount != in.Amount {
		note(AnomalyAmount, amounts)
	}
	if r.Amount >= suspiciousFactor*in.Amount {
		note(AnomalySuspicious, amounts)
	}
	if r.IUV != in.IUV {
		note(AnomalyIUV, "")
	}
	// The name is not compared: PSPs alter texts (soap-node.md §5 pitfall 33).
	if wire, err := debtor.wire(); err == nil && r.DebtorFiscalCode != "" && r.DebtorFiscalCode != wire.FiscalCode {
		note(AnomalyDebtor, "")
	}
}

// dateTolerance is how far a payment's date may lie outside what is possible
// before an operator has to look: clocks and zones differ by less
// (reliability-security.md §5).
const dateTolerance = 24 * time.Hour

// fromFuture says whether the payment is dated after the receipt's arrival.
func (r *Receipt) fromFuture() bool {
	return ParseWireTime(r.PaymentDateTime).After(r.ReceivedAt.Add(dateTolerance))
}

// predates says whether the payment is dated before the position was created.
func (r *Receipt) predates(p *Position) bool {
	paid := ParseWireTime(r.PaymentDateTime)
	return !paid.IsZero() && paid.Before(p.InsertedAt.Add(-dateTolerance))
}
