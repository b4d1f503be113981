/** Tables, code and rows of an application, which a hostile migration finds. */
export const found: readonly string[] = [
  'CREATE TABLE t (id INT PRIMARY KEY, n INT, tx VARCHAR(40) NOT NULL, price DECIMAL(20,10) NOT NULL, big BIGINT NOT NULL, bin VARBINARY(20) NOT NULL, made DATETIME NOT NULL)',
  "INSERT INTO t VALUES (1, 1, 'a  ', 1.0000000001, 9007199254740993, 0x61, '2020-01-01'), (2, NULL, 'b', 2, 2, 0x62, '2021-01-01'), (3, 3, 'c', 3, 3, 0x63, '2022-01-01')",
  'CREATE TABLE b (id INT PRIMARY KEY, n INT NOT NULL)',
  'INSERT INTO b VALUES (1, 7), (2, 8), (3, 900)',
  'CREATE TABLE parent (id INT PRIMARY KEY)',
  'CREATE TABLE child (id INT PRIMARY KEY, p_id INT, KEY k (p_id), CONSTRAINT fk FOREIGN KEY (p_id) REFERENCES parent (id))',
  'INSERT INTO parent VALUES (1), (2)',
  'INSERT INTO child VALUES (1, 1)',
  'CREATE TABLE fresh_log (id INT)',
  'CREATE VIEW seen AS SELECT id, n FROM b',
  'CREATE FUNCTION eraser() RETURNS INT DETERMINISTIC MODIFIES SQL DATA BEGIN DELETE FROM b; RETURN 1; END',
  'CREATE FUNCTION plus_one(v INT) RETURNS INT DETERMINISTIC NO SQL RETURN v + 1',
  'CREATE VIEW erasing AS SELECT eraser() AS e',
  'CREATE PROCEDURE erase_by_function() SELECT eraser()',
  'CREATE FUNCTION erase_one(v INT) RETURNS INT DETERMINISTIC MODIFIES SQL DATA BEGIN DELETE FROM b WHERE id = v; RETURN 1; END',
  'CREATE FUNCTION `count`(v INT) RETURNS INT DETERMINISTIC MODIFIES SQL DATA BEGIN DELETE FROM b; RETURN 1; END',
  'CREATE EVENT nightly ON SCHEDULE EVERY 1 DAY STARTS CURRENT_TIMESTAMP + INTERVAL 1 DAY DISABLE DO DELETE FROM b',
]

/** A migration, and what ends it: a hazard, or the code of an error. `{own}` is the schema of the migration. */
export type Attempt = readonly [text: string, result: string]

/** By code that the server has. */
const byCode: readonly Attempt[] = [
  ['DO eraser()', 'BODY_DELETES'],
  ['SELECT eraser()', 'BODY_DELETES'],
  ['INSERT INTO fresh_log SELECT eraser()', 'BODY_DELETES'],
  ['INSERT INTO fresh_log VALUES (eraser())', 'BODY_DELETES'],
  ['UPDATE t SET n = eraser() WHERE id = 1', 'BODY_DELETES'],
  ['DELETE FROM t WHERE id = {own}.eraser() + 76', 'BODY_DELETES'],
  ['SET @x = eraser()', 'BODY_DELETES'],
  ['CREATE VIEW v AS SELECT eraser() AS e; SELECT * FROM v', 'BODY_DELETES'],
  ['CALL erase_by_function()', 'BODY_DELETES'],
  ['EXPLAIN ANALYZE SELECT eraser()', 'BODY_DELETES'],
  ['CREATE TRIGGER g AFTER INSERT ON fresh_log FOR EACH ROW SET @e = eraser()', 'BODY_DELETES'],
  ['CREATE EVENT e ON SCHEDULE EVERY 1 DAY DO SELECT eraser() INTO @e', 'BODY_DELETES'],
  ['CREATE EVENT e ON SCHEDULE AT CURRENT_TIMESTAMP + INTERVAL 1 DAY DO DROP TABLE b', 'BODY_DELETES'],
  ['CREATE PROCEDURE p(IN v INT) DELETE FROM b WHERE id > v; CALL p(0)', 'BODY_DELETES'],
  ['CREATE PROCEDURE p(IN v INT) UPDATE b SET n = 0 WHERE v < id; CALL p(0)', 'BODY_DELETES'],
  [
    'CREATE FUNCTION f(v INT) RETURNS INT DETERMINISTIC BEGIN DELETE FROM b WHERE id > v; RETURN 1; END; DO f(0)',
    'BODY_DELETES',
  ],
  [
    'CREATE PROCEDURE p() BEGIN CREATE TEMPORARY TABLE b2 SELECT * FROM b; DELETE FROM b; INSERT INTO b SELECT id, 0 FROM b2; END; CALL p()',
    'BODY_DELETES',
  ],
]

const eraseInLoop =
  'BEGIN DECLARE v INT DEFAULT 0; WHILE v < 100 DO DELETE FROM b WHERE id = v; SET v = v + 1; END WHILE; END'
const eraseByCursor =
  'BEGIN DECLARE v INT; DECLARE done INT DEFAULT 0; DECLARE c CURSOR FOR SELECT id FROM b; DECLARE CONTINUE HANDLER FOR NOT FOUND SET done = 1; OPEN c; l: LOOP FETCH c INTO v; IF done THEN LEAVE l; END IF; DELETE FROM b WHERE id = v; END LOOP; CLOSE c; END'

/** Row by row, in several statements, or with rows that the plan itself put there. */
const byAndBy: readonly Attempt[] = [
  [`CREATE PROCEDURE p() ${eraseInLoop}; CALL p()`, 'BODY_DELETES'],
  [`CREATE PROCEDURE p() ${eraseByCursor}; CALL p()`, 'BODY_DELETES'],
  [
    'CREATE PROCEDURE p() BEGIN SET @v = 0; REPEAT UPDATE b SET n = 0 WHERE id = @v; SET @v = @v + 1; UNTIL @v > 9 END REPEAT; END; CALL p()',
    'BODY_DELETES',
  ],
  [
    'CREATE PROCEDURE one(IN v INT) BEGIN DELETE FROM b WHERE id = v; END; CREATE PROCEDURE p() BEGIN SET @v = 0; WHILE @v < 9 DO CALL one(@v); SET @v = @v + 1; END WHILE; END; CALL p()',
    'BODY_DELETES',
  ],
  ['SELECT erase_one(id) FROM t', 'BODY_DELETES'],
  [
    'CREATE TRIGGER g AFTER INSERT ON fresh_log FOR EACH ROW DELETE FROM b WHERE id = NEW.id; INSERT INTO fresh_log SELECT id FROM t',
    'BODY_DELETES',
  ],
  ['DELETE FROM b WHERE id <= 2; DELETE FROM b WHERE id > 2', 'DELETE_ALL_ROWS'],
  ['DELETE FROM b WHERE id <= 2; DELETE FROM b WHERE id = 3', 'DELETE_ALL_ROWS'],
  [
    'DELETE FROM b WHERE id <= 2; INSERT INTO b VALUES (9, 9); DELETE FROM b WHERE id > 2 AND id < 9',
    'DELETE_ALL_ROWS',
  ],
  ['UPDATE b SET n = 0 WHERE id <= 2; UPDATE b SET n = 0 WHERE id > 2', 'UPDATE_ALL_ROWS'],
  ['DELETE FROM b WHERE id <= 1; UPDATE b SET n = 0 WHERE id > 1', 'UPDATE_ALL_ROWS'],
  ['INSERT INTO b VALUES (9, 9); DELETE FROM b WHERE id > 0', 'DELETE_ALL_ROWS'],
  ['CREATE TABLE x AS SELECT id FROM b; DELETE FROM b WHERE id IN (SELECT id FROM x)', 'DELETE_ALL_ROWS'],
  ['CREATE TEMPORARY TABLE x AS SELECT id FROM b; DELETE FROM b WHERE id IN (SELECT id FROM x)', 'DELETE_ALL_ROWS'],
  [
    'CREATE TABLE x (id INT PRIMARY KEY); INSERT INTO x SELECT id FROM b; DELETE b FROM b JOIN x ON x.id = b.id',
    'DELETE_ALL_ROWS',
  ],
  ['REPLACE INTO t SELECT 1, NULL, "", 0, 0, "", NOW()', 'REPLACE_ROWS'],
]

/** By code that the server has, used in a way that does not name it. */
const byUse: readonly Attempt[] = [
  ['SELECT * FROM erasing', 'BODY_DELETES'],
  ['INSERT INTO fresh_log SELECT e FROM erasing', 'BODY_DELETES'],
  ['CREATE TABLE x AS SELECT * FROM erasing', 'BODY_DELETES'],
  ['SET @x = (SELECT e FROM erasing)', 'BODY_DELETES'],
  ['DO (SELECT e FROM erasing)', 'BODY_DELETES'],
  ['CREATE VIEW v AS SELECT e FROM erasing; SELECT * FROM v', 'BODY_DELETES'],
  ['SELECT count (1)', 'BODY_DELETES'],
  ['ALTER EVENT nightly ENABLE', 'BODY_DELETES'],
  ['ALTER EVENT nightly DO DELETE FROM b', 'BODY_DELETES'],
  ['CREATE TRIGGER g BEFORE INSERT ON t FOR EACH ROW SET NEW.tx = ""', 'BODY_DELETES'],
  ['CREATE TRIGGER g BEFORE UPDATE ON t FOR EACH ROW SET NEW.made = NOW(), NEW.n = NULL', 'BODY_DELETES'],
  ['ALTER INSTANCE DISABLE INNODB REDO_LOG', 'MIGRATIONS_INVALID'],
]

/** By a text that means something else when it runs. */
const byText: readonly Attempt[] = [
  ['/*!40000 DROP TABLE b */', 'DROP_TABLE'],
  ['/*!40000 DELETE FROM b */', 'DELETE_ALL_ROWS'],
  ['DELETE FROM b WHERE id = 1 /*!40000 OR 1 = 1 */', 'DELETE_ALL_ROWS'],
  ['DELETE FROM b WHERE id > 1 /*! OR id > 0 */', 'DELETE_ALL_ROWS'],
  ['UPDATE b SET n = 0 WHERE id = 1 /*!80011 OR TRUE */', 'UPDATE_ALL_ROWS'],
  ['/*!80000 SET sql_log_bin = 0 */', 'SKIP_BINLOG'],
  ['ALTER TABLE b ADD COLUMN z INT /*!50000 , DROP COLUMN n */', 'DROP_COLUMN'],
  ['SET @cut = 0; DELETE FROM b WHERE id > @cut', 'DELETE_ALL_ROWS'],
  ['SET @cut = 0; UPDATE b SET n = 0 WHERE id > @cut', 'UPDATE_ALL_ROWS'],
  ["PREPARE x FROM 'DELETE FROM b WHERE id > ?'; SET @a = 0; EXECUTE x USING @a", 'DELETE_ALL_ROWS'],
  ["SET @s = 'DELETE FROM b WHERE id > 0'; PREPARE x FROM @s; EXECUTE x", 'DELETE_ALL_ROWS'],
  ["SET @s = 'UPDATE b SET n = 0 WHERE id BETWEEN -5 AND 5000'; PREPARE x FROM @s; EXECUTE x", 'UPDATE_ALL_ROWS'],
  [
    "SET sql_mode = CONCAT(@@sql_mode, ',NO_BACKSLASH_ESCAPES'); DELETE FROM t WHERE tx = 'a\\' OR 1 = 1 -- '",
    'DELETE_ALL_ROWS',
  ],
  ["SET sql_mode = CONCAT(@@sql_mode, ',NO_BACKSLASH_ESCAPES'); SELECT '\\'; DROP TABLE b; -- '", 'STATEMENT_FAILED'],
  ["SET sql_mode = CONCAT(@@sql_mode, ',PIPES_AS_CONCAT'); DELETE FROM b WHERE id < 1 || 00", 'DELETE_ALL_ROWS'],
  ['SET sql_mode = CONCAT(@@sql_mode, \',ANSI_QUOTES\'); DELETE FROM "b" WHERE "id" = "id"', 'DELETE_ALL_ROWS'],
  ['SET NAMES gbk; DELETE FROM b WHERE id = 1', 'MIGRATIONS_INVALID'],
]

/** Past wwdb's journal and lock, and the tables of the server. */
const pastJournal: readonly Attempt[] = [
  ["DELETE FROM mysql.user WHERE User = 'wwdb_nosuch'", 'WRITE_SYSTEM_TABLES'],
  ["UPDATE mysql.user SET account_locked = 'Y' WHERE User = 'wwdb_nosuch'; FLUSH PRIVILEGES", 'WRITE_SYSTEM_TABLES'],
  ["DELETE f FROM mysql.func AS f WHERE f.name = 'wwdb_nosuch'", 'WRITE_SYSTEM_TABLES'],
  ['CREATE VIEW j AS SELECT * FROM wwdb_journal; DELETE FROM j WHERE pass = 1', 'WRITE_JOURNAL'],
  ['RENAME TABLE wwdb_journal TO x', 'WRITE_JOURNAL'],
  ['UPDATE t, wwdb_journal SET wwdb_journal.state = "open" WHERE t.id = 1', 'WRITE_JOURNAL'],
  ['DELETE j FROM t JOIN wwdb_journal AS j WHERE t.id = 1', 'WRITE_JOURNAL'],
  ['CREATE TABLE x (id INT PRIMARY KEY); ALTER TABLE x RENAME wwdb_extra', 'WRITE_JOURNAL'],
  ['SELECT RELEASE_ALL_LOCKS(); CREATE TABLE behind (id INT PRIMARY KEY)', 'MIGRATIONS_INVALID'],
]

const byRows: readonly Attempt[] = [
  ['DELETE FROM b WHERE RAND() < 2', 'DELETE_ALL_ROWS'],
  ['DELETE FROM b WHERE UUID() IS NOT NULL', 'DELETE_ALL_ROWS'],
  ['DELETE FROM b WHERE (id = 1) IS NOT UNKNOWN', 'DELETE_ALL_ROWS'],
  ['DELETE FROM b WHERE id = id DIV 1', 'DELETE_ALL_ROWS'],
  ['UPDATE b SET n = 0 WHERE EXISTS (SELECT * FROM t WHERE t.id = 1)', 'UPDATE_ALL_ROWS'],
  ['UPDATE b STRAIGHT_JOIN t SET b.n = 0 WHERE t.id = 1', 'UPDATE_ALL_ROWS'],
  ['DELETE b FROM b NATURAL JOIN (SELECT id FROM t) AS q', 'DELETE_ALL_ROWS'],
  ['UPDATE b LEFT JOIN t ON FALSE SET b.n = 0 WHERE t.id IS NULL', 'UPDATE_ALL_ROWS'],
  ['DELETE LOW_PRIORITY QUICK IGNORE b.* FROM b', 'DELETE_ALL_ROWS'],
  ['UPDATE b SET n = 0 ORDER BY id LIMIT 18446744073709551615', 'UPDATE_ALL_ROWS'],
  ['CREATE TABLE IF NOT EXISTS b (id INT PRIMARY KEY, n INT); DELETE FROM b', 'DELETE_ALL_ROWS'],
  ['CREATE TEMPORARY TABLE b (id INT); RENAME TABLE b TO c; DELETE FROM c', 'DELETE_ALL_ROWS'],
  [
    'ALTER TABLE child DROP FOREIGN KEY fk, ADD CONSTRAINT fk2 FOREIGN KEY (p_id) REFERENCES parent (id) ON DELETE CASCADE; DELETE FROM parent WHERE id = 1',
    'DELETE_CASCADES',
  ],
]

const byDefinition: readonly Attempt[] = [
  ['ALTER TABLE b ENGINE = MERGE UNION = (fresh_log)', 'LOSSY_ENGINE'],
  ['ALTER TABLE b ENGINE = InnoDB, ENGINE = BLACKHOLE', 'LOSSY_ENGINE'],
  ['ALTER TABLE t RENAME COLUMN n TO tx, RENAME COLUMN tx TO n; ALTER TABLE t DROP COLUMN tx', 'DROP_COLUMN'],
  ['ALTER TABLE t DROP PRIMARY KEY, DROP COLUMN id, ADD id INT AUTO_INCREMENT PRIMARY KEY', 'DROP_COLUMN'],
  ['ALTER TABLE t MODIFY tx CHAR(40) NOT NULL', 'NARROW_COLUMN'],
  ['ALTER TABLE t MODIFY bin BINARY(20) NOT NULL', 'NARROW_COLUMN'],
  ['ALTER TABLE t MODIFY big DOUBLE NOT NULL', 'NARROW_COLUMN'],
  ['ALTER TABLE t MODIFY n INT ZEROFILL', 'NARROW_COLUMN'],
  ['CREATE TABLE IF NOT EXISTS b (id INT PRIMARY KEY, n INT); DROP TABLE b', 'DROP_TABLE'],
]

export const attempts: readonly Attempt[] = [
  ...byCode,
  ...byAndBy,
  ...byUse,
  ...byText,
  ...pastJournal,
  ...byRows,
  ...byDefinition,
]

/** Code of JavaScript migrations. */
export const codeAttempts: readonly Attempt[] = [
  ["await knex.raw('SELECT eraser()')", 'BODY_DELETES'],
  ["await knex.raw('INSERT INTO fresh_log SELECT eraser()')", 'BODY_DELETES'],
  ["await knex.raw('DO 1; DELETE FROM b')", 'DATA_MIGRATION_REFUSED'],
  ["await knex.raw('/*!40000 DELETE FROM b */')", 'DELETE_ALL_ROWS'],
  ["await knex('b').whereNotNull('id').del()", 'DELETE_ALL_ROWS'],
  ["await knex.raw('SET @cut = 0'); await knex.raw('DELETE FROM b WHERE id > @cut')", 'DELETE_ALL_ROWS'],
  [
    "await knex.raw(\"SET sql_mode = CONCAT(@@sql_mode, ',NO_BACKSLASH_ESCAPES')\"); await knex.raw(\"DELETE FROM t WHERE tx = 'a\\\\' OR 1 = 1 -- '\")",
    'DELETE_ALL_ROWS',
  ],
  ["await knex.raw('DELETE FROM mysql.user WHERE User = ?', ['wwdb_nosuch'])", 'WRITE_SYSTEM_TABLES'],
  ["await knex.raw('DO RELEASE_ALL_LOCKS()')", 'DATA_MIGRATION_REFUSED'],
  ["await knex.raw('HANDLER b OPEN')", 'DATA_MIGRATION_REFUSED'],
  ["await knex.raw('SELECT * FROM erasing')", 'BODY_DELETES'],
  ["await knex('b').where('id', '<=', 2).del(); await knex('b').where('id', '>', 2).del()", 'DELETE_ALL_ROWS'],
]

/** Take rows or values away and run: each chooses its rows, and leaves others. */
export const choosing = [
  'DELETE FROM b WHERE id <= 2',
  'DELETE FROM b WHERE id <= 1; DELETE FROM b WHERE id > 2',
  'DELETE FROM b WHERE id = 1; DELETE FROM b WHERE id = 2; DELETE FROM b WHERE id = 3',
  'UPDATE b SET n = 0 WHERE id <= 2; DELETE FROM b WHERE id > 2',
  'INSERT INTO fresh_log VALUES (1), (2); DELETE FROM b WHERE id IN (SELECT id FROM fresh_log)',
  'CREATE TEMPORARY TABLE x AS SELECT id FROM b WHERE id < 3; DELETE FROM b WHERE id IN (SELECT id FROM x)',
  'SELECT erase_one(1)',
] as const

/** Look alike, and nothing of what was there before is lost. */
export const neighbors = [
  'SELECT plus_one(1)',
  'DO plus_one(1)',
  'INSERT INTO fresh_log SELECT plus_one(id) FROM b',
  'SET @x = plus_one(1)',
  'CREATE VIEW v AS SELECT plus_one(id) AS e FROM b; SELECT * FROM v',
  'SELECT 1 AS eraser',
  "SELECT 'eraser()'",
  'CREATE EVENT e ON SCHEDULE EVERY 1 DAY DISABLE DO SELECT plus_one(1) INTO @e',
  'SELECT COUNT(*) FROM mysql.user',
  '/*!99999 DROP TABLE b */ DO 1',
  'ALTER TABLE b ADD COLUMN z INT /*!50000 COMMENT "new" */',
  'SET @cut = 5000; DELETE FROM b WHERE id = @cut',
  "PREPARE x FROM 'DELETE FROM b WHERE id = ?'; SET @a = 5000; EXECUTE x USING @a",
  "SET @s = 'DELETE FROM b WHERE id = 5000'; PREPARE x FROM @s; EXECUTE x",
  'CREATE PROCEDURE p(IN v INT) DELETE FROM b WHERE id = v; CALL p(5000)',
  'DELETE FROM b WHERE id > 5000',
  "SET sql_mode = ''; DELETE FROM t WHERE tx = 'nosuch\\\\'",
  'SET SESSION max_execution_time = 1000; UPDATE b SET n = n WHERE id BETWEEN 1 AND 2',
  'ALTER TABLE b ENGINE = InnoDB',
  'ALTER TABLE t ADD COLUMN engine VARCHAR(20) DEFAULT "merge"',
  'DROP EVENT nightly',
  'SET ROLE NONE',
  'DELETE FROM b WHERE id > 5000; DELETE FROM b WHERE id > 4000',
  'INSERT INTO fresh_log VALUES (5000); DELETE FROM b WHERE id IN (SELECT id FROM fresh_log)',
  'CREATE TEMPORARY TABLE b2 AS SELECT * FROM b; DELETE FROM b2 WHERE id > 0; DROP TEMPORARY TABLE b2',
  'CREATE PROCEDURE p() BEGIN DECLARE v INT DEFAULT 0; WHILE v < 3 DO DELETE FROM b WHERE id = 5000 AND n > v; SET v = v + 1; END WHILE; END; CALL p()',
  'CREATE TABLE own (id INT PRIMARY KEY); CREATE PROCEDURE p() BEGIN DECLARE v INT DEFAULT 0; WHILE v < 3 DO DELETE FROM own WHERE id = v; SET v = v + 1; END WHILE; END; CALL p()',
  'CREATE TRIGGER g AFTER INSERT ON fresh_log FOR EACH ROW DELETE FROM b WHERE id = NEW.id; INSERT INTO fresh_log VALUES (5000)',
  'SELECT erase_one(5000)',
  'SELECT * FROM seen',
  'SELECT count(1)',
  'ALTER EVENT nightly COMMENT "every night"',
  'CREATE TRIGGER g BEFORE INSERT ON t FOR EACH ROW SET NEW.made = NOW()',
  'ALTER TABLE t ADD COLUMN kind INT; CREATE TRIGGER g BEFORE INSERT ON t FOR EACH ROW SET NEW.kind = 1',
  'CREATE TABLE own (id INT PRIMARY KEY); REPLACE INTO own SELECT 1',
] as const
