package store_test

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"nodobridge/bridge"
	"nodobridge/store"
)

func nextNumber(t *testing.T, db *store.DB, ec bridge.ECCode, segregation string, fresh []byte) bridge.NumberSeries {
	t.Helper()
	var s bridge.NumberSeries
	update(t, db, func(tx bridge.Tx) (err error) {
		s, err = tx.NextNumbers(context.Background(), ec, segregation, 1, fresh)
		return err
	})
	return s
}

func TestNextNumber_EachSeriesCountsByItselfAndKeepsItsKey(t *testing.T) {
	t.Parallel()
	dir := newDir(t)
	db := openAt(t, dir)
	first, second := bytes.Repeat([]byte{1}, 32), bytes.Repeat([]byte{2}, 32)
	for want := range int64(3) {
		if s := nextNumber(t, db, ec, "02", first); s.Next != want || !bytes.Equal(s.Key, first) {
			t.Errorf("%+v, want %d", s, want)
		}
	}
	for _, v := range []struct {
		ec          bridge.ECCode
		segregation string
	}{{ec, "03"}, {other, "02"}} {
		if s := nextNumber(t, db, v.ec, v.segregation, second); s.Next != 0 || !bytes.Equal(s.Key, second) {
			t.Errorf("%v: %+v", v, s)
		}
	}
	if err := db.Close(context.Background()); err != nil {
		t.Fatal(err)
	}
	if s := nextNumber(t, openAt(t, dir), ec, "02", second); s.Next != 3 || !bytes.Equal(s.Key, first) {
		t.Errorf("after a restart: %+v", s)
	}
}

// A number taken in a failed update is taken back with it: nothing was told.
func TestNextNumber_FailedUpdateTakesNothing(t *testing.T) {
	t.Parallel()
	db := openNew(t)
	key := make([]byte, 32)
	broken := errors.New("broken")
	err := db.Update(context.Background(), func(tx bridge.Tx) error {
		if _, err := tx.NextNumbers(context.Background(), ec, "02", 1, key); err != nil {
			return err
		}
		if err := tx.ReserveNumber(context.Background(), ec, navOf(1)); err != nil {
			return err
		}
		return broken
	})
	if !errors.Is(err, broken) {
		t.Fatal(err)
	}
	if s := nextNumber(t, db, ec, "02", key); s.Next != 0 {
		t.Errorf("%+v", s)
	}
	update(t, db, func(tx bridge.Tx) error { return tx.ReserveNumber(context.Background(), ec, navOf(1)) })
}

func TestReserveNumber_Refuses(t *testing.T) {
	t.Parallel()
	db := openNew(t)
	insert(t, db, position(1), position(2))
	alien := position(3)
	alien.Options[0].Instalments[0].NAV = "alien" // as GPD accepts it; its IUV is number 3's
	insert(t, db, alien)
	update(t, db, func(tx bridge.Tx) error {
		return errors.Join(tx.DeletePosition(context.Background(), ec, "iupd-0002"), tx.ReserveNumber(context.Background(), ec, navOf(4)))
	})
	for name, v := range map[string]struct {
		ec   bridge.ECCode
		nav  bridge.NoticeNumber
		want error
	}{
		"of a position":             {ec, navOf(1), bridge.ErrExists},
		"of a deleted position":     {ec, navOf(2), bridge.ErrExists},
		"whose IUV is a position's": {ec, navOf(3), bridge.ErrExists},
		"reserved before":           {ec, navOf(4), bridge.ErrExists},
		"free":                      {ec, navOf(5), nil},
		"another EC's":              {other, navOf(1), nil},
	} {
		err := db.Update(context.Background(), func(tx bridge.Tx) error { return tx.ReserveNumber(context.Background(), v.ec, v.nav) })
		if !errors.Is(err, v.want) || v.want == nil && err != nil {
			t.Errorf("%s: %v, want %v", name, err, v.want)
		}
	}
}

func TestDemand_RememberedReplacedForgotten(t *testing.T) {
	t.Parallel()
	db := openNew(t)
	put := func(key byte, n int, at time.Time) bridge.DemandRecord {
		rec := bridge.DemandRecord{Key: bridge.DemandKey{key}, EC: ec, NAV: navOf(n), At: at, Until: at.Add(time.Hour)}
		update(t, db, func(tx bridge.Tx) error { return tx.PutDemand(context.Background(), rec) })
		return rec
	}
	read := func(key byte) (rec bridge.DemandRecord, err error) {
		view(t, db, func(tx bridge.ReadTx) error {
			rec, err = tx.Demand(context.Background(), bridge.DemandKey{key})
			return nil
		})
		return rec, err
	}
	if _, err := read(1); !errors.Is(err, bridge.ErrNotFound) {
		t.Errorf("unknown: %v", err)
	}
	put(1, 1, noon)
	want := put(1, 2, noon.Add(time.Minute))
	if got, err := read(1); err != nil || got != want {
		t.Errorf("%+v, %v\nwant %+v", got, err, want)
	}
	put(2, 3, noon.Add(time.Hour))
	if _, err := read(1); err != nil {
		t.Errorf("forgotten before its end: %v", err)
	}
	put(3, 4, noon.Add(time.Hour+time.Minute))
	if _, err := read(1); !errors.Is(err, bridge.ErrNotFound) {
		t.Errorf("kept after its end: %v", err)
	}
	err := db.Update(context.Background(), func(tx bridge.Tx) error {
		return tx.PutDemand(context.Background(), bridge.DemandRecord{Key: bridge.DemandKey{9}, EC: ec, NAV: navOf(1), At: noon, Until: noon})
	})
	if err == nil {
		t.Error("a demand that ends as it begins is accepted")
	}
}

// The queries of number.go go by an index, and a used number cannot be freed.
func TestNumber_PlansAndTrigger(t *testing.T) {
	t.Parallel()
	db, err := sql.Open("sqlite3", "file:"+filepath.Join(newDir(t), file))
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	for query, want := range map[string]string{
		"SELECT 1 FROM used_number WHERE ec = 'a' AND nav = 'b'":                                                         "USING PRIMARY KEY (ec=? AND nav=?)",
		"SELECT 1 FROM used_number WHERE ec = 'a' AND iuv = 'b'":                                                         "used_number_by_iuv (ec=? AND iuv=?)",
		"SELECT 1 FROM instalment WHERE ec = 'a' AND iuv = 'b'":                                                          "sqlite_autoindex_instalment_3 (ec=? AND iuv=?)",
		"SELECT nav FROM demand WHERE key = x'00'":                                                                       "USING PRIMARY KEY (key=?)",
		"DELETE FROM demand WHERE until <= 'a'":                                                                          "demand_by_end (until<?)",
		"SELECT i.nav FROM position AS p JOIN instalment AS i ON i.position_id = p.id WHERE p.ec = 'a' AND p.iupd = 'b'": "SEARCH i USING PRIMARY KEY (position_id=?)",
	} {
		if plan := explain(t, db, query); !strings.Contains(plan, want) {
			t.Errorf("%s\n%s", query, plan)
		}
	}
	ctx := context.Background()
	if _, err := db.ExecContext(ctx, `INSERT INTO used_number (ec, nav, iuv, issued, retired) VALUES ('77777777777', 'a', 'b', 1, 0)`); err != nil {
		t.Fatal(err)
	}
	if _, err := db.ExecContext(ctx, `DELETE FROM used_number`); err == nil || !strings.Contains(err.Error(), "stays used") {
		t.Errorf("a used number can be freed: %v", err)
	}
}
