-- The first schema. This file is released: it is never edited, only followed by
-- others. An older binary refuses a newer schema (DESIGN.md "Migrations").
--
-- Conventions. Times are UTC RFC 3339 text of fixed width with microseconds
-- (27 characters, "2026-01-31T09:30:00.000000Z"), so that comparing texts
-- compares instants; a time that is not given is NULL. Money is integer cents.
-- Constraints carry the truth about what the program writes; what a receipt
-- says is another party's, and is constrained nowhere.

CREATE TABLE store (
  id         INTEGER PRIMARY KEY CHECK (id = 1),
  uuid       TEXT NOT NULL CHECK (length(uuid) = 36),
  created_at TEXT NOT NULL CHECK (length(created_at) = 27)
) STRICT;

CREATE TABLE migration (
  version    INTEGER PRIMARY KEY CHECK (version > 0),
  name       TEXT NOT NULL UNIQUE,
  sha256     TEXT NOT NULL CHECK (length(sha256) = 64),
  applied_at TEXT NOT NULL CHECK (length(applied_at) = 27)
) STRICT;

-- Debt positions -----------------------------------------------------------

CREATE TABLE position (
  id              INTEGER PRIMARY KEY,
  ec              TEXT NOT NULL CHECK (length(ec) = 11),
  iupd            TEXT NOT NULL CHECK (iupd <> ''),
  status          TEXT NOT NULL CHECK (status IN ('DRAFT', 'PUBLISHED', 'VALID', 'INVALID', 'EXPIRED', 'PARTIALLY_PAID', 'PAID', 'REPORTED')),
  company_name    TEXT NOT NULL,
  office_name     TEXT NOT NULL,
  pay_stand_in    INTEGER NOT NULL CHECK (pay_stand_in IN (0, 1)),
  inserted_at     TEXT NOT NULL CHECK (length(inserted_at) = 27),
  last_updated_at TEXT NOT NULL CHECK (length(last_updated_at) = 27),
  published_at    TEXT CHECK (length(published_at) = 27),
  paid_at         TEXT CHECK (length(paid_at) = 27),
  -- Of the tree below, for the list's status filter: bridge.Position.ValidFrom
  -- and ExpiresAt.
  valid_from      TEXT CHECK (length(valid_from) = 27),
  expires_at      TEXT CHECK (length(expires_at) = 27),
  CHECK (paid_at IS NULL OR status IN ('PAID', 'REPORTED')),
  CHECK (paid_at IS NOT NULL OR status <> 'PAID'),
  -- SELECT … WHERE ec = ? AND iupd = ?: one position, and its uniqueness
  -- (gpd-api.md §1.7).
  UNIQUE (ec, iupd)
) STRICT;

-- The list's default order: WHERE ec = ? ORDER BY inserted_at, id.
CREATE INDEX position_by_insertion ON position (ec, inserted_at);
-- The list's status filter: WHERE ec = ? AND status IN (…).
CREATE INDEX position_by_status ON position (ec, status);
-- The list's payment date filter: WHERE ec = ? AND paid_at BETWEEN ? AND ?.
CREATE INDEX position_by_payment ON position (ec, paid_at) WHERE paid_at IS NOT NULL;

-- The tree hangs on composite keys, so that one range read by position_id gives
-- every level in its own order.
CREATE TABLE option (
  position_id       INTEGER NOT NULL REFERENCES position (id) ON DELETE CASCADE,
  idx               INTEGER NOT NULL CHECK (idx >= 0),
  plan              INTEGER NOT NULL CHECK (plan IN (0, 1)),
  description       TEXT NOT NULL,
  valid_from        TEXT CHECK (length(valid_from) = 27),
  switch_to_expired INTEGER NOT NULL CHECK (switch_to_expired IN (0, 1)),
  debtor_type        TEXT NOT NULL CHECK (debtor_type IN ('F', 'G')),
  debtor_fiscal_code TEXT NOT NULL,
  debtor_full_name   TEXT NOT NULL,
  debtor_street      TEXT NOT NULL,
  debtor_civic       TEXT NOT NULL,
  debtor_postal_code TEXT NOT NULL,
  debtor_city        TEXT NOT NULL,
  debtor_province    TEXT NOT NULL,
  debtor_region      TEXT NOT NULL,
  debtor_country     TEXT NOT NULL,
  debtor_email       TEXT NOT NULL,
  debtor_phone       TEXT NOT NULL,
  PRIMARY KEY (position_id, idx)
) STRICT, WITHOUT ROWID;

CREATE TABLE instalment (
  position_id      INTEGER NOT NULL,
  option_idx       INTEGER NOT NULL,
  idx              INTEGER NOT NULL CHECK (idx >= 0),
  ec               TEXT NOT NULL CHECK (length(ec) = 11), -- the position's
  nav              TEXT NOT NULL CHECK (nav <> '' AND nav <> '000000000000000000'),
  iuv              TEXT NOT NULL CHECK (iuv <> ''),
  amount_cents     INTEGER NOT NULL CHECK (amount_cents BETWEEN 1 AND 99999999999),
  description      TEXT NOT NULL,
  due_date         TEXT CHECK (length(due_date) = 27),
  retention_date   TEXT CHECK (length(retention_date) = 27),
  notification_fee_cents INTEGER NOT NULL CHECK (notification_fee_cents >= 0),
  status           TEXT NOT NULL CHECK (status IN ('PO_UNPAID', 'PO_PAID', 'PO_PARTIALLY_REPORTED', 'PO_REPORTED')),
  inserted_at      TEXT NOT NULL CHECK (length(inserted_at) = 27),
  last_updated_at  TEXT NOT NULL CHECK (length(last_updated_at) = 27),
  paid_at          TEXT CHECK (length(paid_at) = 27),
  payment_method   TEXT NOT NULL,
  psp_company      TEXT NOT NULL,
  receipt_id       TEXT NOT NULL,
  fee_cents        INTEGER NOT NULL CHECK (fee_cents >= 0),
  CHECK ((status = 'PO_UNPAID') = (paid_at IS NULL)),
  PRIMARY KEY (position_id, option_idx, idx),
  -- SELECT position_id … WHERE ec = ? AND nav = ?: the position of a notice, and
  -- the two uniquenesses (gpd-api.md §1.7).
  UNIQUE (ec, nav),
  UNIQUE (ec, iuv),
  FOREIGN KEY (position_id, option_idx) REFERENCES option (position_id, idx) ON DELETE CASCADE
) STRICT, WITHOUT ROWID;

-- The list's due date filter: WHERE ec = ? AND due_date BETWEEN ? AND ?.
CREATE INDEX instalment_by_due_date ON instalment (ec, due_date) WHERE due_date IS NOT NULL;

CREATE TABLE transfer (
  position_id    INTEGER NOT NULL,
  option_idx     INTEGER NOT NULL,
  instalment_idx INTEGER NOT NULL,
  transfer_id    INTEGER NOT NULL CHECK (transfer_id BETWEEN 1 AND 5),
  ec             TEXT NOT NULL CHECK (ec <> ''), -- the beneficiary
  company_name   TEXT NOT NULL,
  amount_cents   INTEGER NOT NULL CHECK (amount_cents BETWEEN 1 AND 99999999999),
  remittance_information TEXT NOT NULL,
  category       TEXT NOT NULL,
  iban           TEXT CHECK (iban <> ''),
  postal_iban    TEXT CHECK (postal_iban <> ''),
  stamp_hash     TEXT,
  stamp_type     TEXT,
  stamp_province TEXT,
  status         TEXT NOT NULL CHECK (status IN ('T_UNREPORTED', 'T_REPORTED')),
  CHECK ((iban IS NULL) = (stamp_hash IS NOT NULL)),
  CHECK (postal_iban IS NULL OR iban IS NOT NULL),
  CHECK ((stamp_hash IS NULL) = (stamp_type IS NULL) AND (stamp_hash IS NULL) = (stamp_province IS NULL)),
  PRIMARY KEY (position_id, option_idx, instalment_idx, transfer_id),
  FOREIGN KEY (position_id, option_idx, instalment_idx) REFERENCES instalment (position_id, option_idx, idx) ON DELETE CASCADE
) STRICT, WITHOUT ROWID;

CREATE TABLE metadata (
  position_id    INTEGER NOT NULL,
  option_idx     INTEGER NOT NULL,
  instalment_idx INTEGER NOT NULL,
  transfer_id    INTEGER NOT NULL CHECK (transfer_id BETWEEN 0 AND 5), -- 0: the instalment's own
  idx            INTEGER NOT NULL CHECK (idx >= 0),
  key            TEXT NOT NULL,
  value          TEXT NOT NULL,
  PRIMARY KEY (position_id, option_idx, instalment_idx, transfer_id, idx),
  FOREIGN KEY (position_id, option_idx, instalment_idx) REFERENCES instalment (position_id, option_idx, idx) ON DELETE CASCADE
) STRICT, WITHOUT ROWID;

-- What verify and getPayment need, in one row found by (EC, NAV): a read model,
-- written with the position in one transaction. detail is JSON of what only
-- getPayment needs: debtor, transfers, metadata (architecture.md §6).
CREATE TABLE notice (
  ec                TEXT NOT NULL,
  nav               TEXT NOT NULL,
  iuv               TEXT NOT NULL,
  iupd              TEXT NOT NULL,
  position_status   TEXT NOT NULL,
  instalment_status TEXT NOT NULL,
  excluded          INTEGER NOT NULL CHECK (excluded IN (0, 1)),
  valid_from        TEXT CHECK (length(valid_from) = 27),
  due_date          TEXT CHECK (length(due_date) = 27),
  switch_to_expired INTEGER NOT NULL CHECK (switch_to_expired IN (0, 1)),
  paid_at           TEXT CHECK (length(paid_at) = 27),
  amount_cents      INTEGER NOT NULL CHECK (amount_cents BETWEEN 1 AND 99999999999),
  description       TEXT NOT NULL,
  company_name      TEXT NOT NULL,
  office_name       TEXT NOT NULL,
  all_postal        INTEGER NOT NULL CHECK (all_postal IN (0, 1)),
  last              INTEGER NOT NULL CHECK (last IN (0, 1)),
  detail            TEXT NOT NULL CHECK (json_valid(detail)),
  -- SELECT … WHERE ec = ? AND nav = ?: the node's point read.
  PRIMARY KEY (ec, nav),
  FOREIGN KEY (ec, nav) REFERENCES instalment (ec, nav) ON DELETE CASCADE
) STRICT, WITHOUT ROWID;

-- Receipts -------------------------------------------------------------------

-- No CHECK on what a receipt says: the money has moved, so it is kept whatever
-- it says (soap-node.md §2.5). iupd is not a foreign key: receipts outlive the
-- position.
CREATE TABLE receipt (
  id                 INTEGER PRIMARY KEY, -- order of arrival
  ec                 TEXT NOT NULL CHECK (length(ec) = 11),
  receipt_id         TEXT NOT NULL CHECK (receipt_id <> ''),
  version            INTEGER NOT NULL CHECK (version IN (1, 2)),
  raw                BLOB NOT NULL,
  raw_sha256         BLOB NOT NULL CHECK (length(raw_sha256) = 32),
  nav                TEXT NOT NULL,
  primary_ec         TEXT NOT NULL,
  iuv                TEXT NOT NULL,
  outcome            TEXT NOT NULL,
  amount_cents       INTEGER NOT NULL,
  fee_cents          INTEGER NOT NULL,
  debtor_fiscal_code TEXT NOT NULL,
  psp_code           TEXT NOT NULL,
  psp_fiscal_code    TEXT NOT NULL,
  psp_company        TEXT NOT NULL,
  payment_method     TEXT NOT NULL,
  payment_note       TEXT NOT NULL,
  stand_in           INTEGER NOT NULL CHECK (stand_in IN (0, 1)),
  payment_date_time  TEXT NOT NULL, -- the three dates are the receipt's own text
  application_date   TEXT NOT NULL,
  transfer_date      TEXT NOT NULL,
  transfer_total_cents INTEGER NOT NULL,
  received_at        TEXT NOT NULL CHECK (length(received_at) = 27),
  iupd               TEXT CHECK (iupd <> ''), -- the position that it settled
  -- SELECT … WHERE ec = ? AND receipt_id = ?: one receipt, and "once only".
  UNIQUE (ec, receipt_id)
) STRICT;

-- The receipts of a notice: WHERE ec = ? AND nav = ? ORDER BY id.
CREATE INDEX receipt_by_notice ON receipt (ec, nav);

-- Other bytes under a known receiptId.
CREATE TABLE receipt_variant (
  id          INTEGER PRIMARY KEY,
  ec          TEXT NOT NULL,
  receipt_id  TEXT NOT NULL,
  version     INTEGER NOT NULL CHECK (version IN (1, 2)),
  raw         BLOB NOT NULL,
  raw_sha256  BLOB NOT NULL CHECK (length(raw_sha256) = 32),
  received_at TEXT NOT NULL CHECK (length(received_at) = 27),
  -- INSERT … ON CONFLICT DO NOTHING: the same bytes are kept once.
  UNIQUE (ec, receipt_id, raw_sha256),
  FOREIGN KEY (ec, receipt_id) REFERENCES receipt (ec, receipt_id) ON DELETE CASCADE
) STRICT;

-- Bodies of receipt calls that could not be stored as receipts.
CREATE TABLE rejected_input (
  id         INTEGER PRIMARY KEY,
  operation  TEXT NOT NULL,
  reason     TEXT NOT NULL,
  raw        BLOB NOT NULL,
  raw_sha256 BLOB NOT NULL CHECK (length(raw_sha256) = 32),
  at         TEXT NOT NULL CHECK (length(at) = 27)
) STRICT;

CREATE TABLE anomaly (
  id         INTEGER PRIMARY KEY,
  class      TEXT NOT NULL CHECK (class <> ''),
  ec         TEXT NOT NULL, -- as received, so it may be no valid code
  receipt_id TEXT NOT NULL,
  nav        TEXT NOT NULL,
  detail     TEXT NOT NULL,
  at         TEXT NOT NULL CHECK (length(at) = 27)
) STRICT;

-- The anomalies of an EC: WHERE ec = ? ORDER BY id.
CREATE INDEX anomaly_by_ec ON anomaly (ec);

-- Access and audit -------------------------------------------------------------

CREATE TABLE api_key (
  id            TEXT PRIMARY KEY CHECK (id <> ''),
  secret_sha256 BLOB NOT NULL CHECK (length(secret_sha256) = 32),
  name          TEXT NOT NULL CHECK (name <> ''),
  created_at    TEXT NOT NULL CHECK (length(created_at) = 27),
  revoked_at    TEXT CHECK (length(revoked_at) = 27)
) STRICT, WITHOUT ROWID;

CREATE TABLE api_key_ec (
  key_id TEXT NOT NULL REFERENCES api_key (id) ON DELETE CASCADE,
  idx    INTEGER NOT NULL CHECK (idx >= 0),
  ec     TEXT NOT NULL CHECK (length(ec) = 11),
  PRIMARY KEY (key_id, idx),
  UNIQUE (key_id, ec) -- an EC stands once in a key
) STRICT, WITHOUT ROWID;

-- Who did what. AUTOINCREMENT: a number is never given twice.
CREATE TABLE journal (
  id     INTEGER PRIMARY KEY AUTOINCREMENT,
  at     TEXT NOT NULL CHECK (length(at) = 27),
  actor  TEXT NOT NULL CHECK (actor <> ''),
  action TEXT NOT NULL CHECK (action <> ''),
  ec     TEXT NOT NULL,
  object TEXT NOT NULL,
  detail TEXT NOT NULL
) STRICT;

-- With recursive_triggers on (pragma.go) these also stop INSERT OR REPLACE.
CREATE TRIGGER journal_is_not_updated BEFORE UPDATE ON journal
BEGIN SELECT RAISE(ABORT, 'the journal is append-only'); END;
CREATE TRIGGER journal_is_not_deleted BEFORE DELETE ON journal
BEGIN SELECT RAISE(ABORT, 'the journal is append-only'); END;
