package bridge

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"
)

// What pagoPA asks of a station in a calendar year (SANP "Livelli di servizio Enti
// Creditori"): planned stops with notice, and unplanned ones.
const (
	PlannedBudget   = 36 * time.Hour
	UnplannedBudget = 9 * time.Hour
	PlannedNotice   = 72 * time.Hour
)

// SignEvery is how often a station says that it lives; silentAfter is when it did not,
// although it ran: its machine slept, or its store took nothing.
const (
	SignEvery   = time.Minute
	silentAfter = 3 * SignEvery
)

// Cause is why a station did not serve.
type Cause string

// The causes: it was ended in order, it was ended otherwise, it ran and did nothing.
const (
	CauseStopped Cause = "stopped"
	CauseCrashed Cause = "crashed"
	CauseSilent  Cause = "silent"
)

// Unserved is an interval in which the station did not serve.
type Unserved struct {
	From, To time.Time
	Cause    Cause
}

// Maintenance is a stop that was announced.
type Maintenance struct {
	From, To    time.Time
	AnnouncedAt time.Time
	Reason      string
}

// inTime says whether it was announced as long before as a planned stop must be.
func (m *Maintenance) inTime() bool { return m.From.Sub(m.AnnouncedAt) >= PlannedNotice }

// LifeSign is the last sign of life, the zero value when there was none.
type LifeSign struct {
	At      time.Time
	Stopped bool
}

// AvailabilityReader is what availability reads.
type AvailabilityReader interface {
	LastSign(ctx context.Context) (LifeSign, error)
	// Unserved gives the intervals that touch a time, the oldest first.
	Unserved(ctx context.Context, from, to time.Time) ([]Unserved, error)
	Maintenances(ctx context.Context, from, to time.Time) ([]Maintenance, error)
}

// AvailabilityWriter is what it writes.
type AvailabilityWriter interface {
	PutSign(ctx context.Context, s LifeSign) error
	InsertUnserved(ctx context.Context, u Unserved) error
	InsertMaintenance(ctx context.Context, m Maintenance) error
}

// ShowLife says that the station serves, or, when it has just started, serves again:
// the interval since the last sign is then one in which it did not, unless it is shorter
// than patience, for which its callers waited.
func (s *Service) ShowLife(ctx context.Context, started bool, patience time.Duration) error {
	now := s.now()
	err := s.store.Update(ctx, func(tx Tx) error {
		last, err := tx.LastSign(ctx)
		if err != nil {
			return err
		}
		gap := Unserved{From: last.At, To: now, Cause: CauseSilent}
		switch {
		case started && last.Stopped:
			gap.Cause = CauseStopped
		case started:
			gap.Cause = CauseCrashed
		}
		missed := started && now.Sub(last.At) > patience || !started && now.Sub(last.At) >= silentAfter
		if missed && !last.At.IsZero() {
			if err := tx.InsertUnserved(ctx, gap); err != nil {
				return err
			}
		}
		if now.Before(last.At) {
			return nil // the clock was put back: the later sign stays
		}
		return tx.PutSign(ctx, LifeSign{At: now})
	})
	return unavailable("say that the station lives", err)
}

// EndLife says that the station ends in order.
func (s *Service) EndLife(ctx context.Context) error {
	now := s.now()
	err := s.store.Update(ctx, func(tx Tx) error { return tx.PutSign(ctx, LifeSign{At: now, Stopped: true}) })
	return unavailable("say that the station ends", err)
}

// Announce notes a planned stop. One that is announced too late is noted too, and counts
// as unplanned.
func (s *Service) Announce(ctx context.Context, m Maintenance) (late bool, err error) {
	m.AnnouncedAt = s.now()
	m.Reason = strings.TrimSpace(m.Reason)
	switch {
	case !m.To.After(m.From):
		return false, &Error{Code: CodeInvalid, Detail: "a stop ends after it begins"}
	case !m.From.After(m.AnnouncedAt):
		return false, &Error{Code: CodeInvalid, Detail: "a stop is announced before it begins"}
	case m.Reason == "":
		return false, &Error{Code: CodeInvalid, Detail: "a stop has a reason"}
	}
	err = s.store.Update(ctx, func(tx Tx) error {
		return errors.Join(tx.InsertMaintenance(ctx, m),
			tx.Journal(ctx, JournalEntry{At: m.AnnouncedAt, Actor: "operator", Action: "maintenance.announce", Object: m.From.UTC().Format(time.RFC3339), Detail: m.To.UTC().Format(time.RFC3339)}))
	})
	return !m.inTime(), unavailable("note the stop", err)
}

// Availability is what a year's budgets were used for.
type Availability struct {
	Year               int
	Planned, Unplanned time.Duration
	Intervals          []Unserved
	Stops              []Maintenance
}

// AvailabilityOf counts a calendar year of Italy's, up to now.
func (s *Service) AvailabilityOf(ctx context.Context, year int) (Availability, error) {
	out := Availability{Year: year}
	from, to := time.Date(year, time.January, 1, 0, 0, 0, 0, rome), time.Date(year+1, time.January, 1, 0, 0, 0, 0, rome)
	err := s.store.View(ctx, func(tx ReadTx) (err error) {
		if out.Intervals, err = tx.Unserved(ctx, from, to); err != nil {
			return err
		}
		out.Stops, err = tx.Maintenances(ctx, from, to)
		return err
	})
	for _, u := range out.Intervals {
		whole, planned := u.within(from, to), time.Duration(0)
		if whole.To.After(whole.From) {
			planned = whole.covered(out.Stops)
			out.Planned += planned
			out.Unplanned += whole.To.Sub(whole.From) - planned
		}
	}
	return out, unavailable("read when the station did not serve", err)
}

// within cuts an interval.
func (u Unserved) within(from, to time.Time) Unserved {
	if u.From.Before(from) {
		u.From = from
	}
	if u.To.After(to) {
		u.To = to
	}
	return u
}

// covered is how much of an interval lies in stops that were announced in time; stops may
// overlap.
func (u Unserved) covered(stops []Maintenance) (sum time.Duration) {
	stops = slices.SortedFunc(slices.Values(stops), func(a, b Maintenance) int { return a.From.Compare(b.From) })
	at := u.From
	for _, m := range stops {
		if !m.inTime() {
			continue
		}
		part := Unserved{From: m.From, To: m.To}.within(at, u.To)
		if part.To.After(part.From) {
			sum += part.To.Sub(part.From)
			at = part.To
		}
	}
	return sum
}
