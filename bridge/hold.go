package bridge

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"
)

// Hold keeps data from being anonymised, redacted or purged while a dispute or an
// inquiry lasts (reliability-security.md §6 "legal hold").
type Hold struct {
	ID         int64
	EC         ECCode // "": every one
	IUPD       IUPD   // "": every position
	Debtor     string // fiscal code; "": everybody
	Reason     string // for people; names nobody
	PlacedAt   time.Time
	ReleasedAt time.Time // zero while it is in force
}

// PlaceHold puts one in force and gives its number.
func (s *Service) PlaceHold(ctx context.Context, h Hold) (int64, error) {
	h.Debtor = strings.ToUpper(strings.TrimSpace(h.Debtor))
	if h.EC == "" && h.IUPD == "" && h.Debtor == "" {
		return 0, &Error{Code: CodeInvalid, Field: "hold", Detail: "a hold needs a creditor institution, a position or a person"}
	}
	if h.IUPD != "" && h.EC == "" {
		return 0, &Error{Code: CodeInvalid, Field: "ec", Detail: "a position is named by its creditor institution and its IUPD"}
	}
	if err := checkReason(&h.Reason, h.Debtor); err != nil {
		return 0, err
	}
	h.PlacedAt = s.now()
	err := s.store.Update(ctx, func(tx Tx) (err error) {
		if h.ID, err = tx.PlaceHold(ctx, h); err != nil {
			return err
		}
		return tx.Journal(ctx, JournalEntry{At: h.PlacedAt, Actor: "operator", Action: "hold.place", EC: string(h.EC), Object: fmt.Sprint(h.ID), Detail: h.Reason})
	})
	return h.ID, unavailable("place the hold", err)
}

// ReleaseHold ends one; the person that it was about is forgotten.
func (s *Service) ReleaseHold(ctx context.Context, id int64) error {
	now := s.now()
	err := s.store.Update(ctx, func(tx Tx) error {
		if err := tx.ReleaseHold(ctx, id, now); err != nil {
			return err
		}
		return tx.Journal(ctx, JournalEntry{At: now, Actor: "operator", Action: "hold.release", Object: fmt.Sprint(id)})
	})
	if errors.Is(err, ErrNotFound) {
		return &Error{Code: CodeInvalid, Field: "id", Detail: "there is no such hold in force"}
	}
	return unavailable("release the hold", err)
}

// Holds lists all, also those released.
func (s *Service) Holds(ctx context.Context) ([]Hold, error) {
	var list []Hold
	err := s.store.View(ctx, func(tx ReadTx) (err error) {
		list, err = tx.Holds(ctx)
		return err
	})
	return list, unavailable("list the holds", err)
}

// checkReason wants a line for the journal, which holds no personal data.
func checkReason(reason *string, code string) error {
	*reason = line(*reason, maxText140)
	if *reason == "" {
		return &Error{Code: CodeInvalid, Field: "reason", Detail: "a reason is needed; it is kept in the journal"}
	}
	if code != "" && strings.Contains(strings.ToUpper(*reason), code) {
		return &Error{Code: CodeInvalid, Field: "reason", Detail: "the reason must not name the person: the journal is never changed"}
	}
	return nil
}
