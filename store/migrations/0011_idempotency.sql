-- Answers that are given again when a request is repeated under its Idempotency-Key
-- (reliability-security.md §9 row 51). They are forgotten after a day.

CREATE TABLE idempotency (
  key_id       TEXT NOT NULL CHECK (key_id <> ''),
  ec           TEXT NOT NULL CHECK (length(ec) = 11),
  name         TEXT NOT NULL CHECK (name <> ''), -- what the client calls the request
  request_hash BLOB NOT NULL CHECK (length(request_hash) = 32),
  status       INTEGER NOT NULL CHECK (status BETWEEN 200 AND 499),
  header       TEXT NOT NULL CHECK (json_valid(header)),
  body         BLOB NOT NULL,
  at           TEXT NOT NULL CHECK (length(at) = 27),
  -- SELECT … WHERE key_id = ? AND ec = ? AND name = ?: what was answered.
  PRIMARY KEY (key_id, ec, name)
) STRICT, WITHOUT ROWID;

-- DELETE … WHERE at < ?: answers that have lost their use.
CREATE INDEX idempotency_by_time ON idempotency (at);
