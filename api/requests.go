package api

// What bodies may hold, for the documents alone: the decoders read straight into their
// models (decode.go), whose members are optional until they have been judged.

type positionRequest struct {
	IUPD            string          `json:"iupd" need:"yes" max:"255" doc:"your own code of the position, unique"`
	Type            string          `json:"type" need:"yes" enum:"F|G"`
	PayStandIn      bool            `json:"payStandIn"`
	FiscalCode      string          `json:"fiscalCode" need:"yes" max:"255"`
	FullName        string          `json:"fullName" need:"yes" max:"255"`
	StreetName      string          `json:"streetName" max:"255"`
	CivicNumber     string          `json:"civicNumber" max:"255"`
	PostalCode      string          `json:"postalCode" max:"255"`
	City            string          `json:"city" max:"255"`
	Province        string          `json:"province" max:"255"`
	Region          string          `json:"region" max:"255"`
	Country         string          `json:"country" pattern:"^[A-Z]{2}$"`
	Email           string          `json:"email" max:"255"`
	Phone           string          `json:"phone" max:"255"`
	SwitchToExpired bool            `json:"switchToExpired" need:"yes" doc:"the position expires with its last due date"`
	CompanyName     string          `json:"companyName" need:"yes" max:"140"`
	OfficeName      string          `json:"officeName" max:"140"`
	ValidityDate    localTime       `json:"validityDate" doc:"from when it can be paid; not in the past"`
	PaymentOption   []optionRequest `json:"paymentOption"`
}

type optionRequest struct {
	NAV              string            `json:"nav" max:"255" doc:"the notice number; left out: 3 and the iuv"`
	IUV              string            `json:"iuv" need:"yes" max:"255"`
	Amount           int64             `json:"amount" need:"yes" doc:"euro cents; the transfers add up to it"`
	Description      string            `json:"description" need:"yes" max:"140"`
	IsPartialPayment bool              `json:"isPartialPayment" need:"yes" doc:"an instalment"`
	DueDate          localTime         `json:"dueDate" need:"yes"`
	RetentionDate    localTime         `json:"retentionDate"`
	Transfer         []transferRequest `json:"transfer" max:"5"`
	Metadata         []metadataRequest `json:"paymentOptionMetadata" max:"10"`
}

type transferRequest struct {
	IDTransfer             string            `json:"idTransfer" need:"yes" enum:"1|2|3|4|5"`
	Amount                 int64             `json:"amount" need:"yes" doc:"euro cents"`
	OrganizationFiscalCode string            `json:"organizationFiscalCode" doc:"the beneficiary; left out: the position's institution"`
	RemittanceInformation  string            `json:"remittanceInformation" need:"yes" max:"140"`
	Category               string            `json:"category" need:"yes" doc:"taxonomy code, 9/0101108TS/"`
	IBAN                   string            `json:"iban" doc:"either iban or stamp"`
	PostalIBAN             string            `json:"postalIban"`
	Stamp                  *stampRequest     `json:"stamp"`
	CompanyName            string            `json:"companyName" max:"140"`
	Metadata               []metadataRequest `json:"transferMetadata" max:"10"`
}

type stampRequest struct {
	HashDocument        string `json:"hashDocument" need:"yes"`
	StampType           string `json:"stampType" need:"yes"`
	ProvincialResidence string `json:"provincialResidence" need:"yes"`
}

type metadataRequest struct {
	Key   string `json:"key" need:"yes" max:"140"`
	Value string `json:"value" max:"140"`
}

type positionsRequest struct {
	List []positionRequest `json:"paymentPositions" need:"yes" max:"100"`
}

type iupdsRequest struct {
	List []string `json:"paymentPositionIUPDs" need:"yes" max:"20"`
}

type ibanRequest struct {
	NewIBAN string `json:"newIban" need:"yes"`
}

type paidRequest struct {
	PaymentDate localTime `json:"paymentDate"`
}

type positionV3Request struct {
	IUPD          string            `json:"iupd" need:"yes" max:"255"`
	PayStandIn    bool              `json:"payStandIn"`
	CompanyName   string            `json:"companyName" need:"yes" max:"140"`
	OfficeName    string            `json:"officeName" max:"140"`
	PaymentOption []optionV3Request `json:"paymentOption" need:"yes" min:"1" max:"100"`
}

type optionV3Request struct {
	Description     string                `json:"description" max:"140"`
	ValidityDate    localTime             `json:"validityDate"`
	RetentionDate   localTime             `json:"retentionDate"`
	SwitchToExpired bool                  `json:"switchToExpired" need:"yes"`
	Debtor          debtorV3Request       `json:"debtor" need:"yes"`
	Installments    []instalmentV3Request `json:"installments" need:"yes" min:"1" max:"100" doc:"more than one are a plan"`
}

type debtorV3Request struct {
	Type        string `json:"type" need:"yes" enum:"F|G"`
	FiscalCode  string `json:"fiscalCode" need:"yes" max:"255"`
	FullName    string `json:"fullName" need:"yes" max:"255"`
	StreetName  string `json:"streetName" max:"255"`
	CivicNumber string `json:"civicNumber" max:"255"`
	PostalCode  string `json:"postalCode" max:"255"`
	City        string `json:"city" max:"255"`
	Province    string `json:"province" max:"255"`
	Region      string `json:"region" max:"255"`
	Country     string `json:"country" pattern:"^[A-Z]{2}$"`
	Email       string `json:"email" max:"255"`
	Phone       string `json:"phone" max:"255"`
}

type instalmentV3Request struct {
	NAV         string            `json:"nav" max:"255"`
	IUV         string            `json:"iuv" need:"yes" max:"255"`
	Amount      int64             `json:"amount" need:"yes" doc:"euro cents"`
	Description string            `json:"description" need:"yes" max:"140"`
	DueDate     localTime         `json:"dueDate" need:"yes"`
	Transfer    []transferRequest `json:"transfer" max:"5"`
	Metadata    []metadataRequest `json:"installmentMetadata" max:"10"`
}

type webhookRequest struct {
	URL   string   `json:"url" need:"yes" max:"2048" doc:"https, to no private network"`
	Types []string `json:"types" doc:"types of events; left out: all that the key may read"`
}

type resendRequest struct {
	Events []int64 `json:"events" max:"1000" doc:"left out: all that failed"`
}

type fieldsRequest struct {
	Fields map[string]string `json:"fields" need:"yes"`
}

type cartRequest struct {
	Notices    []string          `json:"notices" need:"yes" min:"1" max:"5"`
	IDCart     string            `json:"idCart" pattern:"^[0-9A-Za-z_-]{1,64}$"`
	Email      string            `json:"email"`
	ReturnURLs returnURLsRequest `json:"returnUrls" need:"yes"`
}

type returnURLsRequest struct {
	OK      string `json:"ok" need:"yes"`
	Cancel  string `json:"cancel" need:"yes"`
	Error   string `json:"error" need:"yes"`
	Waiting string `json:"waiting" need:"yes"`
}

type numbersRequest struct {
	Segregation string `json:"segregationCode" need:"yes" pattern:"^[0-9]{2}$"`
	Count       int64  `json:"count" doc:"1 to 1000; left out: 1"`
}

type mappingRequest struct {
	AmountUnit string                        `json:"amountUnit" enum:"euro|cents"`
	Fields     map[string]fieldSourceRequest `json:"fields" need:"yes"`
}

type fieldSourceRequest struct {
	Columns []string `json:"columns" max:"5"`
	Default string   `json:"default"`
}

type paymentRequest struct {
	PaymentDate   localTime `json:"paymentDate"`
	PaymentMethod string    `json:"paymentMethod"`
	PSPCode       string    `json:"pspCode"`
	PSPTaxCode    string    `json:"pspTaxCode"`
	PSPCompany    string    `json:"pspCompany" need:"yes"`
	IDReceipt     string    `json:"idReceipt" need:"yes"`
	Fee           string    `json:"fee" doc:"euro cents, as a text"`
}

type feeRequest struct {
	NotificationFee int64 `json:"notificationFee" need:"yes" doc:"euro cents"`
}
