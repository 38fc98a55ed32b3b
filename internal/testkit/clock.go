// Package testkit is what tests of several rooms share: a clock that stands
// still and positions that are payable. Only tests import it.
package testkit

import (
	"sync"
	"time"
)

// Clock tells the time it was set to.
type Clock struct {
	mu  sync.Mutex
	now time.Time
}

// Noon is the instant at which the fixtures live.
var Noon = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)

// NewClock starts at Noon.
func NewClock() *Clock { return &Clock{now: Noon} }

// Now is the time set last.
func (c *Clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

// Set moves the clock, forwards or back.
func (c *Clock) Set(at time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = at
}
