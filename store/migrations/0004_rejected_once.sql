-- A rejected body is kept once for each reason, however often the node sends it.
-- KeepRejected: WHERE raw_sha256 = ? AND operation = ? AND reason = ?.
CREATE INDEX rejected_input_body ON rejected_input (raw_sha256, operation, reason);
