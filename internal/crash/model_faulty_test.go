package crash_test

import (
	"context"
	"errors"

	"nodobridge/bridge"
)

// errCrash is what a caller sees of a process that has gone.
var errCrash = errors.New("the process is gone")

// faulty is a store whose process dies when it is told to: within an update, after so
// many writes, or just after its commit, before the caller hears of it. From then on
// nothing works until it is started again.
type faulty struct {
	bridge.Store
	dieAfter  int // this many writes of the next update are made; -1: it does not die
	unheard   bool
	gone      bool
	committed bool // the update under which it died has been committed
}

func (f *faulty) start() { f.dieAfter, f.unheard, f.gone, f.committed = -1, false, false, false }

func (f *faulty) Update(ctx context.Context, fn func(bridge.Tx) error) error {
	if f.gone {
		return errCrash
	}
	err := f.Store.Update(ctx, func(tx bridge.Tx) error { return fn(&dying{tx, f}) })
	if f.unheard {
		f.gone, f.committed = true, err == nil
		return errCrash
	}
	return err
}

// dying is a transaction in which the process may die before any write.
type dying struct {
	bridge.Tx
	f *faulty
}

func (d *dying) lives() error {
	if d.f.dieAfter == 0 {
		d.f.gone = true
	}
	if d.f.gone {
		return errCrash
	}
	d.f.dieAfter--
	return nil
}

func (d *dying) InsertPosition(ctx context.Context, p *bridge.Position) error {
	if err := d.lives(); err != nil {
		return err
	}
	return d.Tx.InsertPosition(ctx, p)
}

func (d *dying) UpdatePositionState(ctx context.Context, p *bridge.Position) error {
	if err := d.lives(); err != nil {
		return err
	}
	return d.Tx.UpdatePositionState(ctx, p)
}

func (d *dying) DeletePosition(ctx context.Context, ec bridge.ECCode, iupd bridge.IUPD) error {
	if err := d.lives(); err != nil {
		return err
	}
	return d.Tx.DeletePosition(ctx, ec, iupd)
}

func (d *dying) InsertReceipt(ctx context.Context, r *bridge.Receipt) error {
	if err := d.lives(); err != nil {
		return err
	}
	return d.Tx.InsertReceipt(ctx, r)
}

func (d *dying) InsertAnomaly(ctx context.Context, a bridge.Anomaly) error {
	if err := d.lives(); err != nil {
		return err
	}
	return d.Tx.InsertAnomaly(ctx, a)
}

func (d *dying) Journal(ctx context.Context, e bridge.JournalEntry) error {
	if err := d.lives(); err != nil {
		return err
	}
	return d.Tx.Journal(ctx, e)
}
