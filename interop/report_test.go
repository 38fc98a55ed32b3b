package interop_test

// report is the JSON line every client prints: what the foreign stack made of the
// station's answers. Elements the station left out are absent, hence the pointers
// where zero would be a value. Any other field fails the decoding.
type report struct {
	Client   string         `json:"client"`
	Version  int            `json:"version"`
	Verify   verifyReport   `json:"verify"`
	Activate activateReport `json:"activate"`
	Receipt  struct {
		Outcome string `json:"outcome"`
	} `json:"receipt"`
	VerifyAgain faultReport `json:"verifyAgain"`
}

type verifyReport struct {
	Outcome            string `json:"outcome"`
	Amount             string `json:"amount"`
	Options            string `json:"options"`
	DueDate            string `json:"dueDate"`
	DetailDescription  string `json:"detailDescription"`
	AllCCP             *bool  `json:"allCCP"`
	PaymentDescription string `json:"paymentDescription"`
	FiscalCodePA       string `json:"fiscalCodePA"`
	CompanyName        string `json:"companyName"`
	OfficeName         string `json:"officeName"`
}

type activateReport struct {
	Outcome             string            `json:"outcome"`
	CreditorReferenceID string            `json:"creditorReferenceId"`
	PaymentAmount       string            `json:"paymentAmount"`
	DueDate             string            `json:"dueDate"`
	LastPayment         *bool             `json:"lastPayment"`
	Description         string            `json:"description"`
	CompanyName         string            `json:"companyName"`
	OfficeName          string            `json:"officeName"`
	Debtor              debtorReport      `json:"debtor"`
	Transfers           []transferReport  `json:"transfers"`
	Metadata            map[string]string `json:"metadata"`
}

type debtorReport struct {
	Type                string `json:"type"`
	Value               string `json:"value"`
	FullName            string `json:"fullName"`
	StreetName          string `json:"streetName"`
	CivicNumber         string `json:"civicNumber"`
	PostalCode          string `json:"postalCode"`
	City                string `json:"city"`
	StateProvinceRegion string `json:"stateProvinceRegion"`
	Country             string `json:"country"`
	Email               string `json:"e-mail"`
}

type transferReport struct {
	IDTransfer            int               `json:"idTransfer"`
	TransferAmount        string            `json:"transferAmount"`
	FiscalCodePA          string            `json:"fiscalCodePA"`
	CompanyName           string            `json:"companyName"`
	IBAN                  string            `json:"IBAN"`
	StampType             string            `json:"bollo"` // richiestaMarcaDaBollo/tipoBollo
	RemittanceInformation string            `json:"remittanceInformation"`
	TransferCategory      string            `json:"transferCategory"`
	Metadata              map[string]string `json:"metadata"`
}

type faultReport struct {
	Outcome     string `json:"outcome"`
	FaultCode   string `json:"faultCode"`
	FaultString string `json:"faultString"`
	ID          string `json:"id"`
	Description string `json:"description"`
}
