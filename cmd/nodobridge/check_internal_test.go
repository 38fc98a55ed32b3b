package main

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"nodobridge/soap"
	"nodobridge/store"
)

// wantFinding checks that one finding, whole, says what is expected, or none.
func wantFinding(t *testing.T, found []finding, severity, says string) {
	t.Helper()
	if severity == "" {
		if len(found) > 0 {
			t.Errorf("found %+v", found)
		}
		return
	}
	if len(found) != 1 || found[0].Severity != severity || !strings.Contains(found[0].What, says) {
		t.Errorf("found %+v, want one %s that says %q", found, severity, says)
		return
	}
	if f := found[0]; f.Key == "" || f.Why == "" || f.Cure == "" {
		t.Errorf("%+v does not say everything", f)
	}
}

func TestCheckDisk(t *testing.T) {
	t.Parallel()
	const gib = 1 << 30
	for _, c := range []struct {
		name           string
		total, free    uint64
		severity, says string
	}{
		{"half free", 100 * gib, 50 * gib, "", ""},
		{"a fifth free", 100 * gib, 20 * gib, "", ""},
		{"less than a fifth", 100 * gib, 20*gib - 1, severityWarning, "20479 MiB of 102400 MiB"},
		{"a small disk, all but empty", 4 * gib, gib, "", ""},
		{"a small disk with less than 1 GiB", 4 * gib, gib - 1, severityWarning, "1023 MiB"},
		{"nearly full", 100 * gib, 100 << 20, severityError, "100 MiB"},
		{"a file system that does not say", 0, 0, "", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			wantFinding(t, checkDisk(c.total, c.free), c.severity, c.says)
		})
	}
}

func TestCheckClock(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)
	for _, c := range []struct {
		name              string
		now, record, file time.Time
		severity, says    string
	}{
		{"after everything", now, now.Add(-time.Hour), now.Add(-time.Minute), "", ""},
		{"no record yet", now, time.Time{}, now, "", ""},
		{"a little behind", now, now.Add(clockSlack), now.Add(clockSlack), "", ""},
		{"behind the newest record", now, now.Add(time.Minute), now, severityError, "newest record of 2026-11-23T12:01:00Z"},
		{"behind the newest file", now, now, now.Add(time.Minute), severityWarning, "newest file"},
		{"of a machine without a battery", time.Unix(0, 0), time.Time{}, time.Time{}, severityError, "first release"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			wantFinding(t, checkClock(c.now, c.record, c.file), c.severity, c.says)
		})
	}
}

func TestCheckMachine(t *testing.T) {
	t.Parallel()
	wantFinding(t, checkProcessors(2), "", "")
	wantFinding(t, checkProcessors(1), severityWarning, "one processor")
	for version, severity := range map[string]string{
		"3.51.3": "", "3.52.0": "", "4.0.0": "", store.LibraryVersion(): "", "3.51.2": severityError, "3.50.9": severityError, "2.99.9": severityError, "": severityError,
	} {
		wantFinding(t, checkLibrary(version), severity, "SQLite "+version)
	}
}

func TestCheckExpiry(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		days           int
		severity, says string
	}{
		{61, "", ""}, {60, severityWarning, "in 60 days"}, {1, severityWarning, "in 1 day"}, {0, severityWarning, "in 0 days"}, {-1, severityError, "ended on 2026-11-23"},
	} {
		e := soap.Expiry{Of: soap.ExpiryServer, Name: "x.example.it", NotAfter: time.Date(2026, 11, 23, 0, 0, 0, 0, time.UTC), Days: c.days}
		wantFinding(t, checkExpiry("soap.tls.cert_file", e), c.severity, c.says)
	}
}

func TestCheckModes(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name           string
		folder, file   os.FileMode
		severity, says string
	}{
		{"as made", 0o700, 0o600, "", ""},
		{"folder open to the group", 0o750, 0o600, severityError, "mode 0750"},
		{"file open to all", 0o700, 0o644, severityError, "nodobridge.db has mode 0644"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			dir := filepath.Join(t.TempDir(), "store")
			if err := store.Init(dir); err != nil {
				t.Fatal(err)
			}
			if err := errors.Join(os.Chmod(filepath.Join(dir, "nodobridge.db"), c.file), os.Chmod(dir, c.folder)); err != nil {
				t.Fatal(err)
			}
			wantFinding(t, checkModes(dir), c.severity, c.says)
		})
	}
}

func TestCheckListeners(t *testing.T) {
	t.Parallel()
	proxy := proxyConfig{Header: "X-Client-Verified", TrustedCIDRs: []string{"10.0.0.0/8"}, ClientNames: []string{"forwarder.platform.pagopa.it"}}
	good := soapConfig{Listen: "127.0.0.1:8080", PublicURL: "https://pagamenti.example.it/paForNode", Proxy: proxy}
	for _, c := range []struct {
		name           string
		change         func(*config)
		severity, says string
	}{
		{"behind a proxy", func(*config) {}, "", ""},
		{"plain with nobody before it", func(c *config) { c.SOAP.Proxy = proxyConfig{} }, severityWarning, "plain HTTP"},
		{"plain for everybody", func(c *config) { c.SOAP.Proxy, c.SOAP.Listen = proxyConfig{}, ":8080" }, severityError, "can be reached from outside"},
		{"allowed addresses", func(c *config) { c.SOAP.AllowedIPs = []string{"here"} }, severityError, "here"},
		{"no public address", func(c *config) { c.SOAP.PublicURL = "" }, severityWarning, "public address"},
		{"JSON for everybody", func(c *config) { c.API.Listen = "0.0.0.0:8081" }, severityWarning, "0.0.0.0:8081"},
		{"metrics for everybody", func(c *config) { c.Admin.Listen = "[::]:8082" }, severityWarning, "[::]:8082"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			conf := config{SOAP: good, API: apiConfig{Listen: "localhost:8081"}, Admin: adminConfig{Listen: "[::1]:8082"}}
			c.change(&conf)
			wantFinding(t, checkListeners(&conf), c.severity, c.says)
		})
	}
}
