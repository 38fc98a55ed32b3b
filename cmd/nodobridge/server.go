package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"slices"
	"sync"
	"sync/atomic"

	"nodobridge/door"
)

// server is one listener with what serves it, and how both come to an end without
// failing a call.
//
// http.Server.Shutdown alone drops a request whose first bytes arrive while it shuts
// down (net/http looks at the shutdown after reading the request), so a station ends in
// three steps: it serves on while each answer closes its connection; it accepts no
// more and lets the connections that are not idle end; only then it shuts down.
type server struct {
	name     string
	listener net.Listener
	http     *http.Server
	log      *slog.Logger
	leaving  atomic.Bool // every answer closes its connection

	accepting chan struct{} // closed when no more are accepted; nil before start

	mu    sync.Mutex
	state map[net.Conn]http.ConnState // of connections that are not closed
	heard map[net.Conn]bool           // active ones whose request has reached the handler
	quiet *sync.Cond                  // a connection has changed its state while leaving
}

func newServer(name string, l net.Listener, h *http.Server, log *slog.Logger) *server {
	s := &server{name: name, listener: l, http: h, log: log.With("part", name), state: map[net.Conn]http.ConnState{}, heard: map[net.Conn]bool{}}
	s.quiet = sync.NewCond(&s.mu)
	next := h.Handler
	h.Handler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.hear(door.ConnOf(r))
		if s.leaving.Load() {
			w.Header().Set("Connection", "close")
		}
		if !door.Framed(r) {
			s.contradiction(w, r)
			return
		}
		next.ServeHTTP(w, r)
	})
	h.ConnState, h.ConnContext = s.note, door.With
	return s
}

// contradiction refuses a request that a proxy could read otherwise
// (reliability-security.md §9 row 30).
func (s *server) contradiction(w http.ResponseWriter, r *http.Request) {
	s.log.Warn("request refused", "status", http.StatusBadRequest, "peer", r.RemoteAddr, "reason", "Content-Length and Transfer-Encoding contradict each other")
	w.Header().Set("Connection", "close")
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.WriteHeader(http.StatusBadRequest)
	_, _ = io.WriteString(w, "400 Bad Request\n") // the caller has gone: nobody is left to tell
}

// hear notes that a connection's request has reached the handler, which logs it.
func (s *server) hear(c net.Conn) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.heard[c] = true
}

func (s *server) note(c net.Conn, state http.ConnState) {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch state {
	case http.StateClosed, http.StateHijacked:
		if s.state[c] == http.StateActive && !s.heard[c] {
			// net/http has answered by itself, or the header came too slowly.
			s.log.Warn("request refused", "peer", c.RemoteAddr().String(), "reason", "its header cannot be read")
		}
		delete(s.state, c)
		delete(s.heard, c)
	default:
		s.state[c] = state
		delete(s.heard, c)
	}
	if s.leaving.Load() {
		s.quiet.Broadcast()
	}
}

// start answers until the station leaves; only another end is told as a failure.
func (s *server) start(failed chan<- error) {
	s.accepting = make(chan struct{})
	go func() {
		defer close(s.accepting)
		err := s.http.Serve(s.listener)
		if !s.leaving.Load() && !errors.Is(err, http.ErrServerClosed) {
			failed <- fmt.Errorf("cannot serve %s: %w", s.name, err)
		}
	}()
}

// leave begins the end: every answer closes its connection from now on.
func (s *server) leave() { s.leaving.Store(true) }

// stop accepts no more, waits for the calls under way until the context ends, and
// closes what is idle.
func (s *server) stop(ctx context.Context) error {
	s.leave()
	err := closeOnce(s.listener.Close())
	if s.accepting != nil {
		<-s.accepting // the last one accepted is among the states
	}
	// A caller that has connected and says nothing is not waited for as long as one that
	// has begun to speak: others queue meanwhile.
	soon, cancel := context.WithTimeout(ctx, farewell)
	defer cancel()
	s.settle(soon, http.StateNew, http.StateActive)
	s.settle(ctx, http.StateActive)
	return errors.Join(err, closeOnce(s.http.Shutdown(ctx)))
}

// closeOnce forgives that a listener was closed already.
func closeOnce(err error) error {
	if errors.Is(err, net.ErrClosed) {
		return nil
	}
	return err
}

// settle waits until no connection is in one of the states.
func (s *server) settle(ctx context.Context, states ...http.ConnState) {
	wake := context.AfterFunc(ctx, func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.quiet.Broadcast()
	})
	defer wake()
	s.mu.Lock()
	defer s.mu.Unlock()
	for s.any(states) && ctx.Err() == nil {
		s.quiet.Wait()
	}
}

func (s *server) any(states []http.ConnState) bool {
	for _, state := range s.state {
		if slices.Contains(states, state) {
			return true
		}
	}
	return false
}
