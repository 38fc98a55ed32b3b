package main_test

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"nodobridge/internal/binarytest"
	"nodobridge/nodesim"
)

// savedStation runs with one paid position and backups for a key whose secret half lies
// in the file that is given.
func savedStation(t *testing.T) (*binarytest.Home, *binarytest.Process, string) {
	t.Helper()
	h := binarytest.New(t, binarytest.SampleConfig)
	identity := filepath.Join(t.TempDir(), "backup.key")
	public := strings.TrimSpace(h.Must("backup", "keygen", "--out", identity))
	h.Configure(binarytest.SampleConfig + fmt.Sprintf("backup: {dir: backups, every_minutes: 60, recipients: [%s]}\n", public))
	h.Must("init")
	key := h.NewKey()
	p := h.Serve()
	p.Await("backup made") // the first one is due at once
	payOne(t, p, key, 1)
	return h, p, identity
}

func payOne(t *testing.T, p *binarytest.Process, key string, n int64) {
	t.Helper()
	p.Upload(key, binarytest.Position(n, 12000))
	story, err := p.Node().Pay(t.Context(), nodesim.PayRequest{EC: binarytest.EC, NoticeNumber: string(binarytest.NAV(n)), Version: nodesim.V2, Retry: nodesim.Retry{Attempts: 1}})
	if err != nil || !story.Paid {
		t.Fatalf("%+v, %v", story, err)
	}
}

// makeBackup gives the file's name.
func makeBackup(t *testing.T, h *binarytest.Home) string {
	t.Helper()
	out := h.Must("backup")
	name, _, _ := strings.Cut(strings.TrimPrefix(out, "made "), ":")
	if !strings.HasSuffix(name, ".db.gz.age") {
		t.Fatalf("said %q", out)
	}
	return name
}

// reliability-security.md §7: a backup of a running station, drilled, and put in the
// place of a store that is gone, with all that was acknowledged before it.
func TestBackup_RestoreBringsTheStoreBack(t *testing.T) {
	t.Parallel()
	h, p, identity := savedStation(t)
	head := regexp.MustCompile(`"head":"([^"]+)"`).FindStringSubmatch(strings.Join(p.Lines(0, 0), "\n"))
	if head == nil {
		t.Fatal("the log does not tell the head of the chains")
	}
	h.Must("verify", "--expect", head[1])
	file := makeBackup(t, h)
	if content, err := os.ReadFile(file); err != nil || !bytes.HasPrefix(content, []byte("age-encryption.org/v1\n")) || bytes.Contains(content, []byte("SQLite format 3")) {
		t.Errorf("the backup is not encrypted: %v", err)
	}
	if out := h.Must("backup", "drill", file, "--identity", identity); !strings.Contains(out, "part of the store's chains") {
		t.Errorf("drill said %q", out)
	}
	if out := h.Must("backup", "list"); !strings.Contains(out, filepath.Base(file)) {
		t.Errorf("list said %q", out)
	}
	if code, _, problem := h.Run("restore", file, "--identity", identity); code != 75 {
		t.Errorf("restore into a running station: exit %d %s", code, problem)
	}
	payOne(t, p, h.NewKey(), 2) // after the backup: gone with the disk
	p.Kill()
	if err := os.Truncate(storeFile(h), 5000); err != nil {
		t.Fatal(err)
	}
	out := h.Must("restore", file, "--identity", identity)
	if !strings.Contains(out, "the store that was there is in ") {
		t.Errorf("restore said %q", out)
	}
	h.Must("verify")
	p = h.Serve()
	key := h.NewKey()
	if got := p.Status(key, "P-1"); got != "PAID" {
		t.Errorf("the position of before is %q", got)
	}
	p.Stop()
	if n := countRows(t, h, `SELECT count(*) FROM journal WHERE action IN ('backup.create', 'backup.drill', 'backup.restore')`); n < 2 {
		t.Errorf("the journal tells of %d backups and restores", n)
	}
	if left, err := filepath.Glob(filepath.Join(h.Dir, "var", ".copy-*")); err != nil || len(left) > 0 {
		t.Errorf("left over: %v, %v", left, err)
	}
}

// reliability-security.md §9 row 60: refused before anything is replaced.
func TestRestore_RefusesBeforeReplacing(t *testing.T) {
	t.Parallel()
	h, p, identity := savedStation(t)
	file := makeBackup(t, h)
	p.Stop()
	good, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	before, err := os.ReadFile(storeFile(h))
	if err != nil {
		t.Fatal(err)
	}
	other := filepath.Join(t.TempDir(), "other.key")
	h.Must("backup", "keygen", "--out", other)
	loose := filepath.Join(t.TempDir(), "loose.age") // without what lies beside it
	refused := func(name string, code int, bytes []byte, identity string) {
		t.Helper()
		if err := os.WriteFile(loose, bytes, 0o600); err != nil {
			t.Fatal(err)
		}
		if got, _, problem := h.Run("restore", loose, "--identity", identity); got != code {
			t.Errorf("%s: exit %d %s", name, got, problem)
		}
	}
	flipped := bytes.Clone(good)
	flipped[len(flipped)/2] ^= 4
	refused("flipped bit", 65, flipped, identity)
	refused("cut short", 65, good[:len(good)-1000], identity)
	refused("another key", 65, good, other)
	refused("no backup", 65, []byte("no backup at all, but long enough"), identity)

	stranger := binarytest.New(t, binarytest.SampleConfig)
	stranger.Must("init")
	if code, _, problem := stranger.Run("restore", file, "--identity", identity); code != 78 || !strings.Contains(problem, "--other-store") {
		t.Errorf("another store: exit %d %s", code, problem)
	}
	if code, _, problem := h.Run("backup", "drill", file, "--identity", other); code != 65 {
		t.Errorf("drill with another key: exit %d %s", code, problem)
	}
	after, err := os.ReadFile(storeFile(h))
	if err != nil || !bytes.Equal(before, after) {
		t.Errorf("the store was touched: %v", err)
	}
	if kept, err := filepath.Glob(filepath.Join(h.Dir, "var", "replaced-*")); err != nil || len(kept) > 0 {
		t.Errorf("replaced: %v, %v", kept, err)
	}
}

// A store that is not whole makes no backup, and those that are there stay.
func TestBackup_OfABrokenStoreIsRefused(t *testing.T) {
	t.Parallel()
	h, p, _ := savedStation(t)
	makeBackup(t, h)
	p.Stop()
	tamperFile(t, h, `UPDATE receipt SET fee_cents = fee_cents + 1`)
	code, _, problem := h.Run("backup")
	if code == 0 || !strings.Contains(problem, "receipt chain: record 1:") {
		t.Errorf("exit %d %s", code, problem)
	}
	files, err := filepath.Glob(filepath.Join(h.Dir, "backups", "*"))
	if err != nil || len(files) == 0 {
		t.Errorf("%v %v", files, err)
	}
	for _, name := range files {
		if strings.HasSuffix(name, ".part") {
			t.Errorf("left over: %s", name)
		}
	}
}

func TestBackup_Configuration(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"{dir: x}":                             "backup.recipients: needed",
		"{dir: x, recipients: [nonsense]}":     "backup.recipients:",
		"{dir: x, plain: true, keep_days: -1}": "must not be negative",
		"{dir: x, plain: true, keep_hours: 0, keep_days: 0, keep_weeks: 0}": "at least one",
	} {
		h := binarytest.New(t, binarytest.SampleConfig+"backup: "+text+"\n")
		if code, _, problem := h.Run("backup"); code != 78 || !strings.Contains(problem, want) {
			t.Errorf("%s: exit %d %s", text, code, problem)
		}
	}
	h := binarytest.New(t, binarytest.SampleConfig+"backup: {dir: backups, plain: true}\n")
	h.Must("init")
	if out := h.Must("backup"); !strings.Contains(out, ".db.gz:") {
		t.Errorf("plain: %q", out)
	}
	if out := h.Must("backup", "drill"); !strings.Contains(out, time.Now().UTC().Format("20060102")) {
		t.Errorf("drill: %q", out)
	}
}
