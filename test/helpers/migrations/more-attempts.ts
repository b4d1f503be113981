import type { Attempt } from './hostile-attempts.ts'

/**
 * A second round of attempts on the tables of `found`, by theme: conditions that functions, JSON or expressions hide; several statements that take all of a table
 * together; upserts and REPLACE; ALTER TABLE; partitions and swaps of names; views; triggers and procedures; prepared texts; session settings and foreign keys; code.
 */
export const moreAttempts: readonly Attempt[] = [
  // Conditions that functions, JSON or expressions hide.
  ['DELETE FROM b WHERE (SELECT COUNT(*) FROM t) > 0', 'DELETE_ALL_ROWS'],
  ['DELETE FROM b WHERE n IN (SELECT n FROM b AS q WHERE q.n IS NOT NULL)', 'DELETE_ALL_ROWS'],
  [
    'WITH RECURSIVE c AS (SELECT 1 AS v UNION ALL SELECT v + 1 FROM c WHERE v < 10) DELETE FROM b WHERE id IN (SELECT v FROM c)',
    'DELETE_ALL_ROWS',
  ],
  ["DELETE FROM b WHERE id MEMBER OF ('[1,2,3]')", 'DELETE_ALL_ROWS'],
  ["DELETE FROM b WHERE JSON_CONTAINS('[1,2,3]', CAST(id AS JSON))", 'DELETE_ALL_ROWS'],
  ["DELETE FROM b WHERE FIND_IN_SET(id, '1,2,3')", 'DELETE_ALL_ROWS'],
  ['DELETE FROM b WHERE ELT(1, id)', 'DELETE_ALL_ROWS'],
  ['UPDATE b SET n = n - n WHERE n IN (7, 8) OR n > 8', 'UPDATE_ALL_ROWS'],
  // Several statements that take all of it together.
  ['UPDATE b SET n = LEAST(n, 0) WHERE id < 3; UPDATE b SET n = LEAST(n, 0) WHERE id >= 3', 'UPDATE_ALL_ROWS'],
  [
    "UPDATE t SET tx = '' WHERE id BETWEEN 1 AND 2; UPDATE t SET tx = CONCAT(tx, ''), n = 0 WHERE id = 3; UPDATE t SET tx = '' WHERE id > 2",
    'UPDATE_ALL_ROWS',
  ],
  [
    'UPDATE b, (SELECT id FROM b) AS q SET b.n = 0 WHERE q.id = b.id AND q.id <= 2; UPDATE b SET n = 0 WHERE id > 2',
    'UPDATE_ALL_ROWS',
  ],
  ['DELETE FROM b PARTITION (p0)', 'DELETE_ALL_ROWS'],
  ['DELETE FROM b ORDER BY id DESC LIMIT 3', 'DELETE_ALL_ROWS'],
  [
    'DELETE FROM b WHERE id >= 1 ORDER BY id LIMIT 1; DELETE FROM b WHERE id >= 1 ORDER BY id LIMIT 5',
    'DELETE_ALL_ROWS',
  ],
  // Upserts and REPLACE.
  ['INSERT INTO b SELECT id, 0 FROM t ON DUPLICATE KEY UPDATE n = 0', 'UPDATE_ALL_ROWS'],
  ['REPLACE INTO b TABLE b', 'REPLACE_ROWS'],
  ['REPLACE INTO b (id, n) VALUES (1, DEFAULT(n))', 'STATEMENT_FAILED'],
  // ALTER TABLE.
  ['ALTER TABLE b RENAME TO b9, DROP COLUMN n', 'DROP_COLUMN'],
  ['ALTER TABLE b CHANGE n n2 TINYINT NOT NULL', 'NARROW_COLUMN'],
  ['ALTER TABLE b CHANGE n m INT NOT NULL; ALTER TABLE b DROP COLUMN m', 'DROP_COLUMN'],
  ['ALTER TABLE b ADD COLUMN m INT AS (n) STORED, DROP COLUMN n', 'STATEMENT_WOULD_FAIL'],
  ['ALTER TABLE b ADD m INT, DROP n, RENAME COLUMN m TO n', 'STATEMENT_WOULD_FAIL'],
  ['ALTER TABLE t MODIFY made DATE NOT NULL', 'NARROW_COLUMN'],
  ['ALTER TABLE t MODIFY price DECIMAL(20,2) NOT NULL', 'NARROW_COLUMN'],
  ['ALTER TABLE t MODIFY tx VARCHAR(40) CHARACTER SET ascii NOT NULL', 'NARROW_COLUMN'],
  ['ALTER TABLE t CONVERT TO CHARACTER SET latin1', 'NARROW_COLUMN'],
  // Partitions and swaps of names.
  [
    'ALTER TABLE b PARTITION BY RANGE (id) (PARTITION p0 VALUES LESS THAN (3), PARTITION p1 VALUES LESS THAN MAXVALUE); ALTER TABLE b DROP PARTITION p0',
    'DROP_PARTITION',
  ],
  [
    'ALTER TABLE b PARTITION BY RANGE (id) (PARTITION p0 VALUES LESS THAN (3), PARTITION p1 VALUES LESS THAN MAXVALUE); ALTER TABLE b TRUNCATE PARTITION ALL',
    'TRUNCATE_PARTITION',
  ],
  [
    'CREATE TABLE x LIKE b; ALTER TABLE b PARTITION BY HASH (id) PARTITIONS 1; ALTER TABLE b EXCHANGE PARTITION p0 WITH TABLE x; DROP TABLE x',
    'EXCHANGE_PARTITION',
  ],
  ['RENAME TABLE b TO b_old, fresh_log TO b; DROP TABLE b_old', 'DROP_TABLE'],
  ['CREATE TABLE b_new LIKE b; RENAME TABLE b TO b_old, b_new TO b; DROP TABLE b_old', 'DROP_TABLE'],
  ['DROP TABLE IF EXISTS nosuch, b', 'DROP_TABLE'],
  ['DROP VIEW seen; CREATE TABLE seen AS SELECT * FROM b; DROP TABLE b; RENAME TABLE seen TO b', 'DROP_TABLE'],
  // Views.
  ['DELETE FROM seen WHERE id < 100', 'DELETE_ALL_ROWS'],
  ['UPDATE seen SET n = 0 WHERE id > 0', 'UPDATE_ALL_ROWS'],
  ['CREATE ALGORITHM = MERGE VIEW w AS SELECT * FROM b WHERE id > 0; DELETE FROM w WHERE n > 0', 'DELETE_ALL_ROWS'],
  // Triggers and procedures.
  [
    'CREATE TRIGGER g AFTER INSERT ON fresh_log FOR EACH ROW UPDATE b SET n = 0 WHERE id < NEW.id; INSERT INTO fresh_log VALUES (1000)',
    'BODY_DELETES',
  ],
  [
    'CREATE TRIGGER g BEFORE INSERT ON fresh_log FOR EACH ROW BEGIN IF NEW.id > 0 THEN DELETE FROM b; END IF; END; INSERT INTO fresh_log VALUES (1)',
    'BODY_DELETES',
  ],
  [
    "CREATE PROCEDURE p() BEGIN DECLARE EXIT HANDLER FOR SQLEXCEPTION DELETE FROM b; SIGNAL SQLSTATE '45000'; END; CALL p()",
    'BODY_DELETES',
  ],
  ['CREATE PROCEDURE p(OUT v INT) BEGIN DELETE FROM b WHERE id > COALESCE(v, 0); END; CALL p(@z)', 'BODY_DELETES'],
  ["CREATE PROCEDURE p() BEGIN PREPARE s FROM 'DELETE FROM b'; EXECUTE s; END; CALL p()", 'BODY_DELETES'],
  // Texts that are prepared.
  ["SET @a = 'DELETE', @c = ' FROM b'; SET @s = CONCAT(@a, @c); PREPARE s FROM @s; EXECUTE s", 'DELETE_ALL_ROWS'],
  ["SET @s = (SELECT CONCAT('DROP', ' TABLE ', 'b')); PREPARE s FROM @s; EXECUTE s", 'DROP_TABLE'],
  ["SET @s = UNHEX('44454C4554452046524F4D2062'); PREPARE s FROM @s; EXECUTE s", 'DELETE_ALL_ROWS'],
  [
    "PREPARE s FROM 'DELETE FROM b WHERE id BETWEEN ? AND ?'; SET @a = 0, @z = 100; EXECUTE s USING @a, @z",
    'DELETE_ALL_ROWS',
  ],
  // Session settings and foreign keys.
  ['SET foreign_key_checks = 0; TRUNCATE TABLE parent', 'TRUNCATE_TABLE'],
  ['SET foreign_key_checks = 0; DROP TABLE parent; SET foreign_key_checks = 1', 'DROP_TABLE'],
  ["SET time_zone = '+14:00'; DELETE FROM t WHERE made < NOW()", 'DELETE_ALL_ROWS'],
  [
    'ALTER TABLE child ADD CONSTRAINT fk3 FOREIGN KEY (id) REFERENCES parent (id) ON DELETE CASCADE; DELETE FROM parent WHERE id = 1',
    'DELETE_CASCADES',
  ],
  ['TRUNCATE b', 'TRUNCATE_TABLE'],
  ['TRUNCATE TABLE seen', 'TRUNCATE_TABLE'],
]

export const moreCode: readonly Attempt[] = [
  [
    "await knex.raw('SET @v = 0'); for (let i = 0; i < 4; i++) await knex.raw('DELETE FROM b WHERE id = @v + ' + i)",
    'DELETE_ALL_ROWS',
  ],
  ["for (const { id } of await knex('b').select('id')) await knex('b').where({ id }).del()", 'DELETE_ALL_ROWS'],
  ["await knex('b').whereIn('id', [1, 2]).del(); await knex('b').whereNotIn('id', [1, 2]).del()", 'DELETE_ALL_ROWS'],
  ["await knex('b').update({ n: 0 })", 'UPDATE_ALL_ROWS'],
  ["await knex('b').whereRaw('id > ?', [0]).update({ n: 0 })", 'UPDATE_ALL_ROWS'],
  ['await knex.raw(\'REPLACE INTO t SELECT 1, NULL, "", 0, 0, "", NOW()\')', 'REPLACE_ROWS'],
  ["await knex.raw('CALL erase_by_function()')", 'DATA_MIGRATION_REFUSED'],
  ["await knex.transaction(async (trx) => { await trx('b').where('n', '>', 0).del() })", 'DELETE_ALL_ROWS'],
]

/** Name each of their rows by a key, or by all of its values, and run. */
export const choosingMore: readonly string[] = [
  "PREPARE s FROM 'DELETE FROM b WHERE id = ?'; SET @a = 1; EXECUTE s USING @a; SET @a = 2; EXECUTE s USING @a; SET @a = 3; EXECUTE s USING @a",
  'SET unique_checks = 0; REPLACE INTO b VALUES (1, 0)',
  'ALTER TABLE parent ADD COLUMN z INT; UPDATE parent SET id = id + 10 WHERE id = 2',
  'INSERT INTO b VALUES (1, 0), (2, 0), (3, 0) ON DUPLICATE KEY UPDATE n = VALUES(n)',
]

export const choosingCodeMore: readonly string[] = [
  "for (const id of [1, 2]) await knex('b').where({ id }).del()",
  "for (const id of [1, 2, 3]) await knex('b').where({ id }).del(); await knex('b').insert({ id: 4, n: 4 })",
  "await knex('b').insert([{id: 1, n: 0}, {id: 2, n: 0}, {id: 3, n: 0}]).onConflict('id').merge()",
]

export const neighborsMore: readonly string[] = [
  'ALTER TABLE b PARTITION BY HASH (id) PARTITIONS 2; ALTER TABLE b COALESCE PARTITION 1; ALTER TABLE b REMOVE PARTITIONING',
  'UPDATE b SET n = n WHERE id <= 1; UPDATE b SET n = n WHERE id > 2',
  'CREATE TRIGGER g AFTER INSERT ON fresh_log FOR EACH ROW DELETE FROM b WHERE id = NEW.id AND n < NEW.id; INSERT INTO fresh_log VALUES (5000)',
  'DELETE FROM b WHERE id > 5000; DELETE b FROM b JOIN t ON t.id = b.id WHERE b.id > 4000',
]
