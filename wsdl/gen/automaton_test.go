package main

import (
	"regexp"
	"strings"
	"testing"
)

func TestCompile_MatchesAsTheExpressionSays(t *testing.T) {
	t.Parallel()
	samples := []string{
		"", "0", "a", "ab", "abab", "aaa", "aab", "12345678901", "1234567890", "123456789012", "IT", "it", "ITA", "I",
		"a@b", "a@b.it", "a@b..it", "a@b.it.", "@b", "a@", "A_9.+-x@b-c.d.it", "a@b_c", "x\ny", "....", "]", "-", "^", "\\", "a-", "è",
		strings.Repeat("x", 72), strings.Repeat("x", 73), strings.Repeat("1", 18), "10.00", "10.0", ".00", " ", "\t",
	}
	for _, pattern := range []string{
		`[0-9]{11}`, `[0-9]{18}`, `[A-Z]{2,2}`, `.{4,72}`, `\d+\.\d{2}`,
		`[a-zA-Z0-9_\.\+\-]+@[a-zA-Z0-9\-]+(\.[a-zA-Z0-9\-]+)*`,
		``, `a|b`, `(ab)*`, `a?b?`, `a{2,}b?`, `(a|ab)(c|bcd)?`, `a*`, `(a*)*`, `[^a]`, `[\]\-\^\\]`, `[a\-]`, `\s*`, `\S+`, `\D`, `a{0,2}`, `(a|b)*ab`, `[ab-]+`,
	} {
		a, err := compile(pattern)
		if err != nil {
			t.Errorf("%s: %v", pattern, err)
			continue
		}
		// Go's syntax differs in the dot (which there matches a return) alone.
		same := regexp.MustCompile(`^(?:` + strings.ReplaceAll(pattern, ".{", `[^\n\r]{`) + `)$`)
		for _, s := range samples {
			if got, want := a.match(s), same.MatchString(s); got != want {
				t.Errorf("%s on %q: %v, want %v", pattern, s, got, want)
			}
		}
	}
}

func TestCompile_IsMinimal(t *testing.T) {
	t.Parallel()
	for pattern, states := range map[string]int{`[0-9]{11}`: 13, `a*`: 2, `(a|b)*ab`: 4, `a|b|c`: 3} {
		a, err := compile(pattern)
		if err != nil || len(a.next) != states {
			t.Errorf("%s: %d states, %v; want %d", pattern, len(a.next), err, states)
		}
	}
}

func TestCompile_RefusesWhatItDoesNotUnderstand(t *testing.T) {
	t.Parallel()
	for _, pattern := range []string{
		`\p{Lu}`, `\w`, `\i`, `\c`, `[a-z-[aeiou]]`, `(a`, `a)`, `[a`, `[]`, `[z-a]`, `[\d-z]`, `[\.-9]`, `[a-\z]`, `[a-`, `a{2`, `a{x}`, `a{3,2}`, `a{1000}`, `*a`, `è`, `[è]`, `\`, `^a$`, `a{250}{250}`,
	} {
		_, err := compile(pattern)
		if err == nil {
			t.Errorf("%s is understood", pattern)
		}
	}
}

func TestNames(t *testing.T) {
	t.Parallel()
	for local, want := range map[string]string{"ctQrCode": "QrCode", "paSendRTReq": "PaSendRTReq", "ctx": "Ctx", "ct": "Ct", "Altro": "Altro"} {
		if got := typeName(local); got != want {
			t.Errorf("type %s is %s, want %s", local, got, want)
		}
	}
	for name, want := range map[string]string{"idPA": "IdPA", "e-mail": "EMail", "PSPCompanyName": "PSPCompanyName", "a.b_c1": "ABC1"} {
		if got := fieldName(name); got != want {
			t.Errorf("field %s is %s, want %s", name, got, want)
		}
	}
}
