package bridge

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"time"
)

// AnswerKey names a request by what its client calls it.
type AnswerKey struct {
	KeyID string // who asks
	EC    ECCode
	Name  string // the client's, e.g. a UUID
}

// KeptAnswer is what a request was answered, kept to be given again.
type KeptAnswer struct {
	AnswerKey
	RequestHash [sha256.Size]byte // of the request: the same name must mean the same
	Status      int
	Header      map[string]string
	Body        []byte
	At          time.Time
}

// AnswersKept is how long an answer is given again (reliability-security.md §1, Stripe's
// 24 hours).
const AnswersKept = 24 * time.Hour

// KeptAnswer finds what a request was answered, or nil.
func (s *Service) KeptAnswer(ctx context.Context, key AnswerKey) (*KeptAnswer, error) {
	now := s.now()
	var a *KeptAnswer
	err := s.store.View(ctx, func(tx ReadTx) (err error) {
		a, err = tx.KeptAnswer(ctx, key)
		return err
	})
	if isGone(err) || err == nil && a.At.Before(now.Add(-AnswersKept)) {
		return nil, nil
	}
	return a, unavailable("read the kept answer", err)
}

// KeepAnswer keeps an answer and forgets those that are too old.
func (s *Service) KeepAnswer(ctx context.Context, a KeptAnswer) error {
	a.At = s.now()
	err := s.store.Update(ctx, func(tx Tx) error {
		if err := tx.ForgetAnswers(ctx, a.At.Add(-AnswersKept)); err != nil {
			return err
		}
		return tx.KeepAnswer(ctx, a)
	})
	return unavailable("keep the answer", err)
}

// Version is a fingerprint of everything that the position says, for who wants to change
// what he has read and nothing else (reliability-security.md §9 row 52). Time alone does
// not change it.
func (p *Position) Version() string {
	text, err := json.Marshal(p)
	if err != nil {
		panic("bridge: a position has a field that JSON cannot write: " + err.Error())
	}
	sum := sha256.Sum256(text)
	const enough = 12 // bytes
	return hex.EncodeToString(sum[:enough])
}

// unchanged refuses a change of a position that is another by now. "" asks for nothing.
func unchanged(ctx context.Context, tx ReadTx, ec ECCode, iupd IUPD, version string) error {
	if version == "" {
		return nil
	}
	p, err := tx.Position(ctx, ec, iupd)
	if err != nil {
		return err
	}
	if p.Version() != version {
		return refuse(CodeChanged, "debt position %s has changed since its version %s was read", iupd, version)
	}
	return nil
}
