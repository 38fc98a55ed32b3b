package load

import (
	"context"
	"time"
)

// worker is one connection and what it has counted.
type worker struct {
	run   *run
	conn  *conn // nil while there is none
	buf   []byte
	kinds []Kind
	last  time.Time // of the last counted answer
}

// pause keeps a closed loop from spinning on a server that is not there.
const pause = 10 * time.Millisecond

// work asks until there is nothing left to ask.
func (w *worker) work(ctx context.Context) {
	defer func() { w.hangUp() }()
	open := len(w.run.Phases) > 0
	for ctx.Err() == nil && !w.run.exhausted.Load() {
		n := w.run.next.Add(1) - 1
		begin := time.Now()
		if open {
			due, more := w.run.due(n)
			if !more || !sleepUntil(ctx, due) {
				return
			}
			begin = due
		} else if !begin.Before(w.run.end) {
			return
		}
		request, ok := w.run.Write(w.buf[:0], n)
		if !ok {
			w.run.exhausted.Store(true)
			return
		}
		w.buf = request.Bytes
		wrong := w.ask(ctx, request.Bytes)
		if ctx.Err() != nil {
			return // it was not the server that ended it
		}
		end := time.Now()
		if !begin.Before(w.run.counted) {
			w.count(request.Kind, end.Sub(begin), wrong)
			w.last = end
		}
		if wrong != "" && w.conn == nil && !open {
			sleepUntil(ctx, time.Now().Add(pause))
		}
	}
}

func (w *worker) count(kind int, took time.Duration, wrong string) {
	k := &w.kinds[kind]
	k.Latency.Add(took)
	if wrong == "" {
		return
	}
	if k.Errors == nil {
		k.Errors = map[string]int64{}
	}
	k.Errors[wrong]++
}

// ask sends one request and says what was wrong with the answer.
func (w *worker) ask(ctx context.Context, request []byte) string {
	if w.conn == nil {
		var err error
		w.conn, err = dial(ctx, w.run.Plan)
		if err != nil {
			return "connect: " + cause(err)
		}
	}
	status, body, err := w.conn.exchange(request, w.run.Timeout)
	if err != nil {
		w.hangUp()
		return cause(err)
	}
	wrong := w.run.Judge(status, body)
	if w.conn.closing {
		w.hangUp()
	}
	return wrong
}

func (w *worker) hangUp() {
	if w.conn != nil {
		_ = w.conn.net.Close() // nothing is under way on it
		w.conn = nil
	}
}

// sleepUntil is false when ctx has ended first.
func sleepUntil(ctx context.Context, at time.Time) bool {
	left := time.Until(at)
	if left <= 0 {
		return ctx.Err() == nil
	}
	timer := time.NewTimer(left)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}
