package main

import (
	"context"
	"log/slog"
	"time"

	"nodobridge/bridge"
)

// turnEvery is how often what time has moved is stored. Nobody waits for it: every
// read judges by the clock (gpd-api.md §2.4).
const turnEvery = time.Minute

// keepTurning stores what time moves, and when keys were used, until the context ends.
func keepTurning(ctx context.Context, service *bridge.Service, log *slog.Logger) {
	ticker := time.NewTicker(turnEvery)
	defer ticker.Stop()
	for {
		n, err := service.TurnClock(ctx)
		switch {
		case err != nil && ctx.Err() == nil:
			log.Error("cannot store what time has moved", "reason", err.Error())
		case n > 0:
			log.Info("time has moved positions", "count", n)
		}
		if err := service.ForgetLetters(ctx); err != nil && ctx.Err() == nil {
			log.Error("cannot forget dead letters", "reason", err.Error())
		}
		if err := service.NoteUses(ctx); err != nil && ctx.Err() == nil {
			log.Error("cannot note the use of keys", "reason", err.Error())
		}
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
	}
}
