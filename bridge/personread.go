package bridge

import "context"

// NotePersonRead writes into the journal that somebody has opened a position, which names
// its debtor (reliability-security.md §6 "full value on opening (logged)").
func (s *Service) NotePersonRead(ctx context.Context, by Principal, p *Position) error {
	return s.notePerson(ctx, JournalEntry{Actor: by.actor(), Action: "position.read", EC: string(p.EC), Object: string(p.IUPD), About: p.about()}, "")
}

// NotePersonSearch writes into the journal that somebody has searched for a person, under
// the person's alias: the journal is never changed, so it must not name anybody.
func (s *Service) NotePersonSearch(ctx context.Context, by Principal, ec ECCode, code string) error {
	return s.notePerson(ctx, JournalEntry{Actor: by.actor(), Action: "position.search", EC: string(ec)}, code)
}

// notePerson fills in time and alias.
func (s *Service) notePerson(ctx context.Context, e JournalEntry, code string) error {
	e.At = s.now()
	err := s.store.Update(ctx, func(tx Tx) error {
		if code != "" {
			key, err := tx.PrivacyKey(ctx)
			if err != nil {
				return err
			}
			e.Object = alias(key, code)
		}
		return tx.Journal(ctx, e)
	})
	return unavailable("note who has read", err)
}
