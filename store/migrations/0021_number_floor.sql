-- Below which numbers no new record is given: after a restore the store goes on far behind
-- whatever the lost one may have given out since the backup (store/restored.go), so that no
-- cursor that a consumer holds lies beyond what comes.
-- Old binary, new schema: refused. New binary, old schema: migrated at start.

CREATE TABLE number_floor (
  name     TEXT PRIMARY KEY CHECK (name IN ('journal', 'receipt', 'anomaly')),
  at_least INTEGER NOT NULL CHECK (at_least >= 0)
) STRICT, WITHOUT ROWID;
INSERT INTO number_floor (name, at_least) VALUES ('journal', 0), ('receipt', 0), ('anomaly', 0);
