-- The event feed (bridge/event.go) is the journal read in order, so a record also says
-- what it is about, in codes. Records from before this step say it in object only.
-- ADD COLUMN fires no trigger: the journal stays append-only.

ALTER TABLE journal ADD COLUMN iupd TEXT NOT NULL DEFAULT '';
ALTER TABLE journal ADD COLUMN nav TEXT NOT NULL DEFAULT '';
ALTER TABLE journal ADD COLUMN receipt_id TEXT NOT NULL DEFAULT '';
ALTER TABLE journal ADD COLUMN position_status TEXT NOT NULL DEFAULT '';
ALTER TABLE journal ADD COLUMN amount_cents INTEGER NOT NULL DEFAULT 0;
-- The segregation codes of what it is about, '47,48'; '' when it has none.
ALTER TABLE journal ADD COLUMN segregations TEXT NOT NULL DEFAULT '';

-- The feed: WHERE ec = ? AND id > ? AND action IN (…) ORDER BY id.
CREATE INDEX journal_by_ec ON journal (ec, id);
