package store

import (
	"encoding/json"
	"slices"

	"nodobridge/bridge"
)

// detail is what only getPayment needs. Its names are the column's format: a
// rename is a migration.
type detail struct {
	Debtor    debtor     `json:"debtor"`
	Transfers []transfer `json:"transfers"`
	Metadata  []entry    `json:"metadata,omitempty"`
}

type debtor struct {
	Type        bridge.DebtorType `json:"type"`
	FiscalCode  string            `json:"fiscalCode,omitempty"`
	FullName    string            `json:"fullName,omitempty"`
	StreetName  string            `json:"street,omitempty"`
	CivicNumber string            `json:"civic,omitempty"`
	PostalCode  string            `json:"postalCode,omitempty"`
	City        string            `json:"city,omitempty"`
	Province    string            `json:"province,omitempty"`
	Region      string            `json:"region,omitempty"`
	Country     string            `json:"country,omitempty"`
	Email       string            `json:"email,omitempty"`
	Phone       string            `json:"phone,omitempty"`
}

type transfer struct {
	ID          int                   `json:"id"`
	EC          bridge.ECCode         `json:"ec"`
	CompanyName string                `json:"companyName,omitempty"`
	Amount      bridge.Cents          `json:"amountCents"`
	Remittance  string                `json:"remittance,omitempty"`
	Category    string                `json:"category,omitempty"`
	IBAN        string                `json:"iban,omitempty"`
	PostalIBAN  string                `json:"postalIban,omitempty"`
	Stamp       *stamp                `json:"stamp,omitempty"`
	Metadata    []entry               `json:"metadata,omitempty"`
	Status      bridge.TransferStatus `json:"status"`
}

type stamp struct {
	HashDocument        string `json:"hash"`
	Type                string `json:"type"`
	ProvincialResidence string `json:"province"`
}

type entry struct {
	Key   string `json:"k"`
	Value string `json:"v"`
}

func encodeDetail(n *bridge.Notice) (string, error) {
	d := detail{Debtor: debtor(n.Debtor), Metadata: entries(n.Metadata)}
	for i := range n.Transfers {
		t := &n.Transfers[i]
		d.Transfers = append(d.Transfers, transfer{
			ID: t.ID, EC: t.EC, CompanyName: t.CompanyName, Amount: t.Amount,
			Remittance: t.RemittanceInformation, Category: t.Category, IBAN: t.IBAN, PostalIBAN: t.PostalIBAN,
			Stamp: (*stamp)(t.Stamp), Metadata: entries(t.Metadata), Status: t.Status,
		})
	}
	// The order in which the position gives them back.
	slices.SortFunc(d.Transfers, func(a, b transfer) int { return a.ID - b.ID })
	text, err := json.Marshal(d)
	return string(text), err
}

func decodeDetail(text string, n *bridge.Notice) error {
	if scanDetail(text, n) {
		return nil
	}
	n.Debtor, n.Transfers, n.Metadata = bridge.Debtor{}, nil, nil
	var d detail
	if err := json.Unmarshal([]byte(text), &d); err != nil {
		return corrupt("a notice's detail cannot be read") // err could quote it
	}
	fillDetail(n, &d)
	return nil
}

// fillDetail puts a detail into its notice.
func fillDetail(n *bridge.Notice, d *detail) {
	n.Debtor = bridge.Debtor(d.Debtor)
	n.Metadata = domainEntries(d.Metadata)
	n.Transfers = make([]bridge.Transfer, len(d.Transfers))
	for i := range d.Transfers {
		t := &d.Transfers[i]
		n.Transfers[i] = bridge.Transfer{
			ID: t.ID, EC: t.EC, CompanyName: t.CompanyName, Amount: t.Amount,
			RemittanceInformation: t.Remittance, Category: t.Category, IBAN: t.IBAN, PostalIBAN: t.PostalIBAN,
			Stamp: (*bridge.Stamp)(t.Stamp), Metadata: domainEntries(t.Metadata), Status: t.Status,
		}
	}
}

func entries(list []bridge.Metadata) []entry {
	var out []entry
	for _, m := range list {
		out = append(out, entry(m))
	}
	return out
}

func domainEntries(list []entry) []bridge.Metadata {
	var out []bridge.Metadata
	for _, e := range list {
		out = append(out, bridge.Metadata(e))
	}
	return out
}
