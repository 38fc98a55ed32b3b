package binarytest

import "testing"

// Reaches inside the package: a test of what fails tests.
func TestCanaries(t *testing.T) {
	t.Parallel()
	for line, want := range map[string]bool{
		`{"msg":"RSSMRA80A01H501U"}`: true, `{"iban":"IT60X0542811101000000123456"}`: true, `{"key":"nb_0123456789ab_secret"}`: true, `{"nav":"302000000000004535"}`: true,
		`{"name":"Mario Rossi"}`: true, `{"x":"CaNaRy"}`: true,
		`{"time":"2026-11-27T07:09:38.566372749Z","ec":"77777777777","notice":"0123456789ab","key":"0123456789ab","status":200,"duration":31853}`: false,
		`{"peer":"127.0.0.1:41234","us":302000000000004535123}`:                                                                                   false,
	} {
		found := false
		for _, c := range canaries {
			found = found || c.MatchString(line)
		}
		if found != want {
			t.Errorf("%s: found is %v, want %v", line, found, want)
		}
	}
}
