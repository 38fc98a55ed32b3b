package crash_test

import (
	"context"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"syscall"
	"testing"
	"time"

	"nodobridge/internal/binarytest"
	"nodobridge/internal/fill"
)

// reliability-security.md §8 G7: a start with a million positions is ready within two
// seconds, SQLite's check of the file included: from the disk, from memory, and after a
// kill in the middle of work. START_POSITIONS=1000000 for the figure, which is printed and
// not judged: the machine may be busy.
func TestStart_ReadyWithManyPositions(t *testing.T) {
	count := 5_000
	if n, err := strconv.Atoi(os.Getenv("START_POSITIONS")); err == nil && n > 0 {
		count = n
	}
	h := binarytest.New(t, binarytest.SampleConfig)
	dir := filepath.Join(h.Dir, "var")
	began := time.Now()
	if err := fill.Store(context.Background(), dir, count, nil); err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(dir, "nodobridge.db")
	info, err := os.Stat(file)
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("start: %d positions, %d MiB, written in %s", count, info.Size()>>20, time.Since(began).Round(time.Second))
	last := string(fill.NAV(count - 1))
	l := &load{oracle: new(oracle), key: h.NewKey(), serial: 2 * int64(count)} // behind the numbers that are taken
	for round := range 9 {
		how := []string{"from the disk", "from memory", "after a kill"}[round/3]
		if how == "from the disk" {
			forget(t, file)
		}
		began := time.Now()
		p := h.Serve()
		status := readiness(t, p)
		t.Logf("start: %s: ready after %s", how, time.Since(began).Round(time.Millisecond))
		if status != http.StatusOK {
			t.Errorf("%s: it says that it listens and is not ready: %d", how, status)
		}
		if a, err := p.Node().Verify(t.Context(), string(fill.EC), last); err != nil || a.Fault != nil {
			t.Errorf("%s: %+v, %v", how, a, err)
		}
		if round < 5 {
			p.Stop()
		} else {
			l.hit(t, p, 100) // and kills it
		}
	}
}

func readiness(t *testing.T, p *binarytest.Process) int {
	t.Helper()
	res, err := http.Get(p.Admin + "/readyz")
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	return res.StatusCode
}

// forget takes a file out of the machine's memory.
func forget(t *testing.T, name string) {
	t.Helper()
	f, err := os.Open(name)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	const dontNeed = 4 // POSIX_FADV_DONTNEED
	if _, _, errno := syscall.Syscall6(syscall.SYS_FADVISE64, f.Fd(), 0, 0, dontNeed, 0, 0); errno != 0 {
		t.Fatal(errno)
	}
}
