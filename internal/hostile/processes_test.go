package hostile_test

import (
	"bytes"
	"database/sql"
	"os"
	"path/filepath"
	"strings"
	"syscall"

	"nodobridge/internal/binarytest"
)

// processes are rows 56 to 60: the machine around the program.
func processes() []row {
	return []row{
		{n: 56, name: "the console", waits: "the operator console"},
		{n: 57, name: "the clock is put", waits: "a clock that can be put in the built program"},
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
