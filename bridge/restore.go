package bridge

import (
	"context"
	"time"
)

// Restoration asks for a cancelled or expired position to come back.
type Restoration struct {
	EC      ECCode
	IUPD    IUPD
	Publish bool      // payable at once; else it comes back as a draft
	DueDate time.Time // for the unpaid instalments whose due date has passed; zero leaves them
}

// RestorePosition brings a position back that was invalidated or has expired, with its
// notice numbers: the notice in the debtor's hand becomes payable again. GPD has no such
// call, there INVALID is the end (gpd-api.md §6.1 row 30); this one is our own.
func (s *Service) RestorePosition(ctx context.Context, by Principal, r Restoration) (*Position, error) {
	if !by.MayActFor(r.EC) {
		return nil, &Error{Code: CodeKeyForbidden}
	}
	now := s.now()
	var p *Position
	err := s.store.Update(ctx, func(tx Tx) (err error) {
		p, err = s.restoreIn(ctx, tx, by, r, now)
		return err
	})
	if err != nil {
		return nil, known(r.EC, r.IUPD, "restore the position", err)
	}
	return p, nil
}

func (s *Service) restoreIn(ctx context.Context, tx Tx, by Principal, r Restoration, now time.Time) (*Position, error) {
	// Time may have expired it without the job having told so: that comes first.
	if err := turn(ctx, tx, PositionKey{r.EC, r.IUPD}, now); err != nil {
		return nil, err
	}
	p, err := tx.Position(ctx, r.EC, r.IUPD)
	if err != nil {
		return nil, err
	}
	if err := by.segregated(p); err != nil {
		return nil, err
	}
	if !CanMove(p.Status, EventRestore, Draft) {
		return nil, refuse(CodeNotRestorable, "the debt position is %s, neither INVALID nor EXPIRED", p.Status)
	}
	if err := p.move(EventRestore, Draft, now); err != nil {
		return nil, err
	}
	p.postpone(r.DueDate, now)
	if r.Publish {
		if err := p.checkUpdate(now); err != nil {
			return nil, err
		}
		if err := p.publish(now); err != nil {
			return nil, err
		}
	}
	if err := s.Registry().strict(p); err != nil {
		return nil, err
	}
	if err := tx.ReplacePosition(ctx, p); err != nil {
		return nil, err
	}
	return p, tx.Journal(ctx, JournalEntry{At: now, Actor: by.actor(), Action: "position.restore", EC: string(r.EC), Object: string(r.IUPD), Detail: string(p.Status), About: p.about()})
}

// postpone gives the unpaid instalments that are past due another due date.
func (p *Position) postpone(to, now time.Time) {
	if to.IsZero() {
		return
	}
	for i := range p.Options {
		for j := range p.Options[i].Instalments {
			in := &p.Options[i].Instalments[j]
			if in.isSettled() || in.DueDate.IsZero() || !in.DueDate.Before(now) {
				continue
			}
			in.DueDate, in.LastUpdatedAt = to, now
			if !in.RetentionDate.IsZero() && in.RetentionDate.Before(to) {
				in.RetentionDate = to
			}
		}
	}
}
