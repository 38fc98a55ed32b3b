package store

import (
	"context"
	"crypto/sha256"
	"database/sql/driver"
	"encoding/binary"
	"fmt"
	"strings"
)

// chain is a table whose records carry hashes (migrations/0014_chain.sql). A record's
// seal is the SHA-256 of its content, its link the SHA-256 over the link of the record
// before it, its number and its seal. The order is that of the numbers.
type chain struct {
	name    string
	columns []string // the content, in the order in which it is hashed: never to be changed
	sealed  bool     // the seal is kept too, because the content may be redacted
}

// The two chains. The bytes of a receipt are in its content by their own hash.
var (
	journalChain = chain{name: "journal", columns: strings.Fields("at actor action ec object detail iupd nav receipt_id position_status amount_cents segregations")}
	receiptChain = chain{name: "receipt", sealed: true, columns: strings.Fields(`ec receipt_id version raw_sha256 nav primary_ec iuv outcome amount_cents fee_cents
		debtor_fiscal_code psp_code psp_fiscal_code psp_company payment_method payment_note stand_in
		payment_date_time application_date transfer_date transfer_total_cents received_at iupd paid_at original_sha256 redacted_at`)}
)

// digest is a seal or a link. Before the first record the link is zero.
type digest [sha256.Size]byte

// sealOf hashes a content: the chain's name, then each value with its type and length,
// so that no two contents have one text.
func (c *chain) sealOf(values []driver.Value) (digest, error) {
	b := make([]byte, 0, 512)
	b = append(b, "nodobridge "+c.name+" 1\x00"...)
	for _, v := range values {
		switch v := v.(type) {
		case nil:
			b = append(b, 'n')
		case int64:
			b = binary.BigEndian.AppendUint64(append(b, 'i'), uint64(v))
		case string:
			b = append(binary.BigEndian.AppendUint64(append(b, 't'), uint64(len(v))), v...)
		case []byte:
			b = append(binary.BigEndian.AppendUint64(append(b, 'b'), uint64(len(v))), v...)
		default: // a number with a fraction, which no column has
			return digest{}, corrupt("a record holds a value of another kind than its column")
		}
	}
	return sha256.Sum256(b), nil
}

// linkOf ties a record to the one before it.
func linkOf(before digest, id int64, seal digest) digest {
	var b [2*sha256.Size + 8]byte
	copy(b[:], before[:])
	binary.BigEndian.PutUint64(b[sha256.Size:], uint64(id))
	copy(b[sha256.Size+8:], seal[:])
	return sha256.Sum256(b[:])
}

// asStored turns parameters into what reading them back gives.
func asStored(args []any) ([]driver.Value, error) {
	values := make([]driver.Value, len(args))
	for i, arg := range args {
		v, err := driver.DefaultParameterConverter.ConvertValue(arg)
		if err != nil {
			return nil, err
		}
		if truth, is := v.(bool); is {
			v = int64(0)
			if truth {
				v = int64(1)
			}
		}
		values[i] = v
	}
	return values, nil
}

// append stores a record at the end of a chain. content is in the order of the chain's
// columns, more is what the row holds beside it. The writer stores the new end before it
// commits (settleEnds).
func (t *writeTx) append(ctx context.Context, c *chain, content []any, more ...any) error {
	values, err := asStored(content)
	if err != nil {
		return err
	}
	seal, err := c.sealOf(values)
	if err != nil {
		return err
	}
	end, err := t.endOf(ctx, c)
	if err != nil {
		return err
	}
	next := chainEnd{known: true, last: end.last + 1, link: linkOf(end.link, end.last+1, seal), added: end.added + 1}
	args := make([]any, 0, len(values)+len(more)+3)
	args = append(args, next.last)
	for _, v := range values {
		args = append(args, v)
	}
	args = append(args, next.link[:])
	if c.sealed {
		args = append(args, seal[:])
	}
	if err := t.exec(ctx, c.insert(), append(args, more...)...); err != nil {
		return err
	}
	*t.ends.of(c) = next
	return nil
}

// chainEnds are the ends of both chains as the writer's transaction has them: they are read
// once and stored once for each (tally.go).
type chainEnds struct{ journal, receipt chainEnd }

type chainEnd struct {
	known bool
	last  int64
	link  digest
	added int64 // records since the end that is stored
}

// settle stores the ends that have moved, in the transaction under way.
func (e *chainEnds) settle(ctx context.Context, q querier) error {
	for _, c := range []*chain{&journalChain, &receiptChain} {
		end := e.of(c)
		if end.added == 0 {
			continue
		}
		_, err := q.ExecContext(ctx, `UPDATE chain SET last = ?, records = records + ?, link = ? WHERE name = ?`, end.last, end.added, end.link[:], c.name)
		if err != nil {
			return fmt.Errorf("cannot store the end of the %s: %w", c.name, err)
		}
		end.added = 0
	}
	return nil
}

func (e *chainEnds) of(c *chain) *chainEnd {
	if c.sealed {
		return &e.receipt
	}
	return &e.journal
}

// endOf reads a chain's end unless it is known. Should it have been tampered with, records
// are still taken: verifying tells. The next record may have a number far behind the last
// one's (restored.go).
func (t *writeTx) endOf(ctx context.Context, c *chain) (chainEnd, error) {
	if end := *t.ends.of(c); end.known {
		return end, nil
	}
	end := chainEnd{known: true}
	var link []byte
	err := t.q.QueryRowContext(ctx, c.endQuery()).Scan(&end.last, &link)
	if err == nil && len(link) != sha256.Size {
		err = corrupt("the chain's end is no hash")
	}
	if err != nil {
		return end, fmt.Errorf("cannot read the end of the %s: %w", c.name, err)
	}
	end.link = digest(link)
	return end, nil
}

func (c *chain) endQuery() string {
	if c.sealed {
		return `SELECT max(last, coalesce((SELECT max(id) FROM receipt), 0), (SELECT at_least FROM number_floor WHERE name = 'receipt')), link FROM chain WHERE name = 'receipt'`
	}
	return `SELECT max(last, coalesce((SELECT max(id) FROM journal), 0), (SELECT at_least FROM number_floor WHERE name = 'journal')), link FROM chain WHERE name = 'journal'`
}

// insert names every column of the content, then what is beside it.
func (c *chain) insert() string {
	if c.sealed {
		return insertReceipt
	}
	return insertJournal
}

var (
	insertJournal = `INSERT INTO journal (id, ` + strings.Join(journalChain.columns, ", ") + `, link) VALUES (?` + strings.Repeat(", ?", len(journalChain.columns)+1) + `)`
	insertReceipt = `INSERT INTO receipt (id, ` + strings.Join(receiptChain.columns, ", ") + `, link, seal, raw) VALUES (?` + strings.Repeat(", ?", len(receiptChain.columns)+3) + `)`
)

// contentOf reads a row's content into values, after what the caller scans first.
func (c *chain) contentOf(rows scanner, first ...any) ([]driver.Value, error) {
	values := make([]driver.Value, len(c.columns))
	targets := make([]any, 0, len(first)+len(values))
	targets = append(targets, first...)
	for i := range values {
		targets = append(targets, (*any)(&values[i]))
	}
	return values, rows.Scan(targets...)
}
