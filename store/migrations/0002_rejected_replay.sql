-- A refused receipt can be recorded later, once its EC is configured
-- (soap-node.md §2.5 step 2): the input stays and says when.
ALTER TABLE rejected_input ADD COLUMN replayed_at TEXT CHECK (length(replayed_at) = 27);

-- What waits: WHERE replayed_at IS NULL AND id > ? ORDER BY id.
CREATE INDEX rejected_input_waiting ON rejected_input (id) WHERE replayed_at IS NULL;
