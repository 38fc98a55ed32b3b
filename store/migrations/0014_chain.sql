-- The journal and the receipts as chains (reliability-security.md §0.9): each record
-- carries a SHA-256 over the record before it and its own content, so that a flipped
-- bit, a changed, removed, inserted or moved record shows (store/chain.go; "nodobridge
-- verify"). The program hashes what is there already in this step's transaction.
-- Old binary, new schema: refused. New binary, old schema: migrated at start.

ALTER TABLE journal ADD COLUMN link BLOB CHECK (length(link) = 32);

-- seal is of the content as it came, link is over the links before and the seal.
-- redacted_seal is of the content that redaction left (0013_privacy.sql); the link stays.
ALTER TABLE receipt ADD COLUMN seal BLOB CHECK (length(seal) = 32);
ALTER TABLE receipt ADD COLUMN link BLOB CHECK (length(link) = 32);
ALTER TABLE receipt ADD COLUMN redacted_seal BLOB CHECK (length(redacted_seal) = 32);

-- The end of each chain, so that records cut off at the end show too.
CREATE TABLE chain (
  name    TEXT PRIMARY KEY CHECK (name IN ('journal', 'receipt')),
  last    INTEGER NOT NULL CHECK (last >= 0), -- the id of the last record
  records INTEGER NOT NULL CHECK (records >= 0),
  link    BLOB NOT NULL CHECK (length(link) = 32) -- its link
) STRICT, WITHOUT ROWID;
INSERT INTO chain (name, last, records, link) VALUES ('journal', 0, 0, zeroblob(32)), ('receipt', 0, 0, zeroblob(32));

-- A record without a link is refused here, since chain.link may not be NULL.
CREATE TRIGGER journal_is_chained AFTER INSERT ON journal
BEGIN UPDATE chain SET last = NEW.id, records = records + 1, link = NEW.link WHERE name = 'journal'; END;
CREATE TRIGGER receipt_is_chained AFTER INSERT ON receipt
BEGIN UPDATE chain SET last = NEW.id, records = records + 1, link = NEW.link WHERE name = 'receipt'; END;

-- As before, but for the link that this step gives to records which have none.
DROP TRIGGER journal_is_not_updated;
CREATE TRIGGER journal_is_not_updated BEFORE UPDATE OF id, at, actor, action, ec, object, detail, iupd, nav, receipt_id, position_status, amount_cents, segregations ON journal
BEGIN SELECT RAISE(ABORT, 'the journal is append-only'); END;
CREATE TRIGGER journal_link_is_given_once BEFORE UPDATE OF link ON journal WHEN OLD.link IS NOT NULL
BEGIN SELECT RAISE(ABORT, 'the journal is append-only'); END;
CREATE TRIGGER receipt_link_is_given_once BEFORE UPDATE OF id, seal, link ON receipt WHEN OLD.link IS NOT NULL
BEGIN SELECT RAISE(ABORT, 'a receipt keeps its place'); END;
CREATE TRIGGER receipt_is_not_deleted BEFORE DELETE ON receipt
BEGIN SELECT RAISE(ABORT, 'a receipt is not deleted'); END;
