-- migration: create
-- expect: nothing
CREATE TABLE employees (
  id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT,
  name VARCHAR(100) NOT NULL,
  owner_id BIGINT UNSIGNED NULL,
  created_at DATETIME NOT NULL DEFAULT CURRENT_TIMESTAMP,
  PRIMARY KEY (id),
  KEY idx_owner (owner_id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;
-- migration: later
-- expect: nothing
ALTER TABLE employees ADD COLUMN note VARCHAR(100) NULL;
-- expect: nothing
ALTER TABLE employees ADD KEY idx_created (created_at);
-- expect: nothing
UPDATE employees SET note = 'x' WHERE owner_id = 5;
-- expect: nothing
INSERT INTO employees (name, owner_id) VALUES ('a', 1);
