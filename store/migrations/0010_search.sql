-- Our own reads over JSON: positions by debtor and by last change, receipts in the
-- order of their arrival, and anomalies that somebody has looked at.

-- WHERE debtor_fiscal_code = ?: the positions of a debtor.
CREATE INDEX option_by_debtor ON option (debtor_fiscal_code);
-- WHERE ec = ? AND (last_updated_at, id) > (?, ?) ORDER BY last_updated_at, id.
CREATE INDEX position_by_change ON position (ec, last_updated_at);

-- WHERE ec = ? AND id > ? ORDER BY id.
CREATE INDEX receipt_by_arrival ON receipt (ec, id);

ALTER TABLE anomaly ADD COLUMN acknowledged_at TEXT CHECK (length(acknowledged_at) = 27);
ALTER TABLE anomaly ADD COLUMN acknowledged_by TEXT NOT NULL DEFAULT '';
