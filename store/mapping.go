package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"

	"nodobridge/bridge"
)

// Mappings reads an EC's by name.
func (t *readTx) Mappings(ctx context.Context, ec bridge.ECCode) ([]bridge.SavedMapping, error) {
	ctx, err := t.enter(ctx)
	if err != nil {
		return nil, err
	}
	var list []bridge.SavedMapping
	err = t.each(ctx, func(rows *sql.Rows) error {
		m := bridge.SavedMapping{EC: ec}
		var text string
		err := rows.Scan(&text, into(&m.SavedAt))
		if err == nil {
			err = json.Unmarshal([]byte(text), &m.Mapping)
		}
		list = append(list, m)
		return err
	}, `SELECT mapping, saved_at FROM sheet_mapping WHERE ec = ? ORDER BY name`, ec)
	return list, t.fail("list mappings", err)
}

// PutMapping stores one in the place of an earlier one.
func (t *writeTx) PutMapping(ctx context.Context, m bridge.SavedMapping) error {
	ctx, err := t.enter(ctx)
	if err != nil {
		return err
	}
	text, err := json.Marshal(m.Mapping)
	if err != nil {
		return wrap("put mapping", errors.New("it cannot be written"))
	}
	err = t.exec(ctx, `INSERT INTO sheet_mapping (ec, name, mapping, saved_at) VALUES (?, ?, ?, ?)
		ON CONFLICT (ec, name) DO UPDATE SET mapping = excluded.mapping, saved_at = excluded.saved_at`, m.EC, m.Name, string(text), at(m.SavedAt))
	return t.fail("put mapping", err)
}

// DeleteMapping removes one; ErrNotFound when there is none.
func (t *writeTx) DeleteMapping(ctx context.Context, ec bridge.ECCode, name string) error {
	ctx, err := t.enter(ctx)
	if err != nil {
		return err
	}
	n, err := t.execCount(ctx, `DELETE FROM sheet_mapping WHERE ec = ? AND name = ?`, ec, name)
	if err == nil && n == 0 {
		err = bridge.ErrNotFound
	}
	return t.fail("delete mapping", err)
}
