-- The node's point read found its row in a table ordered by (ec, nav): rows of 700 bytes,
-- five to a page also above the leaves, so that a read among a million passed eight pages,
-- most of them not in memory. Now an index of short rows leads to the row.
-- Old binary, new schema: refused. New binary, old schema: migrated at start.

CREATE TABLE notice_found (
  ec                TEXT NOT NULL,
  nav               TEXT NOT NULL,
  iuv               TEXT NOT NULL,
  iupd              TEXT NOT NULL,
  position_status   TEXT NOT NULL,
  instalment_status TEXT NOT NULL,
  excluded          INTEGER NOT NULL CHECK (excluded IN (0, 1)),
  valid_from        TEXT CHECK (length(valid_from) = 27),
  due_date          TEXT CHECK (length(due_date) = 27),
  switch_to_expired INTEGER NOT NULL CHECK (switch_to_expired IN (0, 1)),
  paid_at           TEXT CHECK (length(paid_at) = 27),
  amount_cents      INTEGER NOT NULL CHECK (amount_cents BETWEEN 1 AND 99999999999),
  description       TEXT NOT NULL,
  company_name      TEXT NOT NULL,
  office_name       TEXT NOT NULL,
  all_postal        INTEGER NOT NULL CHECK (all_postal IN (0, 1)),
  last              INTEGER NOT NULL CHECK (last IN (0, 1)),
  detail            TEXT NOT NULL CHECK (json_valid(detail)),
  FOREIGN KEY (ec, nav) REFERENCES instalment (ec, nav) ON DELETE CASCADE
) STRICT;

INSERT INTO notice_found (ec, nav, iuv, iupd, position_status, instalment_status, excluded, valid_from, due_date,
    switch_to_expired, paid_at, amount_cents, description, company_name, office_name, all_postal, last, detail)
  SELECT ec, nav, iuv, iupd, position_status, instalment_status, excluded, valid_from, due_date,
    switch_to_expired, paid_at, amount_cents, description, company_name, office_name, all_postal, last, detail
  FROM notice;

DROP TABLE notice;
ALTER TABLE notice_found RENAME TO notice;

-- SELECT … WHERE ec = ? AND nav = ?: the node's point read, and the cascade.
CREATE UNIQUE INDEX notice_by_number ON notice (ec, nav);
