package api

import (
	"bufio"
	"fmt"
	"io"
	"net/http"
	"time"
)

// streamed begins an answer with its first bytes, so that what is refused before there
// are any is refused as everything is.
type streamed struct {
	w      http.ResponseWriter
	answer *reply
	began  bool
}

func (s *streamed) Write(b []byte) (int, error) {
	if !s.began {
		s.began = true
		s.w.Header().Set("Content-Type", s.answer.kind)
		s.w.WriteHeader(s.answer.status)
	}
	return s.w.Write(b)
}

// streamBuffer is what is gathered before an answer begins.
const streamBuffer = 64 << 10

// stream sends an answer as it is made. One that fails midway is cut off, so that nobody
// takes it for whole.
func (s *Server) stream(w http.ResponseWriter, r *http.Request, op *operation, answer *reply) {
	out := &streamed{w: w, answer: answer}
	buffer := bufio.NewWriterSize(out, streamBuffer)
	err := answer.stream(buffer)
	if err != nil && !out.began {
		for name := range answer.header {
			w.Header().Del(name)
		}
		s.refuse(w, r, op, err)
		return
	}
	if err == nil {
		err = buffer.Flush()
	}
	if err != nil {
		exchangeOf(r).cause = fmt.Errorf("cannot send the answer to its end: %w", err)
		_ = http.NewResponseController(w).SetWriteDeadline(time.Now()) // the last chunk cannot be sent any more
	}
}

var _ io.Writer = (*streamed)(nil)
