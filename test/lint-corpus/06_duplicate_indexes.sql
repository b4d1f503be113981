-- migration: create
-- expect: DUPLICATE_INDEX
CREATE TABLE sessions (
  id CHAR(32) CHARACTER SET ascii NOT NULL,
  user_id BIGINT UNSIGNED NOT NULL,
  expires_at DATETIME NOT NULL,
  PRIMARY KEY (id),
  KEY idx_user (user_id),
  KEY user_idx (user_id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;
-- expect: REDUNDANT_INDEX
CREATE TABLE logins (
  id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT,
  user_id BIGINT UNSIGNED NOT NULL,
  at DATETIME NOT NULL,
  PRIMARY KEY (id),
  KEY idx_user (user_id),
  KEY idx_user_at (user_id, at)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;
-- expect: nothing
CREATE TABLE visits (
  id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT,
  user_id BIGINT UNSIGNED NOT NULL,
  at DATETIME NOT NULL,
  PRIMARY KEY (id),
  KEY idx_at (at),
  KEY idx_user_at (user_id, at)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;
-- expect: nothing
CREATE TABLE members (
  id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT,
  email VARCHAR(100) NOT NULL,
  team_id BIGINT UNSIGNED NOT NULL,
  PRIMARY KEY (id),
  UNIQUE KEY uk_email (email),
  KEY idx_email_team (email, team_id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;
-- expect: DUPLICATE_INDEX
CREATE TABLE devices (
  id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT,
  serial VARCHAR(40) NOT NULL,
  PRIMARY KEY (id),
  UNIQUE KEY uk_id (id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;
