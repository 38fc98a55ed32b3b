package bridge

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"
)

// Key is an API key of an EC's application or of its partner. Only the SHA-256
// of the secret is kept: with 256 random bits no slow hash is needed
// (reliability-security.md §3.3). A holder may have several that are live.
type Key struct {
	ID         string // public part, 12 hex digits
	SecretHash [sha256.Size]byte
	Name       string      // who holds it, for people
	ECs        []ECBinding // the ECs it may act for
	Scopes     []Scope     // what it may do; none means everything
	CreatedAt  time.Time
	ExpiresAt  time.Time // zero: never
	RevokedAt  time.Time // zero while it is live
	LastUsedAt time.Time // to the minute or so; zero: never
}

// ECBinding is an EC that a key may act for, within some segregation codes (two digits
// each; none means all).
type ECBinding struct {
	EC           ECCode
	Segregations []string
}

// Scope is a kind of operation that a key may be held to.
type Scope string

// The scopes.
const (
	PositionsRead  Scope = "positions:read"
	PositionsWrite Scope = "positions:write"
	ReceiptsRead   Scope = "receipts:read"
)

var scopes = []Scope{PositionsRead, PositionsWrite, ReceiptsRead}

// keyPrefix makes a leaked key recognisable to a scanner.
const keyPrefix = "nb_"

// Principal is who makes an API call: the holder of a verified key.
type Principal struct {
	KeyID        string
	ECs          []ECCode
	Segregations []string // two digits each: the segregation codes it is held to; none means all

	scopes   []Scope
	bindings []ECBinding
}

// MayActFor says whether the principal's key is bound to the EC.
func (p Principal) MayActFor(ec ECCode) bool { return slices.Contains(p.ECs, ec) }

// May says whether the principal's key has the scope.
func (p Principal) May(scope Scope) bool {
	return len(p.scopes) == 0 || slices.Contains(p.scopes, scope)
}

// At is the principal when it acts for the EC: held to the codes that its key has there.
func (p Principal) At(ec ECCode) Principal {
	for _, b := range p.bindings {
		if b.EC == ec {
			p.Segregations = b.Segregations
		}
	}
	return p
}

func (p Principal) actor() string {
	if p.KeyID == operator {
		return operator
	}
	return "key:" + p.KeyID
}

// operator is the actor of whoever has the command line; no key has such an id.
const operator = "operator"

// Operator acts for an EC from the command line.
func Operator(ec ECCode) Principal { return Principal{KeyID: operator, ECs: []ECCode{ec}} }

// CreateKey makes a key as the order says, without id, secret and times, and returns the
// text to hand over, "nb_<id>_<secret>". It cannot be shown again.
func (s *Service) CreateKey(ctx context.Context, order Key) (string, error) {
	if err := s.checkKey(&order); err != nil {
		return "", err
	}
	key, text := newKey(order, s.now())
	err := s.store.Update(ctx, func(tx Tx) error { return insertKey(ctx, tx, key, "key.create", "") })
	s.ring.forget()
	return text, unavailable("store the key", err)
}

func (s *Service) checkKey(order *Key) error {
	if line(order.Name, maxText140) == "" {
		return &Error{Code: CodeInvalid, Field: "name", Detail: "the key's name is missing"}
	}
	if len(order.ECs) == 0 {
		return &Error{Code: CodeInvalid, Field: "ec", Detail: "the key needs at least one creditor institution"}
	}
	known := s.Registry().ECs()
	for i, b := range order.ECs {
		if !slices.ContainsFunc(known, func(k CreditorInstitution) bool { return k.Code == b.EC }) {
			return &Error{Code: CodeInvalid, Field: "ec", Detail: fmt.Sprintf("creditor institution %s is not configured on any station", b.EC)}
		}
		if slices.ContainsFunc(order.ECs[:i], func(earlier ECBinding) bool { return earlier.EC == b.EC }) {
			return &Error{Code: CodeInvalid, Field: "ec", Detail: fmt.Sprintf("creditor institution %s is named twice", b.EC)}
		}
		for _, code := range b.Segregations {
			if len(code) != 2 || !allDigits(code) {
				return &Error{Code: CodeInvalid, Field: "ec", Detail: fmt.Sprintf("segregation code %q must be two digits", code)}
			}
		}
	}
	for _, scope := range order.Scopes {
		if !slices.Contains(scopes, scope) {
			return &Error{Code: CodeInvalid, Field: "scope", Detail: fmt.Sprintf("scope %q must be one of %v", scope, scopes)}
		}
	}
	if !order.ExpiresAt.IsZero() && !order.ExpiresAt.After(s.now()) {
		return &Error{Code: CodeInvalid, Field: "expires", Detail: "the key would have expired already"}
	}
	return nil
}

// newKey draws id and secret.
func newKey(order Key, now time.Time) (Key, string) {
	var random [6 + 32]byte
	rand.Read(random[:]) // never fails: crypto/rand aborts the process instead
	secret := base64.RawURLEncoding.EncodeToString(random[6:])
	key := order
	key.ID, key.SecretHash = hex.EncodeToString(random[:6]), sha256.Sum256([]byte(secret))
	key.Name = line(order.Name, maxText140)
	key.CreatedAt, key.RevokedAt, key.LastUsedAt = now, time.Time{}, time.Time{}
	return key, keyPrefix + key.ID + "_" + secret
}

func insertKey(ctx context.Context, tx Tx, key Key, action, detail string) error {
	if err := tx.InsertKey(ctx, key); err != nil {
		return err
	}
	return tx.Journal(ctx, JournalEntry{At: key.CreatedAt, Actor: "operator", Action: action, Object: key.ID, Detail: detail})
}

// RotateKey makes a key with the bounds of a live one, which ends after the overlap: the
// holder changes over meanwhile.
func (s *Service) RotateKey(ctx context.Context, id string, overlap time.Duration) (string, error) {
	now := s.now()
	var text string
	err := s.store.Update(ctx, func(tx Tx) error {
		old, err := tx.Key(ctx, id)
		if errors.Is(err, ErrNotFound) || err == nil && !old.live(now) {
			return &Error{Code: CodeInvalid, Field: "id", Detail: "there is no such live key"}
		}
		if err != nil {
			return err
		}
		ends := now.Add(overlap)
		if old.ExpiresAt.IsZero() || old.ExpiresAt.After(ends) {
			if err := tx.ExpireKey(ctx, id, ends); err != nil {
				return err
			}
		}
		var key Key
		key, text = newKey(*old, now)
		return insertKey(ctx, tx, key, "key.rotate", id)
	})
	s.ring.forget()
	return text, unavailable("rotate the key", err)
}

func (k *Key) live(now time.Time) bool {
	return k.RevokedAt.IsZero() && (k.ExpiresAt.IsZero() || now.Before(k.ExpiresAt))
}

// Keys lists the keys, oldest first.
func (s *Service) Keys(ctx context.Context) ([]Key, error) {
	var keys []Key
	err := s.store.View(ctx, func(tx ReadTx) (err error) {
		keys, err = tx.Keys(ctx)
		return err
	})
	return keys, unavailable("read the keys", err)
}

// RevokeKey ends a key at once.
func (s *Service) RevokeKey(ctx context.Context, id string) error {
	now := s.now()
	err := s.store.Update(ctx, func(tx Tx) error {
		if err := tx.RevokeKey(ctx, id, now); err != nil {
			return err
		}
		return tx.Journal(ctx, JournalEntry{At: now, Actor: "operator", Action: "key.revoke", Object: id})
	})
	s.ring.forget()
	if errors.Is(err, ErrNotFound) {
		return &Error{Code: CodeInvalid, Field: "id", Detail: "there is no such live key"}
	}
	return unavailable("revoke the key", err)
}

// Authenticate finds the principal of a presented key. A missing, malformed,
// unknown, wrong, expired or revoked key gives the same refusal, and an unknown id the
// same work.
func (s *Service) Authenticate(ctx context.Context, presented string) (Principal, error) {
	id, secret, _ := strings.Cut(strings.TrimPrefix(presented, keyPrefix), "_")
	keys, err := s.keysByID(ctx)
	if err != nil {
		return Principal{}, err
	}
	var nobody Key // compared with in the place of a key that is not known
	key, known := keys[id]
	if !known {
		key = &nobody
	}
	now := s.now()
	hash := sha256.Sum256([]byte(secret))
	match, live := subtle.ConstantTimeCompare(hash[:], key.SecretHash[:]) == 1, key.live(now)
	if !known || !match || !live || !strings.HasPrefix(presented, keyPrefix) {
		return Principal{}, &Error{Code: CodeKeyInvalid}
	}
	s.uses.Store(key.ID, now)
	p := Principal{KeyID: key.ID, scopes: key.Scopes, bindings: key.ECs}
	for _, b := range key.ECs {
		p.ECs = append(p.ECs, b.EC)
	}
	return p, nil
}

// NoteUses stores when keys were last used: now and then, so that no request waits for
// it.
func (s *Service) NoteUses(ctx context.Context) error {
	uses := map[string]time.Time{}
	s.uses.Range(func(id, at any) bool {
		uses[id.(string)] = at.(time.Time)
		s.uses.CompareAndDelete(id, at)
		return true
	})
	if len(uses) == 0 {
		return nil
	}
	err := s.store.Update(ctx, func(tx Tx) error {
		for _, id := range slices.Sorted(maps.Keys(uses)) {
			if err := tx.NoteKeyUse(ctx, id, uses[id]); err != nil {
				return err
			}
		}
		return nil
	})
	return unavailable("note the use of keys", err)
}
