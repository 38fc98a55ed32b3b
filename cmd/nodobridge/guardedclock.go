package main

import (
	"sync"
	"time"
)

// believableJump is what a time server corrects; more is somebody's mistake, or worse
// (reliability-security.md §9 row 57).
const believableJump = time.Minute

// guardedClock is the machine's clock, held against the monotonic one, which nobody can
// put. When the two part by more than is believable, time goes on as it went: notices must
// not expire, nor paid ones seem unpublished, because a clock was put. An operator who
// has put it on purpose orders a reload, or starts the station again.
type guardedClock struct {
	wall    func() time.Time
	elapsed func() time.Duration // since any fixed moment, never put
	alarm   func(jump time.Duration)

	mu   sync.Mutex
	base time.Time     // the time that is believed, at an elapsed time of zero
	jump time.Duration // how far the machine's clock is from what is believed; 0 while it is near
}

// newGuardedClock begins with the machine's time.
func newGuardedClock(wall func() time.Time, alarm func(time.Duration)) *guardedClock {
	began := time.Now()
	c := &guardedClock{wall: wall, elapsed: func() time.Duration { return time.Since(began) }, alarm: alarm}
	c.adopt()
	return c
}

// Now is the time that is believed.
func (c *guardedClock) Now() time.Time {
	c.mu.Lock()
	now, elapsed := c.wall(), c.elapsed()
	believed := c.base.Add(elapsed)
	jump := now.Sub(believed)
	if jump.Abs() <= believableJump {
		c.base, c.jump = now.Add(-elapsed), 0
		c.mu.Unlock()
		return now
	}
	news := c.jump == 0
	c.jump = jump
	c.mu.Unlock()
	if news {
		c.alarm(jump)
	}
	return believed
}

// adopt believes the machine's clock as it is now.
func (c *guardedClock) adopt() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.base, c.jump = c.wall().Add(-c.elapsed()), 0
}

// apart is how far the machine's clock is from what is believed.
func (c *guardedClock) apart() time.Duration {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.jump
}
