-- Folders of notices that applications want printed (bridge/printfolder.go): what the
-- notices say, not the paper. An older program ignores these tables.

CREATE TABLE print_folder (
  seq          INTEGER PRIMARY KEY AUTOINCREMENT,
  id           TEXT NOT NULL UNIQUE CHECK (length(id) = 32),
  key_id       TEXT NOT NULL,
  name         TEXT NOT NULL CHECK (name <> ''), -- the key's own, its Idempotency-Key
  request_hash BLOB NOT NULL CHECK (length(request_hash) = 32),
  created_at   TEXT NOT NULL CHECK (length(created_at) = 27),
  -- The same request again: WHERE key_id = ? AND name = ?.
  UNIQUE (key_id, name)
) STRICT;

-- Retention: WHERE created_at < ?.
CREATE INDEX print_folder_by_age ON print_folder (created_at);

CREATE TABLE print_scope (
  folder      INTEGER NOT NULL REFERENCES print_folder (seq) ON DELETE CASCADE,
  ec          TEXT NOT NULL CHECK (length(ec) = 11),
  segregation TEXT NOT NULL, -- first two digits of the IUV
  -- SELECT … WHERE folder = ?.
  PRIMARY KEY (folder, ec, segregation)
) STRICT, WITHOUT ROWID;

CREATE TABLE print_item (
  id      INTEGER PRIMARY KEY AUTOINCREMENT, -- in the order of the request
  folder  INTEGER NOT NULL REFERENCES print_folder (seq) ON DELETE CASCADE,
  file    TEXT NOT NULL CHECK (file <> ''),
  ec      TEXT NOT NULL CHECK (length(ec) = 11),
  debtor  TEXT NOT NULL, -- fiscal code in capitals, '' when it is not known
  request TEXT NOT NULL CHECK (json_valid(request)),
  state   TEXT NOT NULL CHECK (state IN ('WAITING', 'PRINTED', 'FAILED')),
  reason  TEXT NOT NULL,
  done_at TEXT CHECK (length(done_at) = 27),
  CHECK ((state = 'WAITING') = (done_at IS NULL)),
  -- One notice: WHERE folder = ? AND file = ?.
  UNIQUE (folder, file)
) STRICT;

-- The worker's next: WHERE state = 'WAITING' ORDER BY id.
CREATE INDEX print_item_waiting ON print_item (id) WHERE state = 'WAITING';
-- Erasure: WHERE debtor = ?.
CREATE INDEX print_item_by_debtor ON print_item (debtor);
