-- migration: create
-- expect: nothing
CREATE TABLE kept (
  id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT,
  n INT NULL,
  PRIMARY KEY (id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;
-- expect: nothing
CREATE TABLE scratch (
  id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT,
  n INT NULL,
  PRIMARY KEY (id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;
-- expect: MADE_AND_DROPPED
DROP TABLE scratch;
-- migration: later
-- expect: nothing
ALTER TABLE kept ADD COLUMN m INT NULL;
