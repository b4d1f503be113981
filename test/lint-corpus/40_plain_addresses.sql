-- migration: create
-- expect: nothing
CREATE TABLE addresses (
  id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT,
  name VARCHAR(80) NOT NULL,
  owner_id BIGINT UNSIGNED NULL,
  created_at DATETIME NOT NULL DEFAULT CURRENT_TIMESTAMP,
  PRIMARY KEY (id),
  KEY idx_owner (owner_id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;
-- migration: later
-- expect: nothing
ALTER TABLE addresses ADD COLUMN note VARCHAR(100) NULL;
-- expect: nothing
ALTER TABLE addresses ADD KEY idx_created (created_at);
-- expect: nothing
UPDATE addresses SET note = 'x' WHERE owner_id = 1;
-- expect: DROP_COLUMN
ALTER TABLE addresses DROP COLUMN name;
