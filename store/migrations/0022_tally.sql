-- How many positions each EC has in each stored state, so that a list tells its total
-- without counting (GPD's total_pages). The writer keeps it (tally.go), not triggers:
-- 0017_no_insert_triggers.sql. verify holds it against the positions.
-- Old binary, new schema: refused. New binary, old schema: migrated at start.

CREATE TABLE tally (
  ec        TEXT NOT NULL CHECK (length(ec) = 11),
  status    TEXT NOT NULL,
  positions INTEGER NOT NULL,
  PRIMARY KEY (ec, status)
) STRICT, WITHOUT ROWID;

INSERT INTO tally (ec, status, positions) SELECT ec, status, count(*) FROM position GROUP BY ec, status;
