package backup

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"time"
)

// Shelf is the folder in which the backups of one store lie.
type Shelf struct {
	Dir  string
	UUID string // the store's
}

// Label is what lies beside a backup, as FILE.json: nothing in it is needed to restore.
type Label struct {
	Store    string    `json:"store"` // its UUID
	At       time.Time `json:"at"`
	Release  string    `json:"release"` // of the program
	Sums     Sums      `json:"sha256"`
	Ends     []End     `json:"chains"`
	Verified bool      `json:"verified"`
}

// End is where a chain of the store ended.
type End struct {
	Name    string `json:"name"`
	Records int64  `json:"records"`
	Last    int64  `json:"last"`
	Link    string `json:"link"`
}

// Item is one backup on the shelf.
type Item struct {
	Name string // of the file
	At   time.Time
	Size int64
}

// stamp is the time in a name: UTC, and names sort by it.
const stamp = "20060102T150405Z"

var named = regexp.MustCompile(`^nodobridge-([0-9a-f-]{36})-(\d{8}T\d{6}Z)\.db\.gz(\.age)?$`)

// Name is the file of a backup made at a time.
func (s Shelf) Name(at time.Time, encrypted bool) string {
	name := "nodobridge-" + s.UUID + "-" + at.UTC().Format(stamp) + ".db.gz"
	if encrypted {
		name += ".age"
	}
	return filepath.Join(s.Dir, name)
}

// List gives the store's backups, the oldest first. Everything else in the folder is none
// of the shelf's business.
func (s Shelf) List() ([]Item, error) {
	entries, err := os.ReadDir(s.Dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("cannot list backups: %w", err)
	}
	var list []Item
	for _, entry := range entries {
		parts := named.FindStringSubmatch(entry.Name())
		if parts == nil || s.UUID != "" && parts[1] != s.UUID || !entry.Type().IsRegular() {
			continue
		}
		at, err := time.Parse(stamp, parts[2])
		if err != nil {
			continue // no time of this world, so no name of ours
		}
		info, err := entry.Info()
		if err != nil {
			return nil, fmt.Errorf("cannot list backups: %w", err)
		}
		list = append(list, Item{entry.Name(), at, info.Size()})
	}
	slices.SortFunc(list, func(a, b Item) int { return a.At.Compare(b.At) })
	return list, nil
}

// Put writes the label beside a backup.
func (l *Label) Put(file string) error {
	text, err := json.MarshalIndent(l, "", "  ")
	if err != nil {
		return err
	}
	if err := os.WriteFile(file+".json"+partial, append(text, '\n'), 0o600); err != nil {
		return err
	}
	return os.Rename(file+".json"+partial, file+".json")
}

// ReadLabel reads what lies beside a backup; nil when nothing does.
func ReadLabel(file string) (*Label, error) {
	text, err := os.ReadFile(file + ".json")
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	var l Label
	if err == nil {
		err = json.Unmarshal(text, &l)
	}
	if err != nil {
		return nil, fmt.Errorf("cannot read what lies beside the backup: %w", err)
	}
	return &l, nil
}

// Keep says which backups stay: the newest of each of the last so many hours, days and
// weeks in which there was one. Nothing stays longer than Age, because data that was
// erased must leave the backups too (reliability-security.md §6); 0 is for ever.
type Keep struct {
	Hours, Days, Weeks int
	Age                time.Duration
}

// Prune removes what need not stay and gives the names. The newest backup always stays,
// however old: it may be the last one.
func (s Shelf) Prune(keep Keep, now time.Time) ([]string, error) {
	list, err := s.List()
	if err != nil || len(list) == 0 {
		return nil, err
	}
	stay := keep.chosen(list)
	var gone []string
	for _, item := range list[:len(list)-1] {
		if stay[item.Name] && (keep.Age <= 0 || now.Sub(item.At) <= keep.Age) {
			continue
		}
		file := filepath.Join(s.Dir, item.Name)
		if err := os.Remove(file); err != nil {
			return gone, fmt.Errorf("cannot remove an old backup: %w", err)
		}
		if err := os.Remove(file + ".json"); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return gone, fmt.Errorf("cannot remove an old backup: %w", err)
		}
		gone = append(gone, item.Name)
	}
	return gone, s.sweep(now)
}

// chosen are the names that the rules keep.
func (k Keep) chosen(list []Item) map[string]bool {
	stay := map[string]bool{}
	for _, rule := range []struct {
		count int
		of    func(time.Time) string
	}{
		{k.Hours, func(t time.Time) string { return t.Format("2006010215") }},
		{k.Days, func(t time.Time) string { return t.Format(time.DateOnly) }},
		{k.Weeks, func(t time.Time) string { year, week := t.ISOWeek(); return fmt.Sprint(year, "-", week) }},
	} {
		seen := map[string]bool{}
		for _, item := range slices.Backward(list) {
			period := rule.of(item.At.UTC())
			if seen[period] || len(seen) >= rule.count {
				continue
			}
			seen[period], stay[item.Name] = true, true
		}
	}
	return stay
}

// sweep removes what calls that were broken off have left, a day later.
func (s Shelf) sweep(now time.Time) error {
	entries, err := os.ReadDir(s.Dir)
	if err != nil {
		return err
	}
	for _, entry := range entries {
		info, err := entry.Info()
		if err != nil || !strings.HasPrefix(entry.Name(), "nodobridge-") || !strings.HasSuffix(entry.Name(), partial) || now.Sub(info.ModTime()) < 24*time.Hour {
			continue
		}
		if err := os.Remove(filepath.Join(s.Dir, entry.Name())); err != nil {
			return err
		}
	}
	return nil
}
