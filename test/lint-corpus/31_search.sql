-- migration: create
-- expect: nothing
CREATE TABLE docs (
  id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT,
  title VARCHAR(200) NOT NULL,
  body MEDIUMTEXT NOT NULL,
  PRIMARY KEY (id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;
-- migration: later
-- expect: LOCKING_INDEX, BLOCKING_LOCK
CREATE FULLTEXT INDEX ft_title ON docs (title);
-- expect: nothing
CREATE INDEX idx_title ON docs (title);
-- expect: REBUILD_REQUESTED, REBUILDING_TABLE
OPTIMIZE TABLE docs;
-- expect: ALGORITHM_REFUSED
ALTER TABLE docs ADD KEY idx_body (body(50)), ALGORITHM=INSTANT;
