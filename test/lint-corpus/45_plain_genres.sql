-- migration: create
-- expect: nothing
CREATE TABLE genres (
  id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT,
  name VARCHAR(105) NOT NULL,
  owner_id BIGINT UNSIGNED NULL,
  created_at DATETIME NOT NULL DEFAULT CURRENT_TIMESTAMP,
  PRIMARY KEY (id),
  KEY idx_owner (owner_id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;
-- migration: later
-- expect: nothing
ALTER TABLE genres ADD COLUMN note VARCHAR(100) NULL;
-- expect: nothing
ALTER TABLE genres ADD KEY idx_created (created_at);
-- expect: nothing
UPDATE genres SET note = 'x' WHERE owner_id = 6;
-- expect: nothing
INSERT INTO genres (name, owner_id) VALUES ('a', 1);
