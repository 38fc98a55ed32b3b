package bridge

import "time"

// ReceiptVersion is the primitive that delivered a receipt; it follows the
// receiving station's registration at the node (soap-node.md §1.4).
type ReceiptVersion int

// paSendRT and paSendRTV2.
const (
	ReceiptV1 ReceiptVersion = 1
	ReceiptV2 ReceiptVersion = 2
)

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
	if at := ParseWireTime(r.PaymentDateTime); !at.IsZero() {
		return at
	}
	return r.ReceivedAt
}

// AnomalyClass names what an operator has to look at. A receipt with an anomaly
// is stored and answered OK all the same (architecture.md §7).
type AnomalyClass string

// The classes.
const (
	AnomalySchema         AnomalyClass = "schema"           // the XSD is violated, the essential fields are readable
	AnomalyVariant        AnomalyClass = "variant"          // a known receiptId came again with other bytes
	AnomalyUnknownNotice  AnomalyClass = "unknown_notice"   // the notice is not ours to know (§2.5 step 6)
	AnomalyOtherEC        AnomalyClass = "other_ec"         // recipient is a secondary or broadcast EC
	AnomalyDoublePayment  AnomalyClass = "double_payment"   // the notice, or the position by another option, was already paid
	AnomalyExcludedOption AnomalyClass = "excluded_option"  // another option of the position had been started
	AnomalyNotPublished   AnomalyClass = "not_published"    // paid while a draft or before its validity
	AnomalyCancelled      AnomalyClass = "cancelled"        // paid after it was invalidated
	AnomalyExpired        AnomalyClass = "expired"          // paid after it had become unpayable
	AnomalyAmount         AnomalyClass = "amount_differs"   // paymentAmount is not what was due
	AnomalyTransferTotal  AnomalyClass = "transfers_differ" // the transfers do not add up to paymentAmount
	AnomalyIUV            AnomalyClass = "iuv_differs"      // creditorReferenceId is not the notice's
	AnomalyDebtor         AnomalyClass = "debtor_differs"   // another debtor than the position's
	AnomalyOutcome        AnomalyClass = "outcome_ko"       // a receipt of a failed payment
	AnomalyConfiguration  AnomalyClass = "configuration"    // refused: broker, station or EC are not configured here
	AnomalyUnreadable     AnomalyClass = "unreadable"       // refused: essential fields cannot be read
)

// Anomaly is one thing an operator has to look at. Detail holds codes and
// amounts, never a person's data.
type Anomaly struct {
	Class     AnomalyClass
	EC        string // as received; may be no valid code when the input was refused
	ReceiptID string
	NAV       NoticeNumber
	Detail    string
	At        time.Time
}

// RejectedInput is the body of a receipt call that could not be stored as a
// receipt. It is kept because it may be the only trace of a payment
// (soap-node.md §2.5 step 1).
type RejectedInput struct {
	Operation string
	Reason    string // fixed text, no content of the document
	Raw       []byte
	At        time.Time
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

// compare gives the anomalies of a receipt against what was due.
func (in *Instalment) compare(r *Receipt, debtor Debtor) []AnomalyClass {
	var found []AnomalyClass
	if r.Amount != in.Amount {
		found = append(found, AnomalyAmount)
	}
	if r.IUV != in.IUV {
		found = append(found, AnomalyIUV)
	}
	if wire, err := debtor.wire(); err == nil && r.DebtorFiscalCode != "" && r.DebtorFiscalCode != wire.FiscalCode {
		found = append(found, AnomalyDebtor)
	}
	return found
}
