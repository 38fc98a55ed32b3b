package bridge

import (
	"context"
	"sync"
)

// keyring holds every key in memory: they are few, and finding one must take as long as
// finding none (reliability-security.md §8 G17), which a search in the store does not.
// Only this process changes the store's keys.
type keyring struct {
	mu      sync.Mutex
	changes int             // how often keys were changed
	keys    map[string]*Key // nil: to be read again
}

// forget is called when a key has been changed.
func (r *keyring) forget() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.changes++
	r.keys = nil
}

func (r *keyring) held() (map[string]*Key, int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.keys, r.changes
}

// hold keeps what was read, unless a key was changed meanwhile.
func (r *keyring) hold(keys map[string]*Key, changes int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.changes == changes {
		r.keys = keys
	}
}

// keysByID are all of them.
func (s *Service) keysByID(ctx context.Context) (map[string]*Key, error) {
	keys, changes := s.ring.held()
	if keys != nil {
		return keys, nil
	}
	list, err := s.Keys(ctx)
	if err != nil {
		return nil, err
	}
	keys = make(map[string]*Key, len(list))
	for i := range list {
		keys[list[i].ID] = &list[i]
	}
	s.ring.hold(keys, changes)
	return keys, nil
}
