-- What time moves (gpd-api.md §2.4): the job that stores it asks for the first few.

-- WHERE status = 'PUBLISHED' AND valid_from <= ? ORDER BY valid_from.
CREATE INDEX position_to_begin ON position (valid_from) WHERE status = 'PUBLISHED';
-- WHERE status = 'VALID' AND expires_at < ? ORDER BY expires_at.
CREATE INDEX position_to_expire ON position (expires_at) WHERE status = 'VALID' AND expires_at IS NOT NULL;
