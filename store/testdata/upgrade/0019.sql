INSERT INTO print_folder (seq, id, key_id, name, request_hash, created_at) VALUES (1, '0123456789abcdef0123456789abcdef', 'k', 'x', zeroblob(32), '2026-11-23T12:00:00.000000Z');
INSERT INTO print_scope (folder, ec, segregation) VALUES (1, '77777777777', '02');
INSERT INTO print_item (folder, file, ec, debtor, request, state, reason, done_at) VALUES (1, 'a', '77777777777', 'RSSMRA80A01H501U', '{"Template":"TemplateSingleInstalment","EC":"77777777777","Subject":"x"}', 'PRINTED', '', '2026-11-23T12:00:00.000000Z');
INSERT INTO print_item (folder, file, ec, debtor, request, state, reason, done_at) VALUES (1, 'b', '77777777777', '', '{"Template":"TemplateSingleInstalment","EC":"77777777777","Subject":"y"}', 'WAITING', '', NULL);
