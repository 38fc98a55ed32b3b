package bridge

import (
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"hash"
	"strings"
)

// NumberSeries is where the notice numbers of one EC and segregation code come
// from: a counter that only grows, and the secret that scatters it.
type NumberSeries struct {
	Next int64  // the first of the counter's values that this call has taken
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
	list, err := issueNumbers(ctx, tx, ec, segregation, 1)
	if err != nil {
		return "", err
	}
	return list[0], nil
}

// issueNumbers gives many; they take one step of the counter together, and another for
// those that uploads have taken already.
func issueNumbers(ctx context.Context, tx Tx, ec ECCode, segregation string, count int) ([]NoticeNumber, error) {
	fresh := make([]byte, seriesKeyBytes)
	rand.Read(fresh) // never fails (crypto/rand)
	list := make([]NoticeNumber, 0, count)
	for range issueAttempts {
		missing := count - len(list)
		series, err := tx.NextNumbers(ctx, ec, segregation, missing, fresh)
		if err != nil {
			return nil, err
		}
		for range missing {
			nav, err := series.number(segregation)
			if err != nil {
				return nil, err
			}
			series.Next++
			err = tx.ReserveNumber(ctx, ec, nav)
			if err != nil && !errors.Is(err, ErrExists) {
				return nil, err
			}
			if err == nil {
				list = append(list, nav)
			}
		}
		if len(list) == count {
			return list, nil
		}
	}
	return nil, errNumbersTaken
}

// number is the series' next.
func (s NumberSeries) number(segregation string) (NoticeNumber, error) {
	base, err := s.base()
	if err != nil {
		return "", err
	}
	return NewNoticeNumber(segregation, base)
}

// MaxNumbers bounds how many numbers are reserved at once.
const MaxNumbers = 1000

// NumberOrder asks for numbers that the caller will give to positions.
type NumberOrder struct {
	EC          ECCode
	Segregation string // two digits
	Count       int    // 1 to MaxNumbers
}

// ReserveNumbers issues numbers that nobody else is given, ever, whether they are used or
// not.
func (s *Service) ReserveNumbers(ctx context.Context, by Principal, order NumberOrder) ([]NoticeNumber, error) {
	if !by.MayActFor(order.EC) {
		return nil, &Error{Code: CodeKeyForbidden}
	}
	var broken []string
	if order.Count < 1 || order.Count > MaxNumbers {
		broken = append(broken, fmt.Sprintf("count: must be between 1 and %d", MaxNumbers))
	}
	if len(order.Segregation) != 2 || !allDigits(order.Segregation) {
		broken = append(broken, "segregationCode: must be two digits")
	}
	if len(broken) > 0 {
		return nil, refuse(CodeInvalid, "%s", strings.Join(broken, ", "))
	}
	if !by.mayUseIUV(IUV(order.Segregation)) {
		return nil, refuse(CodeSegregation, "segregation code %s is outside of the key's", order.Segregation)
	}
	if !s.Registry().receives(order.EC, NoticeNumber(string(AuxSegregationCodes)+order.Segregation)) {
		return nil, refuse(CodeInvalid, "segregationCode: no station of creditor institution %s serves numbers of segregation code %s", order.EC, order.Segregation)
	}
	now := s.now()
	var list []NoticeNumber
	err := s.store.Update(ctx, func(tx Tx) (err error) {
		if list, err = issueNumbers(ctx, tx, order.EC, order.Segregation, order.Count); err != nil {
			return err
		}
		return tx.Journal(ctx, JournalEntry{At: now, Actor: by.actor(), Action: "numbers.reserve", EC: string(order.EC), Object: order.Segregation, Detail: fmt.Sprintf("%d numbers", order.Count)})
	})
	return list, unavailable("reserve the numbers", err)
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
	n, mac := uint64(s.Next), hmac.New(sha256.New, s.Key)
	for {
		n = scatter(mac, n)
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

// scatter is one pass of the network; mac holds the series' key.
func scatter(mac hash.Hash, n uint64) uint64 {
	left, right := n>>feistelHalf, n&feistelMask
	var in [5]byte
	var sum [sha256.Size]byte
	for round := range byte(feistelRounds) {
		in[0] = round
		binary.BigEndian.PutUint32(in[1:], uint32(right))
		mac.Reset()
		mac.Write(in[:]) // a hash never fails
		mixed := uint64(binary.BigEndian.Uint32(mac.Sum(sum[:0]))) & feistelMask
		left, right = right, left^mixed
	}
	return left<<feistelHalf | right
}
