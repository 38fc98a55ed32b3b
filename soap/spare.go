package soap

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"hash"
	"sync"

	"nodobridge/wsdl/pafornode"
	"nodobridge/wsdl/xmlpull"
)

// spare keeps what every call needs for a moment, from one call to the next: together
// half of what a verification allocates. Nothing of a call stays readable in it but an
// answer's bytes, which the next answer overwrites.
type spare struct {
	readers, reports, bodies, hashes *sync.Pool
}

const (
	usualBody = 2048     // of an answer
	maxSpare  = 64 << 10 // a longer answer's memory is not kept
)

func newSpare(hashKey []byte) spare {
	pool := func(fresh func() any) *sync.Pool { return &sync.Pool{New: fresh} }
	return spare{
		readers: pool(func() any { return new(xmlpull.Reader) }),
		reports: pool(func() any { return new(pafornode.Report) }),
		bodies:  pool(func() any { b := make([]byte, 0, usualBody); return &b }),
		hashes:  pool(func() any { return hmac.New(sha256.New, hashKey) }),
	}
}

func (s *spare) reader() *xmlpull.Reader { return s.readers.Get().(*xmlpull.Reader) }

func (s *spare) giveReader(r *xmlpull.Reader) {
	r.Forget()
	s.readers.Put(r)
}

func (s *spare) report() *pafornode.Report { return s.reports.Get().(*pafornode.Report) }

func (s *spare) giveReport(r *pafornode.Report) {
	r.Reset()
	s.reports.Put(r)
}

func (s *spare) body() []byte { return *s.bodies.Get().(*[]byte) }

// giveBody takes an answer's memory back once it has been written; nil is none.
func (s *spare) giveBody(b []byte) {
	if b == nil || cap(b) > maxSpare {
		return
	}
	b = b[:0]
	s.bodies.Put(&b)
}

// noticeHash hides a notice number, which is a bearer identifier, for the log; "" has
// none.
func (s *spare) noticeHash(nav string) string {
	if nav == "" {
		return ""
	}
	mac := s.hashes.Get().(hash.Hash)
	defer s.hashes.Put(mac)
	mac.Reset()
	var text [18]byte
	mac.Write(append(text[:0], nav...)) // a hash never fails
	var sum [sha256.Size]byte
	return hex.EncodeToString(mac.Sum(sum[:0])[:6])
}
