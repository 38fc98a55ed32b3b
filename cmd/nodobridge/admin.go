package main

import (
	"context"
	"io"
	"net/http"
	"time"

	"nodobridge/bridge"
)

// adminServer answers the supervisor and the metrics collector; it listens on
// loopback and shows no position, receipt or person.
func adminServer(db bridge.Store, m *metrics, g gauges) *http.Server {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /livez", func(w http.ResponseWriter, _ *http.Request) { say(w, http.StatusOK, "ok\n") })
	mux.HandleFunc("GET /readyz", func(w http.ResponseWriter, req *http.Request) {
		ctx, cancel := context.WithTimeout(req.Context(), 2*time.Second)
		defer cancel()
		err := db.View(ctx, func(tx bridge.ReadTx) error {
			_, err := tx.Keys(ctx)
			return err
		})
		if err != nil {
			say(w, http.StatusServiceUnavailable, "the store does not answer\n")
			return
		}
		say(w, http.StatusOK, "ok\n")
	})
	mux.HandleFunc("GET /metrics", func(w http.ResponseWriter, req *http.Request) {
		ctx, cancel := context.WithTimeout(req.Context(), 2*time.Second)
		defer cancel()
		w.Header().Set("Content-Type", "text/plain; version=0.0.4; charset=utf-8")
		say(w, http.StatusOK, exposition(append(m.families(), g.families(ctx)...)))
	})
	return smallServer(mux)
}

// smallServer has the limits of a listener for a few local callers.
func smallServer(h http.Handler) *http.Server {
	return &http.Server{
		Handler: h, ReadHeaderTimeout: 5 * time.Second, ReadTimeout: 10 * time.Second, WriteTimeout: 30 * time.Second,
		IdleTimeout: 60 * time.Second, MaxHeaderBytes: 16 << 10,
	}
}

func say(w http.ResponseWriter, status int, text string) {
	w.WriteHeader(status)
	_, _ = io.WriteString(w, text) // the caller has gone: nobody is left to tell
}
