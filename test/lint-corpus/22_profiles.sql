-- migration: create
-- expect: nothing
CREATE TABLE profiles (
  id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT,
  nick VARCHAR(60) NOT NULL,
  bio VARCHAR(300) NULL,
  PRIMARY KEY (id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;
-- migration: later
-- expect: VARCHAR_LENGTH_BYTE, BLOCKING_COPY
ALTER TABLE profiles MODIFY nick VARCHAR(80) NOT NULL;
-- expect: nothing
ALTER TABLE profiles MODIFY bio VARCHAR(500) NULL;
-- expect: nothing
ALTER TABLE profiles ALTER nick SET DEFAULT 'anonymous';
-- expect: TRUNCATE_TABLE
TRUNCATE TABLE profiles;
