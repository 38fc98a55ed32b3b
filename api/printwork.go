package api

import (
	"context"
	"errors"
	"runtime"
	"syscall"
	"time"

	"nodobridge/bridge"
)

const (
	foldersKept  = 200 * 24 * time.Hour // pagoPA's (notices.md §6)
	printsAtOnce = 50                   // notices a transaction notes
)

func (s *Server) wakePrints() {
	select {
	case s.prints <- struct{}{}:
	default: // it has been told
	}
}

// WorkPrints tries the notices of folders, one after the other and no two at a time, until
// the context ends: a processor stays for the calls of the node. What a crash interrupts is
// tried again.
func (s *Server) WorkPrints(ctx context.Context) {
	q := queue{name: "printing", woken: s.prints, work: s.tryPrints, forget: func(ctx context.Context) error {
		_, err := s.service.ForgetFolders(ctx, s.foldersKept)
		return err
	}}
	s.forget(ctx, q)
	// A thread of its own, which ends with this goroutine: it gives way to those that answer.
	done := make(chan struct{})
	go func() {
		defer close(done)
		runtime.LockOSThread()
		if err := syscall.Setpriority(syscall.PRIO_PROCESS, syscall.Gettid(), printsNice); err != nil {
			s.log.Warn("printing does not give way to calls", "reason", err.Error())
		}
		s.keepWorking(ctx, q)
	}()
	<-done
}

// printsNice is how far the thread gives way (setpriority(2)): at 10 it gets a tenth of a
// core that a call wants too.
const printsNice = 10

// tryPrints tries the next notices and says whether there were any.
func (s *Server) tryPrints(ctx context.Context) (bool, error) {
	work, err := s.service.NextPrints(ctx, printsAtOnce)
	if err != nil || len(work) == 0 {
		return false, err
	}
	for i := range work {
		if ctx.Err() != nil {
			work = work[:i]
			break
		}
		w := &work[i]
		_, err := s.drawGently(ctx, w.Request)
		if w.State, w.Reason, err = s.tried(err); err != nil {
			return true, err
		}
	}
	return true, s.service.FinishPrints(context.WithoutCancel(ctx), work)
}

// drawGently draws one of many and then rests as long as that took: half a processor is
// enough for paper, and calls of the node find the other half free.
func (s *Server) drawGently(ctx context.Context, r *bridge.PrintRequest) ([]byte, error) {
	began := time.Now()
	file, err := s.draw(ctx, r)
	wait(ctx, min(time.Since(began), maxRest))
	return file, err
}

// maxRest bounds the rest, so that a busy machine is not taken for a slow drawing.
const maxRest = 5 * time.Millisecond

// tried says what became of a notice. A store that is away is an error: the notice waits.
func (s *Server) tried(err error) (bridge.PrintState, string, error) {
	var refusal *bridge.Error
	switch {
	case err == nil:
		return bridge.PrintDone, "", nil
	case errors.As(err, &refusal) && refusal.Code == bridge.CodeStoreUnavailable:
		return bridge.PrintWaiting, "", err
	case refusal != nil:
		return bridge.PrintFailed, refusal.Detail, nil
	}
	s.log.Error("a notice of a folder cannot be drawn", "reason", err.Error())
	return bridge.PrintFailed, "the notice cannot be drawn", nil
}
