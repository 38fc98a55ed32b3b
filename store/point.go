package store

import (
	"context"
	"database/sql/driver"
	"errors"
	"fmt"

	"github.com/mattn/go-sqlite3"
)

// pointConnections is how many point reads run at once. One takes some 10 microseconds,
// so that more than the processors would only lie in wait with their caches.
const pointConnections = 2

// pointReaders are connections with the statement of the point read prepared. They pass
// database/sql by, which costs as much as the read: locks for each row, a conversion for
// each column, a context that nothing watches.
type pointReaders struct {
	free   chan *pointReader
	closed chan struct{} // no reader is given any more
}

// pointReader is one connection. It is used by one caller at a time.
type pointReader struct {
	conn      driver.Conn
	statement driver.StmtQueryContext
	args      [2]driver.NamedValue
	row       []driver.Value
}

// openPoints opens the connections with the settings of readers.
func openPoints(ctx context.Context, dir string, settings []pragma) (_ *pointReaders, err error) {
	p := &pointReaders{free: make(chan *pointReader, pointConnections), closed: make(chan struct{})}
	defer func() {
		if err != nil {
			err = errors.Join(err, p.closeFree())
		}
	}()
	from := connectorTo(dir, pointing, settings)
	for range pointConnections {
		conn, err := from.Connect(ctx)
		if err != nil {
			return nil, err
		}
		r := &pointReader{conn: conn, row: make([]driver.Value, noticeColumns)}
		p.free <- r
		statement, err := conn.Prepare(noticeQuery)
		if err != nil {
			return nil, err
		}
		r.statement = statement.(*sqlite3.SQLiteStmt)
		r.args = [2]driver.NamedValue{{Ordinal: 1}, {Ordinal: 2}}
	}
	return p, nil
}

// read gives the row of a notice to use, which must keep nothing of the slice, and
// io.EOF when there is none. Waiting for a connection ends with ctx; the read does not
// look at it: watching a context costs as much as two rows (go-stack.md §5).
func (p *pointReaders) read(ctx context.Context, ec, nav string, use func([]driver.Value) error) error {
	var r *pointReader
	select {
	case r = <-p.free:
	default:
		select {
		case r = <-p.free:
		case <-p.closed:
			return ErrClosed
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	defer func() { p.free <- r }()
	return r.read(ec, nav, use)
}

func (r *pointReader) read(ec, nav string, use func([]driver.Value) error) (err error) {
	r.args[0].Value, r.args[1].Value = ec, nav
	rows, err := r.statement.QueryContext(context.Background(), r.args[:])
	if err != nil {
		return err
	}
	defer func() {
		clear(r.row) // a person's data stays no longer than its answer
		if failed := rows.Close(); err == nil {
			err = failed
		}
	}()
	if err := rows.Next(r.row); err != nil {
		return err
	}
	return use(r.row)
}

// Close waits for the reads under way.
func (p *pointReaders) Close() error {
	close(p.closed)
	var errs []error
	for range pointConnections {
		errs = append(errs, (<-p.free).close())
	}
	return errors.Join(errs...)
}

// closeFree closes what has been opened so far, when the rest could not be.
func (p *pointReaders) closeFree() error {
	var errs []error
	for len(p.free) > 0 {
		errs = append(errs, (<-p.free).close())
	}
	return errors.Join(errs...)
}

func (r *pointReader) close() error {
	if r.statement != nil {
		if err := r.statement.(driver.Stmt).Close(); err != nil {
			return errors.Join(fmt.Errorf("cannot end the point read: %w", err), r.conn.Close())
		}
	}
	return r.conn.Close()
}

// columns takes the values of a row one after the other. A value of another type than
// the column's is remembered as the row's fault.
type columns struct {
	row   []driver.Value
	wrong bool
}

func (c *columns) next() driver.Value {
	v := c.row[0]
	c.row = c.row[1:]
	return v
}

func (c *columns) text() string {
	text, ok := c.next().(string)
	c.wrong = c.wrong || !ok
	return text
}

func (c *columns) number() int64 {
	n, ok := c.next().(int64)
	c.wrong = c.wrong || !ok
	return n
}

func (c *columns) flag() bool { return c.number() != 0 }

func (c *columns) moment() (m moment) {
	c.wrong = m.Scan(c.next()) != nil || c.wrong
	return m
}
