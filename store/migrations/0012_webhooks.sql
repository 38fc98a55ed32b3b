-- Webhooks (bridge/webhook.go): who is told of an EC's events. What is to be told stands
-- in the journal; a webhook is a place in it. secret is what its calls are signed with,
-- so it is kept as it is.

CREATE TABLE webhook (
  id           TEXT PRIMARY KEY CHECK (id <> ''),
  ec           TEXT NOT NULL CHECK (length(ec) = 11),
  url          TEXT NOT NULL CHECK (url <> ''),
  types        TEXT NOT NULL CHECK (types <> ''), -- of events, 'receipt.received,position.created'
  segregations TEXT NOT NULL,                     -- '47,48'; '' for all
  secret       TEXT NOT NULL CHECK (secret <> ''),
  key_id       TEXT NOT NULL,                     -- who made it
  created_at   TEXT NOT NULL CHECK (length(created_at) = 27),
  cursor       INTEGER NOT NULL CHECK (cursor >= 0), -- the last event that needs no delivery any more
  attempts     INTEGER NOT NULL CHECK (attempts >= 0), -- that failed for the next one
  next_try_at  TEXT NOT NULL CHECK (length(next_try_at) = 27),
  last_status  INTEGER NOT NULL, -- HTTP; 0 when there was no answer
  last_failure TEXT NOT NULL,
  delivered_at TEXT CHECK (length(delivered_at) = 27)
) STRICT, WITHOUT ROWID;

-- The EC's: WHERE ec = ? ORDER BY id.
CREATE INDEX webhook_by_ec ON webhook (ec);

-- Events that could not be delivered, and those to be delivered again.
CREATE TABLE webhook_letter (
  webhook TEXT NOT NULL REFERENCES webhook (id) ON DELETE CASCADE,
  event   INTEGER NOT NULL,
  again   INTEGER NOT NULL CHECK (again IN (0, 1)),
  at      TEXT NOT NULL CHECK (length(at) = 27),
  status  INTEGER NOT NULL,
  failure TEXT NOT NULL,
  -- SELECT … WHERE webhook = ? AND event > ? ORDER BY event.
  PRIMARY KEY (webhook, event)
) STRICT, WITHOUT ROWID;

-- DELETE … WHERE at < ? AND again = 0: what nobody asks for any more.
CREATE INDEX webhook_letter_by_time ON webhook_letter (at) WHERE again = 0;
