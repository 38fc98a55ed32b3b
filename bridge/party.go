package bridge

import (
	"fmt"
	"slices"
)

// ECCode is the fiscal code of a creditor institution ("ente creditore"): 11
// digits (XSD stFiscalCodePA). It is the tenant of everything stored.
type ECCode string

// ParseECCode accepts exactly 11 ASCII digits.
func ParseECCode(s string) (ECCode, error) {
	if len(s) != 11 || !allDigits(s) {
		return "", fmt.Errorf("the creditor institution's fiscal code must be 11 digits")
	}
	return ECCode(s), nil
}

// AuxDigit is the first digit of a notice number, which says how the rest is laid
// out (notices.md §1.1).
type AuxDigit string

// The aux digits; AuxAny is an EC whose notices may have any of them.
const (
	AuxAny              AuxDigit = ""
	AuxApplicationCode  AuxDigit = "0" // deprecated: application code and 15-digit IUV
	AuxPlain            AuxDigit = "1" // deprecated: no codes, no check digits
	AuxUnpartitioned    AuxDigit = "2" // deprecated: no codes
	AuxSegregationCodes AuxDigit = "3" // segregation code and 17-digit IUV
)

// Profile is how much is asked of an EC's uploads (architecture.md §7).
type Profile string

// The profiles; the zero value is Compatible.
const (
	Compatible Profile = "compatible" // what pagoPA's GPD accepts
	Strict     Profile = "strict"     // also what the node, the PSPs and the post will check later
)

// PrimitiveVersion is the generation of paGetPayment and paSendRT that the node
// uses with a station (soap-node.md §1.4). Both are always answered.
type PrimitiveVersion int

// The versions; the zero value of a Station's is Primitive2.
const (
	Primitive1 PrimitiveVersion = 1 // paGetPayment, paSendRT: no revenue stamps
	Primitive2 PrimitiveVersion = 2 // paGetPaymentV2, paSendRTV2
)

// CreditorInstitution is an EC as it is registered on one station. The node
// chooses the station of a notice by the EC and the codes below; the rest is the
// EC's own and must be the same on each of its stations.
type CreditorInstitution struct {
	Code ECCode
	Name string // shown to the payer as companyName, when the position has none

	AuxDigit         AuxDigit
	SegregationCodes []string // two digits each; of aux digit 3; none means any
	ApplicationCode  string   // two digits; of aux digit 0; "" means any

	IBANs               []IBAN // registered for the EC at pagoPA; none means unknown
	CBILL               string // the EC's interbank code, printed on notices; "" when it has none
	PostalAccount       string // number of the account at Poste, 1 to 12 digits
	PostalAuthorization string // Poste's permission to print slips, e.g. "AUT. DB/SSIC/E 1234 DEL 01/02/2026"
	Print               PrintProfile
	Profile             Profile
}

// Station is a station of a broker, with the ECs that it serves.
type Station struct {
	ID               string // e.g. "99999999999_01"
	PrimitiveVersion PrimitiveVersion
	// Broadcast stations also get the receipts of notices that another station of
	// the EC serves, or in which the EC is only a beneficiary (soap-node.md §1.4).
	Broadcast bool
	ECs       map[ECCode]CreditorInstitution
	// DuplicateReceiptOK answers OK instead of PAA_RECEIPT_DUPLICATA to a receipt
	// that is already stored. Both are final for the node (soap-node.md §2.5 step 3).
	DuplicateReceiptOK bool
}

// Broker is the intermediary ("intermediario") that owns stations; for an EC
// that connects by itself it is the EC.
type Broker struct {
	Code     string // fiscal code, 11 digits
	Stations map[string]Station
}

// serves says whether the node may send a notice number here: it chooses the
// station by EC, aux digit and segregation (or application) code.
func (ec *CreditorInstitution) serves(nav NoticeNumber) bool {
	if len(nav) < 3 {
		return ec.AuxDigit == AuxAny // GPD's leniency: such a notice is never asked for
	}
	aux, code := AuxDigit(nav[:1]), string(nav[1:3])
	switch {
	case ec.AuxDigit != AuxAny && ec.AuxDigit != aux:
		return false
	case aux == AuxSegregationCodes:
		return len(ec.SegregationCodes) == 0 || slices.Contains(ec.SegregationCodes, code)
	case aux == AuxApplicationCode:
		return ec.ApplicationCode == "" || ec.ApplicationCode == code
	}
	return true
}

// overlaps names the notices that both registrations of one EC would serve, or
// "". Where an aux digit is not configured nothing is claimed.
func (ec *CreditorInstitution) overlaps(other *CreditorInstitution) string {
	if ec.AuxDigit == AuxAny || ec.AuxDigit != other.AuxDigit {
		return ec.sharedSegregation(other)
	}
	switch ec.AuxDigit {
	case AuxSegregationCodes:
		if len(ec.SegregationCodes) == 0 || len(other.SegregationCodes) == 0 {
			return "every segregation code"
		}
		return ec.sharedSegregation(other)
	case AuxApplicationCode:
		if ec.ApplicationCode == "" || other.ApplicationCode == "" || ec.ApplicationCode == other.ApplicationCode {
			return "application code " + ec.ApplicationCode
		}
		return ""
	default:
		return "aux digit " + string(ec.AuxDigit)
	}
}

func (ec *CreditorInstitution) sharedSegregation(other *CreditorInstitution) string {
	for _, code := range ec.SegregationCodes {
		if slices.Contains(other.SegregationCodes, code) {
			return "segregation code " + code
		}
	}
	return ""
}

// Addressee is whom the node addresses in every call: the first three elements
// of each request (XSD idPA, idBrokerPA, idStation).
type Addressee struct {
	EC      string
	Broker  string
	Station string
}

// FaultID is the id of a fault in the answer: idPA of the request, else
// idBrokerPA, else our broker's code (architecture.md §7). What is no code of 11
// digits is not repeated: it may be long, or a person's.
func (a Addressee) FaultID(ownBroker string) string {
	for _, id := range []string{a.EC, a.Broker} {
		if _, err := ParseECCode(id); err == nil {
			return id
		}
	}
	return ownBroker
}
