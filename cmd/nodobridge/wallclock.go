//go:build !testclock

package main

import "time"

// wallClock is the machine's clock.
func wallClock() time.Time { return time.Now().Round(0) } // without its monotonic reading
