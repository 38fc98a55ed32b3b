INSERT INTO number_series (ec, segregation, next, key) VALUES ('77777777777', '01', 12, zeroblob(32));
INSERT INTO used_number (ec, nav, iuv, issued, retired) VALUES ('77777777777', '301000000000000777', '01000000000000777', 1, 1);
INSERT INTO demand (key, ec, nav, at, until) VALUES (zeroblob(32), '77777777777', '301000000000000777', '2026-11-23T12:00:00.000000Z', '2026-11-24T12:00:00.000000Z');
