package store_test

import (
	"context"
	"strings"
	"testing"

	"nodobridge/bridge"
	"nodobridge/store"
)

// A head kept elsewhere shows what no file can show by itself: records cut off with
// everything that tells of them, and a chain computed anew.
func TestVerify_HeadKeptElsewhere(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	db := openAt(t, paidStore(t, 10))
	v, err := db.Verify(ctx)
	if err != nil || !v.OK() {
		t.Fatalf("%v, %v", v, err)
	}
	head, err := store.ParseHead(v.Head().String() + "\n")
	if err != nil || head.String() != v.Head().String() {
		t.Fatalf("%v, %v", head, err)
	}
	update(t, db, func(tx bridge.Tx) error { return pay(tx, 700) })
	if v, err := db.Verify(ctx, head); err != nil || !v.OK() {
		t.Errorf("a chain that has grown: %q, %v", v.Broken(), err)
	}
	// The last payment of the head is cut off, whole, and the ends are moved.
	cut := `DROP TRIGGER journal_is_not_deleted; DROP TRIGGER receipt_is_not_deleted; DELETE FROM journal WHERE id > 10; DELETE FROM receipt WHERE id > 10;
		UPDATE chain SET last = 10, records = 10, link = (SELECT link FROM journal WHERE id = 10) WHERE name = 'journal';
		UPDATE chain SET last = 10, records = 10, link = (SELECT link FROM receipt WHERE id = 10) WHERE name = 'receipt';
		DELETE FROM position WHERE iupd IN ('iupd-0700', 'iupd-0009');
		UPDATE tally SET positions = (SELECT count(*) FROM position); UPDATE receipt_tally SET receipts = 10`
	tamper(t, db, cut)
	if v, err := db.Verify(ctx); err != nil || !v.OK() {
		t.Fatalf("what was cut shows by itself, so that this test shows nothing: %q, %v", v.Broken(), err)
	}
	v, err = db.Verify(ctx, head)
	if want := "head kept elsewhere: journal record 11 was in the store"; err != nil || !strings.HasPrefix(v.Broken(), want) {
		t.Errorf("got %q, want %q, %v", v.Broken(), want, err)
	}
	other := head
	other.UUID = "another"
	if v, err := db.Verify(ctx, other); err != nil || !strings.Contains(v.Broken(), "it is of store another") {
		t.Errorf("another store's: %q, %v", v.Broken(), err)
	}
}

func TestParseHead_Refusals(t *testing.T) {
	t.Parallel()
	link := strings.Repeat("ab", 32)
	for _, text := range []string{
		"", "x", "nodobridge-head-2/u/journal:1:1:" + link + "/receipt:1:1:" + link, "nodobridge-head-1//journal:1:1:" + link + "/receipt:1:1:" + link,
		"nodobridge-head-1/u/receipt:1:1:" + link + "/journal:1:1:" + link, "nodobridge-head-1/u/journal:2:1:" + link + "/receipt:1:1:" + link,
		"nodobridge-head-1/u/journal:-1:1:" + link + "/receipt:1:1:" + link, "nodobridge-head-1/u/journal:1:1:" + link[2:] + "/receipt:1:1:" + link,
		"nodobridge-head-1/u/journal:1:1:" + link, "nodobridge-head-1/u/journal:1:1:zz" + link[2:] + "/receipt:1:1:" + link,
	} {
		if h, err := store.ParseHead(text); err == nil {
			t.Errorf("%q is read as %v", text, h)
		}
	}
}
