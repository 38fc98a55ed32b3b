INSERT INTO massive_file (id, broker, ec, operation, key_id, segregations, complete, submitted, processed, failed, started_at, ended_at)
VALUES ('f1', '99999999999', '77777777777', 'CREATE', 'key1', '', 1, 1, 1, 0, '2026-11-23T12:00:00.000000Z', '2026-11-23T12:00:01.000000Z');
INSERT INTO massive_outcome (file, idx, iupd, status, message) VALUES (1, 0, 'iupd-0001', 201, '');
