package store

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"fmt"
	"strings"
	"time"

	"nodobridge/bridge"
)

// InsertKey stores an API key and the ECs that it is bound to.
func (t *writeTx) InsertKey(ctx context.Context, k bridge.Key) error {
	ctx, err := t.enter(ctx)
	if err != nil {
		return err
	}
	if len(k.ECs) == 0 {
		return wrap("insert key", fmt.Errorf("%w: the key is bound to no EC", errRule))
	}
	err = t.atomically(ctx, func() error {
		err := t.exec(ctx, `INSERT INTO api_key (id, secret_sha256, name, scopes, created_at, expires_at, revoked_at) VALUES (?, ?, ?, ?, ?, ?, ?)`,
			k.ID, k.SecretHash[:], k.Name, listed(k.Scopes), at(k.CreatedAt), at(k.ExpiresAt), at(k.RevokedAt))
		if err != nil {
			return taken(err)
		}
		for i, b := range k.ECs {
			if err := t.exec(ctx, `INSERT INTO api_key_ec (key_id, idx, ec, segregations) VALUES (?, ?, ?, ?)`, k.ID, i, b.EC, listed(b.Segregations)); err != nil {
				return err
			}
		}
		return nil
	})
	return t.fail("insert key", err)
}

// RevokeKey ends a live key; ErrNotFound when there is none of that id.
func (t *writeTx) RevokeKey(ctx context.Context, id string, when time.Time) error {
	ctx, err := t.enter(ctx)
	if err != nil {
		return err
	}
	err = t.execOne(ctx, `UPDATE api_key SET revoked_at = ? WHERE id = ? AND revoked_at IS NULL`, at(when), id)
	return t.fail("revoke key", err)
}

// ExpireKey ends a live key at an instant.
func (t *writeTx) ExpireKey(ctx context.Context, id string, when time.Time) error {
	ctx, err := t.enter(ctx)
	if err != nil {
		return err
	}
	err = t.execOne(ctx, `UPDATE api_key SET expires_at = ? WHERE id = ? AND revoked_at IS NULL`, at(when), id)
	return t.fail("expire key", err)
}

// NoteKeyUse says when a key was used last; one that is gone is passed over.
func (t *writeTx) NoteKeyUse(ctx context.Context, id string, when time.Time) error {
	ctx, err := t.enter(ctx)
	if err != nil {
		return err
	}
	err = t.exec(ctx, `UPDATE api_key SET last_used_at = ? WHERE id = ?`, at(when), id)
	return t.fail("note use of key", err)
}

// listed and unlisted are a list of words without commas as one text.
func listed[T ~string](words []T) string {
	texts := make([]string, len(words))
	for i, w := range words {
		texts[i] = string(w)
	}
	return strings.Join(texts, ",")
}

func unlisted[T ~string](text string) []T {
	if text == "" {
		return nil
	}
	var words []T
	for _, w := range strings.Split(text, ",") {
		words = append(words, T(w))
	}
	return words
}

// The rows of keys, one for each EC of a key.
const keyRows = `SELECT k.id, k.secret_sha256, k.name, k.scopes, k.created_at, k.expires_at, k.revoked_at, k.last_used_at, e.ec, e.segregations
	FROM api_key AS k JOIN api_key_ec AS e ON e.key_id = k.id`

// Key reads one key, revoked or not.
func (t *readTx) Key(ctx context.Context, id string) (*bridge.Key, error) {
	list, err := t.keys(ctx, keyRows+` WHERE k.id = ? ORDER BY e.idx`, id)
	if err != nil {
		return nil, err
	}
	if len(list) == 0 {
		return nil, bridge.ErrNotFound
	}
	return &list[0], nil
}

// Keys reads every key, oldest first.
func (t *readTx) Keys(ctx context.Context) ([]bridge.Key, error) {
	return t.keys(ctx, keyRows+` ORDER BY k.created_at, k.id, e.idx`)
}

func (t *readTx) keys(ctx context.Context, query string, args ...any) ([]bridge.Key, error) {
	ctx, err := t.enter(ctx)
	if err != nil {
		return nil, err
	}
	var list []bridge.Key
	err = t.each(ctx, func(rows *sql.Rows) error {
		var k bridge.Key
		var hash []byte
		var b bridge.ECBinding
		var scopes, codes string
		if err := rows.Scan(&k.ID, &hash, &k.Name, &scopes, into(&k.CreatedAt), into(&k.ExpiresAt), into(&k.RevokedAt), into(&k.LastUsedAt), &b.EC, &codes); err != nil {
			return err
		}
		if len(hash) != sha256.Size {
			return corrupt("a key's hash has another length")
		}
		copy(k.SecretHash[:], hash)
		k.Scopes, b.Segregations = unlisted[bridge.Scope](scopes), unlisted[string](codes)
		if len(list) == 0 || list[len(list)-1].ID != k.ID {
			list = append(list, k)
		}
		last := &list[len(list)-1]
		last.ECs = append(last.ECs, b)
		return nil
	}, query, args...)
	if err != nil {
		return nil, t.fail("read keys", err)
	}
	return list, nil
}
