-- GPD's list of receipts (gpd-api.md §3.6): indexes that hold all that its filters look
-- at, of the receipts of payments made, and how many of those each EC has. The list read
-- every row, with the receipt's bytes in it, to count.
-- The writer keeps the tally (tally.go); verify holds it against the receipts.
-- Old binary, new schema: refused. New binary, old schema: migrated at start.

DROP INDEX receipt_by_iuv;
DROP INDEX receipt_by_payment;

-- A page: WHERE ec = ? AND upper(trim(outcome)) <> 'KO' ORDER BY iuv, id, and whatever
-- else is asked. One receipt: … AND iuv = ? ORDER BY id.
CREATE INDEX receipt_made ON receipt (ec, iuv, id, paid_at, debtor_fiscal_code, outcome) WHERE upper(trim(outcome)) <> 'KO';
-- … AND paid_at BETWEEN ? AND ?, when few match.
CREATE INDEX receipt_by_payment ON receipt (ec, paid_at, iuv, debtor_fiscal_code, outcome) WHERE upper(trim(outcome)) <> 'KO';

CREATE TABLE receipt_tally (
  ec       TEXT PRIMARY KEY,
  receipts INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

INSERT INTO receipt_tally (ec, receipts) SELECT ec, count(*) FROM receipt WHERE upper(trim(outcome)) <> 'KO' GROUP BY ec;
