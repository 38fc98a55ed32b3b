package store

import (
	"bytes"
	"context"
	"crypto/sha256"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"strings"
	"sync"
)

// verifySpan is how many numbers one goroutine verifies at a time.
const verifySpan = 20_000

// finding is a broken record; id orders findings.
type finding struct {
	id   int64
	what string
}

// chain verifies one chain. Each record is judged by the link that is kept of the one
// before it, so that spans can be verified at once; the record that does not fit is
// broken, or the one before it.
func (v *verifier) chain(ctx context.Context, c *chain) (int64, string, error) {
	var last, records int64
	var end []byte
	err := v.db.QueryRowContext(ctx, `SELECT last, records, link FROM chain WHERE name = ?`, c.name).Scan(&last, &records, &end)
	if err != nil {
		return 0, "the chain's end is gone", err
	}
	v.ended(c, last, records, end)
	// Bounded by what is there: a damaged end may say any number.
	var top int64
	if err := v.db.QueryRowContext(ctx, `SELECT coalesce(max(id), 0) FROM `+c.name).Scan(&top); err != nil {
		return 0, "", err
	}
	counted, broken := v.spans(ctx, c, min(top, last))
	if broken != nil {
		return counted, fmt.Sprintf("record %d: %s", broken.id, broken.what), nil
	}
	return counted, v.atEnd(ctx, c, last, records, counted, end), nil
}

// atEnd compares what was read with what the chain says of its end. Records that came
// since are not looked at.
func (v *verifier) atEnd(ctx context.Context, c *chain, last, records, counted int64, end []byte) string {
	var link []byte
	err := v.db.QueryRowContext(ctx, `SELECT link FROM `+c.name+` WHERE id = ?`, last).Scan(&link)
	switch {
	case counted != records:
		return fmt.Sprintf("record %d: %d records lead to it, the chain's end says %d", last, counted, records)
	case errors.Is(err, sql.ErrNoRows) && records == 0:
		link = make([]byte, sha256.Size)
	case err != nil:
		return fmt.Sprintf("record %d: the chain's end says that it is the last, and it cannot be read", last)
	}
	if !bytes.Equal(link, end) {
		return fmt.Sprintf("record %d: its link is not the one at the chain's end", last)
	}
	var beyond sql.NullInt64
	if err := v.db.QueryRowContext(ctx, `SELECT min(t.id) FROM `+c.name+` AS t, chain AS c WHERE c.name = ? AND t.id > c.last`, c.name).Scan(&beyond); err != nil || beyond.Valid {
		return fmt.Sprintf("record %d: it lies beyond the chain's end", beyond.Int64)
	}
	return ""
}

// spans shares the numbers out among the connections.
func (v *verifier) spans(ctx context.Context, c *chain, top int64) (int64, *finding) {
	var mu sync.Mutex
	var counted, next int64
	var first *finding
	take := func() (int64, bool) {
		mu.Lock()
		defer mu.Unlock()
		from := next
		next += verifySpan
		// What lies behind a finding need not be read.
		return from, from < top && first == nil
	}
	var workers sync.WaitGroup
	for range v.workers {
		workers.Go(func() {
			for from, more := take(); more; from, more = take() {
				n, broken := v.span(ctx, c, from, min(from+verifySpan, top))
				mu.Lock()
				counted += n
				if broken != nil && (first == nil || broken.id < first.id) {
					first = broken
				}
				mu.Unlock()
			}
		})
	}
	workers.Wait()
	return counted, first
}

// span verifies the records above from, up to to.
func (v *verifier) span(ctx context.Context, c *chain, from, to int64) (counted int64, broken *finding) {
	at := from
	fail := func(err error) (int64, *finding) {
		return counted, &finding{at, "cannot be read behind this one: " + err.Error()}
	}
	var before digest
	link, err := v.linkBefore(ctx, c, from)
	if err != nil {
		return fail(err)
	}
	copy(before[:], link)
	columns := "NULL, NULL, NULL, "
	if c.sealed {
		columns = "seal, redacted_seal, redacted_at, "
	}
	rows, err := v.db.QueryContext(ctx, `SELECT id, link, `+columns+strings.Join(c.columns, ", ")+` FROM `+c.name+` WHERE id > ? AND id <= ? ORDER BY id`, from, to)
	if err != nil {
		return fail(err)
	}
	defer rows.Close()
	var r chained
	values := make([]driver.Value, len(c.columns))
	targets := []any{&r.id, &r.link, &r.seal, &r.redactedSeal, &r.redactedAt}
	for i := range values {
		targets = append(targets, (*any)(&values[i]))
	}
	for rows.Next() {
		if err := rows.Scan(targets...); err != nil {
			return fail(err)
		}
		at = r.id
		if what := r.broken(c, before, values); what != "" {
			return counted, &finding{at, what}
		}
		copy(before[:], r.link)
		counted++
	}
	if err := rows.Err(); err != nil {
		return fail(err)
	}
	return counted, nil
}

// linkBefore is the link of the last record up to a number, nil before the first one.
func (v *verifier) linkBefore(ctx context.Context, c *chain, id int64) (link []byte, err error) {
	err = v.db.QueryRowContext(ctx, `SELECT link FROM `+c.name+` WHERE id <= ? ORDER BY id DESC LIMIT 1`, id).Scan(&link)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, nil
	}
	return link, err
}

// chained is a record's hashes as they are kept.
type chained struct {
	id                       int64
	link, seal, redactedSeal sql.RawBytes
	redactedAt               any
}

// broken says what is wrong with a record, "" when nothing is.
func (r *chained) broken(c *chain, before digest, content []driver.Value) string {
	seal, err := c.sealOf(content)
	if err != nil {
		return err.Error()
	}
	if c.sealed {
		kept := r.seal
		if r.redactedAt != nil {
			kept = r.redactedSeal
		} else if r.redactedSeal != nil {
			return "it has the seal of a redacted one and is none"
		}
		if !bytes.Equal(kept, seal[:]) {
			return "its content is not what was stored"
		}
		if len(r.seal) != sha256.Size {
			return "its seal is no hash"
		}
		seal = digest(r.seal)
	}
	if link := linkOf(before, r.id, seal); !bytes.Equal(r.link, link[:]) {
		return "it does not follow the one before it, or one of them is not what was stored"
	}
	return ""
}
