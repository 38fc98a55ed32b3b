INSERT INTO webhook (id, ec, url, types, segregations, secret, key_id, created_at, cursor, attempts, next_try_at, last_status, last_failure)
VALUES ('w1', '77777777777', 'https://example.org/', 'receipt.received', '', 'secret', 'key1', '2026-11-23T12:00:00.000000Z', 0, 0, '2026-11-23T12:00:00.000000Z', 0, '');
