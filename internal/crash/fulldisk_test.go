package crash_test

import (
	"errors"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"nodobridge/internal/binarytest"
)

// reliability-security.md §8 G5: on a full disk new positions are refused, receipts are
// taken from the room kept back for them, and when there is room again everything is
// stored within five seconds, by the same process.
func TestCrash_FullDiskTakesReceiptsAndHeals(t *testing.T) {
	h := binarytest.New(t, binarytest.SampleConfig+"\nstore: {dir: small/var}\n")
	small := filepath.Join(h.Dir, "small")
	mount(t, small)
	h.Must("init")
	o := new(oracle)
	l := &load{oracle: o, key: h.NewKey()}
	p := h.Serve()
	const positions = 400
	for range positions {
		if !l.upload(t.Context(), http.DefaultClient, p, l.next()) {
			t.Fatal("a position was refused before the disk was full")
		}
	}
	filler := fillUp(t, small)
	refused := 0
	for range 2000 {
		if !l.upload(t.Context(), http.DefaultClient, p, l.next()) {
			refused++
			if refused == 20 {
				break
			}
		}
	}
	if refused < 20 {
		t.Fatal("the disk was never full")
	}
	if status, answer := p.Call("POST", binarytest.Positions, l.key, binarytest.Position(l.next(), 12000)); status != http.StatusInsufficientStorage || !strings.Contains(answer, `"title":"INSUFFICIENT STORAGE"`) {
		t.Errorf("a position on the full disk: HTTP %d %s", status, answer)
	}
	if shown := p.Metrics(); !strings.Contains(shown, "nodobridge_disk_full 1\n") || !strings.Contains(shown, `nodobridge_disk_bytes{of="free"} `) {
		t.Errorf("metrics say nothing of a full disk:\n%s", shown)
	}
	taken := 0
	for n := int64(1); n <= positions; n++ {
		answer, err := p.Node().SendRTV2(t.Context(), receipt(n))
		if err == nil && answer.Fault == nil {
			o.receipts = append(o.receipts, n)
			taken++
		}
	}
	if err := os.Remove(filler); err != nil {
		t.Fatal(err)
	}
	began := time.Now()
	for !l.upload(t.Context(), http.DefaultClient, p, l.next()) {
		if time.Since(began) > 30*time.Second {
			t.Fatalf("positions are still refused with room on the disk:\n%s", last(p))
		}
	}
	healed := time.Since(began)
	if !strings.Contains(p.Metrics(), "nodobridge_disk_full 0\n") {
		t.Error("metrics still say that the disk is full")
	}
	p.Stop()
	s := &scene{t: t, h: h, oracle: o, load: l}
	found := o.judge(t, filepath.Join(small, "var"), 1, s.load.serial)
	t.Logf("full disk: %d positions refused, %d of %d receipts taken meanwhile, healed after %s, %s, lost=%d, half-applied=%d",
		refused, taken, positions, healed.Round(time.Millisecond), o, found.lost, found.half)
	if found != (loss{}) || taken < positions/2 || healed > 5*time.Second {
		t.Error("a full disk is not survived as promised")
	}
}

// mount puts a small file system at the folder, where this user may.
func mount(t *testing.T, dir string) {
	t.Helper()
	if err := os.Mkdir(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	err := syscall.Mount("tmpfs", dir, "tmpfs", 0, "size=160m")
	if err != nil {
		t.Skipf("a small file system cannot be mounted here: %v", err)
	}
	t.Cleanup(func() { _ = syscall.Unmount(dir, syscall.MNT_DETACH) }) // the folder goes with the test
}

// fillUp leaves next to nothing.
func fillUp(t *testing.T, dir string) string {
	t.Helper()
	var disk syscall.Statfs_t
	if err := syscall.Statfs(dir, &disk); err != nil {
		t.Fatal(err)
	}
	name := filepath.Join(dir, "filler")
	if err := os.WriteFile(name, make([]byte, int64(disk.Bavail-8)*disk.Bsize), 0o600); err != nil && !errors.Is(err, syscall.ENOSPC) { // the station writes too: full is full
		t.Fatal(err)
	}
	return name
}
