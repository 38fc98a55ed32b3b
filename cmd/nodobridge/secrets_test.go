package main_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"nodobridge/internal/binarytest"
)

// A secret that others may read is refused, wherever it stands; a credential of systemd
// is a file like others (reliability-security.md §3.3).
func TestSecrets(t *testing.T) {
	t.Parallel()
	const section = "\ncheckout: {url: 'https://example.org/checkout/ec/v2', %}\n"
	with := func(keys string) string { return binarytest.SampleConfig + strings.Replace(section, "%", keys, 1) }
	credentials := t.TempDir()
	if err := os.WriteFile(filepath.Join(credentials, "checkout"), []byte("canary-credential"), 0o400); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name, config string
		file         os.FileMode // of config.yaml
		secret       os.FileMode // of the file secret.txt; 0: none
		env          []string
		says         string
	}{
		{name: "in the file, for its owner", config: with("key: canary"), file: 0o600},
		{name: "in the file, for the group", config: with("key: canary"), file: 0o640, says: "checkout.key: holds a secret"},
		{name: "in the file, for all", config: with("key: canary"), file: 0o604, says: "mode 0604"},
		{name: "no secret in a file for all", config: with("key: ''"), file: 0o644},
		{name: "in the environment", config: with("key: ''"), file: 0o644, env: []string{"NODOBRIDGE_CHECKOUT_KEY=canary"}},
		{name: "in a file of its own", config: with("key_file: secret.txt"), file: 0o644, secret: 0o640},
		{name: "in a file for all", config: with("key_file: secret.txt"), file: 0o644, secret: 0o644, says: "checkout.key_file: everybody"},
		{name: "in both", config: with("key: canary, key_file: secret.txt"), file: 0o600, secret: 0o600, says: "only one of them"},
		{name: "credential", config: with("key_file: credential:checkout"), file: 0o644, env: []string{"CREDENTIALS_DIRECTORY=" + credentials}},
		{name: "credential without systemd", config: with("key_file: credential:checkout"), file: 0o644, says: "LoadCredential"},
		{name: "credential that leads out", config: with("key_file: credential:../checkout"), file: 0o644, env: []string{"CREDENTIALS_DIRECTORY=" + credentials}, says: "LoadCredential"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			h := binarytest.New(t, c.config)
			if c.secret != 0 {
				if err := os.WriteFile(filepath.Join(h.Dir, "secret.txt"), []byte("canary"), c.secret); err != nil {
					t.Fatal(err)
				}
			}
			if err := os.Chmod(filepath.Join(h.Dir, "config.yaml"), c.file); err != nil {
				t.Fatal(err)
			}
			code, out, problem := h.RunWith(c.env, "config", "show")
			if c.says == "" && code != 0 || c.says != "" && (code != 78 || !strings.Contains(problem, c.says)) {
				t.Errorf("exit %d, want %q: %s", code, c.says, problem)
			}
			if strings.Contains(out+problem, "canary") {
				t.Errorf("the secret is shown:\n%s%s", out, problem)
			}
		})
	}
}

// What is printed is a configuration with every key, which says what is in force.
func TestConfigShow(t *testing.T) {
	t.Parallel()
	h := binarytest.New(t, binarytest.SampleConfig+"\ncheckout: {url: 'https://example.org/checkout/ec/v2', key: canary}\nsoap.public_url: 'https://a:canary@example.org/paForNode?token=canary'\n")
	code, out, problem := h.RunWith([]string{"NODOBRIDGE_LOG_LEVEL=warn"}, "config", "show")
	if code != 0 {
		t.Fatal(problem)
	}
	for _, want := range []string{"level: warn", "key: (hidden)", "connections_per_ip: 64", "code: \"77777777777\"", "client_eku: auto"} {
		if !strings.Contains(out, want) {
			t.Errorf("no %q in\n%s", want, out)
		}
	}
	if strings.Contains(out, "canary") {
		t.Errorf("a secret is shown:\n%s", out)
	}
	again := binarytest.New(t, strings.Replace(out, "key: (hidden)", "key: ''", 1))
	if code, _, problem := again.Run("init"); code != 0 {
		t.Errorf("what is shown is no configuration: %s\n%s", problem, out)
	}
}
