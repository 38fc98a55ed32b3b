package api

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"time"

	"nodobridge/bridge"
)

// wakeMassive tells the worker that a file has come.
func (s *Server) wakeMassive() {
	select {
	case s.massive <- struct{}{}:
	default: // it has been told
	}
}

// How long the worker waits after a failure, at first and at the most, and how often it
// forgets old files.
const (
	massivePause    = time.Second
	maxMassivePause = 30 * time.Second
	forgetEvery     = 24 * time.Hour
)

// PrepareMassive removes what an earlier process left of uploads that it was taking; it
// is to be called before requests are.
func (s *Server) PrepareMassive(ctx context.Context) error {
	stale, err := filepath.Glob(filepath.Join(s.tempDir, uploadPattern))
	errs := []error{err}
	for _, name := range stale {
		errs = append(errs, os.Remove(name))
	}
	return errors.Join(append(errs, s.service.ForgetMassive(ctx, true))...)
}

// WorkMassive works off uploaded files, one chunk after the other, until the context
// ends. A chunk is one transaction, so that receipts come in between.
func (s *Server) WorkMassive(ctx context.Context) {
	pause := massivePause
	forget := time.NewTicker(forgetEvery)
	defer forget.Stop()
	for ctx.Err() == nil {
		busy, err := s.workChunk(ctx)
		switch {
		case ctx.Err() != nil:
			return
		case err != nil:
			s.log.Error("massive upload waits", "reason", err.Error(), "pause", pause)
			wait(ctx, pause)
			pause = min(2*pause, maxMassivePause)
			continue
		}
		pause = massivePause
		if busy {
			continue
		}
		select {
		case <-ctx.Done():
		case <-s.massive:
		case <-forget.C:
			if err := s.service.ForgetMassive(ctx, false); err != nil {
				s.log.Error("old files are not forgotten", "reason", err.Error())
			}
		}
	}
}

func wait(ctx context.Context, pause time.Duration) {
	timer := time.NewTimer(pause)
	defer timer.Stop()
	select {
	case <-ctx.Done():
	case <-timer.C:
	}
}

// workChunk works off the next chunk and says whether there was one.
func (s *Server) workChunk(ctx context.Context) (bool, error) {
	work, found, err := s.service.NextMassive(ctx)
	if err != nil || !found {
		return false, err
	}
	err = s.service.WorkMassive(ctx, work, func() ([]bridge.MassiveRow, error) { return unpack(work) })
	if errors.Is(err, bridge.ErrNotFound) {
		return true, nil // another turn has worked it off
	}
	return true, err
}
