package bridge_test

import (
	"testing"

	"nodobridge/bridge"
)

// Vectors of notices.md §1.5 and of the IBAN registry (ISO 13616).
func TestParseIBAN(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, text string
		ok         bool
		postal     string
	}{
		{"bank", "IT60X0542811101000000123456", true, ""},
		{"post", "IT78N0760103200001012345678", true, "001012345678"},
		{"San Marino", "SM86U0322509800000000270100", true, ""},
		{"Germany", "DE89370400440532013000", true, ""},
		{"Norway, the shortest", "NO9386011117947", true, ""},
		{"Malta, 31", "MT84MALT011000012345MTLCAST001S", true, ""},
		{"wrong check digits", "IT61X0542811101000000123456", false, ""},
		{"two digits swapped", "IT60X0542811101000000124356", false, ""},
		{"blanks", "IT60 X054 2811 1010 0000 0123 456", false, ""},
		{"small letters", "it60x0542811101000000123456", false, ""},
		{"Italian and too short", "IT90X054281110100000012345", false, ""},
		{"a foreign letter", "IT60X05428111010000001234è6", false, ""},
		{"empty", "", false, ""},
		{"too long", "MT84MALT011000012345MTLCAST001S0000", false, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			iban, err := bridge.ParseIBAN(c.text)
			if (err == nil) != c.ok {
				t.Fatalf("%q: %v", c.text, err)
			}
			if got := iban.PostalAccount(); got != c.postal {
				t.Errorf("postal account %q, want %q", got, c.postal)
			}
		})
	}
}

// Vectors of notices.md §1.5.
func TestParseFiscalCode(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, text string
		ok         bool
	}{
		{"person", "RSSMRA80A01H501U", true},
		{"another person", "RSSMRA77L18H501W", true},
		{"in small letters", "rssmra80a01h501u", true},
		{"omocodia: the last digit as a letter", "RSSMRA80A01H50MM", true},
		{"wrong control letter (pagoPA's golden sample)", "FFFCST83A15L113V", false},
		{"omocodia with the letter of the digits", "RSSMRA80A01H50MU", false},
		{"month that is none", "RSSMRA80F01H501U", false},
		{"company", "00488410010", true},
		{"pagoPA", "15376371009", true},
		{"another company", "01199250158", true},
		{"wrong control digit", "00488410011", false},
		{"pagoPA's sample EC", "77777777777", false},
		{"unknown debtor", "ANONIMO", true},
		{"empty", "", false},
		{"foreign code", "XX1234567", false},
		{"one more", "RSSMRA80A01H501UU", false},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			if _, err := bridge.ParseFiscalCode(c.text); (err == nil) != c.ok {
				t.Errorf("%q: %v", c.text, err)
			}
		})
	}
}
