-- migration: create
-- expect: nothing
CREATE TABLE carts (
  id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT,
  name VARCHAR(90) NOT NULL,
  owner_id BIGINT UNSIGNED NULL,
  created_at DATETIME NOT NULL DEFAULT CURRENT_TIMESTAMP,
  PRIMARY KEY (id),
  KEY idx_owner (owner_id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;
-- migration: later
-- expect: nothing
ALTER TABLE carts ADD COLUMN note VARCHAR(100) NULL;
-- expect: nothing
ALTER TABLE carts ADD KEY idx_created (created_at);
-- expect: nothing
UPDATE carts SET note = 'x' WHERE owner_id = 3;
-- expect: nothing
INSERT INTO carts (name, owner_id) VALUES ('a', 1);
