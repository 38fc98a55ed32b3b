-- What privacy needs (reliability-security.md §6): a key that gives a person's code a
-- lasting alias, holds that keep data from being taken away, and marks of what was.
-- Old binary, new schema: refused. New binary, old schema: migrated at start.

CREATE TABLE privacy (
  id  INTEGER PRIMARY KEY CHECK (id = 1),
  key BLOB NOT NULL CHECK (length(key) = 32) -- of the HMAC that stands for a fiscal code
) STRICT;
INSERT INTO privacy (id, key) VALUES (1, randomblob(32));

CREATE TABLE hold (
  id          INTEGER PRIMARY KEY,
  ec          TEXT NOT NULL, -- '' for all
  iupd        TEXT NOT NULL, -- '' for all
  debtor      TEXT NOT NULL, -- a fiscal code; '' for all, and once it is released
  reason      TEXT NOT NULL CHECK (reason <> ''),
  placed_at   TEXT NOT NULL CHECK (length(placed_at) = 27),
  released_at TEXT CHECK (length(released_at) = 27)
) STRICT;

ALTER TABLE position ADD COLUMN anonymised_at TEXT CHECK (length(anonymised_at) = 27);
ALTER TABLE receipt ADD COLUMN redacted_at TEXT CHECK (length(redacted_at) = 27);
-- Of the bytes that the node sent, once those in raw are redacted.
ALTER TABLE receipt ADD COLUMN original_sha256 BLOB CHECK (length(original_sha256) = 32);

-- SELECT … WHERE debtor_fiscal_code = ?: the receipts of a person.
CREATE INDEX receipt_by_debtor ON receipt (debtor_fiscal_code);
-- SELECT … WHERE ec = ? AND actor = ?, by time: what a key has touched.
CREATE INDEX journal_by_actor ON journal (actor, id);
