package door

import (
	"bytes"
	"context"
	"net"
	"net/http"
	"strconv"
)

// net/http obeys Transfer-Encoding where a Content-Length stands beside it, and hides
// the latter from handlers. A proxy in front may do the opposite and read another next
// request out of the same bytes: smuggling. So the bytes are watched, and such a
// request is refused (reliability-security.md §3.4, RFC 9112 §6.3). The scanner only
// ever refuses: what net/http reads is still net/http's own reading.

// part is what the scanner expects next.
type part uint8

const (
	inHeader    part = iota // a line of the header
	inBody                  // bytes of a body of known length
	inChunkSize             // the line before a chunk
	inChunk                 // bytes of a chunk and its line end
	inTrailer               // a line behind the last chunk
	lost                    // not understood: nothing more is believed on this connection
)

// maxLine is what is kept of a line: enough for every name that matters. The whole
// header's length is net/http's affair.
const maxLine = 256

// maxAhead bounds how many requests are read before the first is answered; net/http
// reads 4 KiB ahead.
const maxAhead = 4096

// scanner follows HTTP/1 messages through a stream of reads.
type scanner struct {
	at       part
	left     int64
	line     []byte
	begun    bool // the request line was seen
	old      bool // HTTP/1.0
	length   string
	lengths  int
	encoding bool
	verdicts []bool // of requests read and not yet answered
}

// next takes the verdict over the oldest request.
func (s *scanner) next() bool {
	if len(s.verdicts) == 0 {
		return s.at != lost
	}
	ok := s.verdicts[0]
	s.verdicts = s.verdicts[1:]
	return ok
}

func (s *scanner) feed(b []byte) {
	for len(b) > 0 && s.at != lost {
		if s.at == inBody || s.at == inChunk {
			n := min(s.left, int64(len(b)))
			s.left -= n
			b = b[n:]
			if s.left == 0 {
				s.bytesEnd()
			}
			continue
		}
		end := bytes.IndexByte(b, '\n')
		if end < 0 {
			s.keep(b)
			return
		}
		s.keep(b[:end])
		b = b[end+1:]
		line := bytes.TrimSuffix(s.line, []byte("\r"))
		s.lineEnd(line)
		s.line = s.line[:0]
	}
}

func (s *scanner) keep(b []byte) {
	s.line = append(s.line, b[:min(len(b), maxLine-len(s.line))]...)
}

func (s *scanner) bytesEnd() {
	if s.at == inChunk {
		s.at = inChunkSize
		return
	}
	s.at = inHeader
}

func (s *scanner) lineEnd(line []byte) {
	switch s.at {
	case inHeader:
		s.header(line)
	case inChunkSize:
		digits, _, _ := bytes.Cut(line, []byte(";"))
		size, err := strconv.ParseInt(string(bytes.TrimRight(digits, " \t")), 16, 64)
		switch {
		case err != nil || size < 0 || size > 1<<40:
			s.at = lost // net/http refuses it too
		case size == 0:
			s.at = inTrailer
		default:
			s.at, s.left = inChunk, size+2 // its line end is two bytes, or net/http refuses it
		}
	case inTrailer:
		if len(line) == 0 {
			s.at = inHeader
		}
	}
}

func (s *scanner) header(line []byte) {
	switch {
	case len(line) == 0 && !s.begun: // net/http too forgives an empty line between requests
	case len(line) == 0:
		s.headerEnd()
	case !s.begun:
		s.begun = true
		s.old = bytes.HasSuffix(line, []byte("HTTP/1.0"))
	default:
		name, value, _ := bytes.Cut(line, []byte(":"))
		switch {
		case bytes.EqualFold(name, []byte("Transfer-Encoding")):
			s.encoding = true
		case bytes.EqualFold(name, []byte("Content-Length")):
			s.lengths++
			s.length = string(bytes.TrimSpace(value))
		}
	}
}

// headerEnd judges the message and finds where it ends.
func (s *scanner) headerEnd() {
	contradicts := s.encoding && (s.lengths > 0 || s.old)
	if len(s.verdicts) >= maxAhead {
		s.at = lost
		return
	}
	s.verdicts = append(s.verdicts, !contradicts)
	switch {
	case contradicts:
		s.at = lost // it is refused and its connection closed
	case s.encoding:
		s.at = inChunkSize
	case s.lengths > 0:
		n, err := strconv.ParseInt(s.length, 10, 64)
		switch {
		case err != nil || n < 0:
			s.at = lost // net/http refuses it too
		case n > 0:
			s.at, s.left = inBody, n
		}
	}
	s.begun, s.old, s.encoding, s.length, s.lengths = false, false, false, "", 0
}

type connKey struct{}

// With remembers a request's connection; it is for http.Server.ConnContext.
func With(ctx context.Context, c net.Conn) context.Context {
	return context.WithValue(ctx, connKey{}, c)
}

// ConnOf is the connection that With has remembered, or nil.
func ConnOf(r *http.Request) net.Conn {
	c, _ := r.Context().Value(connKey{}).(net.Conn)
	return c
}

// Framed says whether a request is framed in one way only. It is to be asked once for
// every request. A connection that is no Listener's own, such as one that a TLS
// listener has wrapped, has no proxy before it that could read otherwise.
func Framed(r *http.Request) bool {
	c, ok := ConnOf(r).(*conn)
	return !ok || c.next()
}
