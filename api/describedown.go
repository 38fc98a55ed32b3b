package api

const exampleMapping = `{"amountUnit":"euro","fields":{"iupd":{"columns":["CODICE"]},"fiscalCode":{"columns":["CF"]},"fullName":{"columns":["COGNOME","NOME"]},"amount":{"columns":["IMPORTO"]},` +
	`"dueDate":{"columns":["SCADENZA"]},"description":{"default":"TARI 2026"},"category":{"default":"9/0101100IM/"},"iban":{"default":"IT60X0542811101000000123456"},"segregationCode":{"default":"47"}}}`

// exampleTable is a table for that mapping.
const exampleTable = "CODICE;CF;COGNOME;NOME;IMPORTO;SCADENZA\nTARI-7;RSSMRA80A01H501U;Rossi;Mario;1.234,50;31/12/2098\n"

func describedOwn() map[string]description {
	ifMatch := []parameter{{name: "If-Match", kind: "string", about: "an ETag that an answer has given: the change takes place only while the position is still that version"}}
	return map[string]description{
		"listEvents": {summary: "What has happened since a cursor", query: []parameter{afterNext, limitOwn, {name: "types", kind: "string", about: "with commas between them"}}, answer: eventsPage{}},

		"searchPositions": {summary: "Find positions by debtor, notice number or last change", answer: foundPage{}, query: []parameter{afterNext, limitOwn, {name: "debtor", kind: "string", about: "fiscal code"},
			{name: "nav", kind: "string"}, {name: "changedSince", kind: "string", about: "date or date-time in UTC"}}},
		"createPosition":     {summary: "Create a position", query: []parameter{toPublish}, request: positionV3Request{}, example: exampleV3, answer: positionV3View{}, status: 201},
		"getPosition":        {summary: "Read a position; its version is the ETag", answer: positionV3View{}},
		"updatePosition":     {summary: "Replace a position", query: []parameter{toPublish}, headers: ifMatch, request: positionV3Request{}, example: exampleV3, answer: positionV3View{}},
		"deletePosition":     {summary: "Delete a position", headers: ifMatch, status: 204},
		"publishPosition":    {summary: "Make a draft payable", answer: positionV3View{}},
		"invalidatePosition": {summary: "Cancel a published position", answer: positionV3View{}},
		"restorePosition": {summary: "Bring back what was cancelled or has expired", answer: positionV3View{}, query: []parameter{toPublish,
			{name: "dueDate", kind: "date-time", about: "for the unpaid instalments that are past due"}}},

		"listReceipts":       {summary: "Receipts in the order of their arrival, debtors masked", query: []parameter{afterNext, limitOwn, {name: "nav", kind: "string"}}, answer: ownReceiptsPage{}},
		"getReceipt":         {summary: "A receipt whole; the reading is journalled", answer: ownReceiptView{}},
		"getReceiptXML":      {summary: "The call that brought the receipt, byte for byte", kind: kindXML},
		"getReceiptPDF":      {summary: "The receipt as a document for the payer", kind: kindPDF},
		"listAnomalies":      {summary: "What was odd about receipts", query: []parameter{afterNext, limitOwn, {name: "class", kind: "string"}, {name: "open", kind: "boolean", about: "those that nobody has looked at"}}, answer: anomaliesPage{}},
		"acknowledgeAnomaly": {summary: "Say that somebody has looked at an anomaly", answer: anomalyView{}},
		"getNotice": {summary: "The payment notice as PDF", kind: kindPDF, query: []parameter{{name: "slip", kind: "string", about: "postal slips", enum: []string{"never", "always"}},
			{name: "layout", kind: "string", about: "a traffic fine: two amounts by the day of payment", enum: []string{"fine"}}, {name: "language", kind: "string", about: "second language"}}},

		"reserveNumbers": {summary: "Reserve notice numbers for positions yet to be created", request: numbersRequest{}, example: `{"segregationCode":"47","count":3}`, answer: numbersView{}, status: 201},

		"createWebhook": {summary: "Have an address told of events; the secret is shown once", request: webhookRequest{}, example: `{"url":"https://gestionale.example.org/eventi","types":["receipt.received"]}`, answer: webhookView{}, status: 201},
		"listWebhooks":  {summary: "List webhooks and how their deliveries stand", answer: webhooksList{}},
		"deleteWebhook": {summary: "End a webhook", status: 204},
		"listFailures":  {summary: "Events that were not delivered in 72 hours", query: []parameter{afterNext, limitOwn}, answer: failuresPage{}},
		"resendEvents":  {summary: "Deliver events again", request: resendRequest{}, example: `{}`, answer: resent{}, status: 202},

		"listServices":   {summary: "Spontaneous services that a payer can ask for", answer: serviceList{}},
		"requestPayment": {summary: "Make a notice by a service's fields", request: fieldsRequest{}, example: `{"fields":{"causale":"9","comune":"77777777777","codice_fiscale":"RSSMRA80A01H501U","denominazione":"Mario Rossi"}}`, answer: requestedPayment{}, status: 201},
		"openCart": {summary: "Open a cart at pagoPA's Checkout", request: cartRequest{}, answer: openedCart{}, status: 201,
			example: `{"notices":["347000000000000012"],"idCart":"C-1","returnUrls":{"ok":"https://comune.example.org/ok","cancel":"https://comune.example.org/no","error":"https://comune.example.org/errore","waiting":"https://comune.example.org/attesa"}}`},

		"listMappings":  {summary: "Mappings of a table's columns, and the fields that they can give", answer: mappingsList{}},
		"saveMapping":   {summary: "Keep a mapping by its name", request: mappingRequest{}, example: exampleMapping, answer: mappingView{}},
		"deleteMapping": {summary: "Forget a mapping", status: 204},
		"importPositions": {summary: "Make positions of a table, CSV or XLSX", kind: "text/csv", example: exampleTable, answer: importReport{}, query: []parameter{{name: "mapping", kind: "string", must: true}, toPublish,
			{name: "dryRun", kind: "boolean", about: "tell what would happen, and do nothing"}, {name: "partial", kind: "boolean", about: "make the good ones although others are wrong"}}},
		"exportPositions": {summary: "Positions as CSV", kind: kindCSV, query: []parameter{{name: "debtor", kind: "string"}, {name: "changedSince", kind: "string"}, {name: "excel", kind: "boolean", about: `long digits as ="…"`}}},
		"exportReceipts":  {summary: "Receipts as CSV", kind: kindCSV, query: []parameter{afterNext, {name: "excel", kind: "boolean"}}},
	}
}
