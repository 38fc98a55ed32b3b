package bridge

import "time"

// Option is one way of paying a position: a single instalment that pays it at
// once, or a plan of several. The options of a position exclude one another.
type Option struct {
	Plan            bool      // instalment plan: v1 isPartialPayment=true
	Description     string    // v3 only; shown in the payment options, at most 140 characters
	ValidFrom       time.Time // validityDate: payable from here on; zero in a draft that leaves it open
	SwitchToExpired bool      // unpaid at the due date it is no longer payable
	Debtor          Debtor
	Instalments     []Instalment
}

// Started says whether any instalment of the option has been paid.
func (o *Option) Started() bool {
	for i := range o.Instalments {
		if o.Instalments[i].isSettled() {
			return true
		}
	}
	return false
}

func (o *Option) wholly(is func(Instalment) bool) bool {
	for i := range o.Instalments {
		if !is(o.Instalments[i]) {
			return false
		}
	}
	return len(o.Instalments) > 0
}

// DebtorType tells a natural from a legal person (XSD stEntityUniqueIdentifierType).
type DebtorType string

// The two kinds of person.
const (
	NaturalPerson DebtorType = "F"
	LegalPerson   DebtorType = "G"
)

// Debtor is the person who owes. GPD asks for the fiscal code and the name to be
// present, not for any form (gpd-api.md §1.1), so both may be blank.
type Debtor struct {
	Type        DebtorType
	FiscalCode  string
	FullName    string
	StreetName  string
	CivicNumber string
	PostalCode  string
	City        string
	Province    string
	Region      string
	Country     string // two capital letters
	Email       string
	Phone       string
}

// InstalmentStatus is the state of one payable notice (gpd-api.md §2.3).
type InstalmentStatus string

// The states, in the order in which they are reached.
const (
	InstalmentUnpaid            InstalmentStatus = "PO_UNPAID"
	InstalmentPaid              InstalmentStatus = "PO_PAID"
	InstalmentPartiallyReported InstalmentStatus = "PO_PARTIALLY_REPORTED"
	InstalmentReported          InstalmentStatus = "PO_REPORTED"
)

// Instalment is one payable notice. GPD's v1 calls it a payment option.
type Instalment struct {
	NAV             NoticeNumber
	IUV             IUV
	Amount          Cents // equals the sum of the transfers
	Description     string
	DueDate         time.Time
	RetentionDate   time.Time // stored for GPD's clients, otherwise unused (gpd-api.md §6.1 row 30)
	NotificationFee Cents     // SEND's cost, included in Amount
	Status          InstalmentStatus
	Transfers       []Transfer
	Metadata        []Metadata

	InsertedAt    time.Time
	LastUpdatedAt time.Time

	// Facts of the payment, from the receipt; zero while unpaid.
	PaidAt        time.Time
	PaymentMethod string
	PSPCompany    string
	ReceiptID     string
	Fee           Cents // the PSP's commission
}

func (i Instalment) isSettled() bool { return i.Status != InstalmentUnpaid }

func (i Instalment) isReported() bool { return i.Status == InstalmentReported }

// Metadata is one key and value that travels with an instalment or a transfer
// and comes back in the receipt (XSD ctMapEntry: 1 to 140 characters each).
type Metadata struct {
	Key   string
	Value string
}

// NotificationFeeKey is reserved: an EC may not supply it (gpd-api.md §1.2).
const NotificationFeeKey = "NOTIFICATION_FEE"
