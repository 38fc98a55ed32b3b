-- Massive upload (gpd-api.md §5.1). A file's rows wait in chunks; a chunk goes in the
-- transaction that works it off, and leaves an outcome for each row.

CREATE TABLE massive_file (
  seq           INTEGER PRIMARY KEY AUTOINCREMENT, -- order of arrival
  id            TEXT NOT NULL UNIQUE CHECK (id <> ''),
  broker        TEXT NOT NULL CHECK (broker <> ''),
  ec            TEXT NOT NULL CHECK (length(ec) = 11),
  operation     TEXT NOT NULL CHECK (operation IN ('CREATE', 'UPDATE', 'DELETE')),
  key_id        TEXT NOT NULL,
  segregations  TEXT NOT NULL, -- "47,48"; '' for all
  complete      INTEGER NOT NULL CHECK (complete IN (0, 1)), -- every chunk has come
  submitted     INTEGER NOT NULL CHECK (submitted >= 0),
  processed     INTEGER NOT NULL CHECK (processed BETWEEN 0 AND submitted),
  failed        INTEGER NOT NULL CHECK (failed BETWEEN 0 AND processed),
  started_at    TEXT NOT NULL CHECK (length(started_at) = 27),
  ended_at      TEXT CHECK (length(ended_at) = 27)
) STRICT;

-- The list: WHERE ec = ? AND broker = ? AND started_at BETWEEN ? AND ? AND seq < ? ORDER BY seq DESC.
CREATE INDEX massive_file_by_ec ON massive_file (ec, broker, seq);
-- The next to work off: WHERE complete = 1 AND ended_at IS NULL ORDER BY seq.
CREATE INDEX massive_file_open ON massive_file (complete, seq) WHERE ended_at IS NULL;

CREATE TABLE massive_chunk (
  seq   INTEGER PRIMARY KEY AUTOINCREMENT,
  file  INTEGER NOT NULL REFERENCES massive_file (seq) ON DELETE CASCADE,
  rows  INTEGER NOT NULL CHECK (rows > 0),
  bytes BLOB NOT NULL
) STRICT;

-- A file's next chunk: WHERE file = ? ORDER BY seq.
CREATE INDEX massive_chunk_by_file ON massive_chunk (file, seq);

CREATE TABLE massive_outcome (
  file    INTEGER NOT NULL REFERENCES massive_file (seq) ON DELETE CASCADE,
  idx     INTEGER NOT NULL CHECK (idx >= 0), -- of the row in the file
  iupd    TEXT NOT NULL,
  status  INTEGER NOT NULL CHECK (status BETWEEN 200 AND 599),
  message TEXT NOT NULL,
  -- SELECT … WHERE file = ? ORDER BY idx: the report.
  PRIMARY KEY (file, idx)
) STRICT, WITHOUT ROWID;
