package store_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"nodobridge/bridge"
)

func keep(t *testing.T, reasons ...string) []bridge.RejectedInput {
	t.Helper()
	var list []bridge.RejectedInput
	for i, reason := range reasons {
		list = append(list, bridge.RejectedInput{
			ID: int64(i + 1), Operation: "paSendRTV2", Reason: reason, Raw: fmt.Appendf(nil, "\x00<%d>\xff", i), At: noon.Add(time.Duration(i) * time.Second),
		})
	}
	return list
}

func TestRejected_ComesBackAsItWasKeptAndWaitsUntilReplayed(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	db := openNew(t)
	inputs := keep(t, "a", "b", "a", "c", "a")
	update(t, db, func(tx bridge.Tx) error {
		for _, in := range inputs {
			if _, err := tx.KeepRejected(ctx, in); err != nil {
				return err
			}
		}
		return nil
	})
	later := noon.Add(time.Hour)
	update(t, db, func(tx bridge.Tx) error { return tx.MarkReplayed(ctx, 3, later) })
	inputs[2].ReplayedAt = later
	for name, id := range map[string]int64{"marked twice": 3, "no such input": 9} {
		err := db.Update(ctx, func(tx bridge.Tx) error { return tx.MarkReplayed(ctx, id, later) })
		if !errors.Is(err, bridge.ErrNotFound) {
			t.Errorf("%s: %v", name, err)
		}
	}
	view(t, db, func(tx bridge.ReadTx) error {
		for _, want := range inputs {
			got, err := tx.Rejected(ctx, want.ID)
			if err != nil || !reflect.DeepEqual(*got, want) {
				t.Errorf("kept %+v, want %+v: %v", got, want, err)
			}
		}
		if _, err := tx.Rejected(ctx, 9); !errors.Is(err, bridge.ErrNotFound) {
			t.Errorf("no such input: %v", err)
		}
		for _, c := range []struct {
			reasons []string
			after   int64
			limit   int
			want    []int64
		}{
			{[]string{"a", "b"}, 0, 9, []int64{1, 2, 5}},
			{[]string{"a", "b"}, 1, 9, []int64{2, 5}},
			{[]string{"a", "b"}, 0, 2, []int64{1, 2}},
			{[]string{"x"}, 0, 9, nil},
			{nil, 0, 9, nil},
		} {
			got, err := tx.WaitingRejected(ctx, c.reasons, c.after, c.limit)
			if err != nil || !slices.Equal(got, c.want) {
				t.Errorf("%v after %d: %v, %v; want %v", c.reasons, c.after, got, err, c.want)
			}
		}
		return nil
	})
}

func TestRejected_FlippedBitIsSeen(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	dir := newDir(t)
	db := openAt(t, dir)
	update(t, db, func(tx bridge.Tx) error {
		_, err := tx.KeepRejected(ctx, keep(t, "a")[0])
		return err
	})
	outside(t, filepath.Join(dir, file), "DROP TRIGGER rejected_input_is_not_updated; UPDATE rejected_input SET raw = x'00'")
	err := db.View(ctx, func(tx bridge.ReadTx) error {
		_, err := tx.Rejected(ctx, 1)
		return err
	})
	if err == nil || !strings.Contains(err.Error(), "not those that were stored") {
		t.Errorf("a changed body was read: %v", err)
	}
}

func TestRejected_WaitingOnesAreFoundByTheirIndex(t *testing.T) {
	t.Parallel()
	db, err := sql.Open("sqlite3", filepath.Join(newDir(t), file))
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	plan := explain(t, db, "SELECT id FROM rejected_input WHERE replayed_at IS NULL AND id > 5 AND reason IN (SELECT value FROM json_each('[]')) ORDER BY id LIMIT 9")
	if !strings.Contains(plan, "rejected_input_waiting") || strings.Contains(plan, "TEMP B-TREE") {
		t.Errorf("found by\n%s", plan)
	}
}

func TestFindAnomalies(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	db := openNew(t)
	noted := []bridge.Anomaly{
		{ID: 1, Class: bridge.AnomalySchema, EC: "77777777777", ReceiptID: "a", NAV: navOf(1), Detail: "x", At: noon},
		{ID: 2, Class: bridge.AnomalyAmount, EC: "77777777777", ReceiptID: "b", NAV: navOf(2), At: noon.Add(time.Second)},
		{ID: 3, Class: bridge.AnomalySchema, EC: "88888888888", ReceiptID: "c", At: noon.Add(2 * time.Second)},
		{ID: 4, Class: bridge.AnomalyUnreadable, At: noon.Add(3 * time.Second)},
	}
	update(t, db, func(tx bridge.Tx) error {
		for _, a := range noted {
			if err := tx.InsertAnomaly(ctx, a); err != nil {
				return err
			}
		}
		return nil
	})
	for name, c := range map[string]struct {
		q    bridge.AnomalyQuery
		want []bridge.Anomaly
	}{
		"all, newest first": {bridge.AnomalyQuery{Limit: 9}, []bridge.Anomaly{noted[3], noted[2], noted[1], noted[0]}},
		"the newest two":    {bridge.AnomalyQuery{Limit: 2}, []bridge.Anomaly{noted[3], noted[2]}},
		"of an EC":          {bridge.AnomalyQuery{EC: "77777777777", Limit: 9}, []bridge.Anomaly{noted[1], noted[0]}},
		"of a class":        {bridge.AnomalyQuery{Class: bridge.AnomalySchema, Limit: 9}, []bridge.Anomaly{noted[2], noted[0]}},
		"since":             {bridge.AnomalyQuery{Since: noon.Add(time.Second), Limit: 9}, []bridge.Anomaly{noted[3], noted[2], noted[1]}},
		"all three":         {bridge.AnomalyQuery{EC: "88888888888", Class: bridge.AnomalySchema, Since: noon, Limit: 9}, []bridge.Anomaly{noted[2]}},
	} {
		view(t, db, func(tx bridge.ReadTx) error {
			got, err := tx.FindAnomalies(ctx, c.q)
			if err != nil || !reflect.DeepEqual(got, c.want) {
				t.Errorf("%s: %+v, %v", name, got, err)
			}
			return nil
		})
	}
}
