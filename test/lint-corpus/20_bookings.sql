-- migration: create
-- expect: nothing
CREATE TABLE rooms (
  id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT,
  name VARCHAR(80) NOT NULL,
  seats SMALLINT UNSIGNED NOT NULL DEFAULT 2,
  PRIMARY KEY (id),
  UNIQUE KEY uk_name (name)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;
-- expect: nothing
CREATE TABLE bookings (
  id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT,
  room_id BIGINT UNSIGNED NOT NULL,
  starts_at DATETIME NOT NULL,
  PRIMARY KEY (id),
  KEY idx_room_starts (room_id, starts_at)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;
-- migration: later
-- expect: nothing
ALTER TABLE bookings ADD COLUMN note VARCHAR(200) NULL;
-- expect: ADD_UNIQUE
ALTER TABLE bookings ADD UNIQUE KEY uk_room_starts (room_id, starts_at);
-- expect: nothing
UPDATE rooms SET seats = 4 WHERE name = 'Blue';
-- expect: RENAME_TABLE
RENAME TABLE bookings TO reservations;
