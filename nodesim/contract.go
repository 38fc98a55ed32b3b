package nodesim

// The shapes of the answers, in the order of the XSD, one table per complex type of paForNode.xsd. Whatever the XSD
// leaves optional and the node nevertheless wants stands not here but in the judges of verify.go, payment.go and
// demand.go, with the section that proves it.

// element is one entry of a sequence: how often it may stand there and what it holds.
type element struct {
	name     string
	min, max int
	text     facet     // judges a leaf
	children []element // what a branch holds, in order
}

// one, maybe and branch are the three ways an element occurs in this contract, save the two lists written out below.
func one(name string, text facet) element   { return element{name: name, min: 1, max: 1, text: text} }
func maybe(name string, text facet) element { return element{name: name, max: 1, text: text} }
func branch(name string, children []element) element {
	return element{name: name, min: 1, max: 1, children: children}
}

// optional makes an element one that may be left out.
func (e element) optional() element {
	e.min = 0
	return e
}

// upTo makes an element a list.
func (e element) upTo(most int) element {
	e.max = most
	return e
}

var (
	fiscalCode11 = pattern(`[0-9]{11}`)
	twoCapitals  = pattern(`[A-Z]{2}`)
)

var faultShape = []element{
	one("faultCode", anyText), one("faultString", anyText), one("id", anyText),
	maybe("description", anyText), maybe("serial", integer),
	maybe("originalFaultCode", anyText), maybe("originalFaultString", anyText), maybe("originalDescription", anyText),
}

// answerShape is ctResponse, the head of every answer, followed by what the operation adds.
func answerShape(own ...element) []element {
	head := []element{one("outcome", oneOf("OK", "KO")), branch("fault", faultShape).optional()}
	return append(head, own...)
}

var qrCodeShape = []element{one("fiscalCode", fiscalCode11), one("noticeNumber", pattern(`[0-9]{18}`))}

var optionShape = []element{
	one("amount", amount), one("options", oneOf("EQ", "LS", "GT", "ANY")), maybe("dueDate", date),
	maybe("detailDescription", text(1, 140)), one("allCCP", boolean),
}

// noticeShape is the common tail of the answers to verify and to demand.
var noticeShape = []element{
	branch("paymentList", []element{branch("paymentOptionDescription", optionShape)}).optional(),
	maybe("paymentDescription", text(1, 140)), maybe("fiscalCodePA", fiscalCode11),
	maybe("companyName", text(1, 140)), maybe("officeName", text(1, 140)),
}

var metadataShape = []element{
	branch("mapEntry", []element{one("key", text(1, 140)), one("value", text(1, 140))}).upTo(15),
}

var subjectShape = []element{
	branch("uniqueIdentifier", []element{
		one("entityUniqueIdentifierType", oneOf("F", "G")), one("entityUniqueIdentifierValue", text(2, 16)),
	}),
	one("fullName", text(1, 70)),
	maybe("streetName", text(1, 70)), maybe("civicNumber", text(1, 16)), maybe("postalCode", text(1, 16)),
	maybe("city", text(1, 35)), maybe("stateProvinceRegion", text(1, 35)), maybe("country", twoCapitals),
	maybe("e-mail", email),
}

var stampShape = []element{
	one("hashDocumento", stampHash), one("tipoBollo", oneOf("01")), one("provinciaResidenza", twoCapitals),
}

var transferV1Shape = []element{
	one("idTransfer", idTransfer), one("transferAmount", amount), one("fiscalCodePA", fiscalCode11),
	one("IBAN", text(1, 35)),
	one("remittanceInformation", text(1, 140)), one("transferCategory", text(1, 140)),
	branch("metadata", metadataShape).optional(),
}

// transferV2Shape leaves both branches of the XSD's choice optional; "exactly one of them" is judged in payment.go.
var transferV2Shape = []element{
	one("idTransfer", idTransfer), one("transferAmount", amount), one("fiscalCodePA", fiscalCode11),
	maybe("companyName", text(1, 140)),
	maybe("IBAN", text(1, 35)), branch("richiestaMarcaDaBollo", stampShape).optional(),
	one("remittanceInformation", text(1, 140)), one("transferCategory", text(1, 140)),
	branch("metadata", metadataShape).optional(),
}

// paymentShape is ctPaymentPA or ctPaymentPAV2: they differ in the company name and in the transfers.
func paymentShape(companyName element, transfer []element) []element {
	return []element{
		one("creditorReferenceId", text(1, 35)), one("paymentAmount", amount), one("dueDate", date),
		maybe("retentionDate", dateTime), maybe("lastPayment", boolean), one("description", text(1, 140)),
		companyName, maybe("officeName", text(1, 140)),
		branch("debtor", subjectShape),
		branch("transferList", []element{branch("transfer", transfer).upTo(5)}),
		branch("metadata", metadataShape).optional(),
	}
}

var (
	paymentV1Shape = paymentShape(maybe("companyName", text(1, 140)), transferV1Shape)
	paymentV2Shape = paymentShape(one("companyName", text(1, 140)), transferV2Shape)
)
