package testkit

import (
	"syscall"
	"testing"
	"time"
)

// Worked is the processors' time that this process has had: what a busy machine does not
// stretch.
func Worked(tb testing.TB) time.Duration {
	tb.Helper()
	var usage syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage); err != nil {
		tb.Fatal(err)
	}
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
}
