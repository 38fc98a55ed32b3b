package bridge

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// Massive upload (gpd-api.md §5.1): a file of many positions is checked when it comes,
// kept in the store in chunks, and worked off by one worker, a chunk a transaction.
// What a chunk does and how far the file has come are one commit, so that after a
// crash no row is worked twice and none is left out.

// MassiveOperation is what a file asks for.
type MassiveOperation string

// The three kinds of file.
const (
	MassiveCreate MassiveOperation = "CREATE"
	MassiveUpdate MassiveOperation = "UPDATE"
	MassiveDelete MassiveOperation = "DELETE"
)

// MassiveFile is one uploaded file and how far it has come.
type MassiveFile struct {
	ID        string // "{broker}_{ec}_{32 hex digits}"
	Broker    string
	EC        ECCode
	Operation MassiveOperation
	By        Principal // who uploaded it, and with which segregation codes
	Submitted int       // rows
	Processed int
	Failed    int       // rows with another outcome than done
	StartedAt time.Time // of the upload
	EndedAt   time.Time // zero while rows are left
}

// MassiveChunk is some rows of a file in the spelling of the room that accepted it.
type MassiveChunk struct {
	Seq   int64 // ascending over all files
	Rows  int
	Bytes []byte
}

// MassiveRow is one row of a file: a position to create or update, or one to delete.
// Invalid is set when the row's form is broken, in a file that was accepted row by row.
type MassiveRow struct {
	IUPD     IUPD // "" when the row says none: its outcome then names the row's place
	Position *Position
	Invalid  string
}

// MassiveOutcome is what became of a row: an HTTP status and GPD's words for it.
type MassiveOutcome struct {
	IUPD    IUPD
	Status  int
	Message string
}

// MassiveGroup is the rows of a file that had one outcome.
type MassiveGroup struct {
	Status  int
	Message string
	IUPDs   []IUPD
}

// MassiveQuery asks for a page of an EC's files, newest first (gpd-api.md §5.1 "list").
type MassiveQuery struct {
	Broker   string
	EC       ECCode
	From, To time.Time
	Before   int64 // files older than this number; 0: the newest
	Limit    int
}

// MassivePage is one page of files, and the number to go on before, 0 at the end.
type MassivePage struct {
	IDs  []string
	Next int64
}

// AcceptMassive keeps a file whose rows next gives, chunk by chunk, until it gives none.
// The file is there whole or not at all. The worker is woken by the caller.
func (s *Service) AcceptMassive(ctx context.Context, f MassiveFile, next func() (*MassiveChunk, error)) error {
	if !f.By.MayActFor(f.EC) {
		return &Error{Code: CodeKeyForbidden}
	}
	f.StartedAt = s.now()
	chunks := func(yield func(*MassiveChunk) error) error {
		for {
			c, err := next()
			if err != nil || c == nil {
				return err
			}
			if err := yield(c); err != nil {
				return err
			}
		}
	}
	// Many small transactions: the writer is nobody's for long. The file is worked off
	// only once it is complete.
	err := s.store.Update(ctx, func(tx Tx) error { return tx.OpenMassive(ctx, f) })
	if err == nil {
		err = chunks(func(c *MassiveChunk) error {
			return s.store.Update(ctx, func(tx Tx) error { return tx.AddMassive(ctx, f.ID, c) })
		})
	}
	if err == nil {
		err = s.store.Update(ctx, func(tx Tx) error {
			if err := tx.CompleteMassive(ctx, f.ID); err != nil {
				return err
			}
			return tx.Journal(ctx, JournalEntry{At: f.StartedAt, Actor: f.By.actor(), Action: "massive.accept", EC: string(f.EC), Object: f.ID, Detail: string(f.Operation)})
		})
	}
	if err != nil {
		cleanup := context.WithoutCancel(ctx)
		return errors.Join(unavailable("keep the file", err), s.store.Update(cleanup, func(tx Tx) error { return tx.DropMassive(cleanup, f.ID) }))
	}
	return nil
}

// MassiveWork is the next chunk to work off.
type MassiveWork struct {
	File  MassiveFile
	Chunk MassiveChunk
}

// NextMassive gives the chunk that comes after another, the oldest of the oldest complete
// file after none; false when there is none.
func (s *Service) NextMassive(ctx context.Context, after MassiveWork) (MassiveWork, bool, error) {
	var work MassiveWork
	err := s.store.View(ctx, func(tx ReadTx) (err error) {
		work, err = tx.NextMassive(ctx, after)
		return err
	})
	if errors.Is(err, ErrNotFound) {
		return work, false, nil
	}
	return work, err == nil, unavailable("read the next rows", err)
}

// WorkMassive works off one chunk in one transaction: each row has its own outcome, and
// a refused row changes nothing. read gives the chunk's rows, anew at each call. A row
// that the store itself will not take is set aside, so that it does not hold up all that
// come behind it.
func (s *Service) WorkMassive(ctx context.Context, work MassiveWork, read func() ([]MassiveRow, error)) error {
	rows, err := read()
	if err != nil {
		return err
	}
	err = s.workRows(ctx, work, rows, nil)
	if err == nil || ctx.Err() != nil || errors.Is(err, ErrNotFound) {
		return err
	}
	aside := map[int]bool{}
	for i := range rows {
		rows, readErr := read()
		if readErr != nil {
			return errors.Join(err, readErr)
		}
		if !s.takesRow(ctx, work, rows[i:i+1]) {
			aside[i] = true
		}
	}
	if len(aside) == 0 || len(aside) == len(rows) {
		return err // it is not the rows
	}
	if rows, err = read(); err != nil {
		return err
	}
	return s.workRows(ctx, work, rows, aside)
}

// errTried ends a trial, whose effects must not stay.
var errTried = errors.New("tried")

// takesRow says whether the store has no objection to a row.
func (s *Service) takesRow(ctx context.Context, work MassiveWork, row []MassiveRow) bool {
	now := s.now()
	ready := s.readyRows(work, row, now)
	err := s.store.Update(ctx, func(tx Tx) error {
		_, err := s.workRow(ctx, tx, &work.File, &row[0], ready[0], now)
		return errors.Join(err, errTried)
	})
	var joined interface{ Unwrap() []error }
	return errors.As(err, &joined) && len(joined.Unwrap()) == 1
}

// readyRows completes and checks new positions, which needs no store.
func (s *Service) readyRows(work MassiveWork, rows []MassiveRow, now time.Time) []error {
	ready := make([]error, len(rows))
	for i := range rows {
		if rows[i].Position != nil && work.File.Operation == MassiveCreate {
			ready[i] = s.ready(work.File.By, rows[i].Position, true, now)
		}
	}
	return ready
}

func (s *Service) workRows(ctx context.Context, work MassiveWork, rows []MassiveRow, aside map[int]bool) error {
	now := s.now()
	ready := s.readyRows(work, rows, now)
	err := s.store.Update(ctx, func(tx Tx) error {
		file, err := tx.Massive(ctx, work.File.Broker, work.File.EC, work.File.ID)
		if err != nil {
			return err
		}
		outcomes := make([]MassiveOutcome, len(rows))
		for i := range rows {
			if rows[i].IUPD == "" {
				rows[i].IUPD = IUPD(fmt.Sprintf("row %d", file.Processed+i))
			}
			if aside[i] {
				outcomes[i] = MassiveOutcome{IUPD: rows[i].IUPD, Status: 500, Message: "the row cannot be stored"}
				continue
			}
			refusal, err := s.workRow(ctx, tx, &work.File, &rows[i], ready[i], now)
			if err != nil {
				return err
			}
			outcomes[i] = outcomeOf(work.File.Operation, rows[i].IUPD, refusal)
		}
		return tx.FinishMassive(ctx, work, outcomes, now)
	})
	return unavailable("work off the rows", err)
}

// workRow gives the refusal of a row, if it has one, apart from a failure of the store.
func (s *Service) workRow(ctx context.Context, tx Tx, f *MassiveFile, row *MassiveRow, ready error, now time.Time) (*Error, error) {
	if row.Invalid != "" {
		return &Error{Code: CodeInvalid, Detail: row.Invalid}, nil
	}
	err := ready
	switch {
	case err != nil:
	case f.Operation == MassiveCreate:
		err = s.createIn(ctx, tx, f.By, row.Position, now)
	case f.Operation == MassiveUpdate:
		err = known(f.EC, row.IUPD, "update the position", s.updateIn(ctx, tx, f.By, row.Position, true, now))
	default:
		err = known(f.EC, row.IUPD, "delete the position", s.deleteIn(ctx, tx, f.By, f.EC, row.IUPD, now))
	}
	var refusal *Error
	if errors.As(err, &refusal) && refusal.Code != CodeStoreUnavailable {
		return refusal, nil
	}
	return nil, err
}

// outcomeOf is GPD's words for a row's outcome (gpd-api.md §5.1).
func outcomeOf(op MassiveOperation, iupd IUPD, refusal *Error) MassiveOutcome {
	o := MassiveOutcome{IUPD: iupd}
	switch {
	case refusal == nil && op == MassiveCreate:
		o.Status, o.Message = 201, "Debt position CREATED"
	case refusal == nil:
		o.Status, o.Message = 200, "Debt position operation OK"
	default:
		o.Status, o.Message = massiveRefusal(refusal)
	}
	return o
}

// massiveRefusal: GPD has fixed words for what is there already and what is not, and
// hands on the core's for the rest.
func massiveRefusal(refusal *Error) (int, string) {
	switch refusal.Code {
	case CodePositionExists:
		return 409, "Already exists: a debt position with this iupd, or an iuv or nav of it"
	case CodePositionUnknown:
		return 404, "Debt position not found"
	case CodeNotUpdatable, CodeNotDeletable, CodeReservedMetadata:
		return 409, fmt.Sprintf("Existing related payment found or not in a state for it: %s", refusal.Detail)
	case CodeSegregation:
		return 403, "The payment position is forbidden"
	case CodeUpdateFailed:
		return 422, refusal.Detail
	}
	return 400, refusal.Detail
}

// MassiveStatus reads a file; CodeFileUnknown when the EC has none of this broker's.
func (s *Service) MassiveStatus(ctx context.Context, by Principal, broker string, ec ECCode, id string) (MassiveFile, error) {
	f, _, err := s.massive(ctx, by, broker, ec, id, false)
	return f, err
}

// MassiveReport reads a file with the outcomes so far, grouped.
func (s *Service) MassiveReport(ctx context.Context, by Principal, broker string, ec ECCode, id string) (MassiveFile, []MassiveGroup, error) {
	return s.massive(ctx, by, broker, ec, id, true)
}

func (s *Service) massive(ctx context.Context, by Principal, broker string, ec ECCode, id string, report bool) (MassiveFile, []MassiveGroup, error) {
	if !by.MayActFor(ec) {
		return MassiveFile{}, nil, &Error{Code: CodeKeyForbidden}
	}
	var f MassiveFile
	var groups []MassiveGroup
	err := s.store.View(ctx, func(tx ReadTx) (err error) {
		f, err = tx.Massive(ctx, broker, ec, id)
		if err != nil || !report {
			return err
		}
		groups, err = tx.MassiveOutcomes(ctx, id)
		return err
	})
	if errors.Is(err, ErrNotFound) {
		return f, nil, refuse(CodeFileUnknown, "organization %s has no uploaded file of this id", ec)
	}
	return f, groups, unavailable("read the file's state", err)
}

// MassiveFiles lists the files of an EC, newest first.
func (s *Service) MassiveFiles(ctx context.Context, by Principal, q MassiveQuery) (MassivePage, error) {
	if !by.MayActFor(q.EC) {
		return MassivePage{}, &Error{Code: CodeKeyForbidden}
	}
	var page MassivePage
	err := s.store.View(ctx, func(tx ReadTx) (err error) {
		page, err = tx.MassiveFiles(ctx, q)
		return err
	})
	return page, unavailable("list the files", err)
}

// MassiveWaiting is how many rows of complete files are not worked off.
func (s *Service) MassiveWaiting(ctx context.Context) (int, error) {
	rows := 0
	err := s.store.View(ctx, func(tx ReadTx) (err error) {
		rows, err = tx.MassiveWaiting(ctx)
		return err
	})
	return rows, unavailable("count the rows that wait", err)
}

// massiveKept is how long a finished file's report is kept (gpd-api.md §5.1: 60 days).
const massiveKept = 60 * 24 * time.Hour

// ForgetMassive removes files that ended long ago, and, before any upload is taken, those
// whose upload a crash has cut.
func (s *Service) ForgetMassive(ctx context.Context, atStart bool) error {
	now := s.now()
	err := s.store.Update(ctx, func(tx Tx) error { return tx.ForgetMassive(ctx, now.Add(-massiveKept), atStart) })
	return unavailable("forget old files", err)
}
