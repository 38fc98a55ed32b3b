package store_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"nodobridge/bridge"
	"nodobridge/store"
)

// keptStore is paidStore with three variants of receipts and three refused inputs.
func keptStore(t *testing.T) string {
	t.Helper()
	ctx, dir := context.Background(), paidStore(t, 10)
	db := openAt(t, dir)
	update(t, db, func(tx bridge.Tx) error {
		for n := 2; n < 5; n++ {
			r := receipt(n)
			r.Raw = []byte(strings.Repeat("<receipt>other</receipt>", n))
			if isNew, err := tx.KeepVariant(ctx, r); err != nil || !isNew {
				t.Errorf("variant %d: %v, %v", n, isNew, err)
			}
			if isNew, err := tx.KeepVariant(ctx, r); err != nil || isNew {
				t.Errorf("variant %d again: %v, %v", n, isNew, err)
			}
		}
		for _, in := range keep(t, "a", "b", "c") {
			if isNew, err := tx.KeepRejected(ctx, in); err != nil || !isNew {
				t.Errorf("input %d: %v, %v", in.ID, isNew, err)
			}
		}
		return tx.MarkReplayed(ctx, 2, noon)
	})
	if v, err := db.Verify(ctx); err != nil || !v.OK() || v.Records() != 2*11+8 {
		t.Errorf("%d records, %q, %v", v.Records(), v.Broken(), err)
	}
	if err := db.Close(ctx); err != nil {
		t.Fatal(err)
	}
	return dir
}

// What came and is no receipt of its own is held by the journal's chain.
func TestVerify_KeptBodies(t *testing.T) {
	t.Parallel()
	const loose = "DROP TRIGGER receipt_variant_is_not_updated; DROP TRIGGER rejected_input_is_not_updated; "
	other := "raw = x'00', raw_sha256 = x'6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d'" // with its right hash
	for name, c := range map[string]struct{ statement, want string }{
		"variant changed with its hash": {"UPDATE receipt_variant SET " + other + " WHERE id = 2", "kept bodies: receipt_variant 2:"},
		"variant moved":                 {"UPDATE receipt_variant SET receipt_id = 'receipt-0001' WHERE id = 3", "kept bodies: receipt_variant 3:"},
		"variant removed":               {"DELETE FROM receipt_variant WHERE id = 1", "kept bodies: journal 12:"},
		"variant slipped in":            {"INSERT INTO receipt_variant (ec, receipt_id, version, raw, raw_sha256, received_at) SELECT ec, 'receipt-0001', version, raw, raw_sha256, received_at FROM receipt_variant WHERE id = 1", "kept bodies: receipt_variant 4:"},
		"input changed with its hash":   {"UPDATE rejected_input SET " + other + " WHERE id = 2", "kept bodies: rejected_input 2:"},
		"input's reason":                {"UPDATE rejected_input SET reason = 'x' WHERE id = 1", "kept bodies: rejected_input 1:"},
		"input's time":                  {"UPDATE rejected_input SET at = '2020-01-01T00:00:00.000000Z' WHERE id = 3", "kept bodies: rejected_input 3:"},
		"inputs removed":                {"DELETE FROM rejected_input", "kept bodies: journal 15:"},
		"input waits again":             {"UPDATE rejected_input SET replayed_at = NULL WHERE id = 2", "kept bodies: rejected_input 2:"},
		"input was never replayed":      {"UPDATE rejected_input SET replayed_at = at WHERE id = 1", "kept bodies: rejected_input 1:"},
		"input twice":                   {"INSERT INTO rejected_input (operation, reason, raw, raw_sha256, at) SELECT operation, reason, raw, raw_sha256, at FROM rejected_input WHERE id = 1", "kept bodies: rejected_input 4:"},
		"input's bytes":                 {"UPDATE rejected_input SET raw = x'00' WHERE id = 2", "receipt bytes: rejected_input 2:"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			db := openAt(t, keptStore(t))
			tamper(t, db, loose+c.statement)
			v, err := db.Verify(context.Background())
			if err != nil || !strings.HasPrefix(v.Broken(), c.want) {
				t.Errorf("got %q, want %q, %v", v.Broken(), c.want, err)
			}
		})
	}
}

// Retention, erasure and redaction leave a store that is whole, and no program changes
// what is kept.
func TestVerify_KeptBodiesGoByTheRules(t *testing.T) {
	t.Parallel()
	db, ctx := openAt(t, keptStore(t)), context.Background()
	key := bridge.ReceiptKey{EC: ec, ReceiptID: receipt(3).ReceiptID}
	update(t, db, func(tx bridge.Tx) error {
		if n, err := tx.PurgeRefused(ctx, noon.Add(time.Second), noon); n != 1 || err != nil {
			t.Errorf("purged %d, %v", n, err)
		}
		if n, err := tx.PurgeTraces(ctx, "<1>", noon); n != 1 || err != nil {
			t.Errorf("erased %d, %v", n, err)
		}
		small := keep(t, "d")[0]
		small.Raw = []byte("<x>rssmra80a01h501u</x>")
		if _, err := tx.KeepRejected(ctx, small); err != nil {
			return err
		}
		if n, err := tx.PurgeTraces(ctx, "RSSMRA80A01H501U", noon); n != 1 || err != nil {
			t.Errorf("erased %d of a code in small letters, %v", n, err)
		}
		if err := tx.RedactReceipt(ctx, key, []byte("<receipt/>"), "ALIAS", noon); err != nil {
			return err
		}
		return tx.Journal(ctx, bridge.JournalEntry{At: noon, Actor: "operator", Action: "receipt.redact", EC: string(ec), Object: key.ReceiptID})
	})
	v, err := db.Verify(ctx)
	if err != nil || !v.OK() || v.Records() != 2*11+8+6 {
		t.Errorf("%d records, %q, %v", v.Records(), v.Broken(), err)
	}
	again := keep(t, "a")[0] // what was purged may come again
	update(t, db, func(tx bridge.Tx) error {
		_, err := tx.KeepRejected(ctx, again)
		return err
	})
	if v, err := db.Verify(ctx); err != nil || !v.OK() {
		t.Errorf("after it came again: %q, %v", v.Broken(), err)
	}
	for _, statement := range []string{"UPDATE receipt_variant SET version = 1", "UPDATE rejected_input SET reason = 'x'"} {
		if err := db.Update(ctx, func(tx bridge.Tx) error { return store.Raw(tx, statement) }); err == nil {
			t.Errorf("%s: done", statement)
		}
	}
}

// reliability-security.md §8 G15, for the rows of these tables.
func TestVerify_EveryFlippedBitOfKeptBodiesIsDetected(t *testing.T) {
	t.Parallel()
	flipBits(t, keptStore(t), "receipt_variant", "rejected_input")
}
