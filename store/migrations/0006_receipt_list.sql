-- The list of receipts over JSON (gpd-api.md §3.6) asks for when and for what was
-- paid. paid_at is receipt.payment_date_time as an instant (bridge.Receipt.PaidAt);
-- of receipts from before this step, it is the time of their arrival.
ALTER TABLE receipt ADD COLUMN paid_at TEXT CHECK (length(paid_at) = 27);
UPDATE receipt SET paid_at = received_at;

-- The list: WHERE ec = ? AND paid_at BETWEEN ? AND ? (ordered by iuv).
CREATE INDEX receipt_by_payment ON receipt (ec, paid_at);
-- One receipt: WHERE ec = ? AND iuv = ? ORDER BY id.
CREATE INDEX receipt_by_iuv ON receipt (ec, iuv);
