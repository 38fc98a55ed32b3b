package api

import "strings"

// description is what a document says of an operation beyond the table of operations.
type description struct {
	summary string
	query   []parameter
	headers []parameter
	request any    // a value of the body's type; nil: none
	example string // a body
	answer  any    // a value of the answer's type; nil: no body
	kind    string // content type of an answer that is no JSON, or of a body that is none
	status  int    // of success; 0 is 200
}

// parameter is one of the query or of the header.
type parameter struct {
	name  string
	kind  string // string, integer, boolean, date, date-time
	about string
	enum  []string
	must  bool
}

// document is one OpenAPI document: the operations whose paths begin with a prefix.
type apiDocument struct {
	name   string
	title  string
	about  string
	prefix string
	but    string                 // a prefix of what another document has
	keys   bool                   // calls need a key
	of     map[string]description // by the operation's name
}

// has says whether an operation stands in the document.
func (d *apiDocument) has(op *operation) bool {
	return strings.HasPrefix(op.path, d.prefix+"/") && (d.but == "" || !strings.HasPrefix(op.path, d.but+"/"))
}

// documents are one for each audience, as pagoPA has one for each product.
func (s *Server) documents() []apiDocument {
	if s.compat {
		return coreDocuments()
	}
	return []apiDocument{
		{name: "gpd-v1", title: "Debt positions, version 1", about: "GPD's debt positions as pagoPA's \"Gestione Posizioni Debitorie\" serves them.", prefix: prefixV1, keys: true, of: describedV1()},
		{name: "gpd-v2", title: "Debt positions in bulk, version 2", about: "GPD's bulk operations under the path of its external product.", prefix: prefixV2, keys: true, of: describedV1()},
		{name: "gpd-v3", title: "Debt positions, version 3", about: "GPD's debt positions with payment options and instalments.", prefix: prefixV3, keys: true, of: describedV3()},
		{name: "gpd-receipts", title: "Receipts", about: "GPD's receipts of payments.", prefix: prefixReceipts, keys: true, of: describedReceipts()},
		{name: "gpd-massive-v1", title: "Massive upload, version 1", about: "GPD's upload of debt positions in a zip.", prefix: prefixMassiveV1, keys: true, of: describedMassive(false)},
		{name: "gpd-massive-v2", title: "Massive upload, version 2", about: "GPD's upload of debt positions in a zip.", prefix: prefixMassiveV2, keys: true, of: describedMassive(true)},
		{name: "print-v1", title: "Printing of notices", about: "pagoPA's print-payment-notice-service, 0.9.8: notices of what the caller says, one or a folder of them.", prefix: prefixPrint, keys: true, of: describedPrint()},
		{name: "bridge-v1", title: "nodobridge's own operations", about: "What GPD does not have. Unknown members and parameters are refused; every POST without a file takes an Idempotency-Key.", prefix: prefixOwn, keys: true, of: describedOwn()},
	}
}

var (
	toPublish = parameter{name: "toPublish", kind: "boolean", about: "published at once instead of being a draft"}
	afterNext = parameter{name: "after", kind: "string", about: "what an answer has given as next"}
	limitOwn  = parameter{name: "limit", kind: "integer", about: "1 to 200, 50 by default"}
)

// listQuery is that of both versions' lists (gpd-api.md §3.3).
func listQuery(statuses ...string) []parameter {
	return []parameter{
		{name: "limit", kind: "integer", about: "1 to 50, 10 by default"}, {name: "page", kind: "integer", about: "from 0"},
		{name: "due_date_from", kind: "date"}, {name: "due_date_to", kind: "date"}, {name: "payment_date_from", kind: "date"}, {name: "payment_date_to", kind: "date"},
		{name: "payment_date_time_from", kind: "date-time"}, {name: "payment_date_time_to", kind: "date-time"},
		{name: "status", kind: "string", enum: statuses}, {name: "orderby", kind: "string", enum: []string{"INSERTED_DATE", "IUPD", "STATUS", "COMPANY_NAME"}},
		{name: "ordering", kind: "string", enum: []string{"ASC", "DESC"}},
	}
}

const (
	exampleTransfer = `{"idTransfer":"1","amount":1050,"remittanceInformation":"TARI 2026","category":"9/0101100IM/","iban":"IT60X0542811101000000123456","transferMetadata":[]}`
	exampleV1       = `{"iupd":"TARI-2026-0001","type":"F","fiscalCode":"RSSMRA80A01H501U","fullName":"Mario Rossi","companyName":"Comune di Prova","switchToExpired":true,"paymentOption":[` +
		`{"iuv":"47000000000000012","amount":1050,"description":"TARI 2026","isPartialPayment":false,"dueDate":"2099-12-31T22:59:59","transfer":[` + exampleTransfer + `],"paymentOptionMetadata":[]}]}`
	exampleV3 = `{"iupd":"TARI-2026-0001","companyName":"Comune di Prova","paymentOption":[{"description":"Unica soluzione","switchToExpired":true,` +
		`"debtor":{"type":"F","fiscalCode":"RSSMRA80A01H501U","fullName":"Mario Rossi"},"installments":[{"iuv":"47000000000000012","amount":1050,"description":"TARI 2026","dueDate":"2099-12-31T22:59:59","transfer":[` + exampleTransfer + `],"installmentMetadata":[]}]}]}`
)

func describedV1() map[string]description {
	return map[string]description{
		"getInfo":                           {summary: "Name, version and environment of the station", answer: appInfo{}},
		"createDebtPosition":                {summary: "Create a debt position", query: []parameter{toPublish}, request: positionRequest{}, example: exampleV1, answer: positionModel{}, status: 201},
		"getOrganizationDebtPositions":      {summary: "List debt positions", query: listQuery("DRAFT", "PUBLISHED", "VALID", "INVALID", "EXPIRED", "PARTIALLY_PAID", "PAID", "REPORTED"), answer: positionsPage{}},
		"getOrganizationDebtPositionByIUPD": {summary: "Read a debt position", answer: positionView{}},
		"updateDebtPosition":                {summary: "Replace a debt position that nobody has begun to pay", query: []parameter{toPublish}, request: positionRequest{}, example: exampleV1, answer: positionModel{}},
		"deleteDebtPosition":                {summary: "Delete a debt position that nobody has begun to pay", answer: ""},
		"publishDebtPosition":               {summary: "Make a draft payable", answer: positionModel{}},
		"invalidateDebtPosition":            {summary: "Cancel a published debt position", answer: positionModel{}},
		"updateTransferIbanMassive": {summary: "Put another account in the unpaid transfers", request: ibanRequest{}, example: `{"newIban":"IT60X0542811101000000123457"}`, answer: ibanChanged{},
			query: []parameter{{name: "oldIban", kind: "string", must: true}, {name: "limit", kind: "integer", about: "transfers at most, 1 to 1000"}}},
		"createMultipleDebtPositions":   {summary: "Create up to 100 debt positions, or none", query: []parameter{toPublish}, request: positionsRequest{}, example: `{"paymentPositions":[` + exampleV1 + `]}`, status: 201},
		"updateMultipleDebtPositions":   {summary: "Replace up to 100 debt positions, or none", query: []parameter{toPublish}, request: positionsRequest{}, example: `{"paymentPositions":[` + exampleV1 + `]}`},
		"deleteMultipleDebtPositions":   {summary: "Delete up to 20 debt positions, or none", request: iupdsRequest{}, example: `{"paymentPositionIUPDs":["TARI-2026-0001"]}`, answer: ""},
		"setPaymentOptionAsAlreadyPaid": {summary: "Declare that a notice was paid elsewhere", request: paidRequest{}, example: `{"paymentDate":"2026-11-27T10:00:00"}`, answer: paidView{}},
	}
}

func describedV3() map[string]description {
	return map[string]description{
		"getInfo":                           {summary: "Name, version and environment of the station", answer: appInfo{}},
		"createPosition":                    {summary: "Create a debt position", query: []parameter{toPublish}, request: positionV3Request{}, example: exampleV3, answer: positionV3{}, status: 201},
		"getOrganizationDebtPositions":      {summary: "List debt positions", query: listQuery("DRAFT", "PUBLISHED", "VALID", "UNPAYABLE", "PARTIALLY_PAID", "PAID"), answer: positionsV3Page{}},
		"getOrganizationDebtPositionByIUPD": {summary: "Read a debt position", answer: positionV3View{}},
		"updatePosition":                    {summary: "Replace a debt position that nobody has begun to pay", query: []parameter{toPublish}, request: positionV3Request{}, example: exampleV3, answer: positionV3{}},
		"deletePosition":                    {summary: "Delete a debt position that nobody has begun to pay", answer: ""},
		"publishPosition":                   {summary: "Make a draft payable", answer: positionV3{}},
		"invalidatePosition":                {summary: "Cancel a published debt position (an extension of ours)", answer: positionV3{}},
	}
}

func describedReceipts() map[string]description {
	return map[string]description{
		"getOrganizationReceipts": {summary: "List the receipts of payments", answer: receiptsPage{}, query: []parameter{
			{name: "pageNum", kind: "integer", about: "from 0"}, {name: "pageSize", kind: "integer", about: "1 to 100, 20 by default"}, {name: "debtor", kind: "string"},
			{name: "service", kind: "string", about: "the iuv begins with it"}, {name: "debtorOrIuv", kind: "string"}, {name: "from", kind: "string"}, {name: "to", kind: "string"}}},
		"getReceiptByIUV": {summary: "Read a receipt as XML", kind: kindXML},
	}
}

func describedMassive(second bool) map[string]description {
	perRow := []parameter{{name: "perRow", kind: "boolean", about: "take the file although rows are invalid (an extension of ours)"}}
	status, report := massiveStatusV1{}, massiveReportV1{}
	d := map[string]description{
		"createMassive":   {summary: "Create the positions of a zip with one JSON file", query: perRow, kind: "multipart/form-data", status: 202},
		"updateMassive":   {summary: "Replace the positions of a zip", query: perRow, kind: "multipart/form-data", status: 202},
		"deleteMassive":   {summary: "Delete the positions that a zip names", query: perRow, kind: "multipart/form-data", status: 202},
		"getUploadStatus": {summary: "How far a file is worked off", answer: status},
		"getUploadReport": {summary: "What became of each row", answer: report},
		"getFileIds":      {summary: "List the files of some days", answer: filesPage{}, query: []parameter{{name: "from", kind: "date"}, {name: "to", kind: "date"}, {name: "size", kind: "integer", about: "100 to 500"}}},
	}
	if second {
		d["getUploadStatus"] = description{summary: "How far a file is worked off", answer: massiveStatusV2{}}
		d["getUploadReport"] = description{summary: "What became of each row, once the file is worked off", answer: massiveReportV2{}}
		d["getUploadNotices"] = description{summary: "The notices of what a file has brought, in a zip (ours)", kind: "application/zip", query: []parameter{
			{name: "page", kind: "integer"}, {name: "slip", kind: "string", enum: []string{"never", "always"}}, {name: "language", kind: "string"}}}
	}
	return d
}

// massiveStatusV1 and those below are what one version alone has of the shared answers.
type massiveStatusV1 struct {
	UploadID      string `json:"uploadID"`
	ProcessedItem int    `json:"processedItem"`
	SubmittedItem int    `json:"submittedItem"`
	StartTime     string `json:"startTime"`
}

type massiveStatusV2 struct {
	FileID          string `json:"fileId"`
	ProcessedItem   int    `json:"processedItem"`
	SubmittedItem   int    `json:"submittedItem"`
	StartTime       string `json:"startTime"`
	OperationStatus string `json:"operationStatus" enum:"IN_PROGRESS|COMPLETED|COMPLETED_UNSUCCESSFULLY|COMPLETED_WITH_WARNINGS"`
}

type massiveReportV1 struct {
	UploadID      string             `json:"uploadID"`
	ProcessedItem int                `json:"processedItem"`
	SubmittedItem int                `json:"submittedItem"`
	Responses     []massiveOutcomeV1 `json:"responses"`
	StartTime     string             `json:"startTime"`
	EndTime       *string            `json:"endTime"`
}

type massiveOutcomeV1 struct {
	StatusCode    int      `json:"statusCode"`
	StatusMessage string   `json:"statusMessage"`
	RequestIDs    []string `json:"requestIDs"`
}

type massiveReportV2 struct {
	FileID        string             `json:"fileId"`
	ProcessedItem int                `json:"processedItem"`
	SubmittedItem int                `json:"submittedItem"`
	Responses     []massiveOutcomeV2 `json:"responses"`
	StartTime     string             `json:"startTime"`
	EndTime       *string            `json:"endTime"`
}

type massiveOutcomeV2 struct {
	StatusCode    int      `json:"statusCode"`
	StatusMessage string   `json:"statusMessage"`
	IUPDs         []string `json:"iupds"`
}
