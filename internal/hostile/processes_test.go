package hostile_test

import (
	"bytes"
	"database/sql"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"nodobridge/internal/binarytest"
)

// processes are rows 56 to 60: the machine around the program.
func processes() []row {
	return []row{
		{n: 56, name: "the console", waits: "the operator console"},
		{n: 57, name: "the clock is put", play: clockPut},
		{n: 58, name: "stores that cannot be used", play: oddStores},
		{n: 59, name: "second instance", play: func(s *scene) {
			code, _, problem := s.h.Run("serve")
			if code != 75 || !strings.Contains(problem, "in use") || strings.Count(strings.TrimSpace(problem), "\n") != 0 {
				s.t.Errorf("exit %d: %s", code, problem)
			}
			s.valid()
		}},
		{n: 60, name: "backups that cannot be used", waits: "restore"},
	}
}

// clockPut puts the clock forward by a year and back by two hours: a notice that must not
// be paid after its due date stays payable, events keep their order, and the operator is
// told, who may order that the clock is believed.
func clockPut(s *scene) {
	h := binarytest.New(s.t, sampleConfig)
	h.Must("init")
	n := &scene{t: s.t, h: h, canaries: s.canaries, key: h.NewKey(), p: h.ServePut()}
	n.lines = len(n.p.Lines(1, patience))
	n.last++
	n.p.Upload(n.key, strings.Replace(binarytest.Position(n.last, 12000), `"switchToExpired":false`, `"switchToExpired":true`, 1))
	n.lines++
	n.valid()
	n.p.Upload(n.key, binarytest.Position(2, 12000))
	n.lines++

	h.PutClock(365 * 24 * time.Hour)
	if a := n.verify(string(binarytest.NAV(1))); a.Fault != nil {
		s.t.Errorf("a year on: %v", a.Fault)
	}
	if line := n.p.Await("the clock was put"); !strings.Contains(line, `"by":"8760h0m0s"`) {
		s.t.Errorf("told as %s", line)
	}
	h.PutClock(-2 * time.Hour)
	n.p.Upload(n.key, binarytest.Position(3, 12000))
	n.p.Upload(n.key, binarytest.Position(4, 12000))
	_, feed := n.p.Call("GET", "/bridge/v1/organizations/"+binarytest.EC+"/events?types=position.created", n.key, "")
	last := -1
	for i := 1; i <= 4; i++ {
		at := strings.Index(feed, fmt.Sprintf(`"P-%d"`, i))
		if at <= last {
			s.t.Errorf("event %d is out of order in %s", i, feed)
		}
		last = at
	}
	if a := n.verify(string(binarytest.NAV(1))); a.Fault != nil {
		s.t.Errorf("two hours back: %v", a.Fault)
	}

	h.PutClock(365 * 24 * time.Hour)
	n.p.Hangup()
	n.p.Await("configuration reloaded")
	if a := n.verify(string(binarytest.NAV(1))); a.Fault == nil || a.Fault.Code != "PAA_PAGAMENTO_SCADUTO" {
		s.t.Errorf("the clock is believed after a reload: %+v", a)
	}
	n.p.Stop()
}

// oddStores end the start with 78 and a line that says the cure; the file is not touched.
func oddStores(s *scene) {
	for name, spoil := range map[string]func(file string) error{
		"truncated": func(file string) error { return os.Truncate(file, 5000) },
		"empty":     func(file string) error { return os.Truncate(file, 0) },
		"garbage":   func(file string) error { return os.WriteFile(file, bytes.Repeat([]byte("garbage "), 2000), 0o600) },
		"missing":   os.Remove,
		"foreign": func(file string) error {
			if err := os.Remove(file); err != nil {
				return err
			}
			return execute(file, "CREATE TABLE t (x)")
		},
		"of a newer program": func(file string) error {
			return execute(file, "INSERT INTO migration SELECT 9999, 'later', sha256, applied_at FROM migration LIMIT 1")
		},
	} {
		h := binarytest.New(s.t, sampleConfig)
		h.Must("init")
		file := filepath.Join(h.Dir, "var", "nodobridge.db")
		if err := spoil(file); err != nil {
			s.t.Fatalf("%s: %v", name, err)
		}
		before, _ := os.ReadFile(file) // none when it is missing
		code, _, problem := h.Run("serve")
		after, _ := os.ReadFile(file)
		if code != 78 || strings.Count(strings.TrimSpace(problem), "\n") != 0 {
			s.t.Errorf("%s: exit %d: %s", name, code, problem)
		}
		if !bytes.Equal(before, after) {
			s.t.Errorf("%s: the file was touched", name)
		}
	}
	readOnlyStore(s)
}

func execute(file, statement string) error {
	db, err := sql.Open("sqlite3", file)
	if err != nil {
		return err
	}
	defer db.Close()
	_, err = db.Exec(statement)
	return err
}

// readOnlyStore is a store on a file system that cannot be written; only root can make one.
func readOnlyStore(s *scene) {
	h := binarytest.New(s.t, sampleConfig)
	h.Must("init")
	dir := filepath.Join(h.Dir, "var")
	if err := syscall.Mount(dir, dir, "", syscall.MS_BIND, ""); err != nil {
		s.t.Logf("the read-only file system is left out: it cannot be mounted here (%v)", err)
		return
	}
	s.t.Cleanup(func() { _ = syscall.Unmount(dir, syscall.MNT_DETACH) }) // the folder is removed with the test
	if err := syscall.Mount("", dir, "", syscall.MS_BIND|syscall.MS_REMOUNT|syscall.MS_RDONLY, ""); err != nil {
		s.t.Logf("the read-only file system is left out: it cannot be mounted here (%v)", err)
		return
	}
	if code, _, problem := h.Run("serve"); code != 78 || strings.Count(strings.TrimSpace(problem), "\n") != 0 {
		s.t.Errorf("read-only: exit %d: %s", code, problem)
	}
}
