package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"strings"
	"time"

	"nodobridge/bridge"
)

// PrintFolder reads a folder with its list.
func (t *readTx) PrintFolder(ctx context.Context, id string) (bridge.PrintFolder, error) {
	return t.printFolder(ctx, `WHERE id = ?`, id)
}

// PrintFolderNamed finds a folder by what its key calls it.
func (t *readTx) PrintFolderNamed(ctx context.Context, keyID, name string) (bridge.PrintFolder, error) {
	return t.printFolder(ctx, `WHERE key_id = ? AND name = ?`, keyID, name)
}

func (t *readTx) printFolder(ctx context.Context, where string, args ...any) (bridge.PrintFolder, error) {
	var f bridge.PrintFolder
	ctx, err := t.enter(ctx)
	if err != nil {
		return f, err
	}
	var seq int64
	var hash []byte
	err = absent(t.q.QueryRowContext(ctx, `SELECT seq, id, key_id, name, request_hash, created_at FROM print_folder `+where, args...).
		Scan(&seq, &f.ID, &f.KeyID, &f.Name, &hash, into(&f.CreatedAt)))
	copy(f.Hash[:], hash)
	if err == nil {
		err = t.each(ctx, func(rows *sql.Rows) error {
			var s bridge.PrintScope
			err := rows.Scan(&s.EC, &s.Segregation)
			f.Scopes = append(f.Scopes, s)
			return err
		}, `SELECT ec, segregation FROM print_scope WHERE folder = ? ORDER BY ec, segregation`, seq)
	}
	if err == nil {
		err = t.each(ctx, func(rows *sql.Rows) error {
			var i bridge.PrintItem
			err := rows.Scan(&i.Row, &i.File, &i.State, &i.Reason, into(&i.DoneAt))
			f.Items = append(f.Items, i)
			return err
		}, `SELECT id, file, state, reason, done_at FROM print_item WHERE folder = ? ORDER BY id`, seq)
	}
	return f, t.fail("read print folder", err)
}

// PrintItems reads printed notices of a folder.
func (t *readTx) PrintItems(ctx context.Context, folder, file string, after int64, limit int) ([]bridge.PrintItem, error) {
	if limit < 1 || limit > maxPage {
		return nil, wrap("read print items", errPage)
	}
	ctx, err := t.enter(ctx)
	if err != nil {
		return nil, err
	}
	return t.wholePrints(ctx, `SELECT i.id, i.file, i.state, i.reason, i.done_at, i.request FROM print_folder AS f JOIN print_item AS i ON i.folder = f.seq
		WHERE f.id = ?1 AND i.state = 'PRINTED' AND i.id > ?2 AND (?3 = '' OR i.file = ?3) ORDER BY i.id LIMIT ?4`, folder, after, file, limit)
}

// PrintedOf reads a debtor's notices (print_item_by_debtor).
func (t *readTx) PrintedOf(ctx context.Context, ec bridge.ECCode, debtor string) ([]bridge.PrintItem, error) {
	ctx, err := t.enter(ctx)
	if err != nil {
		return nil, err
	}
	return t.wholePrints(ctx, `SELECT id, file, state, reason, done_at, request FROM print_item WHERE debtor = ?1 AND (?2 = '' OR ec = ?2) ORDER BY id`, debtor, ec)
}

func (t *readTx) wholePrints(ctx context.Context, query string, args ...any) ([]bridge.PrintItem, error) {
	var items []bridge.PrintItem
	err := t.each(ctx, func(rows *sql.Rows) error {
		var i bridge.PrintItem
		var text string
		err := rows.Scan(&i.Row, &i.File, &i.State, &i.Reason, into(&i.DoneAt), &text)
		if err == nil {
			err = json.Unmarshal([]byte(text), &i.Request)
		}
		items = append(items, i)
		return err
	}, query, args...)
	return items, t.fail("read print items", err)
}

// WaitingPrints reads what the worker has before it.
func (t *readTx) WaitingPrints(ctx context.Context, limit int) ([]bridge.PrintWork, error) {
	if limit < 1 || limit > maxPage {
		return nil, wrap("read waiting prints", errPage)
	}
	ctx, err := t.enter(ctx)
	if err != nil {
		return nil, err
	}
	var work []bridge.PrintWork
	err = t.each(ctx, func(rows *sql.Rows) error {
		w := bridge.PrintWork{PrintItem: bridge.PrintItem{State: bridge.PrintWaiting}}
		var text string
		err := rows.Scan(&w.Row, &w.File, &w.KeyID, &text)
		if err == nil {
			err = json.Unmarshal([]byte(text), &w.Request)
		}
		work = append(work, w)
		return err
	}, `SELECT i.id, i.file, f.key_id, i.request FROM print_item AS i JOIN print_folder AS f ON f.seq = i.folder
		WHERE i.state = 'WAITING' ORDER BY i.id LIMIT ?`, limit)
	return work, t.fail("read waiting prints", err)
}

// InsertPrintFolder stores a folder with its notices.
func (t *writeTx) InsertPrintFolder(ctx context.Context, f *bridge.PrintFolder) error {
	ctx, err := t.enter(ctx)
	if err != nil {
		return err
	}
	err = t.atomically(ctx, func() error {
		err := t.exec(ctx, `INSERT INTO print_folder (id, key_id, name, request_hash, created_at) VALUES (?, ?, ?, ?, ?)`, f.ID, f.KeyID, f.Name, f.Hash[:], at(f.CreatedAt))
		if err != nil {
			return taken(err)
		}
		if err := t.insertScopes(ctx, f.ID, f.Scopes); err != nil {
			return err
		}
		for i := range f.Items {
			if err := t.insertPrint(ctx, f.ID, &f.Items[i]); err != nil {
				return err
			}
		}
		return nil
	})
	return t.fail("insert print folder", err)
}

func (t *writeTx) insertScopes(ctx context.Context, folder string, scopes []bridge.PrintScope) error {
	for _, s := range scopes {
		err := t.exec(ctx, `INSERT INTO print_scope (folder, ec, segregation) SELECT seq, ?, ? FROM print_folder WHERE id = ? ON CONFLICT DO NOTHING`, s.EC, s.Segregation, folder)
		if err != nil {
			return err
		}
	}
	return nil
}

func (t *writeTx) insertPrint(ctx context.Context, folder string, i *bridge.PrintItem) error {
	text, err := json.Marshal(i.Request)
	if err != nil || i.Request == nil {
		return errors.New("the notice cannot be written")
	}
	return t.execOne(ctx, `INSERT INTO print_item (folder, file, ec, debtor, request, state, reason, done_at) SELECT seq, ?, ?, ?, ?, ?, ?, ? FROM print_folder WHERE id = ?`,
		i.File, i.Request.EC, strings.ToUpper(i.Request.Debtor.FiscalCode), string(text), i.State, i.Reason, at(i.DoneAt), folder)
}

// PutPrintItem stores a notice in the place of the one of its file.
func (t *writeTx) PutPrintItem(ctx context.Context, folder string, i bridge.PrintItem, scopes []bridge.PrintScope) error {
	ctx, err := t.enter(ctx)
	if err != nil {
		return err
	}
	err = t.atomically(ctx, func() error {
		err := t.exec(ctx, `DELETE FROM print_item WHERE file = ? AND folder = (SELECT seq FROM print_folder WHERE id = ?)`, i.File, folder)
		if err == nil {
			err = t.insertScopes(ctx, folder, scopes)
		}
		if err == nil {
			err = t.insertPrint(ctx, folder, &i)
		}
		return err
	})
	return t.fail("put print item", err)
}

// FinishPrint notes what became of a notice that waits.
func (t *writeTx) FinishPrint(ctx context.Context, i *bridge.PrintItem) (bool, error) {
	ctx, err := t.enter(ctx)
	if err != nil {
		return false, err
	}
	n, err := t.execCount(ctx, `UPDATE print_item SET state = ?, reason = ?, done_at = ? WHERE id = ? AND state = 'WAITING'`, i.State, i.Reason, at(i.DoneAt), i.Row)
	return n == 1, t.fail("finish print", err)
}

// DeletePrintFolder removes a folder with its notices.
func (t *writeTx) DeletePrintFolder(ctx context.Context, id string) error {
	ctx, err := t.enter(ctx)
	if err != nil {
		return err
	}
	return t.fail("delete print folder", t.execOne(ctx, `DELETE FROM print_folder WHERE id = ?`, id))
}

// ForgetPrintFolders removes the old ones.
func (t *writeTx) ForgetPrintFolders(ctx context.Context, before time.Time) (int, error) {
	ctx, err := t.enter(ctx)
	if err != nil {
		return 0, err
	}
	n, err := t.execCount(ctx, `DELETE FROM print_folder WHERE created_at < ?`, at(before))
	return int(n), t.fail("forget print folders", err)
}

// ForgetPrinted removes a debtor's notices.
func (t *writeTx) ForgetPrinted(ctx context.Context, ec bridge.ECCode, debtor string) (int, error) {
	ctx, err := t.enter(ctx)
	if err != nil {
		return 0, err
	}
	n, err := t.execCount(ctx, `DELETE FROM print_item WHERE debtor = ?1 AND (?2 = '' OR ec = ?2)`, debtor, ec)
	return int(n), t.fail("forget printed notices", err)
}
