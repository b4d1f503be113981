-- migration: create
-- expect: nothing
CREATE TABLE teams (
  id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
  name VARCHAR(50) NOT NULL
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;
-- expect: nothing
CREATE TABLE players (
  id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
  team_id BIGINT UNSIGNED NULL,
  nick VARCHAR(50) NOT NULL,
  KEY idx_team (team_id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;
-- migration: later
-- expect: ADD_FOREIGN_KEY, BLOCKING_COPY
ALTER TABLE players ADD CONSTRAINT fk_players_team FOREIGN KEY (team_id) REFERENCES teams (id) ON DELETE SET NULL;
-- expect: nothing
CREATE TABLE trophies (
  id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
  team_id BIGINT UNSIGNED NOT NULL,
  KEY idx_team (team_id),
  CONSTRAINT fk_trophies_team FOREIGN KEY (team_id) REFERENCES teams (id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;
-- expect: nothing
ALTER TABLE trophies ADD COLUMN won_on DATE NULL;
-- expect: DROP_CONSTRAINT
ALTER TABLE players DROP FOREIGN KEY fk_players_team;
-- expect: FOREIGN_KEY_CHECKS_OFF
SET foreign_key_checks = 0;
-- expect: nothing
SET foreign_key_checks = 1;
