package main_test

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"nodobridge/internal/binarytest"
)

// What cannot be used is refused with the cure in one line, and left as it is.
func TestRefusals(t *testing.T) {
	t.Parallel()
	storeFile := func(h *binarytest.Home) string {
		names, err := filepath.Glob(filepath.Join(h.Dir, "var", "*.db"))
		if err != nil || len(names) != 1 {
			t.Fatalf("store files %v, %v", names, err)
		}
		return names[0]
	}
	for _, c := range []struct {
		name, config string
		env          []string
		prepare      func(*binarytest.Home)
		args         []string
		code         int
		says         []string
	}{
		{name: "unknown key", config: binarytest.SampleConfig + "sope: {listen: x}\n", code: 78, says: []string{"unknown key", "sope"}},
		{name: "unknown nested key", config: strings.Replace(binarytest.SampleConfig, `"127.0.0.1:0"}`, `"127.0.0.1:0", lissten: x}`, 1), code: 78, says: []string{"unknown key", "lissten"}},
		{name: "unknown variable", config: binarytest.SampleConfig, env: []string{"NODOBRIDGE_SOAP_LISSTEN=x"}, code: 78, says: []string{"NODOBRIDGE_SOAP_LISSTEN", "names no key"}},
		{name: "variable with a bad value", config: binarytest.SampleConfig, env: []string{"NODOBRIDGE_SOAP_LISTEN=here"}, code: 78, says: []string{"soap.listen", "host:port"}},
		{name: "broker code of 10 digits", config: strings.Replace(binarytest.SampleConfig, `"99999999999"`, `"9999999999"`, 1), code: 78, says: []string{"brokers", "11 digits"}},
		{name: "station id without quotes", config: strings.Replace(binarytest.SampleConfig, `"99999999999_01"`, `99999999999_01`, 1), code: 78, says: []string{"brokers[0].stations[0].id", "quotes"}},
		{name: "no configuration", config: "", prepare: func(h *binarytest.Home) { _ = os.Remove(filepath.Join(h.Dir, "config.yaml")) }, code: 78, says: []string{"cannot use configuration", "config.yaml"}},
		{name: "no store", config: binarytest.SampleConfig, code: 78, says: []string{"nodobridge init"}},
		{name: "init twice", config: binarytest.SampleConfig, prepare: func(h *binarytest.Home) { h.Must("init") }, args: []string{"init"}, code: 78, says: []string{"already"}},
		{name: "empty store file", config: binarytest.SampleConfig, prepare: func(h *binarytest.Home) {
			h.Must("init")
			if err := os.Truncate(storeFile(h), 0); err != nil {
				t.Fatal(err)
			}
		}, code: 78, says: []string{"empty"}},
		{name: "foreign store file", config: binarytest.SampleConfig, prepare: func(h *binarytest.Home) {
			h.Must("init")
			if err := os.WriteFile(storeFile(h), bytes.Repeat([]byte("not a database "), 500), 0o600); err != nil {
				t.Fatal(err)
			}
		}, code: 78, says: []string{"nodobridge"}},
		{name: "second station", config: binarytest.SampleConfig, prepare: func(h *binarytest.Home) { h.Must("init"); h.Serve() }, code: 75, says: []string{"in use"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			h := binarytest.New(t, c.config)
			if c.prepare != nil {
				c.prepare(h)
			}
			args := c.args
			if args == nil {
				args = []string{"serve"}
			}
			code, _, problem := h.RunWith(c.env, args...)
			if code != c.code {
				t.Errorf("exit %d, want %d: %s", code, c.code, problem)
			}
			for _, word := range c.says {
				if !strings.Contains(problem, word) {
					t.Errorf("%q does not say %q", problem, word)
				}
			}
			if strings.Count(strings.TrimSpace(problem), "\n") != 0 {
				t.Errorf("more than one line:\n%s", problem)
			}
		})
	}
}

func TestShippedConfiguration_IsAccepted(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("../../config.yaml")
	if err != nil {
		t.Fatal(err)
	}
	h := binarytest.New(t, string(text))
	h.Must("init")
}
