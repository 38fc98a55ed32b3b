package bridge

import (
	"context"
	"time"
)

// Retention is for how many months each class of data names persons; 0 is for ever. The
// body's own conservation plan decides (reliability-security.md §6).
type Retention struct {
	Unpaid   int // positions cancelled or expired, from their closing
	Paid     int // positions paid, from their payment
	Receipts int // receipts' bytes, from their arrival
	Refused  int // refused inputs, from their arrival; these are removed
}

// RetentionLine says what is due in a class, and what was done.
type RetentionLine struct {
	Class  string // unpaid, paid, receipts, refused
	Before time.Time
	Due    int // not held
	Held   int
	Done   int
}

// retentionBatch bounds what one commit does, so that no receipt has to wait for it.
const retentionBatch = 50

// ApplyRetention counts what is due and, unless it is a dry run, anonymises, redacts and
// removes it. What is held stays.
func (s *Service) ApplyRetention(ctx context.Context, rules Retention, redact Redactor, dry bool) ([]RetentionLine, error) {
	now := s.now()
	run := retentionRun{s: s, now: now, redact: redact, dry: dry}
	steps := []struct {
		class  string
		months int
		apply  func(context.Context, *RetentionLine) error
	}{
		{"unpaid", rules.Unpaid, run.positions(Invalid, Expired)},
		{"paid", rules.Paid, run.positions(Paid, Reported)},
		{"receipts", rules.Receipts, run.receipts},
		{"refused", rules.Refused, run.refused},
	}
	var lines []RetentionLine
	for _, step := range steps {
		if step.months <= 0 {
			continue
		}
		line := RetentionLine{Class: step.class, Before: now.AddDate(0, -step.months, 0)}
		if err := step.apply(ctx, &line); err != nil {
			return lines, unavailable("apply the retention of "+step.class, err)
		}
		lines = append(lines, line)
	}
	return lines, nil
}

// retentionRun is one application of the rules.
type retentionRun struct {
	s      *Service
	now    time.Time
	redact Redactor
	dry    bool
}

func (r retentionRun) positions(statuses ...PositionStatus) func(context.Context, *RetentionLine) error {
	return func(ctx context.Context, line *RetentionLine) error {
		q := ClosedQuery{Statuses: statuses, Before: line.Before, Limit: retentionBatch}
		for {
			var list []ClosedPosition
			err := r.s.store.View(ctx, func(tx ReadTx) (err error) {
				list, err = tx.Closed(ctx, q)
				return err
			})
			if err != nil || len(list) == 0 {
				return err
			}
			q.After = list[len(list)-1].Row
			var due []PositionKey
			for _, p := range list {
				if p.Held {
					line.Held++
				} else {
					due = append(due, p.PositionKey)
				}
			}
			line.Due += len(due)
			if r.dry {
				continue
			}
			if err := r.s.takeAway(ctx, due, nil, r.redact, r.now); err != nil {
				return err
			}
			line.Done += len(due)
		}
	}
}

func (r retentionRun) receipts(ctx context.Context, line *RetentionLine) error {
	for after := int64(0); ; {
		var list []OldReceipt
		err := r.s.store.View(ctx, func(tx ReadTx) (err error) {
			list, err = tx.OldReceipts(ctx, line.Before, after, retentionBatch)
			return err
		})
		if err != nil || len(list) == 0 {
			return err
		}
		after = list[len(list)-1].Row
		var due []ReceiptKey
		for _, receipt := range list {
			if receipt.Held {
				line.Held++
			} else {
				due = append(due, receipt.ReceiptKey)
			}
		}
		line.Due += len(due)
		if r.dry {
			continue
		}
		if err := r.s.takeAway(ctx, nil, due, r.redact, r.now); err != nil {
			return err
		}
		line.Done += len(due)
	}
}

// refused removes inputs that were refused: nobody can say whom they are about, so a
// hold on anything keeps them all.
func (r retentionRun) refused(ctx context.Context, line *RetentionLine) error {
	count, held := 0, false
	err := r.s.store.View(ctx, func(tx ReadTx) (err error) {
		if count, err = tx.CountRefused(ctx, line.Before); err != nil {
			return err
		}
		holds, err := tx.Holds(ctx)
		for _, h := range holds {
			held = held || h.ReleasedAt.IsZero()
		}
		return err
	})
	if held {
		line.Held = count
		return err
	}
	line.Due = count
	if err != nil || r.dry || count == 0 {
		return err
	}
	return r.s.store.Update(ctx, func(tx Tx) (err error) {
		if line.Done, err = tx.PurgeRefused(ctx, line.Before, r.now); err != nil {
			return err
		}
		return tx.Journal(ctx, JournalEntry{At: r.now, Actor: "operator", Action: "refused.purge", Object: line.Before.Format(time.DateOnly)})
	})
}

// takeAway anonymises positions and redacts receipts in one commit.
func (s *Service) takeAway(ctx context.Context, positions []PositionKey, receipts []ReceiptKey, redact Redactor, now time.Time) error {
	if len(positions)+len(receipts) == 0 {
		return nil
	}
	return s.store.Update(ctx, func(tx Tx) error {
		key, err := tx.PrivacyKey(ctx)
		for i := 0; err == nil && i < len(positions); i++ {
			err = anonymisePosition(ctx, tx, positions[i], key, now)
		}
		for i := 0; err == nil && i < len(receipts); i++ {
			err = redactReceipt(ctx, tx, receipts[i], key, redact, now)
		}
		return err
	})
}
