INSERT INTO receipt (ec, receipt_id, version, raw, raw_sha256, nav, primary_ec, iuv, outcome, amount_cents, fee_cents, debtor_fiscal_code, psp_code,
  psp_fiscal_code, psp_company, payment_method, payment_note, stand_in, payment_date_time, application_date, transfer_date, transfer_total_cents, received_at, iupd,
  paid_at, redacted_at, original_sha256)
VALUES ('77777777777', 'receipt-old', 2, x'', x'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855', '301000000000000999', '77777777777', '01000000000000999', 'OK', 100, 0, 'ALIAS', 'BANK',
  '00000000001', 'Banca', 'CP', '', 0, '2016-11-23T12:00:00', '2016-11-23', '2016-11-24', 100, '2016-11-23T12:00:00.000000Z', NULL,
  '2016-11-23T11:00:00.000000Z', '2026-11-23T12:00:00.000000Z', zeroblob(32));
INSERT INTO journal (at, actor, action, ec, object, detail) VALUES
  ('2016-11-23T12:00:00.000000Z', 'node', 'receipt.record', '77777777777', 'receipt-old', ''),
  ('2026-11-23T12:00:00.000000Z', 'operator', 'receipt.redact', '77777777777', 'receipt-old', '');
