package main_test

import (
	"encoding/json"
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"nodobridge/internal/binarytest"
)

// After a restore nothing is given out again that the lost store gave out since the
// backup: no notice number, and no place in what applications read on from.
func TestRestore_GoesOnBehindWhatWasLost(t *testing.T) {
	t.Parallel()
	identity := filepath.Join(t.TempDir(), "backup.key")
	h := binarytest.New(t, servicesConfig)
	public := strings.TrimSpace(h.Must("backup", "keygen", "--out", identity))
	h.Configure(servicesConfig + fmt.Sprintf("backup: {dir: backups, every_minutes: 0, recipients: [%s]}\n", public))
	h.Must("init")
	key := h.NewKey()
	p := h.Serve()
	issued := map[string]bool{demandOne(t, p, key, 0): true}
	payOne(t, p, key, 1)
	file := makeBackup(t, h)

	for n := 1; n < 4; n++ { // these the backup does not know
		issued[demandOne(t, p, key, n)] = true
		payOne(t, p, key, int64(n+1))
	}
	if len(issued) != 4 {
		t.Fatalf("issued %v", issued)
	}
	events, receipts := cursor(t, p, key, "/events?limit=100", 0), cursor(t, p, key, "/receipts?limit=100", 0)
	p.Kill()
	h.Must("restore", file, "--identity", identity)
	h.Must("verify")
	p = h.Serve()
	for n := 4; n < 8; n++ {
		nav := demandOne(t, p, key, n)
		if issued[nav] {
			t.Errorf("notice %s was issued twice", nav)
		}
		issued[nav] = true
	}
	payOne(t, p, key, 9)
	if later := cursor(t, p, key, "/events?limit=100", events); later <= events {
		t.Errorf("whoever has read events up to %d reads nothing new: %d", events, later)
	}
	if later := cursor(t, p, key, "/receipts?limit=100", receipts); later <= receipts {
		t.Errorf("whoever has read receipts up to %d reads nothing new: %d", receipts, later)
	}
	p.Stop()
	h.Must("verify")
	if n := countRows(t, h, `SELECT count(*) FROM journal WHERE action = 'backup.restore' AND id > 100000000`); n != 1 {
		t.Errorf("the journal tells of %d restores", n)
	}
	if n := countRows(t, h, `SELECT count(*) FROM receipt WHERE id <= 100000000`); n != 1 {
		t.Errorf("%d receipts have numbers of before", n)
	}
}

// demandOne asks for an identity card of the n-th person.
func demandOne(t *testing.T, p *binarytest.Process, key string, n int) string {
	t.Helper()
	status, body := p.Call("POST", portalPath+"/services/cie/payments", key, fmt.Sprintf(`{"fields":{"causale":"9","comune":"77777777777","codice_fiscale":"RSSMRA80A01H501U","denominazione":"Mario Rossi %d"}}`, n))
	var made struct{ NAV string }
	if err := json.Unmarshal([]byte(body), &made); err != nil || status != 201 {
		t.Fatalf("%d %s", status, body)
	}
	return made.NAV
}

// cursor reads on from a place and gives the next one.
func cursor(t *testing.T, p *binarytest.Process, key, list string, after int64) int64 {
	t.Helper()
	status, body := p.Call("GET", fmt.Sprintf("%s%s&after=%d", portalPath, list, after), key, "")
	var page struct{ Next int64 }
	if err := json.Unmarshal([]byte(body), &page); err != nil || status != 200 {
		t.Fatalf("%d %s, %v", status, body, err)
	}
	return page.Next
}
