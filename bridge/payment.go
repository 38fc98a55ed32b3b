package bridge

import "slices"

// Verification is the answer to paVerifyPaymentNotice, fit for the wire.
type Verification struct {
	Amount            Cents
	DueDate           Day // "" when the position has none: omitted, never invented (§5 pitfall 36)
	DetailDescription string
	AllCCP            bool
	Description       string
	EC                ECCode
	CompanyName       string
	OfficeName        string
}

// TransferType is which accounts the caller wants (XSD stTransferType).
type TransferType string

// The values on the wire; absent leaves the choice to the EC.
const (
	TransferAny    TransferType = ""
	TransferPostal TransferType = "POSTAL"
	TransferPagoPA TransferType = "PAGOPA"
)

// PaymentQuery is the request of paGetPayment and paGetPaymentV2. The amount and
// due date that the payer saw are not in it: they never change the answer.
type PaymentQuery struct {
	NoticeQuery
	V2           bool
	TransferType TransferType
}

// Payment is the answer to paGetPayment(V2), fit for the wire: every text is
// within the XSD's bounds and the amounts add up.
type Payment struct {
	IUV         IUV
	Amount      Cents
	DueDate     Day
	LastPayment bool
	Description string
	CompanyName string
	OfficeName  string
	Debtor      Debtor
	Transfers   []PaymentTransfer
	Metadata    []Metadata
}

// PaymentTransfer is one share of a Payment; exactly one of IBAN and Stamp.
type PaymentTransfer struct {
	ID                    int
	Amount                Cents
	EC                    ECCode
	CompanyName           string
	IBAN                  string
	Stamp                 *Stamp
	RemittanceInformation string
	Category              string
	Metadata              []Metadata
}

// supportIBANKey carries the postal account beside the bank account when a pagoPA
// touchpoint asks (soap-node.md §2.3 "Front-end case").
const supportIBANKey = "IBANAPPOGGIO"

// maxMetadata is XSD ctMetadata's maxOccurs.
const maxMetadata = 15

func verification(n *Notice, ec CreditorInstitution) (*Verification, error) {
	v := &Verification{
		Amount:            n.Amount,
		DueDate:           DayOf(n.DueDate),
		DetailDescription: line(n.Description, maxText140),
		AllCCP:            n.AllPostal,
		Description:       line(n.Description, maxText140),
		EC:                n.EC,
		CompanyName:       companyName(n, ec),
		OfficeName:        line(n.OfficeName, maxText140),
	}
	if v.Description == "" {
		return nil, refuse(CodeNotExpressible, "the payment has no description")
	}
	return v, n.amountError()
}

func companyName(n *Notice, ec CreditorInstitution) string {
	if name := line(n.CompanyName, maxText140); name != "" {
		return name
	}
	return line(ec.Name, maxText140)
}

func (n *Notice) amountError() error {
	if n.Amount < 1 || n.Amount > MaxAmount {
		return refuse(CodeNotExpressible, "the amount is outside 0.01 to %s", MaxAmount)
	}
	return nil
}

func payment(n *Notice, ec CreditorInstitution, q PaymentQuery) (*Payment, error) {
	v, err := verification(n, ec)
	if err != nil {
		return nil, err
	}
	debtor, err := n.Debtor.wire()
	if err != nil {
		return nil, err
	}
	p := &Payment{
		IUV: n.IUV, Amount: n.Amount, DueDate: v.DueDate, LastPayment: n.Last,
		Description: v.Description, CompanyName: v.CompanyName, OfficeName: v.OfficeName,
		Debtor: debtor, Metadata: wireMetadata(n.Metadata),
	}
	if p.DueDate == "" {
		p.DueDate = farDay
	}
	if iuv := len([]rune(string(n.IUV))); iuv < 1 || iuv > maxText35 {
		return nil, refuse(CodeNotExpressible, "the IUV must have 1 to 35 characters")
	}
	var total Cents
	for i := range n.Transfers {
		t, err := n.Transfers[i].wire(q)
		if err != nil {
			return nil, err
		}
		total += t.Amount
		p.Transfers = append(p.Transfers, t)
	}
	if total != n.Amount || len(p.Transfers) < 1 || len(p.Transfers) > maxTransfers {
		return nil, refuse(CodeNotExpressible, "the transfers do not add up to the amount")
	}
	return p, nil
}

// wire chooses the account as soap-node.md §2.3 says: POSTAL gets the postal
// account where there is one and else the bank's; PAGOPA the bank's, with the
// postal one in the metadata; anything else the bank's.
func (t *Transfer) wire(q PaymentQuery) (PaymentTransfer, error) {
	out := PaymentTransfer{
		ID: t.ID, Amount: t.Amount, EC: t.EC,
		CompanyName:           line(t.CompanyName, maxText140),
		RemittanceInformation: line(t.RemittanceInformation, maxText140),
		Category:              line(t.Category, maxText140),
	}
	metadata := t.Metadata
	if t.Stamp != nil {
		if !q.V2 {
			return out, refuse(CodeNotExpressible, "a revenue stamp cannot be paid through paGetPayment version 1")
		}
		out.Stamp = t.Stamp
	} else {
		out.IBAN = t.IBAN
		if q.TransferType == TransferPostal && t.PostalIBAN != "" {
			out.IBAN = t.PostalIBAN
		}
		if q.TransferType == TransferPagoPA && t.PostalIBAN != "" {
			metadata = append([]Metadata{{Key: supportIBANKey, Value: t.PostalIBAN}}, metadata...)
		}
	}
	out.Metadata = wireMetadata(metadata)
	if _, err := ParseECCode(string(t.EC)); err != nil {
		return out, refuse(CodeNotExpressible, "the beneficiary of transfer %d has no 11-digit fiscal code", t.ID)
	}
	if out.RemittanceInformation == "" || out.Category == "" {
		return out, refuse(CodeNotExpressible, "transfer %d lacks its remittance information or category", t.ID)
	}
	if t.Stamp == nil && (out.IBAN == "" || len(out.IBAN) > maxText35) {
		return out, refuse(CodeNotExpressible, "transfer %d has no usable account", t.ID)
	}
	return out, nil
}

// wireMetadata leaves out what the wire cannot carry, a key that came before, and
// what goes beyond the XSD's fifteen entries (soap-node.md §5 pitfall 31).
func wireMetadata(entries []Metadata) []Metadata {
	var out []Metadata
	for _, m := range entries {
		key, value := line(m.Key, maxText140), line(m.Value, maxText140)
		known := slices.ContainsFunc(out, func(o Metadata) bool { return o.Key == key })
		if key == "" || value == "" || known {
			continue
		}
		if len(out) == maxMetadata {
			break
		}
		out = append(out, Metadata{Key: key, Value: value})
	}
	return out
}
