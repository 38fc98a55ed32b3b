package bridge

import (
	"context"
	"errors"
	"time"
)

// clockActor signs the journal for moves that time alone makes.
const clockActor = "clock"

// clockChunk is how many positions one transaction moves.
const clockChunk = 100

// TurnClock stores the moves that time has made: positions whose validity has begun,
// and those whose last due date has passed (gpd-api.md §2.4). Everybody who looks has
// seen them already (Position.StatusAt); here they enter the journal, where those who
// follow it learn of them. It says how many positions it moved.
func (s *Service) TurnClock(ctx context.Context) (int, error) {
	moved := 0
	for {
		n, err := s.turnChunk(ctx)
		moved += n
		if err != nil {
			return moved, unavailable("store what time has moved", err)
		}
		if n < clockChunk {
			return moved, nil
		}
	}
}

func (s *Service) turnChunk(ctx context.Context) (int, error) {
	now := s.now()
	var due []PositionKey
	err := s.store.View(ctx, func(tx ReadTx) (err error) {
		due, err = tx.DueToMove(ctx, now, clockChunk)
		return err
	})
	if err != nil || len(due) == 0 {
		return 0, err
	}
	err = s.store.Update(ctx, func(tx Tx) error {
		for _, key := range due {
			if err := turn(ctx, tx, key, now); err != nil {
				return err
			}
		}
		return nil
	})
	return len(due), err
}

// turn moves one position as far as time has come; it may have been moved or deleted
// meanwhile.
func turn(ctx context.Context, tx Tx, key PositionKey, now time.Time) error {
	p, err := tx.Position(ctx, key.EC, key.IUPD)
	if errors.Is(err, ErrNotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	target := p.StatusAt(now)
	for _, step := range []struct {
		from  PositionStatus
		event Event
		to    PositionStatus
		name  string
	}{{Published, EventValidFrom, Valid, "position.valid"}, {Valid, EventExpire, Expired, "position.expire"}} {
		if p.Status != step.from || target == step.from {
			continue
		}
		if err := p.move(step.event, step.to, now); err != nil {
			return err
		}
		err := tx.Journal(ctx, JournalEntry{At: now, Actor: clockActor, Action: step.name, EC: string(p.EC), Object: string(p.IUPD), Detail: string(p.Status), About: p.about()})
		if err != nil {
			return err
		}
	}
	return tx.UpdatePositionState(ctx, p)
}
