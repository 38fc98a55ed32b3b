package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"syscall"
	"time"
)

// machine is where and when a run took place.
type machine struct {
	began time.Time
	processor, kernel,
	commit string
	cores int
	busy  time.Duration // of the whole machine when the run began
	own   time.Duration // of ours then

	elapsed time.Duration
	others  float64 // share of the machine's processors that others used
}

func beginMachine() (*machine, error) {
	m := &machine{began: time.Now(), processor: "unknown", commit: "unknown"}
	cpuinfo, err := os.ReadFile("/proc/cpuinfo")
	if err != nil {
		return nil, err
	}
	for line := range strings.Lines(string(cpuinfo)) {
		name, value, _ := strings.Cut(line, ":")
		switch strings.TrimSpace(name) {
		case "model name":
			m.processor = strings.TrimSpace(value)
		case "processor":
			m.cores++
		}
	}
	kernel, err := os.ReadFile("/proc/sys/kernel/osrelease")
	if err != nil {
		return nil, err
	}
	m.kernel = strings.TrimSpace(string(kernel))
	if m.busy, err = busy(); err != nil {
		return nil, err
	}
	m.own, err = ownTime()
	return m, err
}

// ownTime is what this process and those that it has waited for have used.
func ownTime() (time.Duration, error) {
	var total time.Duration
	for _, who := range []int{syscall.RUSAGE_SELF, syscall.RUSAGE_CHILDREN} {
		var u syscall.Rusage
		if err := syscall.Getrusage(who, &u); err != nil {
			return 0, err
		}
		total += time.Duration(u.Utime.Nano() + u.Stime.Nano())
	}
	return total, nil
}

// finish says what the machine did beside the run. The commit is that of the tree that
// the program was built from; a build from an archive has none.
func (m *machine) finish(ctx context.Context) error {
	m.elapsed = time.Since(m.began)
	all, err := busy()
	own, err2 := ownTime()
	if err := errors.Join(err, err2); err != nil {
		return err
	}
	m.others = max(float64((all-m.busy)-(own-m.own))/float64(m.elapsed)/float64(m.cores), 0)
	if out, err := exec.CommandContext(ctx, "git", "describe", "--always", "--dirty", "--exclude=*").Output(); err == nil {
		m.commit = strings.TrimSpace(string(out))
	}
	return nil
}

func (m *machine) String() string {
	return fmt.Sprintf("%s, %d cores, Linux %s, %s; commit %s; %s, %v long; other processes used %.0f %% of the machine meanwhile",
		m.processor, m.cores, m.kernel, runtime.Version(), m.commit, m.began.UTC().Format("2006-01-02 15:04 MST"), m.elapsed.Round(time.Second), 100*m.others)
}
