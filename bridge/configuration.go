package bridge

import (
	"context"
	"errors"
)

// configActor stands for whoever may change the configuration's file.
const configActor = "configuration"

// NoteConfiguration writes down which configuration is in force, by its hash, when it is
// another than the one that was written down last; when says at what occasion.
func (s *Service) NoteConfiguration(ctx context.Context, hash, when string) error {
	now := s.now()
	err := s.store.Update(ctx, func(tx Tx) error {
		last, err := tx.LastJournalBy(ctx, configActor)
		if err != nil && !errors.Is(err, ErrNotFound) {
			return err
		}
		if last.Object == hash {
			return nil
		}
		return tx.Journal(ctx, JournalEntry{At: now, Actor: configActor, Action: "config.change", Object: hash, Detail: when})
	})
	return unavailable("write down the configuration", err)
}
