package store_test

import (
	"context"
	"database/sql"
	"path/filepath"
	"strings"
	"testing"

	"nodobridge/bridge"
	"nodobridge/store"
)

// TestIndexes_ServeTheQueriesTheyAreFor asks SQLite how it would answer the
// queries that the schema's comments name.
func TestIndexes_ServeTheQueriesTheyAreFor(t *testing.T) {
	t.Parallel()
	db, err := sql.Open("sqlite3", filepath.Join(newDir(t), file))
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	for query, want := range map[string]string{
		"SELECT iuv FROM notice WHERE ec = 'a' AND nav = 'b'":                                                                                                                                 "notice_by_number (ec=? AND nav=?)",
		"SELECT position_id FROM instalment WHERE ec = 'a' AND nav = 'b'":                                                                                                                     "sqlite_autoindex_instalment_2 (ec=? AND nav=?)",
		"SELECT iupd FROM position WHERE ec = 'a' ORDER BY inserted_at DESC, id DESC LIMIT 10":                                                                                                "position_by_insertion (ec=?)",
		"SELECT count(id) FROM position WHERE ec = 'a' AND status IN ('VALID', 'PUBLISHED')":                                                                                                  "position_by_status (ec=? AND status=?)",
		"SELECT count(id) FROM position WHERE ec = 'a' AND paid_at BETWEEN 'b' AND 'c'":                                                                                                       "position_by_payment (ec=? AND paid_at>? AND paid_at<?)",
		"SELECT position_id FROM instalment WHERE ec = 'a' AND due_date BETWEEN 'b' AND 'c'":                                                                                                  "instalment_by_due_date (ec=? AND due_date>? AND due_date<?)",
		"SELECT nav FROM instalment WHERE position_id IN (SELECT value FROM json_each('[1,2]'))":                                                                                              "USING PRIMARY KEY (position_id=?)",
		"SELECT raw FROM receipt WHERE ec = 'a' AND receipt_id = 'b'":                                                                                                                         "(ec=? AND receipt_id=?)",
		"SELECT raw FROM receipt WHERE ec = 'a' AND nav = 'b' ORDER BY id":                                                                                                                    "receipt_by_notice (ec=? AND nav=?)",
		"SELECT detail FROM anomaly WHERE ec = 'a' ORDER BY id":                                                                                                                               "anomaly_by_ec (ec=?)",
		"SELECT iupd FROM position WHERE status = 'PUBLISHED' AND valid_from <= 'a' ORDER BY valid_from LIMIT 9":                                                                              "position_to_begin (valid_from<?)",
		"SELECT iupd FROM position WHERE status = 'VALID' AND expires_at < 'a' ORDER BY expires_at LIMIT 9":                                                                                   "position_to_expire (expires_at<?)",
		"SELECT count(id) FROM receipt WHERE ec = 'a' AND upper(trim(outcome)) <> 'KO' AND paid_at BETWEEN 'b' AND 'c'":                                                                       "receipt_by_payment (ec=? AND paid_at>? AND paid_at<?)",
		"SELECT raw FROM receipt WHERE ec = 'a' AND iuv = 'b' AND upper(trim(outcome)) <> 'KO' ORDER BY id LIMIT 1":                                                                           "receipt_made (ec=? AND iuv=?)",
		"SELECT iuv FROM receipt WHERE ec = 'a' AND upper(trim(outcome)) <> 'KO' AND substr(iuv, 1, 2) = '47' AND +paid_at > 'b' ORDER BY iuv, id LIMIT 9":                                    "USING COVERING INDEX receipt_made (ec=?)",
		"SELECT count(id) FROM receipt WHERE ec = 'a' AND upper(trim(outcome)) <> 'KO' AND (iuv >= 'b' AND iuv < 'c' OR debtor_fiscal_code >= 'b' AND debtor_fiscal_code < 'c')":              "USING COVERING INDEX receipt_",
		"SELECT count(id) FROM receipt WHERE ec = 'a' AND upper(trim(outcome)) <> 'KO' AND iuv >= 'b' AND iuv < 'c'":                                                                          "receipt_made (ec=? AND iuv>? AND iuv<?)",
		"SELECT count(id) FROM receipt WHERE +ec = 'a' AND upper(trim(outcome)) <> 'KO' AND debtor_fiscal_code = 'b'":                                                                         "receipt_by_debtor (debtor_fiscal_code=?)",
		"SELECT action FROM journal WHERE ec = 'a' AND id > 1 AND action IN ('b', 'c') ORDER BY id LIMIT 9":                                                                                   "journal_by_ec (ec=? AND id>?)",
		"SELECT iupd FROM position WHERE ec = 'a' AND (last_updated_at, id) > ('b', 1) ORDER BY last_updated_at, id LIMIT 9":                                                                  "position_by_change (ec=? AND last_updated_at>?)",
		"SELECT position_id FROM option WHERE debtor_fiscal_code = 'a'":                                                                                                                       "option_by_debtor (debtor_fiscal_code=?)",
		"SELECT raw FROM receipt WHERE debtor_fiscal_code IN ('a', lower('a')) AND ('b' = '' OR ec = 'b')":                                                                                    "receipt_by_debtor (debtor_fiscal_code=?)",
		"SELECT action FROM journal WHERE actor = 'a' AND id > 1 AND at >= 'b' ORDER BY id LIMIT 9":                                                                                           "journal_by_actor (actor=? AND id>?)",
		"SELECT raw FROM receipt WHERE ec = 'a' AND id > 1 ORDER BY id LIMIT 9":                                                                                                               "receipt_by_arrival (ec=? AND id>?)",
		"SELECT c.seq FROM massive_file AS f JOIN massive_chunk AS c ON c.file = f.seq WHERE f.complete = 1 AND f.ended_at IS NULL AND (f.seq, c.seq) > (1, 2) ORDER BY f.seq, c.seq LIMIT 1": "massive_chunk_by_file (file=?",
		"DELETE FROM position WHERE ec = 'a' AND iupd = 'b'":                                                                                                                                  "(ec=? AND iupd=?)",
	} {
		plan := explain(t, db, query)
		if !strings.Contains(plan, want) || strings.Contains(plan, "TEMP B-TREE") {
			t.Errorf("%s\n%s", query, plan)
		}
	}
}

// A search by debtor begins at the debtor's few positions, whatever it asks for besides.
func TestPlan_SearchByDebtor(t *testing.T) {
	t.Parallel()
	db, err := sql.Open("sqlite3", filepath.Join(newDir(t), file))
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	for _, q := range []bridge.PositionSearch{
		{EC: ec, Debtor: "RSSMRA80A01H501U"},
		{EC: ec, Debtor: "RSSMRA80A01H501U", ChangedSince: noon, After: bridge.PositionMark{ChangedAt: noon, Row: 1}},
	} {
		where, args := store.SearchFilter(q)
		plan := explain(t, db, "SELECT iupd FROM position WHERE "+where+" ORDER BY last_updated_at, id LIMIT 51", args...)
		if !strings.Contains(plan, "SEARCH position USING INTEGER PRIMARY KEY (rowid=?)") || !strings.Contains(plan, "option_by_debtor (debtor_fiscal_code=?)") {
			t.Errorf("%s\n%s", where, plan)
		}
	}
}

func explain(t *testing.T, db *sql.DB, query string, args ...any) string {
	t.Helper()
	rows, err := db.QueryContext(context.Background(), "EXPLAIN QUERY PLAN "+query, args...)
	if err != nil {
		t.Fatalf("%s: %v", query, err)
	}
	defer rows.Close()
	var plan strings.Builder
	for rows.Next() {
		var id, parent, unused int
		var detail string
		if err := rows.Scan(&id, &parent, &unused, &detail); err != nil {
			t.Fatal(err)
		}
		plan.WriteString("  " + detail + "\n")
	}
	return plan.String()
}
