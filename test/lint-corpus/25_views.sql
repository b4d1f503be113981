-- migration: create
-- expect: nothing
CREATE TABLE people (
  id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT,
  first_name VARCHAR(50) NOT NULL,
  last_name VARCHAR(50) NOT NULL,
  PRIMARY KEY (id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;
-- expect: VIEW_STAR
CREATE VIEW everybody AS SELECT * FROM people;
-- expect: nothing
CREATE VIEW names AS SELECT id, first_name FROM people;
-- migration: later
-- expect: DROP_VIEW
DROP VIEW names;
-- expect: DEFINER_NAMED
CREATE DEFINER='root'@'localhost' VIEW labels AS SELECT id, last_name FROM people;
