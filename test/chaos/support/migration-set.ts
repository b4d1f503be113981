/**
 * Every kind of statement there is, made so that a second run of any of them shows: nothing here is idempotent. What is
 * dangerous about them is accepted in the files' headers.
 */
export const migrationSet: Readonly<Record<string, string>> = {
  'migrations/app/001_make.sql': `-- wwdb:accept DROP_TABLE the down part removes what the up part makes
-- migrate:up
CREATE TABLE parents (id BIGINT NOT NULL AUTO_INCREMENT PRIMARY KEY, name VARCHAR(40) NOT NULL);
CREATE TABLE children (name VARCHAR(40) NOT NULL, parent_id BIGINT NOT NULL, FOREIGN KEY (parent_id) REFERENCES parents (id));
CREATE TABLE counters (name VARCHAR(40) NOT NULL PRIMARY KEY, value INT NOT NULL);
CREATE VIEW parent_names AS SELECT name FROM parents;
DELIMITER //
CREATE PROCEDURE bump(IN wanted VARCHAR(40))
BEGIN
  UPDATE counters SET value = value + 1 WHERE name = wanted;
  UPDATE counters SET value = value + 10 WHERE name = wanted;
END//
CREATE PROCEDURE add_parent(IN wanted VARCHAR(40)) INSERT INTO parents (name) VALUES (wanted)//
DELIMITER ;
CREATE TRIGGER children_counted AFTER INSERT ON children FOR EACH ROW UPDATE counters SET value = value + 1 WHERE name = 'children';
INSERT INTO counters VALUES ('plain', 0), ('called', 0), ('executed', 0), ('children', 0), ('module', 0);
INSERT INTO parents (name) VALUES ('first');
SET @first = LAST_INSERT_ID();
INSERT INTO parents (name) VALUES ('second');
INSERT INTO children (name, parent_id) VALUES ('of first', @first), ('of second', LAST_INSERT_ID());
INSERT INTO parents (id, name) VALUES (1000, 'explicit');
INSERT INTO children (name, parent_id) VALUES ('of second, too', LAST_INSERT_ID());
CALL add_parent('called');
INSERT INTO children (name, parent_id) VALUES ('of called', LAST_INSERT_ID());
INSERT INTO parents (id, name) SELECT 2000, 'explicit, too' FROM counters WHERE name = 'plain';
INSERT INTO children (name, parent_id) SELECT 'of called, too', LAST_INSERT_ID();
UPDATE counters SET value = value + 1 WHERE name = 'plain';
-- migrate:down
UPDATE undone SET times = times + 1 WHERE times >= 0;
DROP TRIGGER children_counted;
DROP PROCEDURE bump;
DROP PROCEDURE add_parent;
DROP VIEW parent_names;
INSERT INTO history SELECT name, value FROM counters;
DROP TABLE counters, children;
DROP TABLE parents;
`,
  'migrations/app/002_change.sql': `-- wwdb:accept BLOCKING_COPY the test wants to be inside it
-- wwdb:accept TRUNCATE_TABLE its rows are made by the test
-- wwdb:accept DROP_TABLE its rows are made by the test
-- wwdb:accept DROP_COLUMN its values are made by the test
-- migrate:up
ALTER TABLE big ADD COLUMN extra INT NOT NULL DEFAULT 7, ALGORITHM=COPY;
CREATE INDEX big_word ON big (word);
RENAME TABLE old_name TO new_name;
RENAME TABLE left_twin TO twin, right_twin TO left_twin, twin TO right_twin;
INSERT INTO copies (word) SELECT word FROM big WHERE id <= 20;
SET @text = 'ALTER TABLE prepared ADD COLUMN b INT';
PREPARE change_it FROM @text;
EXECUTE change_it;
DEALLOCATE PREPARE change_it;
PREPARE bump_it FROM 'UPDATE counters SET value = value + ? WHERE name = ''executed''';
SET @step = 3;
EXECUTE bump_it USING @step;
EXECUTE bump_it USING @step;
DEALLOCATE PREPARE bump_it;
TRUNCATE TABLE emptied;
CALL bump('called');
CREATE TEMPORARY TABLE scratch (name VARCHAR(40) NOT NULL);
INSERT INTO scratch VALUES ('one'), ('two');
INSERT INTO copies (word) SELECT name FROM scratch;
DROP TEMPORARY TABLE scratch;
CREATE TEMPORARY TABLE copies (word VARCHAR(40) NOT NULL);
INSERT INTO copies VALUES ('into the one that hides the other');
DROP TEMPORARY TABLE copies;
INSERT INTO copies (word) VALUES ('once');
SET @token = UUID(), SESSION max_sort_length = 2048;
INSERT INTO tokens VALUES (@token);
INSERT INTO tokens VALUES (@token);
SET SESSION sql_mode = '';
INSERT INTO zero_dates VALUES ('0000-00-00');
DROP TABLE doomed;
SET SESSION sql_mode = 'ANSI_QUOTES', time_zone = '+08:00';
ALTER TABLE new_name DROP COLUMN gone;
DROP PROCEDURE obsolete;
-- migrate:down
CREATE PROCEDURE obsolete() SELECT 1;
ALTER TABLE new_name ADD COLUMN gone INT;
INSERT INTO zero_dates VALUES ('2026-01-01');
UPDATE undone SET times = times + 1 WHERE times >= 0;
ALTER TABLE prepared DROP COLUMN b;
RENAME TABLE left_twin TO twin, right_twin TO left_twin, twin TO right_twin;
RENAME TABLE new_name TO old_name;
DROP INDEX big_word ON big;
ALTER TABLE big DROP COLUMN extra, ALGORITHM=COPY;
`,
  'migrations/app/003_fill.js': `export async function up(knex) {
  await knex('counters').where({ name: 'module' }).increment('value', 1)
  await knex('copies').insert({ word: 'from the module' })
  await knex('counters').where({ name: 'module' }).increment('value', 10)
}
export async function down(knex) {
  await knex('undone').increment('times', 100)
  await knex('copies').where({ word: 'from the module' }).delete()
}
`,
  // Nothing here is accepted: what the migration made and added itself must stay its own, wherever it is cut off.
  'migrations/app/004_own.sql': `-- migrate:up
CREATE TABLE IF NOT EXISTS work (id INT NOT NULL PRIMARY KEY, n INT NOT NULL);
ALTER TABLE big ADD COLUMN nid INT;
UPDATE big SET nid = IFNULL(nid, 0) + id;
ALTER TABLE big CHANGE nid new_id BIGINT NOT NULL;
INSERT INTO work SELECT id, new_id FROM big;
RENAME TABLE work TO worked;
UPDATE worked SET n = n + 1;
INSERT INTO history SELECT 'worked', SUM(n) FROM worked;
ALTER TABLE worked DROP COLUMN n;
DELETE FROM worked;
DROP TABLE worked;
-- migrate:down
ALTER TABLE big DROP COLUMN new_id;
`,
  'migrations/app/R__words.sql': `-- wwdb:accept UPDATE_ALL_ROWS every run of it is counted in every row
-- migrate:up
DROP VIEW IF EXISTS words;
CREATE VIEW words AS SELECT word FROM copies;
UPDATE undone SET repeated = repeated + 1 WHERE times >= 0;
`,
}

/** What is there before the first migration. @param rows of the table that is altered by copying */
export function setUpSql(rows: number): string {
  return `
CREATE TABLE big (id INT NOT NULL PRIMARY KEY, word VARCHAR(40) NOT NULL, filler VARCHAR(200) NOT NULL);
SET SESSION cte_max_recursion_depth = ${rows + 10};
INSERT INTO big WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ${rows}) SELECT i, CONCAT('word ', i), REPEAT('x', 200) FROM n;
CREATE TABLE old_name (id INT NOT NULL PRIMARY KEY, gone INT);
INSERT INTO old_name VALUES (1, 1);
CREATE TABLE left_twin (name VARCHAR(40) NOT NULL);
CREATE TABLE right_twin (name VARCHAR(40) NOT NULL);
INSERT INTO left_twin VALUES ('left');
INSERT INTO right_twin VALUES ('right');
CREATE TABLE copies (word VARCHAR(40) NOT NULL);
CREATE TABLE prepared (a INT);
CREATE TABLE emptied (name VARCHAR(40) NOT NULL);
INSERT INTO emptied VALUES ('one'), ('two');
CREATE PROCEDURE obsolete() SELECT 1;
CREATE TABLE doomed (name VARCHAR(40));
CREATE TABLE zero_dates (day DATE NOT NULL);
CREATE TABLE undone (times INT NOT NULL, repeated INT NOT NULL);
INSERT INTO undone VALUES (0, 0);
CREATE TABLE tokens (token VARCHAR(40) NOT NULL);
CREATE TABLE history (name VARCHAR(40) NOT NULL, value INT NOT NULL);
`
}
