-- migration: create
-- expect: nothing
CREATE TABLE nurses (
  id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT,
  name VARCHAR(140) NOT NULL,
  owner_id BIGINT UNSIGNED NULL,
  created_at DATETIME NOT NULL DEFAULT CURRENT_TIMESTAMP,
  PRIMARY KEY (id),
  KEY idx_owner (owner_id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;
-- migration: later
-- expect: nothing
ALTER TABLE nurses ADD COLUMN note VARCHAR(100) NULL;
-- expect: nothing
ALTER TABLE nurses ADD KEY idx_created (created_at);
-- expect: nothing
UPDATE nurses SET note = 'x' WHERE owner_id = 13;
-- expect: DROP_COLUMN
ALTER TABLE nurses DROP COLUMN name;
