-- Spontaneous payments (soap-node.md §2.4): numbers that the station issues
-- itself, and the memory that gives a repeated demand the same notice.

-- Where the notice numbers of an EC's segregation code come from. next only
-- grows; key scatters it (bridge/numbering.go) and belongs to the store, so that
-- a restored backup goes on with the same permutation.
CREATE TABLE number_series (
  ec          TEXT NOT NULL CHECK (length(ec) = 11),
  segregation TEXT NOT NULL CHECK (length(segregation) = 2),
  next        INTEGER NOT NULL CHECK (next >= 0),
  key         BLOB NOT NULL CHECK (length(key) = 32),
  -- INSERT … ON CONFLICT DO UPDATE … RETURNING: the next number.
  PRIMARY KEY (ec, segregation)
) STRICT, WITHOUT ROWID;

-- Numbers that may not be issued (again): those that were issued, and those of
-- deleted positions. A number is unique for ever (notices.md §1.4), so rows are
-- never deleted. A number that was issued and whose position is gone is not
-- accepted from an upload either.
CREATE TABLE used_number (
  ec      TEXT NOT NULL CHECK (length(ec) = 11),
  nav     TEXT NOT NULL CHECK (nav <> ''),
  iuv     TEXT NOT NULL CHECK (iuv <> ''),
  issued  INTEGER NOT NULL CHECK (issued IN (0, 1)),  -- by this station
  retired INTEGER NOT NULL CHECK (retired IN (0, 1)), -- its position was deleted
  -- SELECT … WHERE ec = ? AND nav = ?: whether a number may be given.
  PRIMARY KEY (ec, nav)
) STRICT, WITHOUT ROWID;

-- SELECT … WHERE ec = ? AND iuv = ?: the same for the creditor reference.
CREATE INDEX used_number_by_iuv ON used_number (ec, iuv);

CREATE TRIGGER used_number_is_not_deleted BEFORE DELETE ON used_number
BEGIN SELECT RAISE(ABORT, 'a notice number stays used'); END;

-- Which notice a demand was answered with. The key is a hash: the demand's own
-- data is not kept here.
CREATE TABLE demand (
  key   BLOB NOT NULL CHECK (length(key) = 32),
  ec    TEXT NOT NULL CHECK (length(ec) = 11),
  nav   TEXT NOT NULL CHECK (nav <> ''),
  at    TEXT NOT NULL CHECK (length(at) = 27),
  until TEXT NOT NULL CHECK (length(until) = 27),
  -- SELECT … WHERE key = ?: the notice of an equal demand.
  PRIMARY KEY (key)
) STRICT, WITHOUT ROWID;

-- DELETE … WHERE until <= ?: rows that have lost their use.
CREATE INDEX demand_by_end ON demand (until);
