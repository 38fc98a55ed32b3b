package bridge

import (
	"context"
	"errors"
	"fmt"
	"strings"
)

// The bulk use cases take many positions or none (gpd-api.md §3.2 rows 10 to 12):
// one transaction, and the first refusal is the answer.

// CreatePositions stores new positions of one EC.
func (s *Service) CreatePositions(ctx context.Context, by Principal, ec ECCode, list []*Position, publish bool) error {
	if !by.MayActFor(ec) {
		return &Error{Code: CodeKeyForbidden}
	}
	now := s.now()
	for _, p := range list {
		if err := s.ready(by, p, publish, now); err != nil {
			return about(p.IUPD, err)
		}
	}
	err := s.store.Update(ctx, func(tx Tx) error {
		for _, p := range list {
			if err := s.createIn(ctx, tx, by, p, now); err != nil {
				return about(p.IUPD, err)
			}
		}
		return nil
	})
	return unavailable("store the positions", err)
}

// UpdatePositions replaces positions of one EC; all must be there.
func (s *Service) UpdatePositions(ctx context.Context, by Principal, ec ECCode, list []*Position, publish bool) error {
	if !by.MayActFor(ec) {
		return &Error{Code: CodeKeyForbidden}
	}
	now := s.now()
	err := s.store.Update(ctx, func(tx Tx) error {
		iupds := make([]IUPD, len(list))
		for i, p := range list {
			iupds[i] = p.IUPD
		}
		if err := allThere(ctx, tx, ec, iupds); err != nil {
			return err
		}
		for _, p := range list {
			if err := s.updateIn(ctx, tx, by, p, publish, now); err != nil {
				return about(p.IUPD, err)
			}
		}
		return nil
	})
	return unavailable("update the positions", err)
}

// DeletePositions removes positions of one EC; all must be there.
func (s *Service) DeletePositions(ctx context.Context, by Principal, ec ECCode, iupds []IUPD) error {
	if !by.MayActFor(ec) {
		return &Error{Code: CodeKeyForbidden}
	}
	now := s.now()
	err := s.store.Update(ctx, func(tx Tx) error {
		if err := allThere(ctx, tx, ec, iupds); err != nil {
			return err
		}
		for _, iupd := range iupds {
			if err := s.deleteIn(ctx, tx, by, ec, iupd, now); err != nil {
				return about(iupd, known(ec, iupd, "delete the position", err))
			}
		}
		return nil
	})
	return unavailable("delete the positions", err)
}

// allThere names every position that is not (gpd-api.md §4.2).
func allThere(ctx context.Context, tx ReadTx, ec ECCode, iupds []IUPD) error {
	var missing []string
	for _, iupd := range iupds {
		_, err := tx.Position(ctx, ec, iupd)
		if isGone(err) {
			missing = append(missing, string(iupd))
			continue
		}
		if err != nil {
			return err
		}
	}
	if len(missing) == 0 {
		return nil
	}
	return refuse(CodePositionUnknown, "organization %s has no debt position %s", ec, strings.Join(missing, ", "))
}

func isGone(err error) bool { return errors.Is(err, ErrNotFound) }

// about says which position of many a refusal is about.
func about(iupd IUPD, err error) error {
	var refusal *Error
	if !errors.As(err, &refusal) || strings.Contains(refusal.Detail, string(iupd)) {
		return err
	}
	named := *refusal
	named.Detail = fmt.Sprintf("debt position %s: %s", iupd, refusal.Detail)
	return &named
}
