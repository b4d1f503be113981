-- migration: create
-- expect: nothing
CREATE TABLE events (
  id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
  kind VARCHAR(20) NOT NULL,
  at DATETIME NOT NULL,
  code VARCHAR(20) NOT NULL,
  KEY idx_at (at),
  KEY idx_code (code)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;
-- migration: archive
-- expect: nothing
CREATE TABLE events_archive (
  id BIGINT UNSIGNED NOT NULL PRIMARY KEY,
  kind VARCHAR(20) NOT NULL,
  at DATETIME NOT NULL,
  code VARCHAR(20) NOT NULL
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;
-- expect: UNBOUNDED_INSERT_SELECT, LARGE_CHANGE
INSERT INTO events_archive (id, kind, at, code) SELECT id, kind, at, code FROM events;
-- expect: nothing
INSERT INTO events_archive (id, kind, at, code) SELECT id, kind, at, code FROM events WHERE id BETWEEN 1 AND 10000;
-- expect: INSERT_WITHOUT_COLUMNS
INSERT INTO events VALUES (1, 'login', '2026-01-01 00:00:00', 'a');
-- expect: INSERT_IGNORE
INSERT IGNORE INTO events (id, kind, at, code) VALUES (2, 'login', '2026-01-01 00:00:00', 'b');
-- expect: REPLACE_ROWS, UNBOUNDED_INSERT_SELECT
REPLACE INTO events (id, kind, at, code) SELECT id, kind, at, code FROM events_archive;
-- expect: IMPLICIT_CONVERSION
UPDATE events SET kind = 'x' WHERE code = 12345;
-- expect: nothing
UPDATE events SET kind = 'x' WHERE code = '12345';
-- expect: VALUES_FUNCTION
INSERT INTO events (id, kind, at, code) VALUES (3, 'a', '2026-01-01 00:00:00', 'c') ON DUPLICATE KEY UPDATE kind = VALUES(kind);
-- expect: COPIED_WITHOUT_KEYS, NO_PRIMARY_KEY
CREATE TABLE events_backup AS SELECT id, kind, at, code FROM events WHERE id < 100;
