package bridge

import (
	"context"
	"slices"
	"strings"
	"time"
)

// SubjectQuery names a person, and why somebody asks for what is known of them.
type SubjectQuery struct {
	FiscalCode string
	EC         ECCode // "": of every creditor institution
	Reason     string // for the journal; names nobody
}

func (q *SubjectQuery) check() error {
	q.FiscalCode = strings.ToUpper(strings.TrimSpace(q.FiscalCode))
	if q.FiscalCode == "" || strings.HasPrefix(q.FiscalCode, aliasPrefix) {
		return &Error{Code: CodeInvalid, Field: "fiscalCode", Detail: "the person's fiscal code is needed"}
	}
	return checkReason(&q.Reason, q.FiscalCode)
}

// SubjectFile is what is known of a person as debtor (GDPR art. 15 and 20).
type SubjectFile struct {
	Positions []Position
	Receipts  []Receipt
	Printed   []PrintItem // notices in folders that applications have asked for
	At        time.Time
}

// SubjectExport collects it and notes in the journal that somebody did. The journal
// holds the person's alias, not their code.
func (s *Service) SubjectExport(ctx context.Context, q SubjectQuery) (SubjectFile, error) {
	if err := q.check(); err != nil {
		return SubjectFile{}, err
	}
	file := SubjectFile{At: s.now()}
	err := s.store.View(ctx, func(tx ReadTx) error {
		positions, receipts, err := tx.OfDebtor(ctx, q.EC, q.FiscalCode)
		for i := 0; err == nil && i < len(positions); i++ {
			var p *Position
			if p, err = tx.Position(ctx, positions[i].EC, positions[i].IUPD); err == nil {
				p.Status = p.StatusAt(file.At)
				p.only(q.FiscalCode)
				file.Positions = append(file.Positions, *p)
			}
		}
		for i := 0; err == nil && i < len(receipts); i++ {
			var r *Receipt
			if r, err = tx.Receipt(ctx, receipts[i].EC, receipts[i].ReceiptID); err == nil {
				file.Receipts = append(file.Receipts, *r)
			}
		}
		if err == nil {
			file.Printed, err = tx.PrintedOf(ctx, q.EC, q.FiscalCode)
		}
		return err
	})
	if err == nil {
		err = s.noteSubject(ctx, "subject.export", q)
	}
	return file, unavailable("collect what is known of the person", err)
}

// only keeps the options of one debtor: those of others are not this person's to see.
func (p *Position) only(code string) {
	p.Options = slices.DeleteFunc(p.Options, func(o Option) bool { return !strings.EqualFold(o.Debtor.FiscalCode, code) })
}

// noteSubject writes down who was asked about, under their alias.
func (s *Service) noteSubject(ctx context.Context, action string, q SubjectQuery) error {
	return s.notePerson(ctx, JournalEntry{Actor: "operator", Action: action, EC: string(q.EC), Detail: q.Reason}, q.FiscalCode)
}

// Erasure is what became of a request to erase (GDPR art. 17).
type Erasure struct {
	Anonymised int // positions
	Redacted   int // receipts
	Open       int // positions that can still be paid, or wait: they stay
	Held       int // positions and receipts under a hold
	Kept       int // receipts that the law still wants, because Receipts was not said
	Traces     int // notices in folders; with the receipts also refused inputs and kept answers that named the person
}

// EraseSubject takes a person out of what is closed. Receipts only go when the operator
// says that nothing obliges to keep them any more.
func (s *Service) EraseSubject(ctx context.Context, q SubjectQuery, receiptsToo bool, redact Redactor, dry bool) (Erasure, error) {
	var out Erasure
	if err := q.check(); err != nil {
		return out, err
	}
	now := s.now()
	var positions []PositionKey
	var receipts []ReceiptKey
	err := s.store.View(ctx, func(tx ReadTx) error {
		found, old, err := tx.OfDebtor(ctx, q.EC, q.FiscalCode)
		for i := 0; err == nil && i < len(found); i++ {
			var p *Position
			if p, err = tx.Position(ctx, found[i].EC, found[i].IUPD); err != nil {
				return err
			}
			switch status := p.StatusAt(now); {
			case found[i].Held:
				out.Held++
			case !slices.Contains([]PositionStatus{Paid, Reported, Invalid, Expired}, status):
				out.Open++
			default:
				positions = append(positions, found[i].PositionKey)
			}
		}
		for _, r := range old {
			switch {
			case r.Held:
				out.Held++
			case !receiptsToo:
				out.Kept++
			default:
				receipts = append(receipts, r.ReceiptKey)
			}
		}
		return err
	})
	out.Anonymised, out.Redacted = len(positions), len(receipts)
	if err != nil || dry {
		return out, unavailable("find what is to be erased", err)
	}
	for positions := range slices.Chunk(positions, retentionBatch) {
		if err := s.takeAway(ctx, positions, nil, redact, now); err != nil {
			return out, unavailable("anonymise", err)
		}
	}
	for receipts := range slices.Chunk(receipts, retentionBatch) {
		if err := s.takeAway(ctx, nil, receipts, redact, now); err != nil {
			return out, unavailable("redact", err)
		}
	}
	if out.Held == 0 {
		err := s.store.Update(ctx, func(tx Tx) (err error) {
			out.Traces, err = purge(ctx, tx, q, receiptsToo, now)
			return err
		})
		if err != nil {
			return out, unavailable("remove the traces", err)
		}
	}
	return out, unavailable("note the erasure", s.noteSubject(ctx, "subject.erase", q))
}

// purge removes what else names the person. What a folder says of a notice is a copy: it
// goes although the position is open.
func purge(ctx context.Context, tx Tx, q SubjectQuery, receiptsToo bool, now time.Time) (int, error) {
	printed, err := tx.ForgetPrinted(ctx, q.EC, q.FiscalCode)
	if err != nil || !receiptsToo {
		return printed, err
	}
	traces, err := tx.PurgeTraces(ctx, q.FiscalCode, now)
	return printed + traces, err
}

// TouchedBy gives what a key has done in a time, from the journal: what has to be told
// when it was stolen (GDPR art. 33). Readings of lists and positions leave no record;
// readings of receipts do.
func (s *Service) TouchedBy(ctx context.Context, keyID string, from, to time.Time) ([]JournalRecord, error) {
	var out []JournalRecord
	for after := int64(0); ; {
		var page []JournalRecord
		err := s.store.View(ctx, func(tx ReadTx) (err error) {
			page, err = tx.JournalBy(ctx, "key:"+keyID, from, after, maxTouched)
			return err
		})
		if err != nil {
			return nil, unavailable("read the journal", err)
		}
		for _, r := range page {
			if !r.At.After(to) {
				out = append(out, r)
			}
		}
		if len(page) < maxTouched {
			return out, nil
		}
		after = page[len(page)-1].ID
	}
}

// maxTouched is a page of the journal.
const maxTouched = 1000
