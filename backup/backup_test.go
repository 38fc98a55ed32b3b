package backup_test

import (
	"bytes"
	"context"
	"errors"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"filippo.io/age"

	"nodobridge/backup"
)

// keys makes a pair: the file of secret keys and the parsed public one.
func keys(t *testing.T) ([]age.Identity, []age.Recipient) {
	t.Helper()
	secret, public, err := backup.NewKey()
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "key")
	if err := os.WriteFile(file, []byte(secret), 0o600); err != nil {
		t.Fatal(err)
	}
	identities, err := backup.ReadIdentities(file)
	if err != nil {
		t.Fatal(err)
	}
	recipients, err := backup.ParseRecipients([]string{public})
	if err != nil {
		t.Fatal(err)
	}
	return identities, recipients
}

// content is a file of which a part can be compressed.
func content(t *testing.T) (string, []byte) {
	t.Helper()
	random := rand.New(rand.NewPCG(1, 2))
	text := make([]byte, 200_000)
	for i := range text {
		text[i] = byte(random.IntN(1 + i%256))
	}
	name := filepath.Join(t.TempDir(), "store")
	if err := os.WriteFile(name, text, 0o600); err != nil {
		t.Fatal(err)
	}
	return name, text
}

func TestWrite_ReadGivesTheFileBack(t *testing.T) {
	t.Parallel()
	identities, recipients := keys(t)
	hybrid, err := age.GenerateHybridIdentity()
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		to   []age.Recipient
		with []age.Identity
	}{
		"encrypted": {recipients, identities}, "plain": {},
		"for keys that resist quantum computers": {[]age.Recipient{hybrid.Recipient()}, []age.Identity{hybrid}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			from, text := content(t)
			dir := t.TempDir()
			made, err := backup.Write(context.Background(), from, filepath.Join(dir, "b"), c.to)
			if err != nil {
				t.Fatal(err)
			}
			found, err := backup.Read(context.Background(), filepath.Join(dir, "b"), filepath.Join(dir, "back"), c.with)
			if err != nil || found != made {
				t.Fatalf("%+v, %+v, %v", made, found, err)
			}
			back, err := os.ReadFile(filepath.Join(dir, "back"))
			if err != nil || !bytes.Equal(back, text) {
				t.Errorf("%d bytes came back, %v", len(back), err)
			}
			if entries, err := os.ReadDir(dir); err != nil || len(entries) != 2 {
				t.Errorf("in the folder: %v, %v", entries, err)
			}
		})
	}
}

// reliability-security.md §9 row 60: one flipped bit, a piece missing, another key.
func TestRead_RefusesWhatIsNotWhole(t *testing.T) {
	t.Parallel()
	identities, recipients := keys(t)
	strangers, _ := keys(t)
	from, _ := content(t)
	dir := t.TempDir()
	whole := filepath.Join(dir, "whole")
	if _, err := backup.Write(context.Background(), from, whole, recipients); err != nil {
		t.Fatal(err)
	}
	file, err := os.ReadFile(whole)
	if err != nil {
		t.Fatal(err)
	}
	refused := func(name string, bytes []byte, with []age.Identity, wants ...error) {
		t.Helper()
		damaged, to := filepath.Join(dir, "damaged"), filepath.Join(dir, "out")
		if err := os.WriteFile(damaged, bytes, 0o600); err != nil {
			t.Fatal(err)
		}
		_, err := backup.Read(context.Background(), damaged, to, with)
		if !slices.ContainsFunc(wants, func(want error) bool { return errors.Is(err, want) }) {
			t.Errorf("%s: %v", name, err)
		}
		if _, err := os.Stat(to); !errors.Is(err, os.ErrNotExist) {
			t.Errorf("%s: a file was left: %v", name, err)
		}
	}
	refused("another key", file, strangers, backup.ErrLocked)
	refused("no key", file, nil, backup.ErrLocked)
	refused("empty", nil, identities, backup.ErrDamaged)
	refused("more behind it", append(slices.Clone(file), 0), identities, backup.ErrDamaged)
	for _, left := range []int{10, 100, len(file) / 2, len(file) - 1} {
		refused("cut short", file[:left], identities, backup.ErrDamaged)
	}
	random := rand.New(rand.NewPCG(uint64(time.Now().UnixNano()), 0))
	for range 200 {
		damaged := slices.Clone(file)
		at, bit := random.IntN(len(file)), random.IntN(8)
		damaged[at] ^= 1 << bit
		// A bit in the stanza of our key makes it another's.
		refused("flipped bit", damaged, identities, backup.ErrDamaged, backup.ErrLocked)
	}
}

func TestWrite_FailureLeavesNothing(t *testing.T) {
	t.Parallel()
	from, _ := content(t)
	dir := t.TempDir()
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := backup.Write(ctx, from, filepath.Join(dir, "b"), nil); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
	if entries, err := os.ReadDir(dir); err != nil || len(entries) != 0 {
		t.Errorf("in the folder: %v, %v", entries, err)
	}
}

const uuid = "01234567-89ab-4cde-8f01-23456789abcd"

func TestPrune(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 27, 12, 30, 0, 0, time.UTC) // a Friday
	shelf := backup.Shelf{Dir: t.TempDir(), UUID: uuid}
	put := func(name string) {
		t.Helper()
		if err := os.WriteFile(name, []byte("x"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for hours := range 24 * 60 {
		put(shelf.Name(now.Add(-time.Duration(hours)*time.Hour), true))
	}
	label := backup.Label{Store: uuid, At: now}
	if err := label.Put(shelf.Name(now.Add(-50*24*time.Hour), true)); err != nil {
		t.Fatal(err)
	}
	others := []string{"nodobridge-11111111-89ab-4cde-8f01-23456789abcd-20200101T000000Z.db.gz", "notes.txt"}
	for _, name := range others {
		put(filepath.Join(shelf.Dir, name))
	}
	if _, err := shelf.Prune(backup.Keep{Hours: 3, Days: 4, Weeks: 6, Age: 20 * 24 * time.Hour}, now); err != nil {
		t.Fatal(err)
	}
	list, err := shelf.List()
	if err != nil {
		t.Fatal(err)
	}
	var left []string
	for _, item := range list {
		left = append(left, item.At.Format("0102T15"))
	}
	// Weeks end on Sundays: the 15th and the 22nd; that of the 8th is of 19 days and a half ago.
	if want := "1108T23 1115T23 1122T23 1124T23 1125T23 1126T23 1127T10 1127T11 1127T12"; strings.Join(left, " ") != want {
		t.Errorf("left %s, want %s", strings.Join(left, " "), want)
	}
	entries, err := os.ReadDir(shelf.Dir)
	if err != nil || len(entries) != len(list)+len(others) {
		t.Errorf("%d files are left, %v", len(entries), err)
	}
	if gone, err := shelf.Prune(backup.Keep{Age: time.Hour}, now.AddDate(1, 0, 0)); err != nil || len(gone) != len(list)-1 {
		t.Errorf("the last one must stay: %v %v", gone, err)
	}
}
