package bridge

import (
	"context"
	"time"
)

// Vitals are what monitoring asks the store for; each is cheap, however large the store.
type Vitals struct {
	Receipts     int64                // all that were ever recorded
	Anomalies    map[AnomalyClass]int // those behind the number that was asked for
	LastAnomaly  int64                // the number of the newest one, 0 when there is none
	OldestUpload time.Time            // when the oldest file came that is not worked off; zero for none
}

// Vitals counts the anomalies behind a number, and the rest as it is now.
func (s *Service) Vitals(ctx context.Context, after int64) (Vitals, error) {
	var v Vitals
	err := s.store.View(ctx, func(tx ReadTx) (err error) {
		v, err = tx.Vitals(ctx, after)
		return err
	})
	return v, unavailable("read the vitals", err)
}
