package bridge

import "context"

// NoteBackup writes down what was done with a copy of the whole store: "backup.create"
// or "backup.drill". object is the file's name, detail its hash.
func (s *Service) NoteBackup(ctx context.Context, action, object, detail string) error {
	now := s.now()
	err := s.store.Update(ctx, func(tx Tx) error {
		return tx.Journal(ctx, JournalEntry{At: now, Actor: "operator", Action: action, Object: object, Detail: detail})
	})
	return unavailable("write down the backup", err)
}
