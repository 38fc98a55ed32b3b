package main_test

import (
	"strings"
	"testing"

	"nodobridge/internal/binarytest"
)

// partiesConfig has two stations of one broker and one EC on each.
const partiesConfig = `
soap: {listen: "127.0.0.1:0"}
api: {listen: "127.0.0.1:0"}
admin: {listen: "127.0.0.1:0"}
brokers:
  - code: "99999999999"
    stations:
      - id: "99999999999_01"
        primitive_version: 1
        creditor_institutions:
          - {code: "77777777777", name: Comune di Prova, aux_digit: 3, segregation_codes: ["02"], ibans: [IT60X0542811101000000123456], cbill: AB123}
      - id: "99999999999_02"
        broadcast: true
        creditor_institutions:
          - {code: "77777777777", name: Comune di Prova, aux_digit: 3, segregation_codes: ["03"], ibans: [IT60X0542811101000000123456], cbill: AB123}
          - {code: "88888888888", name: Comune di Altrove, aux_digit: 0, application_code: "01", postal_account: "12345678", postal_authorization: AUT. 1, profile: strict}
`

// A value that cannot be used is refused with its path in the file and the rule.
func TestParties_Refusals(t *testing.T) {
	t.Parallel()
	const first, second = "brokers[0].stations[0].creditor_institutions[0].", "brokers[0].stations[1].creditor_institutions[1]."
	for _, c := range []struct{ name, old, new, says string }{
		{"as it is", "", "", ""},
		{"broker code", `"99999999999"`, `"9999999999"`, "brokers[0].code: must be the broker's fiscal code, 11 digits"},
		{"broker twice", "  - code: \"99999999999\"\n", "  - {code: \"99999999999\", stations: []}\n  - code: \"99999999999\"\n", "brokers[1].code: is listed twice"},
		{"station twice", `"99999999999_02"`, `"99999999999_01"`, "brokers[0].stations[1].id: is listed twice"},
		{"station id empty", `"99999999999_02"`, `""`, "brokers[0].stations[1].id: must have 1 to 35 characters"},
		{"primitive version", "primitive_version: 1", "primitive_version: 3", "brokers[0].stations[0].primitive_version: must be 1 or 2"},
		{"primitive version zero", "primitive_version: 1", "primitive_version: 0", "brokers[0].stations[0].primitive_version: must be 1 or 2"},
		{"broadcast as text", "broadcast: true", `broadcast: "true"`, "brokers[0].stations[1].broadcast: must be a bool"},
		{"EC code", `"88888888888"`, `"8888888888"`, second + "code: must be the fiscal code of the creditor institution, 11 digits"},
		{"EC code empty", `"88888888888"`, `""`, second + "code: must be the fiscal code"},
		{"EC twice", `"88888888888"`, `"77777777777"`, second + "code: is listed twice"},
		{"name blank", "Comune di Altrove", `"  "`, second + "name: must say the creditor institution's name"},
		{"aux digit", "aux_digit: 0", "aux_digit: 4", second + "aux_digit: must be 0, 1, 2 or 3"},
		{"segregation of one digit", `["02"]`, `["02", "3"]`, first + "segregation_codes[1]: must be two digits"},
		{"segregation as number", `["02"]`, `[2]`, first + "segregation_codes[0]: must be a text; put it in quotes"},
		{"segregation twice", `["02"]`, `["02", "02"]`, first + "segregation_codes[1]: is listed twice"},
		{"segregation forgotten", `segregation_codes: ["02"], `, ``, first + "segregation_codes: must list the codes"},
		{"segregation of aux digit 0", "aux_digit: 0,", `aux_digit: 0, segregation_codes: ["04"],`, second + "segregation_codes: only notices of aux digit 3 have one"},
		{"segregation on two stations", `["03"]`, `["04", "02"]`, "brokers[0].stations[1].creditor_institutions[0].segregation_codes: segregation code 02 is on station 99999999999_01 too"},
		{"any segregation beside one", `["03"]`, `[]`, "brokers[0].stations[1].creditor_institutions[0].segregation_codes: every segregation code is on station 99999999999_01 too"},
		{"application code", `"01", postal`, `"1", postal`, second + "application_code: must be two digits"},
		{"application code of aux digit 3", `segregation_codes: ["02"]`, `segregation_codes: ["02"], application_code: "01"`, first + "application_code: only notices of aux digit 0 have one"},
		{"IBAN check digits", "[IT60X0542811101000000123456]", "[IT61X0542811101000000123456]", first + "ibans[0]: the check digits of the IBAN are wrong"},
		{"IBAN twice", "[IT60X0542811101000000123456]", "[IT60X0542811101000000123456, IT60X0542811101000000123456]", first + "ibans[1]: is listed twice"},
		{"IBANs of one EC differ", "[IT60X0542811101000000123456]", "[]", "brokers[0].stations[1].creditor_institutions[0].ibans: must be the same as on station 99999999999_01"},
		{"names of one EC differ", "name: Comune di Prova", "name: Comune", "brokers[0].stations[1].creditor_institutions[0].name: must be the same as on station 99999999999_01"},
		{"CBILL", "AB123", "ab123", first + "cbill: must be 1 to 10 capital letters and digits"},
		{"postal account", `"12345678"`, `"12345678X"`, second + "postal_account: must be the account's number"},
		{"postal authorisation", "AUT. 1", `"AUT.\n1"`, second + "postal_authorization: must be one line"},
		{"profile", "profile: strict", "profile: lax", second + "profile: must be compatible or strict"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			h := binarytest.New(t, strings.Replace(partiesConfig, c.old, c.new, 1))
			code, _, problem := h.Run("init")
			switch {
			case c.says == "" && code != 0, c.says != "" && (code != 78 || !strings.Contains(problem, c.says)):
				t.Errorf("exit %d, want %q:\n%s", code, c.says, problem)
			case strings.Count(strings.TrimSpace(problem), "\n") != 0:
				t.Errorf("more than one line:\n%s", problem)
			}
		})
	}
}
