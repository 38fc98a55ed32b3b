package main

import (
	"testing"
	"time"
)

// Reaches inside the package: no test outside can put two clocks.
func TestGuardedClock(t *testing.T) {
	t.Parallel()
	start := time.Date(2026, 3, 29, 0, 59, 30, 0, time.UTC) // the night that summer time begins
	wall, elapsed := start, time.Duration(0)
	var alarms []time.Duration
	c := &guardedClock{wall: func() time.Time { return wall }, elapsed: func() time.Duration { return elapsed }, alarm: func(d time.Duration) { alarms = append(alarms, d) }}
	c.adopt()
	step := func(monotonic, wallBy time.Duration) time.Time {
		elapsed, wall = elapsed+monotonic, wall.Add(wallBy)
		return c.Now()
	}
	for i, s := range []struct {
		monotonic, wall, want time.Duration // want is the believed time since the start
		alarms                int
	}{
		{time.Second, time.Second, time.Second, 0},
		{time.Second, 31 * time.Second, 32 * time.Second, 0}, // corrected by half a minute
		{time.Second, -29 * time.Second, 3 * time.Second, 0}, // and back
		{time.Second, time.Hour * 24 * 365, 4 * time.Second, 1},
		{time.Second, time.Second, 5 * time.Second, 1},           // told once
		{time.Second, -time.Hour * 24 * 365, 4 * time.Second, 1}, // back near enough: believed again
		{time.Second, -2 * time.Hour, 5 * time.Second, 2},
		{time.Hour, time.Hour, time.Hour + 5*time.Second, 2},
	} {
		if got := step(s.monotonic, s.wall).Sub(start); got != s.want || len(alarms) != s.alarms {
			t.Errorf("step %d: %s, %d alarms; want %s, %d", i, got, len(alarms), s.want, s.alarms)
		}
	}
	if c.apart() == 0 {
		t.Error("the jump is not told")
	}
	c.adopt()
	if got := step(time.Second, time.Second); !got.Equal(wall) || c.apart() != 0 {
		t.Errorf("after it was adopted: %s, the machine says %s", got, wall)
	}
}
