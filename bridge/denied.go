package bridge

import (
	"context"
	"time"
)

// denialEvery is how often a key's denials are written down: the journal is never cut, and
// a key that keeps trying must not fill it. The log has a line for each.
const denialEvery = time.Minute

// NoteDenied writes into the journal that a key asked for what it may not
// (reliability-security.md §9 row 42), at most once a minute for a key.
func (s *Service) NoteDenied(ctx context.Context, by Principal, ec ECCode, operation string) error {
	now := s.now()
	last, known := s.denials.Load(by.KeyID)
	if known && now.Sub(last.(time.Time)).Abs() < denialEvery {
		return nil
	}
	s.denials.Store(by.KeyID, now)
	err := s.store.Update(ctx, func(tx Tx) error {
		return tx.Journal(ctx, JournalEntry{At: now, Actor: by.actor(), Action: "access.denied", EC: string(ec), Object: operation})
	})
	return unavailable("note the denial", err)
}
