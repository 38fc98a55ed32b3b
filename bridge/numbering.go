package bridge

import (
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
)

// NumberSeries is where the notice numbers of one EC and segregation code come
// from: a counter that only grows, and the secret that scatters it.
type NumberSeries struct {
	Next int64  // the counter's value that this call has taken
	Key  []byte // 32 bytes, made once for the series
}

// noticeBases is how many bases a series has: 13 digits (notices.md §1.1).
const noticeBases = 10_000_000_000_000

// seriesKeyBytes is the length of a series' secret.
const seriesKeyBytes = 32

// issueAttempts bounds the search for a number that no upload has taken: the
// bases are scattered over 10^13, so a second attempt is rare already.
const issueAttempts = 32

// errNumbersTaken ends the search.
var errNumbersTaken = errors.New("no free notice number was found")

// issueNumber gives a notice number that the EC has never had, in the caller's
// transaction. Numbers are unique for ever, also those of deleted positions
// (notices.md §1.4).
func issueNumber(ctx context.Context, tx Tx, ec ECCode, segregation string) (NoticeNumber, error) {
	fresh := make([]byte, seriesKeyBytes)
	rand.Read(fresh) // never fails (crypto/rand)
	for range issueAttempts {
		series, err := tx.NextNumber(ctx, ec, segregation, fresh)
		if err != nil {
			return "", err
		}
		base, err := series.base()
		if err != nil {
			return "", err
		}
		nav, err := NewNoticeNumber(segregation, base)
		if err != nil {
			return "", err
		}
		err = tx.ReserveNumber(ctx, ec, nav)
		if !errors.Is(err, ErrExists) {
			return nav, err
		}
	}
	return "", errNumbersTaken
}

// base scatters the counter over all bases: a notice number is a bearer
// identifier, for which anybody can ask a PSP for description and amount, so a
// number must not tell its neighbours. A Feistel network is a permutation of
// 2^44; walking its cycle until the result is a base makes it one of the bases,
// so that no two counters meet.
func (s NumberSeries) base() (int64, error) {
	if s.Next < 0 || s.Next >= noticeBases {
		return 0, fmt.Errorf("the series of notice numbers is used up")
	}
	if len(s.Key) != seriesKeyBytes {
		return 0, fmt.Errorf("the series of notice numbers has no key")
	}
	n := uint64(s.Next)
	for {
		n = s.scatter(n)
		if n < noticeBases {
			return int64(n), nil
		}
	}
}

// feistelRounds is NIST SP 800-38G's number for a small domain; feistelHalf is
// half of the 44 bits that hold 10^13.
const (
	feistelRounds = 10
	feistelHalf   = 22
	feistelMask   = 1<<feistelHalf - 1
)

func (s NumberSeries) scatter(n uint64) uint64 {
	left, right := n>>feistelHalf, n&feistelMask
	var in [5]byte
	for round := range byte(feistelRounds) {
		in[0] = round
		binary.BigEndian.PutUint32(in[1:], uint32(right))
		mac := hmac.New(sha256.New, s.Key)
		mac.Write(in[:]) // a hash never fails
		mixed := uint64(binary.BigEndian.Uint32(mac.Sum(nil))) & feistelMask
		left, right = right, left^mixed
	}
	return left<<feistelHalf | right
}
