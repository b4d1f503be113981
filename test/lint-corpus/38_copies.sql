-- migration: create
-- expect: nothing
CREATE TABLE source_rows (
  id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT,
  n INT NULL,
  PRIMARY KEY (id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;
-- expect: nothing
CREATE TABLE target_rows (
  id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT,
  n INT NULL,
  PRIMARY KEY (id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;
-- migration: later
-- expect: UNBOUNDED_INSERT_SELECT
INSERT INTO target_rows (n) SELECT n FROM source_rows;
-- expect: nothing
INSERT INTO target_rows (n) SELECT n FROM source_rows WHERE id BETWEEN 1 AND 500;
-- expect: COPIED_WITHOUT_KEYS, NO_PRIMARY_KEY
CREATE TABLE backup_rows AS SELECT id, n FROM source_rows WHERE id < 10;
-- expect: UPDATE_PRIMARY_KEY
UPDATE target_rows SET id = id + 1000 WHERE id < 10;
