package crash_test

import (
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"nodobridge/internal/binarytest"
)

func TestMain(m *testing.M) { os.Exit(binarytest.Main(m)) }

// cycles is the short form's number, or the environment's.
func cycles(short int) int {
	if n, err := strconv.Atoi(os.Getenv("CRASH_CYCLES")); err == nil && n > 0 {
		return n
	}
	return short
}

// scene is a station with what its callers were told.
type scene struct {
	t       *testing.T
	h       *binarytest.Home
	oracle  *oracle
	load    *load
	platter string // the disk under the station's memory, "" without power cuts
	library string
	from    int64 // the first number of this cycle
	total   loss
}

func newScene(t *testing.T) *scene {
	t.Helper()
	h := binarytest.New(t, binarytest.SampleConfig)
	h.Must("init")
	o := new(oracle)
	return &scene{t: t, h: h, oracle: o, load: &load{oracle: o, key: h.NewKey()}, from: 1}
}

func (s *scene) dir() string { return filepath.Join(s.h.Dir, "var") }

// onPlatter puts the disk that loses power under the station; the Makefile builds it.
func (s *scene) onPlatter() *scene {
	s.t.Helper()
	s.platter, s.library = filepath.Join(s.h.Dir, "platter"), filepath.Join(s.h.Dir, "powercut.so")
	build := exec.Command("make", "-s", "-C", "../..", "powercut", "POWERCUT="+s.library)
	if out, err := build.CombinedOutput(); err != nil {
		s.t.Fatalf("cannot build the disk that loses power: %v\n%s", err, out)
	}
	s.mirror(s.dir(), s.platter)
	return s
}

// mirror makes one folder hold the store's files of another.
func (s *scene) mirror(from, to string) {
	s.t.Helper()
	if err := os.MkdirAll(to, 0o700); err != nil {
		s.t.Fatal(err)
	}
	for _, suffix := range []string{"", "-wal", "-shm", "-journal"} {
		data, err := os.ReadFile(filepath.Join(from, "nodobridge.db"+suffix))
		target := filepath.Join(to, "nodobridge.db"+suffix)
		if errors.Is(err, fs.ErrNotExist) || suffix == "-shm" {
			err = os.RemoveAll(target)
		} else if err == nil {
			err = os.WriteFile(target, data, 0o600)
		}
		if err != nil {
			s.t.Fatal(err)
		}
	}
}

// environment is what preloads the disk; fail is "" or which call of it fails.
func (s *scene) environment(seed int, fail string) []string {
	if s.platter == "" {
		return nil
	}
	return []string{
		"LD_PRELOAD=" + s.library, "POWERCUT_DIR=" + s.dir(), "POWERCUT_PLATTER=" + s.platter,
		"POWERCUT_EARLY=5", fmt.Sprintf("POWERCUT_SEED=%d", seed), "POWERCUT_FAIL=" + fail,
	}
}

// cut goes on with what was on the disk.
func (s *scene) cut() {
	s.t.Helper()
	if s.platter != "" {
		s.mirror(s.platter, s.dir())
	}
}

// judge compares this cycle's numbers with the oracle, or all of them.
func (s *scene) judge(from int64) loss {
	s.t.Helper()
	l := s.oracle.judge(s.t, s.dir(), from, s.load.serial)
	s.from = s.load.serial + 1
	if s.platter != "" {
		s.mirror(s.dir(), s.platter) // judging has recovered it
	}
	return l
}

func (s *scene) cycle(program string, seed, receipts int) loss {
	s.t.Helper()
	p, up := s.h.Launch(program, s.environment(seed, "")...)
	if !up {
		s.t.Fatalf("the station does not start after a crash:\n%s", last(p))
	}
	s.load.hit(s.t, p, receipts)
	s.cut()
	l := s.judge(s.from)
	s.total.lost, s.total.half = s.total.lost+l.lost, s.total.half+l.half
	return l
}

// repeat crashes a station so often and gives what an oracle of everything finds at the
// end.
func (s *scene) repeat(program string, count int) loss {
	s.t.Helper()
	for i := range count {
		l := s.cycle(program, i+1, 5+rand.N(60))
		if l != (loss{}) {
			s.t.Errorf("cycle %d: lost %d, half-applied %d", i+1, l.lost, l.half)
		}
	}
	return s.judge(1)
}

// reliability-security.md §8 G1 and G3.
func TestCrash_KilledLosesNothing(t *testing.T) {
	s, count := newScene(t), cycles(30)
	l := s.repeat(binarytest.Program(), count)
	t.Logf("kill -9: cycles %d, %s, lost=%d, half-applied=%d", count, s.oracle, l.lost, l.half)
	if l != (loss{}) || len(s.oracle.receipts) == 0 {
		t.Error("acknowledged data is lost or half there")
	}
}

// reliability-security.md §8 G2 and G3.
func TestCrash_PowerCutLosesNothing(t *testing.T) {
	s, count := newScene(t).onPlatter(), cycles(30)
	l := s.repeat(binarytest.Program(), count)
	t.Logf("power cut: cycles %d, %s, lost=%d, half-applied=%d", count, s.oracle, l.lost, l.half)
	if l != (loss{}) || len(s.oracle.receipts) == 0 {
		t.Error("acknowledged data is lost or half there")
	}
}

// The control: the same cuts under a program that does not wait for the disk must lose
// acknowledged data, else the two tests above see nothing.
func TestCrash_ControlWithNormalLosesSome(t *testing.T) {
	s, done := newScene(t).onPlatter(), 0
	for ; done < 30 && s.total.lost == 0; done++ {
		s.cycle(binarytest.Weak(), done+1, 40)
	}
	t.Logf("control, synchronous=NORMAL: power cuts %d, %s, lost=%d, half-applied=%d", done, s.oracle, s.total.lost, s.total.half)
	if s.total.lost == 0 {
		t.Error("nothing was lost without waiting for the disk: the harness is blind")
	}
	if s.total.half != 0 {
		t.Error("NORMAL may lose the end, never half of an update")
	}
}

// reliability-security.md §8 G4: the n-th fsync or write fails once. The station says OK
// to nobody whose data is not on the disk, ends by itself with code 70, and a new one
// recovers. A power cut follows, since the failed fsync has lost what it was to write.
func TestCrash_FailingDiskIsNeverAnsweredOK(t *testing.T) {
	s, tried, failed := newScene(t).onPlatter(), 0, 0
	for _, kind := range []string{"fsync", "write"} {
		for n := 1; n <= 300; n += step(n) {
			tried++
			failed += s.fault(fmt.Sprintf("%s %d", kind, n), n)
		}
	}
	l := s.judge(1)
	t.Logf("I/O faults: runs %d, of which the disk failed in %d, %s, lost=%d, half-applied=%d", tried, failed, s.oracle, l.lost, l.half)
	if l != (loss{}) {
		t.Error("a failed disk was answered OK")
	}
	if failed < tried*2/3 {
		t.Error("too few runs met the fault")
	}
}

// step is how far the next n is: each one in the long form.
func step(n int) int {
	if os.Getenv("CRASH_CYCLES") != "" {
		return 1
	}
	return 1 + n/4
}

// fault runs the station until its disk fails, and says whether it did.
func (s *scene) fault(what string, seed int) int {
	s.t.Helper()
	p, up := s.h.Launch(binarytest.Program(), s.environment(seed, what)...)
	if up && s.load.run(s.t, p, 600) {
		p.Kill()
		s.cut()
		s.judge(s.from)
		return 0 // so many calls of the kind were not made
	}
	code := p.ExitCode()
	if up && code != 70 {
		s.t.Errorf("%s: the station ended with %d:\n%s", what, code, last(p))
	}
	if !up && (code == 0 || code == 78) { // 78 would keep the supervisor from starting it again
		s.t.Errorf("%s: a station that could not start ended with %d:\n%s", what, code, last(p))
	}
	s.cut()
	if l := s.judge(s.from); l != (loss{}) {
		s.t.Errorf("%s: lost %d, half-applied %d", what, l.lost, l.half)
	}
	return 1
}

// reliability-security.md §9 row 58: what is not a whole store of ours is refused with
// the code that keeps the supervisor from trying again, and is left as it is.
func TestCrash_DamagedFilesAreRefusedUntouched(t *testing.T) {
	s := newScene(t)
	path := filepath.Join(s.dir(), "nodobridge.db")
	whole, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	edited := func(at int, with ...byte) []byte {
		data := append([]byte(nil), whole...)
		copy(data[at:], with)
		return data
	}
	damages := map[string][]byte{
		"empty":                 {},
		"truncated":             whole[:len(whole)/2+100],
		"garbage":               []byte(strings.Repeat("no database ", 4096)),
		"zeros":                 make([]byte, len(whole)),
		"of another program":    edited(68, 'o', 't', 'h', 'r'), // application_id, sqlite.org/fileformat2.html
		"of a newer program":    newer(t, s.h.Dir, whole),
		"with a broken root":    edited(100, 0xff, 0xff, 0xff, 0xff),
		"with a broken header":  edited(0, 'X'),
		"with a wrong pagesize": edited(16, 0x13, 0x37),
	}
	for name, data := range damages {
		if err := os.WriteFile(path, data, 0o600); err != nil {
			t.Fatal(err)
		}
		p, up := s.h.Launch(binarytest.Program())
		if up {
			t.Errorf("a file %s is served", name)
			p.Kill()
			continue
		}
		code, problem := p.ExitCode(), p.Log.String()
		after, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if code != 78 || strings.Count(strings.TrimSpace(problem), "\n") != 0 || string(after) != string(data) {
			t.Errorf("a file %s: exit %d, %q, untouched %v", name, code, problem, string(after) == string(data))
		}
	}
	if err := os.WriteFile(path, whole, 0o600); err != nil {
		t.Fatal(err)
	}
	s.h.Serve().Stop()
	t.Logf("damaged files: %d, refused and left untouched: all", len(damages))
}

// newer is the file with a migration that this program does not know.
func newer(t *testing.T, dir string, whole []byte) []byte {
	t.Helper()
	path := filepath.Join(dir, "newer.db")
	if err := os.WriteFile(path, whole, 0o600); err != nil {
		t.Fatal(err)
	}
	db, err := sql.Open("sqlite3", path) // the store's driver
	if err != nil {
		t.Fatal(err)
	}
	_, err = db.Exec(`INSERT INTO migration (version, name, sha256, applied_at)
		SELECT version + 1, '9999_later.sql', sha256, applied_at FROM migration ORDER BY version DESC LIMIT 1`)
	_, cut := db.Exec("PRAGMA wal_checkpoint(TRUNCATE)")
	if err := errors.Join(err, cut, db.Close()); err != nil {
		t.Fatal(err)
	}
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return data
}
