-- The journal tells of every variant of a receipt and of every refused input by the hash
-- of its row, when it is kept and when it is removed (store/kept.go): these tables are no
-- chains, and their rows showed by the hash of their own bytes alone whether they are what
-- came. The program tells of those that are there in this step's transaction.
-- Old binary, new schema: refused. New binary, old schema: migrated at start.

-- What one statement must not do: a kept body is put in, replayed and removed, not changed.
CREATE TRIGGER receipt_variant_is_not_updated BEFORE UPDATE ON receipt_variant
BEGIN SELECT RAISE(ABORT, 'a kept body is not changed'); END;
CREATE TRIGGER rejected_input_is_not_updated BEFORE UPDATE OF id, operation, reason, raw, raw_sha256, at ON rejected_input
BEGIN SELECT RAISE(ABORT, 'a kept body is not changed'); END;
