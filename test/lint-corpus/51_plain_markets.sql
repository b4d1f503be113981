-- migration: create
-- expect: nothing
CREATE TABLE markets (
  id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT,
  name VARCHAR(135) NOT NULL,
  owner_id BIGINT UNSIGNED NULL,
  created_at DATETIME NOT NULL DEFAULT CURRENT_TIMESTAMP,
  PRIMARY KEY (id),
  KEY idx_owner (owner_id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;
-- migration: later
-- expect: nothing
ALTER TABLE markets ADD COLUMN note VARCHAR(100) NULL;
-- expect: nothing
ALTER TABLE markets ADD KEY idx_created (created_at);
-- expect: nothing
UPDATE markets SET note = 'x' WHERE owner_id = 12;
-- expect: nothing
INSERT INTO markets (name, owner_id) VALUES ('a', 1);
