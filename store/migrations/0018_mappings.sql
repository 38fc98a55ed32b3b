-- How an EC's sheets are read (bridge/mapping.go).

CREATE TABLE sheet_mapping (
  ec       TEXT NOT NULL CHECK (length(ec) = 11),
  name     TEXT NOT NULL CHECK (name <> ''),
  mapping  TEXT NOT NULL CHECK (json_valid(mapping)),
  saved_at TEXT NOT NULL CHECK (length(saved_at) = 27),
  -- SELECT … WHERE ec = ? ORDER BY name.
  PRIMARY KEY (ec, name)
) STRICT, WITHOUT ROWID;
