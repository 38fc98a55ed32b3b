package api

import "net/http"

const (
	examplePrint = `{"templateId":"TemplateSingleInstalment","data":{"notice":{"subject":"TARI 2026","paymentAmount":1050,"dueDate":"31/12/2026","code":"347000000000000012"},"creditorInstitution":{"taxCode":"77777777777"},` +
		`"debtor":{"taxCode":"RSSMRA80A01H501U","fullName":"Mario Rossi","address":"Via Roma","buildingNumber":"1","postalCode":"00100","city":"Roma","province":"RM"}}}`
	examplePrints = `{"notices":[` + examplePrint + `]}`
)

func describedPrint() map[string]description {
	return map[string]description{
		"generateNotice": {summary: "Print one notice", request: printRequest{}, example: examplePrint, kind: kindPDF, status: http.StatusCreated,
			query: []parameter{{name: "folderId", kind: "string", about: "put it into this folder too, in the place of the one of the same number and template"}}},
		"generateNoticeMassiveRequest": {summary: "Have up to 1000 notices printed into a folder", request: printManyRequest{}, example: examplePrints, answer: printFolderView{},
			headers: []parameter{{name: headerIdempotency, kind: "string", must: true, about: "the same request under the same key gives the same folder, another one 409"}}},
		"getTemplates":               {summary: "The forms of notices", answer: []templateView{}},
		"getTemplate":                {summary: "A form of notice, with a request for it", answer: templateDetail{}},
		"getTemplateExample":         {summary: "What the request of a form gives (ours: where templateExampleUrl leads)", kind: kindPDF},
		"getFolderStatus":            {summary: "How far a folder is printed", answer: folderStatusView{}},
		"getError":                   {summary: "Why a notice of a folder could not be printed", answer: folderErrorView{}},
		"getFolderSignedUrlResource": {summary: "An address that gives the folder as a zip, for five minutes", answer: signedURLView{}},
		"getSignedUrlResource":       {summary: "An address that gives a notice of the folder, for five minutes", answer: signedURLView{}},
		"deleteFolder":               {summary: "Delete a folder"},
		"followSignedUrl":            {summary: "What such an address gives (ours)", kind: "application/octet-stream", query: []parameter{{name: "expires", kind: "string", must: true}, {name: "signature", kind: "string", must: true}}},
	}
}
