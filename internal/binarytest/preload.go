package binarytest

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
)

// weakBinary is the program with synchronous=NORMAL: the control of the power cuts.
var weakBinary = sync.OnceValue(func() string { return built("nodobridge-weak", tags+",testnormal") })

// Weak is where the program that does not wait for the disk lies.
func Weak() string { return weakBinary() }

// Launch starts a station of a built program with more environment, and says whether
// it came up: one whose disk fails may not. The built programs are linked dynamically,
// so LD_PRELOAD works on them; the released one is static.
func (h *Home) Launch(program string, env ...string) (p *Process, up bool) {
	h.t.Helper()
	cmd := exec.Command(program, "--config", filepath.Join(h.Dir, "config.yaml"), "serve")
	cmd.Env = append(os.Environ(), env...)
	p = h.launch(cmd)
	return p, <-p.up
}

// ExitCode waits for a station that ends by itself; -1 is a signal.
func (p *Process) ExitCode() int {
	p.t.Helper()
	err := <-p.ended
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		p.t.Fatal(err)
	}
	return p.cmd.ProcessState.ExitCode()
}
