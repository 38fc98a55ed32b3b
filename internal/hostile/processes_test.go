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
		{n: 56, name: "pages of other sites", play: browsers},
		{n: 57, name: "the clock is put", play: clockPut},
		{n: 58, name: "stores that cannot be used", play: oddStores},
		{n: 59, name: "second instance", play: func(s *scene) {
			code, _, problem := s.h.Run("serve")
			if code != 75 || !strings.Contains(problem, "in use") || strings.Count(strings.TrimSpace(problem), "\n") != 0 {
				s.t.Errorf("exit %d: %s", code, problem)
			}
			s.valid()
		}},
		{n: 60, name: "backups that cannot be used", play: spoiltBackups},
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

// spoiltBackups are refused before anything is replaced: bits flipped in many places, a
// part that is missing, and the key of another.
func spoiltBackups(s *scene) {
	h := binarytest.New(s.t, sampleConfig)
	dir := s.t.TempDir()
	identity, other := filepath.Join(dir, "identity"), filepath.Join(dir, "other")
	public := strings.TrimSpace(h.Must("backup", "keygen", "--out", identity))
	h.Must("backup", "keygen", "--out", other)
	h.Configure(sampleConfig + "backup: {dir: backups, every_minutes: 60, recipients: [" + public + "]}\n")
	h.Must("init")
	name, _, _ := strings.Cut(strings.TrimPrefix(h.Must("backup"), "made "), ":")
	good, err := os.ReadFile(name)
	if err != nil {
		s.t.Fatal(err)
	}
	file := filepath.Join(h.Dir, "var", "nodobridge.db")
	before, err := os.ReadFile(file)
	if err != nil {
		s.t.Fatal(err)
	}
	spoilt := filepath.Join(dir, "spoilt.age")
	refused := func(what string, content []byte, key string) {
		if err := os.WriteFile(spoilt, content, 0o600); err != nil {
			s.t.Fatal(err)
		}
		code, _, problem := h.Run("restore", spoilt, "--identity", key)
		if code != 65 || strings.Count(strings.TrimSpace(problem), "\n") != 0 {
			s.t.Errorf("%s: exit %d: %s", what, code, problem)
		}
		after, err := os.ReadFile(file)
		if err != nil || !bytes.Equal(before, after) {
			s.t.Errorf("%s: the store was touched: %v", what, err)
		}
	}
	for i := range 20 {
		content := bytes.Clone(good)
		at := i * (len(content) - 1) / 19
		content[at] ^= 1 << (i % 8)
		refused(fmt.Sprintf("a bit at byte %d of %d", at, len(content)), content, identity)
	}
	refused("its end is missing", good[:len(good)-1], identity)
	refused("its middle is missing", append(bytes.Clone(good[:len(good)/3]), good[len(good)/2:]...), identity)
	refused("its beginning is missing", good[1:], identity)
	refused("another key", good, other)
	refused("empty", nil, identity)
	if replaced, err := filepath.Glob(filepath.Join(h.Dir, "var", "replaced-*")); err != nil || len(replaced) > 0 {
		s.t.Errorf("replaced: %v, %v", replaced, err)
	}
	h.Must("restore", name, "--identity", identity)
	h.Must("verify")
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
