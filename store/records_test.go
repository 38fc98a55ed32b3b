package store_test

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"testing"
	"time"

	"nodobridge/bridge"
	"nodobridge/store"
)

func TestReceipt_ComesBackAsItWasOncePerRecipient(t *testing.T) {
	t.Parallel()
	db, ctx := openNew(t), context.Background()
	first, second := receipt(1), receipt(2)
	second.NAV, second.IUPD, second.Raw = first.NAV, "", []byte{}
	atOther := receipt(1)
	atOther.EC, atOther.Outcome, atOther.Amount = other, "strange", -1 // never refused for what it says
	update(t, db, func(tx bridge.Tx) error {
		return errors.Join(tx.InsertReceipt(ctx, first), tx.InsertReceipt(ctx, second), tx.InsertReceipt(ctx, atOther))
	})
	if err := db.Update(ctx, insertReceipt(1)); !errors.Is(err, bridge.ErrExists) {
		t.Errorf("second time: %v", err)
	}
	view(t, db, func(tx bridge.ReadTx) error {
		got, err := tx.Receipt(ctx, ec, first.ReceiptID)
		if err != nil || !reflect.DeepEqual(got, first) {
			t.Errorf("got  %+v, %v\nwant %+v", got, err, first)
		}
		if got, err = tx.Receipt(ctx, other, first.ReceiptID); err != nil || !reflect.DeepEqual(got, atOther) {
			t.Errorf("at the other EC: %+v, %v", got, err)
		}
		if _, err := tx.Receipt(ctx, other, second.ReceiptID); !errors.Is(err, bridge.ErrNotFound) {
			t.Errorf("unknown: %v", err)
		}
		list, err := tx.ReceiptsByNAV(ctx, ec, first.NAV)
		if !reflect.DeepEqual(list, []bridge.Receipt{*first, *second}) {
			t.Errorf("by NAV: %+v", list)
		}
		return err
	})
}

func TestReceipt_WithoutWhatIdentifiesItIsRefused(t *testing.T) {
	t.Parallel()
	db, ctx := openNew(t), context.Background()
	for name, spoil := range map[string]func(*bridge.Receipt){
		"no id":      func(r *bridge.Receipt) { r.ReceiptID = "" },
		"no EC":      func(r *bridge.Receipt) { r.EC = "" },
		"no version": func(r *bridge.Receipt) { r.Version = 0 },
		"no arrival": func(r *bridge.Receipt) { r.ReceivedAt = time.Time{} },
	} {
		r := receipt(1)
		spoil(r)
		if err := db.Update(ctx, func(tx bridge.Tx) error { return tx.InsertReceipt(ctx, r) }); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}

func TestReceipt_OutlivesItsPosition(t *testing.T) {
	t.Parallel()
	db, ctx := openNew(t), context.Background()
	insert(t, db, position(1))
	update(t, db, insertReceipt(1))
	update(t, db, func(tx bridge.Tx) error { return tx.DeletePosition(ctx, ec, "iupd-0001") })
	if !hasReceipt(t, db, 1) {
		t.Error("the receipt went with the position")
	}
	err := db.Update(ctx, func(tx bridge.Tx) error { return tx.DeletePosition(ctx, ec, "iupd-0001") })
	if !errors.Is(err, bridge.ErrNotFound) {
		t.Errorf("second delete: %v", err)
	}
}

func TestKeepVariant_KeepsOtherBytesOnce(t *testing.T) {
	t.Parallel()
	db, ctx := openNew(t), context.Background()
	update(t, db, insertReceipt(1))
	for i, c := range []struct {
		raw   string
		isNew bool
	}{{"<receipt>1</receipt>", false}, {"other", true}, {"other", false}, {"third", true}, {"", true}, {"", false}} {
		r := receipt(1)
		r.Raw = []byte(c.raw)
		update(t, db, func(tx bridge.Tx) error {
			isNew, err := tx.KeepVariant(ctx, r)
			if isNew != c.isNew {
				t.Errorf("%d: %q new: %v", i, c.raw, isNew)
			}
			return err
		})
	}
	if err := db.Update(ctx, func(tx bridge.Tx) error { _, err := tx.KeepVariant(ctx, receipt(2)); return err }); err == nil {
		t.Error("a variant of an unknown receipt was kept")
	}
}

func TestAnomaliesAndRejected_AreKept(t *testing.T) {
	t.Parallel()
	db, ctx := openNew(t), context.Background()
	want := []bridge.Anomaly{
		{ID: 1, Class: bridge.AnomalyAmount, EC: string(ec), ReceiptID: "r", NAV: navOf(1), Detail: "paymentAmount 1.00", At: noon},
		{ID: 2, Class: bridge.AnomalyIUV, EC: string(ec), At: noon.Add(-time.Hour)},
	}
	update(t, db, func(tx bridge.Tx) error {
		return errors.Join(
			tx.InsertAnomaly(ctx, want[0]), tx.InsertAnomaly(ctx, want[1]),
			tx.InsertAnomaly(ctx, bridge.Anomaly{Class: bridge.AnomalyUnreadable, EC: "not a code", At: noon}),
		)
	})
	update(t, db, func(tx bridge.Tx) error {
		for i, raw := range []string{"", "x", "x"} { // sent again, kept once
			isNew, err := tx.KeepRejected(ctx, bridge.RejectedInput{Operation: "paSendRT", Reason: "unreadable", Raw: []byte(raw), At: noon})
			if err != nil || isNew != (i < 2) {
				t.Errorf("input %d: new is %v, %v", i, isNew, err)
			}
		}
		return nil
	})
	view(t, db, func(tx bridge.ReadTx) error {
		got, err := tx.Anomalies(ctx, ec)
		if !reflect.DeepEqual(got, want) {
			t.Errorf("got %+v", got)
		}
		if n, err := store.Number(tx, "SELECT count(*) FROM rejected_input"); n != 2 || err != nil {
			t.Errorf("%d rejected inputs, %v", n, err)
		}
		return err
	})
}

func TestKeys_LiveAndRevoked(t *testing.T) {
	t.Parallel()
	db, ctx := openNew(t), context.Background()
	older := bridge.Key{ID: "bbb", SecretHash: [32]byte{1, 31: 2}, Name: "Comune", ECs: []bridge.ECBinding{{EC: other, Segregations: []string{"47", "48"}}, {EC: ec}}, Scopes: []bridge.Scope{bridge.PositionsRead, bridge.ReceiptsRead}, CreatedAt: noon}
	newer := bridge.Key{ID: "aaa", Name: "Partner", ECs: []bridge.ECBinding{{EC: ec}}, CreatedAt: noon.Add(time.Second)}
	update(t, db, func(tx bridge.Tx) error { return errors.Join(tx.InsertKey(ctx, newer), tx.InsertKey(ctx, older)) })
	for name, k := range map[string]bridge.Key{
		"same id":       {ID: "aaa", Name: "x", ECs: []bridge.ECBinding{{EC: other}}, CreatedAt: noon},
		"no EC":         {ID: "ccc", Name: "x", CreatedAt: noon},
		"an EC twice":   {ID: "ccc", Name: "x", ECs: []bridge.ECBinding{{EC: ec}, {EC: ec}}, CreatedAt: noon},
		"an EC no code": {ID: "ccc", Name: "x", ECs: []bridge.ECBinding{{EC: "1"}}, CreatedAt: noon},
	} {
		err := db.Update(ctx, func(tx bridge.Tx) error { return tx.InsertKey(ctx, k) })
		if err == nil || errors.Is(err, bridge.ErrExists) != (name == "same id") {
			t.Errorf("%s: %v", name, err)
		}
	}
	revoke := func(id string) error {
		return db.Update(ctx, func(tx bridge.Tx) error { return tx.RevokeKey(ctx, id, noon.Add(time.Minute)) })
	}
	if err := revoke("bbb"); err != nil {
		t.Error(err)
	}
	older.RevokedAt = noon.Add(time.Minute)
	newer.ExpiresAt, newer.LastUsedAt = noon.Add(time.Hour), noon.Add(time.Minute)
	update(t, db, func(tx bridge.Tx) error {
		return errors.Join(tx.ExpireKey(ctx, "aaa", newer.ExpiresAt), tx.NoteKeyUse(ctx, "aaa", newer.LastUsedAt), tx.NoteKeyUse(ctx, "ccc", noon))
	})
	if err := db.Update(ctx, func(tx bridge.Tx) error { return tx.ExpireKey(ctx, "bbb", noon) }); !errors.Is(err, bridge.ErrNotFound) {
		t.Errorf("expire a revoked key: %v", err)
	}
	for _, id := range []string{"bbb", "ccc"} {
		if err := revoke(id); !errors.Is(err, bridge.ErrNotFound) {
			t.Errorf("revoke %s: %v", id, err)
		}
	}
	view(t, db, func(tx bridge.ReadTx) error {
		keys, err := tx.Keys(ctx)
		if !reflect.DeepEqual(keys, []bridge.Key{older, newer}) {
			t.Errorf("keys %+v, %v", keys, err)
		}
		key, err := tx.Key(ctx, "bbb")
		if err != nil || !reflect.DeepEqual(*key, older) {
			t.Errorf("key %+v, %v", key, err)
		}
		if _, err := tx.Key(ctx, "ccc"); !errors.Is(err, bridge.ErrNotFound) {
			t.Errorf("unknown key: %v", err)
		}
		return nil
	})
}

func TestJournal_IsAppendOnly(t *testing.T) {
	t.Parallel()
	db, ctx := openNew(t), context.Background()
	update(t, db, func(tx bridge.Tx) error {
		return tx.Journal(ctx, bridge.JournalEntry{At: noon, Actor: "node", Action: "receipt.record", EC: string(ec), Object: "r", Detail: "d"})
	})
	for _, statement := range []string{
		"UPDATE journal SET actor = 'nobody'",
		"DELETE FROM journal",
		"REPLACE INTO journal (id, at, actor, action, ec, object, detail) SELECT id, at, 'nobody', action, ec, object, detail FROM journal",
		"INSERT INTO journal (id, at, actor, action, ec, object, detail) SELECT id, at, 'x', action, ec, object, detail FROM journal ON CONFLICT DO UPDATE SET actor = 'nobody'",
	} {
		err := db.Update(ctx, func(tx bridge.Tx) error { return store.Raw(tx, statement) })
		if err == nil {
			t.Errorf("allowed: %s", statement)
		}
	}
	view(t, db, func(tx bridge.ReadTx) error {
		n, err := store.Number(tx, "SELECT count(*) FROM journal WHERE actor = 'node' AND object = 'r' AND detail = 'd'")
		if n != 1 {
			t.Errorf("%d records as written", n)
		}
		return err
	})
}

func TestView_SeesOneSnapshotAndCannotWrite(t *testing.T) {
	t.Parallel()
	db, ctx := openNew(t), context.Background()
	insert(t, db, position(1))
	var late bridge.ReadTx
	view(t, db, func(tx bridge.ReadTx) error {
		late = tx
		count := func() string {
			page, err := tx.Positions(ctx, bridge.PositionQuery{EC: ec, Limit: 10})
			if err != nil {
				t.Fatal(err)
			}
			return fmt.Sprint(page.Total, len(page.Positions))
		}
		before := count()
		insert(t, db, position(2)) // committed while the snapshot is open
		if _, err := db.Checkpoint("PASSIVE"); err != nil {
			t.Error(err)
		}
		if _, err := db.Notice(ctx, ec, navOf(2)); err != nil {
			t.Errorf("a read outside of the snapshot: %v", err)
		}
		if _, err := tx.Position(ctx, ec, "iupd-0002"); !errors.Is(err, bridge.ErrNotFound) {
			t.Errorf("the snapshot has what came after it: %v", err)
		}
		if after := count(); after != before {
			t.Errorf("counts %s then %s", before, after)
		}
		if _, err := store.Number(tx, "DELETE FROM position RETURNING id"); err == nil {
			t.Error("a reader could write")
		}
		return nil
	})
	if _, err := late.Position(ctx, ec, "iupd-0001"); err == nil || errors.Is(err, bridge.ErrNotFound) {
		t.Errorf("a snapshot could be used after its function returned: %v", err)
	}
	boom := errors.New("boom")
	if err := db.View(ctx, func(bridge.ReadTx) error { return boom }); err != boom {
		t.Errorf("got %v", err)
	}
}

func TestReads_RefuseRowsThatBreakTheRules(t *testing.T) {
	t.Parallel()
	for name, statement := range map[string]string{
		"sum of the transfers": "UPDATE transfer SET amount_cents = amount_cents - 1 WHERE transfer_id = 1",
		"transfer missing":     "DELETE FROM transfer",
		"instalment missing":   "DELETE FROM instalment WHERE option_idx = 0",
		"another EC":           "DELETE FROM notice; UPDATE instalment SET ec = '88888888888' WHERE option_idx = 0",
		"validity not mine":    "UPDATE position SET valid_from = NULL",
		"status unknown":       "UPDATE position SET status = 'GONE'",
		"time in other form":   "UPDATE instalment SET due_date = '2026-11-23 12:00:00.000000 '",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			db, ctx := openNew(t), context.Background()
			insert(t, db, richPosition(1))
			tamper(t, db, statement)
			err := db.View(ctx, func(tx bridge.ReadTx) error { _, err := tx.Position(ctx, ec, "iupd-0001"); return err })
			if !errors.Is(err, store.ErrCorrupt) {
				t.Errorf("got %v, want corruption", err)
			}
			if db.Fault() != nil {
				t.Error("one bad row broke the store")
			}
		})
	}
	for name, statement := range map[string]string{
		"amount":           "UPDATE notice SET amount_cents = amount_cents + 1",
		"status unknown":   "UPDATE notice SET instalment_status = 'PO_GONE'",
		"position unknown": "UPDATE notice SET position_status = ''",
		"detail emptied":   "UPDATE notice SET detail = '{}'",
		"detail no object": "UPDATE notice SET detail = '\"x\"'",
		"IUPD missing":     "UPDATE notice SET iupd = ''",
	} {
		t.Run("notice "+name, func(t *testing.T) {
			t.Parallel()
			db := openNew(t)
			insert(t, db, position(1))
			tamper(t, db, statement)
			if _, err := db.Notice(context.Background(), ec, navOf(1)); !errors.Is(err, store.ErrCorrupt) {
				t.Errorf("got %v, want corruption", err)
			}
		})
	}
	t.Run("receipt's bytes", func(t *testing.T) {
		t.Parallel()
		db, ctx := openNew(t), context.Background()
		update(t, db, insertReceipt(1))
		tamper(t, db, "UPDATE receipt SET raw = CAST('<receipt>2</receipt>' AS BLOB)")
		err := db.View(ctx, func(tx bridge.ReadTx) error { _, err := tx.Receipt(ctx, ec, receipt(1).ReceiptID); return err })
		if !errors.Is(err, store.ErrCorrupt) {
			t.Errorf("got %v, want corruption", err)
		}
	})
}

// tamper changes rows as somebody with another program could, constraints off.
func tamper(t *testing.T, db *store.DB, statement string) {
	t.Helper()
	pragma := func(text string) {
		update(t, db, func(tx bridge.Tx) error { return store.Raw(tx, text) })
	}
	pragma("PRAGMA ignore_check_constraints = ON")
	update(t, db, func(tx bridge.Tx) error { return store.Raw(tx, statement) })
	pragma("PRAGMA ignore_check_constraints = OFF")
}
