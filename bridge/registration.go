package bridge

import (
	"fmt"
	"slices"
)

// broken gives the first key of the entry that breaks a rule by itself, and the
// rule; key is "" when none does.
func (ec *CreditorInstitution) broken() (key, rule string) {
	if _, err := ParseECCode(string(ec.Code)); err != nil {
		return "code", "must be the fiscal code of the creditor institution, 11 digits"
	}
	if line(ec.Name, maxText140) == "" {
		return "name", "must say the creditor institution's name"
	}
	if key, rule := ec.brokenCodes(); key != "" {
		return key, rule
	}
	for i, iban := range ec.IBANs {
		key := fmt.Sprintf("ibans[%d]", i)
		if _, err := ParseIBAN(string(iban)); err != nil {
			return key, err.Error()
		}
		if slices.Contains(ec.IBANs[:i], iban) {
			return key, "is listed twice"
		}
	}
	return ec.brokenPrint()
}

// brokenCodes is about what the node chooses the station by (notices.md §1.1).
func (ec *CreditorInstitution) brokenCodes() (key, rule string) {
	switch ec.AuxDigit {
	case AuxAny, AuxApplicationCode, AuxPlain, AuxUnpartitioned, AuxSegregationCodes:
	default:
		return "aux_digit", "must be 0, 1, 2 or 3"
	}
	for i, code := range ec.SegregationCodes {
		key := fmt.Sprintf("segregation_codes[%d]", i)
		if len(code) != 2 || !allDigits(code) {
			return key, "must be two digits"
		}
		if slices.Contains(ec.SegregationCodes[:i], code) {
			return key, "is listed twice"
		}
	}
	if len(ec.SegregationCodes) > 0 && ec.AuxDigit != AuxAny && ec.AuxDigit != AuxSegregationCodes {
		return "segregation_codes", "only notices of aux digit 3 have one"
	}
	if ec.ApplicationCode == "" {
		return "", ""
	}
	if len(ec.ApplicationCode) != 2 || !allDigits(ec.ApplicationCode) {
		return "application_code", "must be two digits"
	}
	if ec.AuxDigit != AuxAny && ec.AuxDigit != AuxApplicationCode {
		return "application_code", "only notices of aux digit 0 have one"
	}
	return "", ""
}

// brokenPrint is about what notices are printed with, and the profile.
func (ec *CreditorInstitution) brokenPrint() (key, rule string) {
	switch {
	case ec.CBILL != "" && (len(ec.CBILL) > 10 || !isCapitalOrDigit(ec.CBILL)):
		return "cbill", "must be 1 to 10 capital letters and digits"
	case ec.PostalAccount != "" && (len(ec.PostalAccount) > 12 || !allDigits(ec.PostalAccount)):
		return "postal_account", "must be the account's number, 1 to 12 digits"
	case ec.PostalAuthorization != line(ec.PostalAuthorization, maxText140):
		return "postal_authorization", "must be one line of at most 140 characters"
	case ec.Profile != "" && ec.Profile != Compatible && ec.Profile != Strict:
		return "profile", "must be compatible or strict"
	}
	return ec.Print.broken()
}

// disagrees gives the first key in which an EC's entry contradicts its entry on
// another station: two that serve the same notices, or two names of one EC.
func (ec *CreditorInstitution) disagrees(on *registration) (key, rule string) {
	there := &on.ec
	if both := ec.overlaps(there); both != "" {
		key := "aux_digit"
		if ec.AuxDigit == AuxSegregationCodes || len(ec.SegregationCodes) > 0 {
			key = "segregation_codes"
		} else if ec.AuxDigit == AuxApplicationCode {
			key = "application_code"
		}
		return key, fmt.Sprintf("%s is on station %s too: the node sends each notice to one station", both, on.station.ID)
	}
	same := map[string]bool{
		"name":                 ec.Name == there.Name,
		"ibans":                slices.Equal(ec.IBANs, there.IBANs),
		"cbill":                ec.CBILL == there.CBILL,
		"postal_account":       ec.PostalAccount == there.PostalAccount,
		"postal_authorization": ec.PostalAuthorization == there.PostalAuthorization,
		"profile":              ec.isStrict() == there.isStrict(),
		"notice_info":          ec.Print == there.Print, // and the other keys of it
	}
	for _, key := range []string{"name", "ibans", "cbill", "postal_account", "postal_authorization", "profile", "notice_info"} {
		if !same[key] {
			return key, "must be the same as on station " + on.station.ID
		}
	}
	return "", ""
}

func (ec *CreditorInstitution) isStrict() bool { return ec.Profile == Strict }

func isCapitalOrDigit(s string) bool {
	for i := 0; i < len(s); i++ {
		if !isLetter(s[i]) && (s[i] < '0' || s[i] > '9') {
			return false
		}
	}
	return s != ""
}
