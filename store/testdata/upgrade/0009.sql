INSERT INTO journal (at, actor, action, ec, object, detail, iupd, nav, receipt_id, position_status, amount_cents, segregations)
VALUES ('2026-11-23T12:00:01.000000Z', 'key1', 'position.create', '77777777777', 'iupd-0002', 'VALID', 'iupd-0002', '', '', 'VALID', 0, '01');
