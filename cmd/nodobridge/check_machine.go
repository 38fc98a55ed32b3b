package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"

	"nodobridge/store"
)

// checkProcessors wants what the group commit needs (architecture.md §6).
func checkProcessors(atOnce int) []finding {
	if atOnce >= 2 {
		return nil
	}
	return []finding{{severityWarning, "machine", "one processor is used", "while a commit waits for the disk nothing else gets on, and receipts queue up", "give the machine two cores and leave GOMAXPROCS unset"}}
}

// leastSQLite is the first version without the race that can lose commits
// (reliability-security.md §1); store refuses an older one.
var leastSQLite = [3]int{3, 51, 3}

func checkLibrary(version string) []finding {
	var have [3]int
	for i, part := range strings.SplitN(version, ".", 3) {
		have[i], _ = strconv.Atoi(part) // what is no number counts as 0 and so as too old
	}
	for i, least := range leastSQLite {
		if have[i] > least {
			return nil
		}
		if have[i] < least {
			return []finding{{severityError, "machine", "SQLite " + version + " is linked in", "it can lose commits, and a lost receipt is a payment that nobody knows of", "run nodobridge as released, or build it without the tag libsqlite3"}}
		}
	}
	return nil
}

// checkStore looks at the store's folder and file, the clock against what they
// say, and the disk. The store may be in use.
func checkStore(ctx context.Context, dir string, now time.Time) []finding {
	info, err := os.Stat(dir)
	if err != nil {
		return []finding{{severityError, "store.dir", fmt.Sprintf("cannot look at %s: %s", dir, plainPath(err)), "the station does not start without its store", `make it with "nodobridge init", or correct store.dir`}}
	}
	found := checkModes(dir)
	if owner := info.Sys().(*syscall.Stat_t).Uid; int(owner) != os.Geteuid() {
		return append(found, finding{severityError, "store.dir", fmt.Sprintf("the folder belongs to user %d and this is user %d", owner, os.Geteuid()), "the service's user must own its store; nothing more was looked at, so as not to leave files of another user there", "run this as the service's user, or chown the folder"})
	}
	var disk syscall.Statfs_t
	if err := syscall.Statfs(dir, &disk); err == nil {
		found = append(found, checkDisk(disk.Blocks*uint64(disk.Bsize), disk.Bavail*uint64(disk.Bsize))...)
	}
	glance, err := store.Look(ctx, dir)
	if err != nil {
		return append(found, storeFinding(err))
	}
	if glance.Unclean {
		found = append(found, finding{severityWarning, "store", "the store was not closed the last time", "its log is played back at the next start, which then takes longer", "start the station; look in its log for why it ended"})
	}
	if glance.Pending > 0 {
		found = append(found, finding{severityWarning, "store", fmt.Sprintf("the store is of an older program: %s will follow at the next start", plural(glance.Pending, "migration")), "an older program refuses the store from then on", "make a backup before the start"})
	}
	return append(found, checkClock(now, glance.LastJournal, newest(dir))...)
}

// cures says what to do with a store that is refused.
var cures = map[store.OpenReason]string{
	store.Missing:     `make it with "nodobridge init", or correct store.dir`,
	store.NewerSchema: "run the newer nodobridge, or restore the backup of before the upgrade",
	store.Altered:     "run the nodobridge that wrote it, or restore a backup",
	store.Foreign:     `name in store.dir the folder that "nodobridge init" made`,
	store.Unusable:    "give folder and files to the service's user, on a local file system",
}

func storeFinding(err error) finding {
	f := finding{severityError, "store", err.Error(), "the station does not start with it", "restore it from a backup"}
	var refusal *store.OpenError
	if errors.As(err, &refusal) {
		if cure, known := cures[refusal.Reason]; known {
			f.Cure = cure
		}
	}
	return f
}

// checkModes wants the store's folder for its user alone: positions and receipts
// are personal data.
func checkModes(dir string) []finding {
	var found []finding
	look := func(path string, info fs.FileInfo) {
		if extra := info.Mode().Perm() & 0o077; extra != 0 && info.Mode().Type() != fs.ModeSymlink {
			found = append(found, finding{severityError, "store.dir", fmt.Sprintf("%s has mode %04o", path, info.Mode().Perm()), "other users of the machine can read or alter debtors' data and receipts", "chmod go-rwx " + path})
		}
	}
	if info, err := os.Stat(dir); err == nil {
		look(dir, info)
	}
	entries, err := os.ReadDir(dir)
	if err != nil {
		return append(found, finding{severityError, "store.dir", "the folder cannot be read: " + plainPath(err), "the station cannot use it", "give it to the service's user"})
	}
	for _, e := range entries {
		if info, err := e.Info(); err == nil && info.Mode().Type() != fs.ModeSocket { // the folder keeps others from sockets
			look(filepath.Join(dir, e.Name()), info)
		}
	}
	return found
}

// newest is when a file of the store was written last.
func newest(dir string) time.Time {
	var last time.Time
	entries, err := os.ReadDir(dir)
	if err != nil {
		return last // checkModes has said so
	}
	for _, e := range entries {
		if info, err := e.Info(); err == nil && info.ModTime().After(last) {
			last = info.ModTime()
		}
	}
	return last
}

const (
	diskShare   = 5       // a fifth free, at least
	diskLeast   = 1 << 30 // bytes free, at least
	diskCrucial = 128 << 20
)

// checkDisk warns while there is time: a receipt is only acknowledged once it is
// on the disk (reliability-security.md §7).
func checkDisk(total, free uint64) []finding {
	if total == 0 || free >= diskLeast && free >= total/diskShare {
		return nil
	}
	f := finding{severityWarning, "disk", fmt.Sprintf("%d MiB of %d MiB are free", free>>20, total>>20), "once it is full the station accepts no position and no receipt", "make room, or enlarge the disk of store.dir"}
	if free < diskCrucial {
		f.Severity = severityError
	}
	return []finding{f}
}

// clockSlack is what a clock may be off without harm.
const clockSlack = 5 * time.Second

// earliest is before every release of this program.
var earliest = time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC)

// checkClock holds the clock against what was written before: due dates, validities
// and the order of the journal hang on it. No other clock is asked.
func checkClock(now, lastRecord, lastWrite time.Time) []finding {
	const why, cure = "due dates and validities are judged by it, and records would be out of order", "set the clock and keep it by NTP (systemd-timesyncd or chrony)"
	behind := func(severity, than string, at time.Time) []finding {
		return []finding{{severity, "clock", fmt.Sprintf("the clock says %s, before %s of %s", now.UTC().Format(time.RFC3339), than, at.UTC().Format(time.RFC3339)), why, cure}}
	}
	switch {
	case now.Before(earliest):
		return behind(severityError, "this program's first release", earliest)
	case now.Add(clockSlack).Before(lastRecord):
		return behind(severityError, "the newest record", lastRecord)
	case now.Add(clockSlack).Before(lastWrite):
		return behind(severityWarning, "the newest file of the store", lastWrite)
	}
	return nil
}

// plainPath is the reason of an error that repeats the path.
func plainPath(err error) string {
	var at *fs.PathError
	if errors.As(err, &at) {
		return at.Err.Error()
	}
	return err.Error()
}
