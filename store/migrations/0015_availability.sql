-- When the station did not serve (reliability-security.md §7): the last sign of life, the
-- intervals without one, and the stops that were announced.
-- Old binary, new schema: refused. New binary, old schema: migrated at start.

CREATE TABLE sign_of_life (
  id      INTEGER PRIMARY KEY CHECK (id = 1),
  at      TEXT NOT NULL CHECK (length(at) = 27),
  stopped INTEGER NOT NULL CHECK (stopped IN (0, 1)) -- the station ended in order
) STRICT;

CREATE TABLE unserved (
  id         INTEGER PRIMARY KEY,
  began_at   TEXT NOT NULL CHECK (length(began_at) = 27),
  ended_at   TEXT NOT NULL CHECK (length(ended_at) = 27),
  cause      TEXT NOT NULL CHECK (cause IN ('stopped', 'crashed', 'silent')),
  CHECK (ended_at > began_at)
) STRICT;

CREATE TABLE maintenance (
  id           INTEGER PRIMARY KEY,
  begins_at    TEXT NOT NULL CHECK (length(begins_at) = 27),
  ends_at      TEXT NOT NULL CHECK (length(ends_at) = 27),
  announced_at TEXT NOT NULL CHECK (length(announced_at) = 27),
  reason       TEXT NOT NULL,
  CHECK (ends_at > begins_at)
) STRICT;
