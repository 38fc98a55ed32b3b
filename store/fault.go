package store

import (
	"fmt"
	"sync"
)

// fault remembers the first failure of the disk or the file. After a failed
// fsync nobody knows what is on the disk; only a new process that recovers from
// the log does. So nothing is said to be stored any more
// (reliability-security.md §1, PostgreSQL's data_sync_retry=off).
type fault struct {
	once   sync.Once
	broken chan struct{}
	cause  error // written before broken is closed
}

func newFault() *fault { return &fault{broken: make(chan struct{})} }

// note breaks the store when err is a fault.
func (f *fault) note(err error) {
	if err != nil && isFault(err) {
		f.set(err)
	}
}

func (f *fault) set(cause error) {
	f.once.Do(func() {
		f.cause = fmt.Errorf("%w: %w", ErrBroken, cause)
		close(f.broken)
	})
}

// err is nil while the store is whole.
func (f *fault) err() error {
	select {
	case <-f.broken:
		return f.cause
	default:
		return nil
	}
}
