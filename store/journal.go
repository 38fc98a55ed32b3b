package store

import (
	"context"

	"nodobridge/bridge"
)

// Journal appends a record. The schema's triggers let nobody change it.
func (t *writeTx) Journal(ctx context.Context, e bridge.JournalEntry) error {
	ctx, err := t.enter(ctx)
	if err != nil {
		return err
	}
	err = t.exec(ctx, `INSERT INTO journal (at, actor, action, ec, object, detail) VALUES (?, ?, ?, ?, ?, ?)`,
		at(e.At), e.Actor, e.Action, e.EC, e.Object, e.Detail)
	return t.fail("append to the journal", err)
}
