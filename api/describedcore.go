package api

import "maps"

// coreDocuments are those of the compat server: GPD's core without prefixes and keys,
// with the calls that GPD's own services make (gpd-api.md §3.4).
func coreDocuments() []apiDocument {
	core := describedV1()
	maps.Copy(core, describedReceipts())
	maps.Copy(core, describedInternal())
	return []apiDocument{
		{name: "gpd-core", title: "GPD's core, version 1", about: "GPD's debt positions and receipts without prefix, and the calls of its own services. No key is asked for: it is served on loopback alone.", but: coreV3, of: core},
		{name: "gpd-core-v3", title: "GPD's core, version 3", about: "GPD's debt positions with payment options and instalments. No key is asked for: it is served on loopback alone.", prefix: coreV3, of: describedV3()},
	}
}

// coreV3 is what the compat server has before version 3's paths.
const coreV3 = "/v3"

func describedInternal() map[string]description {
	return map[string]description{
		"getOrganizationPaymentOptionByNAV": {summary: "Read a payment option with its debtor", answer: internalOptionView{}},
		"getDebtPositionByIUV":              {summary: "Read the debt position of a payment option", answer: positionView{}},
		"payPaymentOption":                  {summary: "Declare a payment option paid", request: paymentRequest{}, example: `{"paymentDate":"2026-11-27T10:00:00","paymentMethod":"bank","pspCode":"ABI00001","pspTaxCode":"12345678901","pspCompany":"Banca di Prova","idReceipt":"R-2026-0001","fee":"150"}`, answer: paidView{}},
		"reportTransfer":                    {summary: "Say that a transfer has reached the institution's account", answer: transferView{}},
		"updateNotificationFee":             {summary: "Set the cost of notification of an unpaid payment option, in cents", request: feeRequest{}, example: `{"notificationFee":200}`, answer: optionView{}, status: statusUpdatedUnchecked},
	}
}
