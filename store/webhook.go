package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"strings"
	"time"

	"nodobridge/bridge"
)

const webhookColumns = `id, ec, url, types, segregations, secret, key_id, created_at, cursor, attempts, next_try_at, last_status, last_failure, delivered_at`

// Webhook reads one.
func (t *readTx) Webhook(ctx context.Context, id string) (*bridge.Webhook, error) {
	list, err := t.webhooks(ctx, `SELECT `+webhookColumns+` FROM webhook WHERE id = ?`, id)
	if err != nil {
		return nil, err
	}
	if len(list) == 0 {
		return nil, bridge.ErrNotFound
	}
	return &list[0], nil
}

// Webhooks reads those of an EC.
func (t *readTx) Webhooks(ctx context.Context, ec bridge.ECCode) ([]bridge.Webhook, error) {
	return t.webhooks(ctx, `SELECT `+webhookColumns+` FROM webhook WHERE ec = ? ORDER BY created_at, id`, ec)
}

// DueWebhooks reads those that may be called at an instant. There are few webhooks.
func (t *readTx) DueWebhooks(ctx context.Context, now time.Time) ([]bridge.Webhook, error) {
	return t.webhooks(ctx, `SELECT `+webhookColumns+` FROM webhook WHERE next_try_at <= ? ORDER BY next_try_at`, at(now))
}

func (t *readTx) webhooks(ctx context.Context, query string, args ...any) ([]bridge.Webhook, error) {
	ctx, err := t.enter(ctx)
	if err != nil {
		return nil, err
	}
	var list []bridge.Webhook
	err = t.each(ctx, func(rows *sql.Rows) error {
		var w bridge.Webhook
		var types, codes string
		err := rows.Scan(&w.ID, &w.EC, &w.URL, &types, &codes, &w.Secret, &w.KeyID, into(&w.CreatedAt), &w.Cursor, &w.Attempts, into(&w.NextTryAt),
			&w.LastStatus, &w.LastFailure, into(&w.DeliveredAt))
		for _, name := range strings.Split(types, ",") {
			w.Types = append(w.Types, bridge.EventType(name))
		}
		if codes != "" {
			w.Segregations = strings.Split(codes, ",")
		}
		list = append(list, w)
		return err
	}, query, args...)
	return list, t.fail("read webhooks", err)
}

// InsertWebhook stores one that begins behind what has happened so far.
func (t *writeTx) InsertWebhook(ctx context.Context, w *bridge.Webhook) error {
	ctx, err := t.enter(ctx)
	if err != nil {
		return err
	}
	types := make([]string, len(w.Types))
	for i, name := range w.Types {
		types[i] = string(name)
	}
	err = t.q.QueryRowContext(ctx, `INSERT INTO webhook (`+webhookColumns+`)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, (SELECT coalesce(max(id), 0) FROM journal), 0, ?, 0, '', NULL) RETURNING cursor`,
		w.ID, w.EC, w.URL, strings.Join(types, ","), strings.Join(w.Segregations, ","), w.Secret, w.KeyID, at(w.CreatedAt), at(w.NextTryAt)).Scan(&w.Cursor)
	return t.fail("insert webhook", err)
}

// UpdateWebhook stores how its deliveries stand.
func (t *writeTx) UpdateWebhook(ctx context.Context, w *bridge.Webhook) error {
	ctx, err := t.enter(ctx)
	if err != nil {
		return err
	}
	err = t.exec(ctx, `UPDATE webhook SET cursor = ?, attempts = ?, next_try_at = ?, last_status = ?, last_failure = ?, delivered_at = ? WHERE id = ?`,
		w.Cursor, w.Attempts, at(w.NextTryAt), w.LastStatus, w.LastFailure, at(w.DeliveredAt), w.ID)
	return t.fail("update webhook", err)
}

// SkipTo moves a webhook's place on over what does not concern it.
func (t *writeTx) SkipTo(ctx context.Context, webhook string, event int64) error {
	ctx, err := t.enter(ctx)
	if err != nil {
		return err
	}
	return t.fail("move webhook", t.exec(ctx, `UPDATE webhook SET cursor = max(cursor, ?) WHERE id = ?`, event, webhook))
}

// DeleteWebhook removes one with its letters.
func (t *writeTx) DeleteWebhook(ctx context.Context, id string) error {
	ctx, err := t.enter(ctx)
	if err != nil {
		return err
	}
	return t.fail("delete webhook", t.exec(ctx, `DELETE FROM webhook WHERE id = ?`, id))
}

// Letters reads a webhook's in the order of their events.
func (t *readTx) Letters(ctx context.Context, q bridge.LetterQuery) ([]bridge.Letter, error) {
	if q.Limit < 1 || q.Limit > maxPage {
		return nil, wrap("list letters", errPage)
	}
	ctx, err := t.enter(ctx)
	if err != nil {
		return nil, err
	}
	var list []bridge.Letter
	err = t.each(ctx, func(rows *sql.Rows) error {
		var l bridge.Letter
		err := rows.Scan(&l.Event, &l.Again, into(&l.At), &l.Status, &l.Failure)
		list = append(list, l)
		return err
	}, `SELECT event, again, at, status, failure FROM webhook_letter WHERE webhook = ? AND again = ? AND event > ? ORDER BY event LIMIT ?`,
		q.Webhook, q.Again, q.After, q.Limit)
	return list, t.fail("list letters", err)
}

// PutLetter stores one in the place of an earlier one for the event.
func (t *writeTx) PutLetter(ctx context.Context, webhook string, l bridge.Letter) error {
	ctx, err := t.enter(ctx)
	if err != nil {
		return err
	}
	err = t.exec(ctx, `INSERT INTO webhook_letter (webhook, event, again, at, status, failure) VALUES (?, ?, ?, ?, ?, ?)
		ON CONFLICT (webhook, event) DO UPDATE SET again = excluded.again, at = excluded.at, status = excluded.status, failure = excluded.failure`,
		webhook, l.Event, l.Again, at(l.At), l.Status, l.Failure)
	return t.fail("put letter", err)
}

// RemoveLetter removes one, if it is there.
func (t *writeTx) RemoveLetter(ctx context.Context, webhook string, event int64) error {
	ctx, err := t.enter(ctx)
	if err != nil {
		return err
	}
	return t.fail("remove letter", t.exec(ctx, `DELETE FROM webhook_letter WHERE webhook = ? AND event = ?`, webhook, event))
}

// MarkAgain asks for the events again, or for all dead letters when none is named.
func (t *writeTx) MarkAgain(ctx context.Context, webhook string, events []int64, when time.Time) (int, error) {
	ctx, err := t.enter(ctx)
	if err != nil {
		return 0, err
	}
	if len(events) == 0 {
		n, err := t.execCount(ctx, `UPDATE webhook_letter SET again = 1 WHERE webhook = ? AND again = 0`, webhook)
		return int(n), t.fail("resend letters", err)
	}
	list, err := json.Marshal(events)
	if err != nil {
		return 0, err
	}
	n, err := t.execCount(ctx, `INSERT INTO webhook_letter (webhook, event, again, at, status, failure)
		SELECT DISTINCT ?, value, 1, ?, 0, '' FROM json_each(?) WHERE true
		ON CONFLICT (webhook, event) DO UPDATE SET again = 1`, webhook, at(when), string(list))
	return int(n), t.fail("resend letters", err)
}

// ForgetLetters removes dead letters from before.
func (t *writeTx) ForgetLetters(ctx context.Context, before time.Time) error {
	ctx, err := t.enter(ctx)
	if err != nil {
		return err
	}
	return t.fail("forget letters", t.exec(ctx, `DELETE FROM webhook_letter WHERE again = 0 AND at < ?`, at(before)))
}

// WebhookTroubles counts failing webhooks and dead letters.
func (t *readTx) WebhookTroubles(ctx context.Context) (failing, dead int, err error) {
	ctx, err = t.enter(ctx)
	if err != nil {
		return 0, 0, err
	}
	err = t.q.QueryRowContext(ctx, `SELECT (SELECT count(*) FROM webhook WHERE last_failure <> ''), (SELECT count(*) FROM webhook_letter WHERE again = 0)`).Scan(&failing, &dead)
	return failing, dead, t.fail("count webhooks", err)
}
