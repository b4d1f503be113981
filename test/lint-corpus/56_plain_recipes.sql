-- migration: create
-- expect: nothing
CREATE TABLE recipes (
  id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT,
  name VARCHAR(160) NOT NULL,
  owner_id BIGINT UNSIGNED NULL,
  created_at DATETIME NOT NULL DEFAULT CURRENT_TIMESTAMP,
  PRIMARY KEY (id),
  KEY idx_owner (owner_id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;
-- migration: later
-- expect: nothing
ALTER TABLE recipes ADD COLUMN note VARCHAR(100) NULL;
-- expect: nothing
ALTER TABLE recipes ADD KEY idx_created (created_at);
-- expect: nothing
UPDATE recipes SET note = 'x' WHERE owner_id = 17;
-- expect: nothing
INSERT INTO recipes (name, owner_id) VALUES ('a', 1);
