-- migration: create
-- expect: nothing
CREATE TABLE teams_of_league (id INT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY, city VARCHAR(40) NOT NULL, founded YEAR NOT NULL, KEY by_city (city));
-- expect: FOREIGN_KEY_PARENT_INDEX
CREATE TABLE mascots (id INT NOT NULL PRIMARY KEY, founded YEAR NOT NULL, KEY (founded), CONSTRAINT m FOREIGN KEY (founded) REFERENCES teams_of_league (founded));
-- expect: FOREIGN_KEY_TO_NON_UNIQUE
CREATE TABLE derbies (id INT NOT NULL PRIMARY KEY, city VARCHAR(40) NOT NULL, KEY (city), CONSTRAINT d FOREIGN KEY (city) REFERENCES teams_of_league (city));
-- expect: FOREIGN_KEY_ENGINE, NO_TRANSACTIONS
CREATE TABLE fans (id INT NOT NULL PRIMARY KEY, team INT UNSIGNED NOT NULL, KEY (team), CONSTRAINT f FOREIGN KEY (team) REFERENCES teams_of_league (id)) ENGINE=MyISAM;
-- expect: nothing
CREATE TABLE trainers (id INT NOT NULL PRIMARY KEY, team INT UNSIGNED NULL, KEY (team), CONSTRAINT t FOREIGN KEY (team) REFERENCES teams_of_league (id) ON DELETE SET NULL);
-- migration: later
-- expect: BLOCKING_COPY
ALTER TABLE trainers ADD COLUMN boss INT NULL, ADD CONSTRAINT b FOREIGN KEY (boss) REFERENCES trainers (id);
-- expect: nothing
ALTER TABLE teams_of_league ADD COLUMN colors VARCHAR(40) NULL;
