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
	"slices"
	"strings"
	"time"
)

// Key is an API key of an EC's application or of its partner. Only the SHA-256
// of the secret is kept: with 256 random bits no slow hash is needed
// (reliability-security.md §3.3).
type Key struct {
	ID         string // public part, 12 hex digits
	SecretHash [sha256.Size]byte
	Name       string   // who holds it, for people
	ECs        []ECCode // the ECs it may act for
	CreatedAt  time.Time
	RevokedAt  time.Time // zero while it is live
}

// keyPrefix makes a leaked key recognisable to a scanner.
const keyPrefix = "nb_"

// Principal is who makes an API call: the holder of a verified key.
type Principal struct {
	KeyID        string
	ECs          []ECCode
	Segregations []string // two digits each: the segregation codes it is held to; none means all
}

// MayActFor says whether the principal's key is bound to the EC.
func (p Principal) MayActFor(ec ECCode) bool { return slices.Contains(p.ECs, ec) }

func (p Principal) actor() string { return "key:" + p.KeyID }

// CreateKey makes a key for the named ECs and returns the text to hand over,
// "nb_<id>_<secret>". It cannot be shown again.
func (s *Service) CreateKey(ctx context.Context, name string, ecs []ECCode) (string, error) {
	if line(name, maxText140) == "" {
		return "", &Error{Code: CodeInvalid, Field: "name", Detail: "the key's name is missing"}
	}
	if len(ecs) == 0 {
		return "", &Error{Code: CodeInvalid, Field: "ec", Detail: "the key needs at least one creditor institution"}
	}
	known := s.Registry().ECs()
	for _, ec := range ecs {
		if !slices.ContainsFunc(known, func(k CreditorInstitution) bool { return k.Code == ec }) {
			return "", &Error{Code: CodeInvalid, Field: "ec", Detail: fmt.Sprintf("creditor institution %s is not configured on any station", ec)}
		}
	}
	var random [6 + 32]byte
	rand.Read(random[:]) // never fails: crypto/rand aborts the process instead
	id := hex.EncodeToString(random[:6])
	secret := base64.RawURLEncoding.EncodeToString(random[6:])
	now := s.now()
	key := Key{ID: id, SecretHash: sha256.Sum256([]byte(secret)), Name: line(name, maxText140), ECs: slices.Clone(ecs), CreatedAt: now}
	err := s.store.Update(ctx, func(tx Tx) error {
		if err := tx.InsertKey(ctx, key); err != nil {
			return err
		}
		return tx.Journal(ctx, JournalEntry{At: now, Actor: "operator", Action: "key.create", Object: id})
	})
	if err != nil {
		return "", unavailable("store the key", err)
	}
	return keyPrefix + id + "_" + secret, nil
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
	if errors.Is(err, ErrNotFound) {
		return &Error{Code: CodeInvalid, Field: "id", Detail: "there is no such live key"}
	}
	return unavailable("revoke the key", err)
}

// Authenticate finds the principal of a presented key. A missing, malformed,
// unknown, wrong or revoked key gives the same refusal, and an unknown id the
// same work.
func (s *Service) Authenticate(ctx context.Context, presented string) (Principal, error) {
	id, secret, _ := strings.Cut(strings.TrimPrefix(presented, keyPrefix), "_")
	var key *Key
	err := s.store.View(ctx, func(tx ReadTx) (err error) {
		key, err = tx.Key(ctx, id)
		return err
	})
	if err != nil && !errors.Is(err, ErrNotFound) {
		return Principal{}, unavailable("read the key", err)
	}
	if key == nil {
		key = &Key{RevokedAt: time.Unix(1, 0)}
	}
	hash := sha256.Sum256([]byte(secret))
	match := subtle.ConstantTimeCompare(hash[:], key.SecretHash[:]) == 1
	if !match || !key.RevokedAt.IsZero() || !strings.HasPrefix(presented, keyPrefix) {
		return Principal{}, &Error{Code: CodeKeyInvalid}
	}
	return Principal{KeyID: key.ID, ECs: key.ECs}, nil
}
