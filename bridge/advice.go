package bridge

import (
	"maps"
	"slices"
	"strings"
)

// Advice is something in the registry that is allowed and probably not meant:
// what, why it matters and how to cure it.
type Advice struct {
	Place
	What string
	Why  string
	Cure string
}

// unassignable are the segregation codes that pagoPA assigns to no broker of an
// EC: kept for central services, or beyond the range (notices.md §1.3).
const unassignable = "46"

// Advice looks at the registry as a whole, in the order of the codes.
func (r *Registry) Advice() []Advice {
	var list []Advice
	if len(r.registrations) == 0 {
		list = append(list, Advice{Place{Key: "brokers"}, "no creditor institution is registered", "every call of the node will be refused", "list the broker, its stations and the creditor institutions on them"})
	}
	for _, code := range slices.Sorted(maps.Keys(r.brokers)) {
		b := r.brokers[code]
		if companyControl(b.Code) != b.Code[10] {
			list = append(list, Advice{Place{Broker: b.Code, Key: "code"}, "the control digit of the fiscal code is wrong", "the node knows the broker by another code and its calls will be refused", "copy the code from pagoPA's back office"})
		}
		for _, id := range slices.Sorted(maps.Keys(b.Stations)) {
			list = append(list, stationAdvice(b.Code, b.Stations[id])...)
			list = append(list, r.broadcastAdvice(b.Code, b.Stations[id])...)
		}
	}
	return list
}

func stationAdvice(broker string, s Station) []Advice {
	at := Place{Broker: broker, Station: s.ID}
	var list []Advice
	say := func(key, what, why, cure string) {
		at.Key = key
		list = append(list, Advice{at, what, why, cure})
	}
	if s.PrimitiveVersion == Primitive1 {
		say("primitive_version", "the station uses the primitives of version 1", "they cannot pay revenue stamps and lack the company name and other data of version 2", "have the station set to version 2 in pagoPA's back office and here")
	}
	if !strings.HasPrefix(s.ID, broker+"_") {
		say("id", "the station's identifier is not <broker>_<nn>", "pagoPA names stations so; a call to another identifier is refused with PAA_STAZIONE_INT_ERRATA", "copy the identifier from pagoPA's back office")
	}
	if len(s.ECs) == 0 {
		say("creditor_institutions", "no creditor institution is on the station", "every call to it will be refused with PAA_ID_DOMINIO_ERRATO", "list those that are associated with it at pagoPA")
	}
	for _, code := range slices.Sorted(maps.Keys(s.ECs)) {
		ec := s.ECs[code]
		at.EC = code
		ec.advise(say)
	}
	return list
}

// broadcastAdvice is about receipts that reach this program by two ways: an EC's
// receipts come to its broadcast station and to the one that serves the notice.
func (r *Registry) broadcastAdvice(broker string, s Station) []Advice {
	if !s.Broadcast {
		return nil
	}
	for _, code := range slices.Sorted(maps.Keys(s.ECs)) {
		for _, other := range r.registrations[code] {
			if other.station.ID == s.ID || s.DuplicateReceiptOK && other.station.DuplicateReceiptOK {
				continue
			}
			return []Advice{{
				Place{Broker: broker, Station: s.ID, Key: "broadcast"}, "receipts of " + string(code) + " come here and to station " + other.station.ID,
				"the second is answered with PAA_RECEIPT_DUPLICATA, which pagoPA counts as a refusal", "set duplicate_receipt_ok: true on both stations, or have broadcast switched off",
			}}
		}
	}
	return nil
}

func (ec *CreditorInstitution) advise(say func(key, what, why, cure string)) {
	if companyControl(string(ec.Code)) != ec.Code[10] {
		say("code", "the control digit of the fiscal code is wrong", "no institution has this code, so no payment can reach one", "copy the code from pagoPA's back office")
	}
	switch {
	case ec.AuxDigit == AuxAny:
		say("aux_digit", "it is not said which notice numbers are the station's", "numbers of other stations are accepted in uploads and never asked for by the node", "set aux_digit and segregation_codes as associated at pagoPA")
	case ec.AuxDigit != AuxSegregationCodes:
		say("aux_digit", "aux digit "+string(ec.AuxDigit)+" is deprecated", "pagoPA associates no new station with it", "ask pagoPA for aux digit 3 and a segregation code")
	case len(ec.SegregationCodes) == 0:
		say("segregation_codes", "any segregation code is accepted", "numbers of other stations are accepted in uploads and never asked for by the node", "list the codes assigned to the association by pagoPA")
	}
	for _, code := range ec.SegregationCodes {
		if code >= unassignable {
			say("segregation_codes", "segregation code "+code+" is not one that pagoPA assigns", "46 to 99 are for central services: the node sends such notices elsewhere", "copy the code from pagoPA's back office")
		}
	}
	ec.adviseAccounts(say)
}

func (ec *CreditorInstitution) adviseAccounts(say func(key, what, why, cure string)) {
	if len(ec.IBANs) == 0 {
		say("ibans", "the registered accounts are not listed", "a payment to an account that pagoPA does not know fails at the counter with no hint", "list the accounts of pagoPA's back office")
	}
	if !ec.isStrict() {
		say("profile", "uploads are checked as leniently as GPD does", "a wrong notice number, account or fiscal code is found by the debtor", "set profile: strict once the institution's software passes it")
	}
	switch {
	case ec.PostalAccount != "" && ec.PostalAuthorization == "":
		say("postal_authorization", "Poste's authorisation is missing", "notices cannot have a postal slip without it", "copy its text from Poste's letter, or remove postal_account")
	case ec.PostalAccount == "" && ec.PostalAuthorization != "":
		say("postal_account", "the postal account is missing", "notices cannot have a postal slip without it", "set the account that Poste authorised, or remove postal_authorization")
	case ec.PostalAccount != "" && len(ec.IBANs) > 0 && !slices.ContainsFunc(ec.IBANs, ec.isPostalSlip):
		say("postal_account", "no registered account has this number at Poste", "the account on the slip must be the one that the node is answered with", "list the account's IBAN in ibans, or correct the number")
	}
}

// isPostalSlip says whether an account is the one printed on postal slips.
func (ec *CreditorInstitution) isPostalSlip(i IBAN) bool {
	account := i.PostalAccount()
	return account != "" && account == strings.Repeat("0", 12-len(ec.PostalAccount))+ec.PostalAccount
}
