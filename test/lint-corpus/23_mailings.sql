-- migration: create
-- expect: nothing
CREATE TABLE mailings (
  id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT,
  subject VARCHAR(200) NOT NULL,
  state VARCHAR(20) NOT NULL DEFAULT 'draft',
  PRIMARY KEY (id),
  KEY idx_state_id (state, subject)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;
-- migration: later
-- expect: nothing
UPDATE mailings SET state = 'sent' WHERE state = 'draft';
-- expect: UNKEYED_CHANGE, LARGE_CHANGE
UPDATE mailings SET state = 'sent' WHERE subject = 'Hello';
-- expect: NULL_COMPARISON
DELETE FROM mailings WHERE id = 5 AND state = NULL;
-- expect: POINTLESS_SELECT
SELECT COUNT(*) FROM mailings;
