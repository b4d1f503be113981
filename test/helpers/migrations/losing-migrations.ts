/** What a database may contain before its migration: tables with rows, views, procedures that are already there. */
const before: readonly string[] = [
  `CREATE TABLE t (id INT AUTO_INCREMENT PRIMARY KEY, u INT NOT NULL, n INT, big BIGINT NOT NULL, tx VARCHAR(40) CHARACTER SET utf8mb4 NOT NULL, en ENUM('a','b','c') NOT NULL,
    flags SET('x','y','z') NOT NULL, made DATETIME(6) NOT NULL, price DECIMAL(10,4) NOT NULL, body MEDIUMTEXT NOT NULL, js JSON NOT NULL, bin VARBINARY(20) NOT NULL, dbl DOUBLE NOT NULL, UNIQUE KEY uk (u))`,
  `INSERT INTO t VALUES (1, 10, -5, 5000000000, '\u6f22\u5b57', 'a', 'x,z', '2020-01-01 10:11:12.345678', 1.2345, REPEAT('a', 70000), '{"k": 1}', x'ff00', 1.25),
    (2, 20, NULL, 5, 'bbbbbbbbbbbb', 'c', 'y', '2021-01-01', 2.5, 'b', '[1]', x'01', 1e100), (3, 30, 300, 6, 'cc', 'b', '', '2022-01-01', 3, 'c', 'null', x'02', 3)`,
  'CREATE TABLE b (id INT PRIMARY KEY, n INT NOT NULL)',
  'INSERT INTO b VALUES (1, 7), (2, 8), (3, 900)',
  'CREATE TABLE parent (id INT PRIMARY KEY)',
  'CREATE TABLE child (id INT PRIMARY KEY, p_id INT, CONSTRAINT fk_child FOREIGN KEY (p_id) REFERENCES parent (id) ON DELETE CASCADE ON UPDATE CASCADE)',
  'INSERT INTO parent VALUES (1), (2)',
  'INSERT INTO child VALUES (1, 1), (2, 2)',
  'CREATE TABLE parts (id INT PRIMARY KEY, n INT) PARTITION BY RANGE (id) (PARTITION p0 VALUES LESS THAN (10), PARTITION p1 VALUES LESS THAN (20), PARTITION p2 VALUES LESS THAN MAXVALUE)',
  'INSERT INTO parts VALUES (1, 1), (11, 2), (21, 3)',
  'CREATE TABLE alike (id INT PRIMARY KEY, n INT)',
  'CREATE TABLE listed (id INT PRIMARY KEY) PARTITION BY LIST (id) (PARTITION l0 VALUES IN (1, 2), PARTITION l1 VALUES IN (3))',
  'INSERT INTO listed VALUES (1), (3)',
  'CREATE VIEW seen AS SELECT id, n FROM b',
  'CREATE PROCEDURE clear_b() DELETE FROM b',
  'CREATE PROCEDURE clear_outer() CALL clear_b()',
  "CREATE PROCEDURE clear_built() BEGIN SET @s = 'DELETE FROM b'; PREPARE x FROM @s; EXECUTE x; END",
  "CREATE PROCEDURE clear_joined(name VARCHAR(64)) BEGIN SET @s = CONCAT('DROP TABLE ', name); PREPARE x FROM @s; EXECUTE x; END",
  'CREATE PROCEDURE run_text(what VARCHAR(200)) BEGIN SET @s = what; PREPARE x FROM @s; EXECUTE x; END',
]

/** Of these, what the migration names, and what that names in turn. */
export function listBefore(sql: string): readonly string[] {
  const names = (text: string): readonly string[] => text.match(/\w+/g) ?? []
  const subject = (statement: string): string => /^(?:CREATE \w+|INSERT INTO) (\w+)/.exec(statement)?.[1] ?? ''
  const needed = new Set([
    ...names(sql),
    ...(/\bparent\b/.test(sql) ? ['child'] : []),
    ...(/DATABASE/.test(sql) ? ['b'] : []),
  ])
  for (const statement of [...before, ...before].reverse())
    if (needed.has(subject(statement))) for (const name of names(statement)) needed.add(name)
  return before.filter((statement) => needed.has(subject(statement)))
}

/** A migration, and the hazard that stops it. `{other}` is another schema of the server. */
export type Losing = readonly [sql: string, hazard: string]

const rows: readonly Losing[] = [
  [
    'WITH RECURSIVE r AS (SELECT 1 AS i UNION ALL SELECT i + 1 FROM r WHERE i < 100) DELETE FROM b WHERE id IN (SELECT i FROM r)',
    'DELETE_ALL_ROWS',
  ],
  [
    'WITH gone AS (SELECT id FROM b), more AS (SELECT id FROM gone) DELETE b FROM b JOIN more USING (id)',
    'DELETE_ALL_ROWS',
  ],
  ['WITH x AS (SELECT id, 0 AS n FROM b) UPDATE b JOIN x USING (id) SET b.n = x.n', 'UPDATE_ALL_ROWS'],
  ['DELETE b, child FROM b JOIN child ON b.id >= child.id', 'DELETE_ALL_ROWS'],
  ['DELETE FROM x USING b AS x LEFT JOIN alike ON alike.id = x.id WHERE alike.id IS NULL', 'DELETE_ALL_ROWS'],
  ['DELETE FROM seen', 'DELETE_ALL_ROWS'],
  ['DELETE FROM seen WHERE n > 0', 'DELETE_ALL_ROWS'],
  ['UPDATE seen SET n = 0 WHERE id < 1000', 'UPDATE_ALL_ROWS'],
  ['CREATE VIEW mine AS SELECT * FROM b WHERE n > 0; DELETE FROM mine', 'DELETE_ALL_ROWS'],
  ['CREATE VIEW mine AS SELECT * FROM seen; UPDATE mine SET n = 1', 'UPDATE_ALL_ROWS'],
  ['DELETE FROM parts PARTITION (p0)', 'DELETE_ALL_ROWS'],
  ['DELETE FROM b ORDER BY id LIMIT 1000', 'DELETE_ALL_ROWS'],
  ['UPDATE b SET n = 0 ORDER BY id LIMIT 3', 'UPDATE_ALL_ROWS'],
  ['UPDATE b, child SET b.n = 0 WHERE b.id <> child.id + 50', 'UPDATE_ALL_ROWS'],
  ['DELETE FROM parent WHERE id = 1', 'DELETE_CASCADES'],
  ['INSERT INTO b SELECT id, 0 FROM t ON DUPLICATE KEY UPDATE n = 0', 'UPDATE_ALL_ROWS'],
  ['INSERT INTO b (id, n) SELECT id, 0 FROM t ON DUPLICATE KEY UPDATE n = VALUES(n)', 'UPDATE_ALL_ROWS'],
  [
    'INSERT INTO b (n, id) WITH c AS (SELECT id FROM t) SELECT 1, id FROM c ON DUPLICATE KEY UPDATE n = 1',
    'UPDATE_ALL_ROWS',
  ],
  ['INSERT INTO b SELECT x.* FROM b AS x ON DUPLICATE KEY UPDATE n = 0', 'UPDATE_ALL_ROWS'],
  ['INSERT INTO b SELECT id, n FROM seen ON DUPLICATE KEY UPDATE n = 0', 'UPDATE_ALL_ROWS'],
  ['REPLACE INTO b SELECT id, 0 FROM t', 'REPLACE_ROWS'],
  [
    'REPLACE INTO t (id, u, big, tx, en, flags, made, price, body, js, bin, dbl) VALUES (1, 10, 1, "a", "a", "", "2020-01-01", 1, "", "1", "", 1)',
    'REPLACE_ROWS',
  ],
  ["LOAD DATA INFILE '/nowhere/b.csv' REPLACE INTO TABLE b", 'REPLACE_ROWS'],
  ["LOAD XML INFILE '/nowhere/b.xml' REPLACE INTO TABLE b", 'REPLACE_ROWS'],
  ['UPDATE IGNORE t SET u = NULL WHERE id = 1', 'UPDATE_IGNORE'],
  ['UPDATE IGNORE t SET en = "nosuch" WHERE id = 1', 'UPDATE_IGNORE'],
  ["SET SESSION sql_mode = ''; ALTER TABLE b MODIFY n TINYINT NOT NULL", 'NARROW_COLUMN'],
  ['CREATE TEMPORARY TABLE b (id INT); DROP TEMPORARY TABLE b; DELETE FROM b', 'DELETE_ALL_ROWS'],
  ['CREATE TEMPORARY TABLE b (id INT); DROP TABLE b; DROP TABLE b', 'DROP_TABLE'],
  ['TRUNCATE b', 'TRUNCATE_TABLE'],
  ['TRUNCATE {own}.b', 'TRUNCATE_TABLE'],
]

const bodies: readonly Losing[] = [
  ['CALL clear_b()', 'BODY_DELETES'],
  ['CALL clear_outer()', 'BODY_DELETES'],
  ['CALL clear_built()', 'BUILT_STATEMENT'],
  ["CALL clear_joined('b')", 'BUILT_STATEMENT'],
  ["CALL run_text('TRUNCATE TABLE b')", 'BUILT_STATEMENT'],
  ["CALL run_text(CONCAT('DELE', 'TE FROM b'))", 'BUILT_STATEMENT'],
  [
    "CREATE PROCEDURE mine() BEGIN SET @s = CONCAT('UPDATE ', 'b SET n = 0'); PREPARE x FROM @s; EXECUTE x; END; CALL mine()",
    'BUILT_STATEMENT',
  ],
  ["PREPARE x FROM 'DELETE FROM b WHERE 1 = 1'; EXECUTE x", 'DELETE_ALL_ROWS'],
  ['CREATE EVENT e ON SCHEDULE EVERY 1 SECOND DO CALL clear_b()', 'BODY_DELETES'],
  ['CREATE EVENT e ON SCHEDULE EVERY 1 SECOND DO BEGIN CALL clear_outer(); END', 'BODY_DELETES'],
  ['CREATE EVENT e ON SCHEDULE EVERY 1 SECOND DO CALL clear_built()', 'BUILT_STATEMENT'],
  ['CREATE EVENT e ON SCHEDULE EVERY 1 SECOND DO TRUNCATE TABLE b', 'BODY_DELETES'],
  ['CREATE EVENT e ON SCHEDULE EVERY 1 DAY DO DELETE FROM b WHERE n > 0', 'BODY_DELETES'],
  ['CREATE EVENT e ON SCHEDULE EVERY 1 DAY DO UPDATE b SET n = 0 WHERE id < 1000', 'BODY_DELETES'],
  ['CREATE EVENT e ON SCHEDULE EVERY 1 DAY DO REPLACE INTO b SELECT id, 0 FROM t', 'BODY_DELETES'],
  ['CREATE EVENT e ON SCHEDULE EVERY 1 DAY DO ALTER TABLE b DROP COLUMN n', 'BODY_DELETES'],
  ['CREATE EVENT e ON SCHEDULE EVERY 1 DAY DO ALTER TABLE parts TRUNCATE PARTITION p0', 'BODY_DELETES'],
  ['CREATE EVENT e ON SCHEDULE EVERY 1 DAY DISABLE DO DO 1; ALTER EVENT e ENABLE DO CALL clear_b()', 'BODY_DELETES'],
  ['CREATE TRIGGER g AFTER INSERT ON alike FOR EACH ROW CALL clear_b()', 'BODY_DELETES'],
  ['CREATE TRIGGER g AFTER INSERT ON alike FOR EACH ROW DELETE FROM b WHERE n <> 77', 'BODY_DELETES'],
  ['CREATE TRIGGER g AFTER INSERT ON alike FOR EACH ROW UPDATE b SET n = NEW.n WHERE n > 0', 'BODY_DELETES'],
  ['CREATE FUNCTION f() RETURNS INT DETERMINISTIC BEGIN CALL clear_b(); RETURN 1; END; DO f()', 'BODY_DELETES'],
  [
    'CREATE FUNCTION f() RETURNS INT DETERMINISTIC BEGIN DELETE FROM b WHERE n <> 77; RETURN 1; END; DO f()',
    'BODY_DELETES',
  ],
  ['CREATE PROCEDURE mine() DELETE FROM b WHERE n <> 77; CALL mine()', 'BODY_DELETES'],
  ['CREATE PROCEDURE mine() UPDATE b SET n = 0 WHERE id < 1000; CALL mine()', 'BODY_DELETES'],
  ['CREATE PROCEDURE mine() REPLACE INTO b SELECT id, 0 FROM t; CALL mine()', 'BODY_DELETES'],
  ['CREATE PROCEDURE mine() ALTER TABLE b DROP COLUMN n; CALL mine()', 'BODY_DELETES'],
  [
    'CREATE PROCEDURE mine() INSERT INTO b SELECT id, 0 FROM t ON DUPLICATE KEY UPDATE n = 0; CALL mine()',
    'BODY_DELETES',
  ],
  ['CREATE PROCEDURE mine() RENAME TABLE b TO {other}.b; CALL mine()', 'BODY_DELETES'],
]

const definitions: readonly Losing[] = [
  ['RENAME TABLE b TO {other}.b1', 'MOVE_TABLE'],
  ['ALTER TABLE b RENAME TO {other}.b2', 'MOVE_TABLE'],
  ['RENAME TABLE b TO b3, b3 TO {other}.b3', 'MOVE_TABLE'],
  ['DROP TABLE IF EXISTS nosuch, b', 'DROP_TABLE'],
  ['DROP TABLES b', 'DROP_TABLE'],
  ['RENAME TABLE b TO gone; DROP TABLE gone', 'DROP_TABLE'],
  ['DROP DATABASE {own}', 'DROP_SCHEMA'],
  ['DROP SCHEMA IF EXISTS {other}', 'DROP_SCHEMA'],
  ['ALTER TABLE parts TRUNCATE PARTITION p0', 'TRUNCATE_PARTITION'],
  ['ALTER TABLE parts TRUNCATE PARTITION ALL', 'TRUNCATE_PARTITION'],
  ['ALTER TABLE parts DROP PARTITION p1', 'DROP_PARTITION'],
  ['ALTER TABLE listed DROP PARTITION l1', 'DROP_PARTITION'],
  ['ALTER TABLE listed REORGANIZE PARTITION l0 INTO (PARTITION l0 VALUES IN (2))', 'DROP_PARTITION'],
  ['ALTER TABLE listed REORGANIZE PARTITION l0, l1 INTO (PARTITION l VALUES IN (3, 4))', 'DROP_PARTITION'],
  ['ALTER TABLE parts EXCHANGE PARTITION p0 WITH TABLE alike', 'EXCHANGE_PARTITION'],
  ['ALTER TABLE parts EXCHANGE PARTITION p0 WITH TABLE alike WITHOUT VALIDATION', 'EXCHANGE_PARTITION'],
  ['ALTER TABLE b DISCARD TABLESPACE', 'DISCARD_TABLESPACE'],
  ['ALTER TABLE parts DISCARD PARTITION p0 TABLESPACE', 'DISCARD_TABLESPACE'],
  ['ALTER TABLE b ENGINE = BLACKHOLE', 'LOSSY_ENGINE'],
  ['ALTER TABLE b ENGINE MEMORY', 'LOSSY_ENGINE'],
  ['CREATE TABLE copy LIKE b; DROP TABLE b; RENAME TABLE copy TO b', 'DROP_TABLE'],
  ['ALTER TABLE b DROP n', 'DROP_COLUMN'],
  ['ALTER TABLE b ADD COLUMN m INT, DROP COLUMN n, RENAME COLUMN m TO n', 'DROP_COLUMN'],
  ['ALTER TABLE b RENAME COLUMN n TO old, ADD COLUMN n INT; ALTER TABLE b DROP COLUMN old', 'DROP_COLUMN'],
  ['ALTER TABLE t MODIFY tx VARCHAR(5) CHARACTER SET utf8mb4 NOT NULL', 'NARROW_COLUMN'],
  ['ALTER TABLE t CHANGE big smaller INT NOT NULL', 'NARROW_COLUMN'],
  ['ALTER TABLE t MODIFY n INT UNSIGNED', 'NARROW_COLUMN'],
  ['ALTER TABLE t MODIFY n INT NOT NULL', 'NARROW_COLUMN'],
  ["ALTER TABLE t MODIFY en ENUM('a','b') NOT NULL", 'NARROW_COLUMN'],
  ["ALTER TABLE t MODIFY flags SET('x','y') NOT NULL", 'NARROW_COLUMN'],
  ["ALTER TABLE t MODIFY en ENUM('b','a','c') NOT NULL, MODIFY made DATETIME NOT NULL", 'NARROW_COLUMN'],
  ['ALTER TABLE t MODIFY made DATE NOT NULL', 'NARROW_COLUMN'],
  ['ALTER TABLE t MODIFY price DECIMAL(10,2) NOT NULL', 'NARROW_COLUMN'],
  ['ALTER TABLE t MODIFY price FLOAT NOT NULL', 'NARROW_COLUMN'],
  ['ALTER TABLE t MODIFY dbl FLOAT NOT NULL', 'NARROW_COLUMN'],
  ['ALTER TABLE t MODIFY body TEXT NOT NULL', 'NARROW_COLUMN'],
  ['ALTER TABLE t MODIFY bin VARBINARY(1) NOT NULL', 'NARROW_COLUMN'],
  ['ALTER TABLE t MODIFY bin BIGINT NOT NULL', 'NARROW_COLUMN'],
  ['ALTER TABLE t MODIFY tx VARCHAR(40) CHARACTER SET latin1 NOT NULL', 'NARROW_COLUMN'],
  ['ALTER TABLE t CONVERT TO CHARACTER SET latin1', 'NARROW_COLUMN'],
  ['ALTER TABLE t CONVERT TO CHARACTER SET ascii', 'NARROW_COLUMN'],
  ['ALTER TABLE t MODIFY u INT GENERATED ALWAYS AS (id) STORED', 'OVERWRITE_COLUMN'],
  ['ALTER TABLE b CHANGE n n INT GENERATED ALWAYS AS (1) STORED', 'OVERWRITE_COLUMN'],
]

export const losingMigrations: readonly Losing[] = [...rows, ...bodies, ...definitions]

/** Known, and judged, only when it runs. */
export const losingTexts: readonly Losing[] = [
  ["SET @s = 'DROP TABLE b'; PREPARE x FROM @s; EXECUTE x", 'DROP_TABLE'],
  ["SET @s = CONCAT('DROP TABLE ', 'b'); PREPARE x FROM @s; EXECUTE x", 'DROP_TABLE'],
  ["SELECT 'TRUNCATE TABLE b' INTO @s; PREPARE x FROM @s; EXECUTE x", 'TRUNCATE_TABLE'],
  ['SET @s = (SELECT 0x44524F50205441424C452062); PREPARE x FROM @s; EXECUTE x', 'DROP_TABLE'],
]

/** Code of JavaScript migrations. */
export const losingCode: readonly Losing[] = [
  ["await knex('b').where('n', '>', 0).del()", 'DELETE_ALL_ROWS'],
  ["await knex.raw('WITH c AS (SELECT id FROM b) DELETE FROM b WHERE id IN (SELECT id FROM c)')", 'DELETE_ALL_ROWS'],
  ["await knex.raw('DELETE b, child FROM b JOIN child ON b.id >= child.id')", 'DELETE_ALL_ROWS'],
  ["await knex('seen').update({ n: 0 })", 'UPDATE_ALL_ROWS'],
  ["await knex.raw('INSERT INTO b SELECT id, 0 FROM t ON DUPLICATE KEY UPDATE n = 0')", 'UPDATE_ALL_ROWS'],
  ["await knex.raw('REPLACE INTO b SELECT id, 0 FROM t')", 'REPLACE_ROWS'],
  ["await knex.raw('CALL clear_b()')", 'DATA_MIGRATION_REFUSED'],
  ["await knex.raw('CALL clear_joined(?)', ['b'])", 'DATA_MIGRATION_REFUSED'],
]

/** Look like losses; the server keeps every row and value, which the test shows by comparing them. */
export const harmlessMigrations = [
  'ALTER TABLE b IMPORT TABLESPACE',
  'ALTER TABLE parts IMPORT PARTITION p0 TABLESPACE',
  'ALTER TABLE parts REORGANIZE PARTITION p0, p1 INTO (PARTITION p0 VALUES LESS THAN (20))',
  'ALTER TABLE parts REORGANIZE PARTITION p0 INTO (PARTITION p00 VALUES LESS THAN (5), PARTITION p01 VALUES LESS THAN (10))',
  'ALTER TABLE parts REORGANIZE PARTITION p2 INTO (PARTITION p2 VALUES LESS THAN (21))',
  'ALTER TABLE parts REORGANIZE PARTITION p1, p2 INTO (PARTITION p1 VALUES LESS THAN (15))',
  'ALTER TABLE parts PARTITION BY RANGE (id) (PARTITION p0 VALUES LESS THAN (10))',
  'ALTER TABLE parts PARTITION BY HASH (id) PARTITIONS 2',
  'ALTER TABLE parts COALESCE PARTITION 1',
  'ALTER TABLE parts REMOVE PARTITIONING',
  'ALTER TABLE listed PARTITION BY LIST (id) (PARTITION l0 VALUES IN (1))',
  'ALTER TABLE parts REBUILD PARTITION p0',
  'DELETE FROM seen WHERE id = 77',
  "DROP USER IF EXISTS 'wwdb_nosuch'@'%'",
  'INSERT INTO b SELECT id + 100, 0 FROM t ON DUPLICATE KEY UPDATE n = 0; DELETE FROM b WHERE id IN (101, 102, 103)',
  'INSERT INTO b SELECT id, 0 FROM t ON DUPLICATE KEY UPDATE id = b.id',
  "CREATE PROCEDURE mine() BEGIN SET @s = CONCAT('CREATE INDEX i ON ', 'b (n)'); PREPARE x FROM @s; EXECUTE x; END; CALL mine()",
  "SET @s = IF(1 = 1, 'ALTER TABLE alike ADD KEY i (n)', 'SELECT 1'); PREPARE x FROM @s; EXECUTE x",
  'CREATE EVENT e ON SCHEDULE EVERY 1 DAY DISABLE DO DELETE FROM b WHERE id = 77',
] as const
