package bridge

import (
	"context"
	"errors"
	"time"
)

// SavedMapping is a mapping that an EC keeps.
type SavedMapping struct {
	EC ECCode
	Mapping
	SavedAt time.Time
}

// maxMappings bounds what one EC keeps.
const maxMappings = 50

// SaveMapping keeps a mapping in the place of an earlier one of its name.
func (s *Service) SaveMapping(ctx context.Context, by Principal, ec ECCode, m Mapping) (*SavedMapping, error) {
	if !by.MayActFor(ec) {
		return nil, &Error{Code: CodeKeyForbidden}
	}
	if err := m.Check(); err != nil {
		return nil, err
	}
	saved := SavedMapping{EC: ec, Mapping: m, SavedAt: s.now()}
	err := s.store.Update(ctx, func(tx Tx) error {
		others, err := tx.Mappings(ctx, ec)
		if err != nil {
			return err
		}
		known := false
		for _, other := range others {
			known = known || other.Name == m.Name
		}
		if !known && len(others) >= maxMappings {
			return refuse(CodeTooManyMappings, "organization %s has %d mappings, more are not allowed", ec, maxMappings)
		}
		if err := tx.PutMapping(ctx, saved); err != nil {
			return err
		}
		return tx.Journal(ctx, JournalEntry{At: saved.SavedAt, Actor: by.actor(), Action: "mapping.save", EC: string(ec), Object: m.Name})
	})
	return &saved, unavailable("save the mapping", err)
}

// Mappings lists what the EC keeps, by name.
func (s *Service) Mappings(ctx context.Context, by Principal, ec ECCode) ([]SavedMapping, error) {
	if !by.MayActFor(ec) {
		return nil, &Error{Code: CodeKeyForbidden}
	}
	var list []SavedMapping
	err := s.store.View(ctx, func(tx ReadTx) (err error) {
		list, err = tx.Mappings(ctx, ec)
		return err
	})
	return list, unavailable("list the mappings", err)
}

// MappingOf gives the EC's mapping of a name, or else the one that is built in.
func (s *Service) MappingOf(ctx context.Context, by Principal, ec ECCode, name string) (Mapping, error) {
	list, err := s.Mappings(ctx, by, ec)
	if err != nil {
		return Mapping{}, err
	}
	for _, m := range list {
		if m.Name == name {
			return m.Mapping, nil
		}
	}
	if m, known := BuiltInMapping(name); known {
		return m, nil
	}
	return Mapping{}, refuse(CodeMappingUnknown, "organization %s has no mapping %s", ec, name)
}

// DeleteMapping forgets one.
func (s *Service) DeleteMapping(ctx context.Context, by Principal, ec ECCode, name string) error {
	if !by.MayActFor(ec) {
		return &Error{Code: CodeKeyForbidden}
	}
	now := s.now()
	err := s.store.Update(ctx, func(tx Tx) error {
		if err := tx.DeleteMapping(ctx, ec, name); err != nil {
			return err
		}
		return tx.Journal(ctx, JournalEntry{At: now, Actor: by.actor(), Action: "mapping.delete", EC: string(ec), Object: name})
	})
	if errors.Is(err, ErrNotFound) {
		return refuse(CodeMappingUnknown, "organization %s has no mapping %s", ec, name)
	}
	return unavailable("delete the mapping", err)
}
