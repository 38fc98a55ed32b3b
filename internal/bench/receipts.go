package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os"
	"sync"
	"sync/atomic"
	"time"

	"nodobridge/bridge"
	"nodobridge/internal/fill"
	"nodobridge/load"
	"nodobridge/store"
)

// bareResult is what recording receipts without HTTP came to.
type bareResult struct {
	Receipts int64
	Elapsed  time.Duration
	P99      time.Duration
}

func (b bareResult) rate() float64 { return float64(b.Receipts) / b.Elapsed.Seconds() }

type systemClock struct{}

func (systemClock) Now() time.Time { return time.Now() }

// recordReceipts is the bare loop that paSendRTV2 is held against: the same rows in the
// same batches on the same disk, from as many callers, without HTTP and XML. It prints
// a bareResult as JSON.
func recordReceipts(ctx context.Context, args []string) (err error) {
	flags := flag.NewFlagSet("receipts", flag.ExitOnError)
	dir := flags.String("dir", "", "folder of a filled store")
	positions := flags.Int("positions", 1000, "how many it has")
	first := flags.Int64("first", 0, "how many of them have had a receipt")
	callers := flags.Int("callers", 64, "how many receipts are under way at once")
	length := flags.Int("bytes", 3000, "length of a receipt's body")
	duration := flags.Duration("duration", 3*time.Second, "for how long")
	if err := flags.Parse(args); err != nil {
		return err
	}
	parties, err := fill.Parties()
	if err != nil {
		return err
	}
	db, err := store.Open(ctx, store.Options{Dir: *dir})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close(context.WithoutCancel(ctx))) }()
	service := bridge.NewService(db, systemClock{}, parties)
	raw := make([]byte, *length)
	var next atomic.Int64
	next.Store(*first)
	latencies, failures := make([]load.Histogram, *callers), make([]error, *callers)
	start := time.Now()
	end := start.Add(*duration)
	var group sync.WaitGroup
	for c := range *callers {
		group.Go(func() {
			for ctx.Err() == nil && failures[c] == nil {
				n := next.Add(1) - 1
				begin := time.Now()
				if n >= int64(*positions) || begin.After(end) {
					return
				}
				failures[c] = service.RecordReceipt(ctx, delivery(scattered(int(n), *positions), raw))
				latencies[c].Add(time.Since(begin))
			}
		})
	}
	group.Wait()
	all, result := new(load.Histogram), bareResult{Elapsed: time.Since(start)}
	for c := range latencies {
		all.Merge(&latencies[c])
	}
	result.Receipts, result.P99 = all.Count(), all.Quantile(0.99)
	if err := errors.Join(failures...); err != nil {
		return fmt.Errorf("cannot record a receipt: %w", err)
	}
	return json.NewEncoder(os.Stdout).Encode(result)
}

// stride scatters receipts over a store: a prime above every number of positions that is
// measured, so that each notice comes once.
const stride = 1_000_003

// scattered is the n-th notice to be paid.
func scattered(n, positions int) int { return int(int64(n) * stride % int64(positions)) }

// delivery is the receipt of the n-th position as the node delivers it.
func delivery(n int, raw []byte) bridge.Delivery {
	nav := fill.NAV(n)
	return bridge.Delivery{
		Addressee: bridge.Addressee{EC: string(fill.EC), Broker: fill.Broker, Station: fill.Station},
		Receipt: bridge.Receipt{
			Version: bridge.ReceiptV2, ReceiptID: fmt.Sprintf("BARE-%020d", n), NAV: nav, PrimaryEC: fill.EC, IUV: nav.IUV(),
			Outcome: bridge.OutcomeOK, Amount: fill.Amount, TransferTotal: fill.Amount, Fee: 150, Raw: raw,
			DebtorFiscalCode: "RSSMRA80A01H501U", PSPCode: "ABI99999", PSPFiscalCode: "88888888888", PSPCompany: "Banca di Prova S.p.A.",
			PaymentMethod: "creditCard", PaymentDateTime: "2026-11-28T12:00:00.000Z", ApplicationDate: "2026-11-28", TransferDate: "2026-11-29",
		},
	}
}
