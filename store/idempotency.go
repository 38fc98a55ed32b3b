package store

import (
	"context"
	"encoding/json"
	"time"

	"nodobridge/bridge"
)

// KeptAnswer reads what a request was answered.
func (t *readTx) KeptAnswer(ctx context.Context, key bridge.AnswerKey) (*bridge.KeptAnswer, error) {
	ctx, err := t.enter(ctx)
	if err != nil {
		return nil, err
	}
	a := bridge.KeptAnswer{AnswerKey: key}
	var hash []byte
	var header string
	err = t.q.QueryRowContext(ctx, `SELECT request_hash, status, header, body, at FROM idempotency WHERE key_id = ? AND ec = ? AND name = ?`,
		key.KeyID, key.EC, key.Name).Scan(&hash, &a.Status, &header, &a.Body, into(&a.At))
	if err == nil {
		copy(a.RequestHash[:], hash)
		err = json.Unmarshal([]byte(header), &a.Header)
	}
	if err != nil {
		return nil, t.fail("read kept answer", absent(err))
	}
	return &a, nil
}

// KeepAnswer keeps what a request was answered.
func (t *writeTx) KeepAnswer(ctx context.Context, a bridge.KeptAnswer) error {
	ctx, err := t.enter(ctx)
	if err != nil {
		return err
	}
	header, err := json.Marshal(a.Header)
	if err != nil {
		return wrap("keep answer", err)
	}
	err = t.exec(ctx, `INSERT INTO idempotency (key_id, ec, name, request_hash, status, header, body, at) VALUES (?, ?, ?, ?, ?, ?, ?, ?)
		ON CONFLICT (key_id, ec, name) DO UPDATE SET request_hash = excluded.request_hash, status = excluded.status,
			header = excluded.header, body = excluded.body, at = excluded.at`,
		a.KeyID, a.EC, a.Name, a.RequestHash[:], a.Status, string(header), blob(a.Body), at(a.At))
	return t.fail("keep answer", err)
}

// ForgetAnswers removes answers from before.
func (t *writeTx) ForgetAnswers(ctx context.Context, before time.Time) error {
	ctx, err := t.enter(ctx)
	if err != nil {
		return err
	}
	return t.fail("forget answers", t.exec(ctx, `DELETE FROM idempotency WHERE at < ?`, at(before)))
}
