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
	s.keepWorking(ctx, queue{name: "massive upload", woken: s.massive, work: s.workChunks, forget: func(ctx context.Context) error { return s.service.ForgetMassive(ctx, false) }})
}

// queue is work that waits in the store.
type queue struct {
	name   string
	woken  <-chan struct{}
	work   func(context.Context) (bool, error) // does some of it and says whether there was any
	forget func(context.Context) error         // removes what is too old, once a day
}

// keepWorking works a queue off until the context ends; after a failure it waits, longer
// each time.
func (s *Server) keepWorking(ctx context.Context, q queue) {
	pause := massivePause
	forget := time.NewTicker(forgetEvery)
	defer forget.Stop()
	for ctx.Err() == nil {
		busy, err := q.work(ctx)
		switch {
		case ctx.Err() != nil:
			return
		case err != nil:
			s.log.Error(q.name+" waits", "reason", err.Error(), "pause", pause)
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
		case <-q.woken:
		case <-forget.C:
			s.forget(ctx, q)
		}
	}
}

func (s *Server) forget(ctx context.Context, q queue) {
	if err := q.forget(ctx); err != nil {
		s.log.Error("what is old is not forgotten", "queue", q.name, "reason", err.Error())
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

// nextChunk is a chunk with its rows read for the first time.
type nextChunk struct {
	work  bridge.MassiveWork
	rows  []bridge.MassiveRow
	found bool
	err   error
}

func (s *Server) takeChunk(ctx context.Context, after bridge.MassiveWork) nextChunk {
	var c nextChunk
	c.work, c.found, c.err = s.service.NextMassive(ctx, after)
	if c.found && c.err == nil {
		c.rows, c.err = unpack(c.work)
	}
	return c
}

// read gives the rows as taken, and read anew when they are asked for again.
func (c *nextChunk) read() ([]bridge.MassiveRow, error) {
	if rows := c.rows; rows != nil {
		c.rows = nil
		return rows, nil
	}
	return unpack(c.work)
}

// workChunks works off what waits, and says whether there was anything. While one chunk is
// worked off the next is read, so that the writer does not wait for it.
func (s *Server) workChunks(ctx context.Context) (busy bool, err error) {
	chunk := s.takeChunk(ctx, bridge.MassiveWork{})
	for chunk.found && chunk.err == nil {
		ahead := make(chan nextChunk, 1)
		go func() { ahead <- s.takeChunk(ctx, chunk.work) }()
		err := s.service.WorkMassive(ctx, chunk.work, chunk.read)
		following := <-ahead
		if err != nil && !errors.Is(err, bridge.ErrNotFound) { // another turn has worked it off
			return busy, err
		}
		busy, chunk = true, following
	}
	return busy, chunk.err
}
