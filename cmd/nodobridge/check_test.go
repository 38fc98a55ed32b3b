package main_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"nodobridge/internal/binarytest"
)

// checked is what "check --json" says.
type checked struct {
	Findings []struct{ Severity, Key, What, Why, Cure string }
	Errors   int
	Warnings int
}

// says gives the severity of the finding with a key whose text holds a word.
func (c checked) says(key, word string) string {
	for _, f := range c.Findings {
		if f.Key == key && strings.Contains(f.What, word) && f.Why != "" && f.Cure != "" {
			return f.Severity
		}
	}
	return ""
}

func checkJSON(t *testing.T, h *binarytest.Home) (int, checked) {
	t.Helper()
	code, out, problem := h.Run("check", "--json")
	var c checked
	if err := json.Unmarshal([]byte(out), &c); err != nil {
		t.Fatalf("%v\n%s%s", err, out, problem)
	}
	return code, c
}

// goodConfig gives no reason for a finding but that the authority of its
// certificate is a test's.
var goodConfig = strings.NewReplacer(
	"99999999999", "00488410010", "77777777777", "15376371009",
	"name: Comune di Prova", `name: Comune di Prova, aux_digit: 3, segregation_codes: ["02"], ibans: [IT60X0542811101000000123456], profile: strict`,
	`          - {code: "88888888888", name: Comune di Altrove}`, "",
).Replace(tlsConfig)

// A station in order has nothing to cure, running or not; each thing that is broken
// is found, and only errors give exit code 1.
func TestCheck(t *testing.T) {
	t.Parallel()
	pki := binarytest.NewPKI(t)
	h := binarytest.New(t, goodConfig)
	h.Install(pki, pki.Leaf(ourName, 365))
	if code, c := checkJSON(t, h); code != 1 || c.says("store.dir", "no such file") != "error" {
		t.Errorf("without a store: exit %d, %+v", code, c)
	}
	h.Must("init")
	onlyAuthority := func(when string) {
		code, c := checkJSON(t, h)
		for _, f := range c.Findings {
			if f.Severity == "error" || !strings.HasPrefix(f.Key, "soap.tls.c") && f.Key != "disk" && f.Key != "machine" {
				t.Errorf("%s: %+v", when, f)
			}
		}
		if code != 0 || c.Errors != 0 {
			t.Errorf("%s: exit %d", when, code)
		}
	}
	onlyAuthority("at rest")
	p := h.Serve()
	onlyAuthority("running")
	h.Must("keys", "create", "--name", "test", "--ec", "15376371009")
	p.Kill()
	if code, c := checkJSON(t, h); code != 0 || c.says("store", "not closed") != "warning" {
		t.Errorf("after a kill: exit %d, %+v", code, c)
	}

	h.Install(pki, pki.Leaf(ourName, 10))
	if err := os.Chmod(filepath.Join(h.Dir, "var"), 0o755); err != nil {
		t.Fatal(err)
	}
	h.Configure(strings.NewReplacer("profile: strict", "profile: compatible", ourName, "other.example.it").Replace(goodConfig))
	code, c := checkJSON(t, h)
	if code != 1 || c.Errors != 1 {
		t.Errorf("exit %d, %d errors", code, c.Errors)
	}
	for _, want := range []struct{ key, word, severity string }{
		{"store.dir", "mode 0755", "error"},
		{"soap.tls.cert_file", "in 9 days", "warning"},
		{"soap.tls.cert_file", "other.example.it", "warning"},
		{"brokers[0].stations[0].creditor_institutions[0].profile", "leniently", "warning"},
	} {
		if got := c.says(want.key, want.word); got != want.severity {
			t.Errorf("%s, %s: %q\n%+v", want.key, want.word, got, c)
		}
	}
}

// What keeps the station from starting is found and not run into.
func TestCheck_Errors(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, config string
		damage       func(*binarytest.Home) error
		key, word    string
	}{
		{"no configuration", goodConfig, func(h *binarytest.Home) error { return os.Remove(filepath.Join(h.Dir, "config.yaml")) }, "config", "no such file"},
		{"configuration", strings.Replace(goodConfig, `["02"]`, `["2"]`, 1), nil, "config", "segregation_codes[0]: must be two digits"},
		{"plain for everybody", strings.Replace(binarytest.SampleConfig, `soap: {listen: "127.0.0.1:0"}`, `soap: {listen: ":0"}`, 1), nil, "soap.listen", "can be reached from outside"},
		{"certificate", goodConfig, func(h *binarytest.Home) error {
			return os.WriteFile(filepath.Join(h.Dir, "server.pem"), []byte("x"), 0o600)
		}, "soap.tls", "soap.tls.cert_file"},
		{"key for everybody", goodConfig, func(h *binarytest.Home) error { return os.Chmod(filepath.Join(h.Dir, "server.key"), 0o644) }, "soap.tls.key_file", "every user"},
		{"store cut short", goodConfig, func(h *binarytest.Home) error {
			return os.Truncate(filepath.Join(h.Dir, "var", "nodobridge.db"), 8192)
		}, "store", "cut short"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			pki := binarytest.NewPKI(t)
			h := binarytest.New(t, goodConfig)
			h.Install(pki, pki.Leaf(ourName, 365))
			h.Must("init")
			h.Configure(c.config)
			if c.damage != nil {
				if err := c.damage(h); err != nil {
					t.Fatal(err)
				}
			}
			code, found := checkJSON(t, h)
			if code != 1 || found.says(c.key, c.word) != "error" {
				t.Errorf("exit %d, want %s %q:\n%+v", code, c.key, c.word, found)
			}
			if _, out, problem := h.Run("check"); !strings.Contains(out, "error: "+c.key+": ") || !strings.Contains(out, "\n  why:  ") || !strings.Contains(out, "\n  cure: ") || !strings.Contains(problem, "check found 1 error") {
				t.Errorf("for people:\n%s%s", out, problem)
			}
		})
	}
}
