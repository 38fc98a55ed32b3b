package store_test

import (
	"context"
	"sync/atomic"
	"testing"

	"nodobridge/bridge"
	"nodobridge/store"
)

const benchPositions = 2000

func benchStore(b *testing.B) *store.DB {
	db := openNew(b)
	for first := 0; first < benchPositions; first += 500 {
		list := make([]*bridge.Position, 500)
		for i := range list {
			list[i] = position(first + i)
		}
		insert(b, db, list...)
	}
	return db
}

// The node's point read, by a caller whose context can be cancelled as an HTTP
// request's can.
func BenchmarkNotice(b *testing.B) {
	db := benchStore(b)
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	b.ReportAllocs()
	for n := 0; b.Loop(); n++ {
		if _, err := db.Notice(ctx, ec, navOf(n%benchPositions)); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkNoticeParallel(b *testing.B) {
	db := benchStore(b)
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	var n atomic.Int64
	b.ReportAllocs()
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			if _, err := db.Notice(ctx, ec, navOf(int(n.Add(1))%benchPositions)); err != nil {
				b.Error(err)
			}
		}
	})
}

func BenchmarkPosition(b *testing.B) {
	db, ctx := benchStore(b), context.Background()
	for n := 0; b.Loop(); n++ {
		err := db.View(ctx, func(tx bridge.ReadTx) error { _, err := tx.PositionByNAV(ctx, ec, navOf(n%benchPositions)); return err })
		if err != nil {
			b.Fatal(err)
		}
	}
}

// Receipts with their effect, from one caller and from 32: what group commit is for.
func BenchmarkPayOne(b *testing.B) { benchPay(b, 1) }

func BenchmarkPay32(b *testing.B) { benchPay(b, 32) }

func benchPay(b *testing.B, callers int) {
	db, ctx := openNew(b), context.Background()
	var n atomic.Int64
	before := db.Commits()
	b.SetParallelism(callers) // times GOMAXPROCS
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			if err := db.Update(ctx, func(tx bridge.Tx) error { return pay(tx, int(n.Add(1))) }); err != nil {
				b.Error(err)
			}
		}
	})
	b.ReportMetric(float64(n.Load())/float64(db.Commits()-before), "jobs/commit")
}
