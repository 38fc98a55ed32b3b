package store_test

import (
	"context"
	"errors"
	"reflect"
	"testing"
	"time"

	"nodobridge/bridge"
	"nodobridge/store"
)

func TestPosition_RichTreeComesBackAsItWas(t *testing.T) {
	t.Parallel()
	db, ctx := openNew(t), context.Background()
	want := richPosition(1)
	insert(t, db, want)
	view(t, db, func(tx bridge.ReadTx) error {
		got, err := tx.Position(ctx, ec, want.IUPD)
		if err != nil {
			return err
		}
		if !reflect.DeepEqual(got, want) {
			t.Errorf("got  %+v\nwant %+v", got, want)
		}
		byNAV, err := tx.PositionByNAV(ctx, ec, navOf(3))
		if !reflect.DeepEqual(byNAV, want) {
			t.Errorf("by NAV: %+v", byNAV)
		}
		return err
	})
}

func TestPosition_UnknownIsNotFound(t *testing.T) {
	t.Parallel()
	db, ctx := openNew(t), context.Background()
	insert(t, db, position(1))
	view(t, db, func(tx bridge.ReadTx) error {
		for _, read := range []func() error{
			func() error { _, err := tx.Position(ctx, ec, "none"); return err },
			func() error { _, err := tx.Position(ctx, other, "iupd-0001"); return err },
			func() error { _, err := tx.PositionByNAV(ctx, ec, navOf(2)); return err },
			func() error { _, err := tx.PositionByNAV(ctx, other, navOf(1)); return err },
		} {
			if err := read(); !errors.Is(err, bridge.ErrNotFound) {
				t.Errorf("got %v, want not found", err)
			}
		}
		return nil
	})
}

func TestNotice_IsThePositionsReadModel(t *testing.T) {
	t.Parallel()
	db := openNew(t)
	p := richPosition(1)
	insert(t, db, p)
	sameNotices(t, db, p)

	p.Status, p.LastUpdatedAt, p.PaidAt = bridge.Paid, noon.Add(time.Hour), noon.Add(time.Hour)
	in := &p.Options[1].Instalments[1]
	in.Status, in.PaidAt, in.ReceiptID, in.LastUpdatedAt = bridge.InstalmentPaid, p.PaidAt, "receipt-2", p.PaidAt
	in.Transfers[0].Status = bridge.TransferReported
	p.Options[0].ValidFrom = noon.Add(time.Second)
	update(t, db, func(tx bridge.Tx) error { return tx.UpdatePositionState(context.Background(), p) })
	sameNotices(t, db, p)
	view(t, db, func(tx bridge.ReadTx) error {
		got, err := tx.Position(context.Background(), ec, p.IUPD)
		if !reflect.DeepEqual(got, p) {
			t.Errorf("got  %+v\nwant %+v", got, p)
		}
		return err
	})

	update(t, db, func(tx bridge.Tx) error { return tx.DeletePosition(context.Background(), ec, p.IUPD) })
	for n := 1; n <= 3; n++ {
		if _, err := db.Notice(context.Background(), ec, navOf(n)); !errors.Is(err, bridge.ErrNotFound) {
			t.Errorf("notice %d of a deleted position: %v", n, err)
		}
	}
}

func sameNotices(t *testing.T, db *store.DB, p *bridge.Position) {
	t.Helper()
	for _, want := range p.Notices() {
		got, err := db.Notice(context.Background(), ec, want.NAV)
		if err != nil {
			t.Fatalf("Notice: %v", err)
		}
		if !reflect.DeepEqual(*got, want) {
			t.Errorf("got  %+v\nwant %+v", *got, want)
		}
	}
}

func TestNotice_OfAnotherECIsNotFound(t *testing.T) {
	t.Parallel()
	db := openNew(t)
	insert(t, db, position(1))
	if _, err := db.Notice(context.Background(), other, navOf(1)); !errors.Is(err, bridge.ErrNotFound) {
		t.Errorf("got %v, want not found", err)
	}
}

func TestInsertPosition_CollisionLeavesNothing(t *testing.T) {
	t.Parallel()
	for name, spoil := range map[string]func(*bridge.Position){
		"iupd": func(p *bridge.Position) { p.IUPD = "iupd-0001" },
		"iuv":  func(p *bridge.Position) { p.Options[1].Instalments[1].IUV = iuvOf(1) },
		"nav":  func(p *bridge.Position) { p.Options[1].Instalments[1].NAV = navOf(1) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			db, ctx := openNew(t), context.Background()
			insert(t, db, position(1))
			p := richPosition(11)
			spoil(p)
			// The function goes on after the refusal and commits the rest.
			update(t, db, func(tx bridge.Tx) error {
				if err := tx.InsertPosition(ctx, p); !errors.Is(err, bridge.ErrExists) {
					t.Errorf("got %v, want exists", err)
				}
				return tx.InsertReceipt(ctx, receipt(1))
			})
			// Nothing of the refused tree is left to collide with.
			insert(t, db, richPosition(11))
			view(t, db, func(tx bridge.ReadTx) error {
				_, err := tx.Receipt(ctx, ec, receipt(1).ReceiptID)
				return err
			})
		})
	}
}

func TestInsertPosition_SameNumbersAtAnotherEC(t *testing.T) {
	t.Parallel()
	db := openNew(t)
	insert(t, db, position(1))
	p := position(1)
	p.EC = other
	insert(t, db, p) // gpd-api.md §1.7: no constraint across organizations
}

func TestInsertPosition_RefusesWhatBreaksTheRules(t *testing.T) {
	t.Parallel()
	db, ctx := openNew(t), context.Background()
	for name, spoil := range map[string]func(*bridge.Position){
		"no option": func(p *bridge.Position) { p.Options = nil },
		"one option of several without instalments": func(p *bridge.Position) {
			p.Options = append(p.Options, bridge.Option{Debtor: p.Options[0].Debtor})
		},
		"unknown status":    func(p *bridge.Position) { p.Status = "GONE" },
		"sum differs":       func(p *bridge.Position) { p.Options[0].Instalments[0].Transfers[0].Amount-- },
		"amount zero":       func(p *bridge.Position) { p.Options[0].Instalments[0].Amount = 0 },
		"no transfer":       func(p *bridge.Position) { p.Options[0].Instalments[0].Transfers = nil },
		"probe's number":    func(p *bridge.Position) { p.Options[0].Instalments[0].NAV = bridge.ProbeNotice },
		"paid without time": func(p *bridge.Position) { p.Options[0].Instalments[0].Status = bridge.InstalmentPaid },
		"IBAN and stamp":    func(p *bridge.Position) { p.Options[0].Instalments[0].Transfers[0].Stamp = &bridge.Stamp{} },
		"debtor of no type": func(p *bridge.Position) { p.Options[0].Debtor.Type = "" },
		"year without width": func(p *bridge.Position) {
			p.Options[0].Instalments[0].DueDate = time.Date(10000, 1, 1, 0, 0, 0, 0, time.UTC)
		},
	} {
		p := position(1)
		spoil(p)
		err := db.Update(ctx, func(tx bridge.Tx) error { return tx.InsertPosition(ctx, p) })
		if err == nil || errors.Is(err, bridge.ErrExists) {
			t.Errorf("%s: got %v, want a refusal", name, err)
		}
	}
	insert(t, db, position(1))
}

func TestUpdatePositionState_OnlyOfTheStoredTree(t *testing.T) {
	t.Parallel()
	for name, spoil := range map[string]func(*bridge.Position){
		"unknown position":    func(p *bridge.Position) { p.IUPD = "none" },
		"another EC":          func(p *bridge.Position) { p.EC = other },
		"an option more":      func(p *bridge.Position) { p.Options = append(p.Options, option(instalment(9))) },
		"an instalment more":  func(p *bridge.Position) { p.Options[0].Instalments = append(p.Options[0].Instalments, instalment(9)) },
		"another NAV":         func(p *bridge.Position) { p.Options[0].Instalments[0].NAV = navOf(9) },
		"another transfer id": func(p *bridge.Position) { p.Options[0].Instalments[0].Transfers[0].ID = 2 },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			db, ctx := openNew(t), context.Background()
			insert(t, db, position(1))
			p := position(1)
			p.Status = bridge.Invalid
			spoil(p)
			update(t, db, func(tx bridge.Tx) error {
				if err := tx.UpdatePositionState(ctx, p); !errors.Is(err, bridge.ErrNotFound) {
					t.Errorf("got %v, want not found", err)
				}
				return nil // and what it had changed is not committed
			})
			sameNotices(t, db, position(1))
		})
	}
}
