-- migration: create
-- expect: nothing
CREATE TABLE houses (
  id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT,
  name VARCHAR(110) NOT NULL,
  owner_id BIGINT UNSIGNED NULL,
  created_at DATETIME NOT NULL DEFAULT CURRENT_TIMESTAMP,
  PRIMARY KEY (id),
  KEY idx_owner (owner_id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;
-- migration: later
-- expect: nothing
ALTER TABLE houses ADD COLUMN note VARCHAR(100) NULL;
-- expect: nothing
ALTER TABLE houses ADD KEY idx_created (created_at);
-- expect: nothing
UPDATE houses SET note = 'x' WHERE owner_id = 7;
-- expect: DROP_COLUMN
ALTER TABLE houses DROP COLUMN name;
