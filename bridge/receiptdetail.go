package bridge

// ReceiptDetail is what a receipt says beyond what is stored of it in columns: it is read
// from the kept bytes when a document is made of them (notices.md §7).
type ReceiptDetail struct {
	Description string
	CompanyName string
	OfficeName  string
	Debtor      ReceiptPerson
	Payer       ReceiptPerson // without code and name when the receipt names none
	PSPVATCode  string
	Channel     string
	Transfers   []ReceiptTransfer
}

// ReceiptPerson is a debtor or payer as a receipt names them.
type ReceiptPerson struct {
	Code string
	Name string
}

// ReceiptTransfer is one beneficiary's share of a payment made.
type ReceiptTransfer struct {
	ID                    int
	EC                    ECCode
	CompanyName           string
	Amount                Cents
	IBAN                  string // "" for a revenue stamp
	RemittanceInformation string
	Category              string
}
