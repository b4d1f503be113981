-- migration: create
-- expect: nothing
CREATE TABLE journeys (
  id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT,
  name VARCHAR(120) NOT NULL,
  owner_id BIGINT UNSIGNED NULL,
  created_at DATETIME NOT NULL DEFAULT CURRENT_TIMESTAMP,
  PRIMARY KEY (id),
  KEY idx_owner (owner_id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;
-- migration: later
-- expect: nothing
ALTER TABLE journeys ADD COLUMN note VARCHAR(100) NULL;
-- expect: nothing
ALTER TABLE journeys ADD KEY idx_created (created_at);
-- expect: nothing
UPDATE journeys SET note = 'x' WHERE owner_id = 9;
-- expect: nothing
INSERT INTO journeys (name, owner_id) VALUES ('a', 1);
