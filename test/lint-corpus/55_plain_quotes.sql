-- migration: create
-- expect: nothing
CREATE TABLE quotes (
  id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT,
  name VARCHAR(155) NOT NULL,
  owner_id BIGINT UNSIGNED NULL,
  created_at DATETIME NOT NULL DEFAULT CURRENT_TIMESTAMP,
  PRIMARY KEY (id),
  KEY idx_owner (owner_id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;
-- migration: later
-- expect: nothing
ALTER TABLE quotes ADD COLUMN note VARCHAR(100) NULL;
-- expect: nothing
ALTER TABLE quotes ADD KEY idx_created (created_at);
-- expect: nothing
UPDATE quotes SET note = 'x' WHERE owner_id = 16;
-- expect: DROP_COLUMN
ALTER TABLE quotes DROP COLUMN name;
