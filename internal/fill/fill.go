// Package fill makes stores of many positions for measurements: the same positions in
// the same order every time, written by the store's and the domain's own code, with
// journal and chain as uploads leave them. No station imports it.
package fill

import (
	"context"
	"errors"
	"fmt"
	"time"

	"nodobridge/bridge"
	"nodobridge/store"
)

// The parties of a filled store; internal/bench gives its station the same ones.
const (
	EC       bridge.ECCode = "77777777777"
	Province bridge.ECCode = "88888888888" // receives the second transfer of each position
	Broker                 = "99999999999"
	Station                = "99999999999_01"
)

// segregation is the code of every notice number.
const segregation = "02"

// Amount is what every position costs, so that a receipt for any notice is right: 114.29
// for the EC and 5.71 for the province, as a waste tax with its surcharge.
const (
	Amount     bridge.Cents = 12000
	provincial bridge.Cents = 571
)

// batch is how many positions share a commit. More cost more each: releasing a savepoint
// walks over all that the transaction has changed (90 microseconds a position at 100,
// 140 at 1000).
const batch = 100

// epoch is when the first position was uploaded; each batch comes a minute later.
var epoch = time.Date(2026, 1, 1, 6, 0, 0, 0, time.UTC)

// NAV is the notice number of the n-th position, from 0.
func NAV(n int) bridge.NoticeNumber {
	nav, err := bridge.NewNoticeNumber(segregation, int64(n)+1)
	if err != nil {
		panic(err) // n is no count of positions
	}
	return nav
}

// IUPD is the n-th position's name.
func IUPD(n int) bridge.IUPD { return bridge.IUPD(fmt.Sprintf("TARI-2026-%08d", n)) }

// Parties is the registry of the broker's one station.
func Parties() (*bridge.Registry, error) {
	return bridge.NewRegistry([]bridge.Broker{{
		Code: Broker,
		Stations: map[string]bridge.Station{Station: {
			ID:  Station,
			ECs: map[bridge.ECCode]bridge.CreditorInstitution{EC: {Code: EC, Name: "Comune di Prova"}},
		}},
	}})
}

// uploads is the clock of the uploads.
type uploads struct{ now time.Time }

func (u *uploads) Now() time.Time { return u.now }

// Store creates a store in dir, which must not hold one, and fills it with count
// published positions. told hears how many there are after each commit; it may be nil.
func Store(ctx context.Context, dir string, count int, told func(int)) (err error) {
	if count < 0 {
		return fmt.Errorf("cannot fill a store with %d positions: want 0 or more", count)
	}
	parties, err := Parties()
	if err != nil {
		return err
	}
	if err := store.Init(dir); err != nil {
		return err
	}
	db, err := store.Open(ctx, store.Options{Dir: dir})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close(context.WithoutCancel(ctx))) }()
	clock := &uploads{epoch}
	service := bridge.NewService(db, clock, parties)
	by := bridge.Principal{KeyID: "000000000000", ECs: []bridge.ECCode{EC}}
	for first := 0; first < count; first += batch {
		list := make([]*bridge.Position, min(batch, count-first))
		for i := range list {
			list[i] = Position(first + i)
		}
		if err := service.CreatePositions(ctx, by, EC, list, true); err != nil {
			return fmt.Errorf("cannot fill the store behind position %d: %w", first, err)
		}
		clock.now = clock.now.Add(time.Minute)
		if told != nil {
			told(first + len(list))
		}
	}
	return nil
}
