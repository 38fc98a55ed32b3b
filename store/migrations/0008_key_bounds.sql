-- What bounds a key beyond its creditor institutions (gpd-api.md §5.2,
-- reliability-security.md §3.3).

ALTER TABLE api_key ADD COLUMN scopes TEXT NOT NULL DEFAULT '' ; -- 'positions:read,receipts:read'; '' for all
ALTER TABLE api_key ADD COLUMN expires_at TEXT CHECK (length(expires_at) = 27);
-- Written now and then, not with each request.
ALTER TABLE api_key ADD COLUMN last_used_at TEXT CHECK (length(last_used_at) = 27);
-- The segregation codes within the EC, '47,48'; '' for all.
ALTER TABLE api_key_ec ADD COLUMN segregations TEXT NOT NULL DEFAULT '';
