INSERT INTO sign_of_life (id, at, stopped) VALUES (1, '2026-11-23T12:00:00.000000Z', 1);
INSERT INTO unserved (began_at, ended_at, cause) VALUES ('2026-11-23T11:00:00.000000Z', '2026-11-23T12:00:00.000000Z', 'crashed');
INSERT INTO maintenance (begins_at, ends_at, announced_at, reason) VALUES ('2026-11-30T12:00:00.000000Z', '2026-11-30T13:00:00.000000Z', '2026-11-23T12:00:00.000000Z', 'x');
