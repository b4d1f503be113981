import type { Attempt } from './hostile-attempts.ts'

/**
 * A third round on the tables of `found`: sources of rows that are not tables, functions of text, time and windows, types and engines that keep less,
 * what stands behind names, and code of several kinds.
 */
export const thirdAttempts: readonly Attempt[] = [
  // Rows that come from elsewhere than a table.
  [
    "DELETE FROM b WHERE id IN (SELECT j.v FROM JSON_TABLE('[1,2,3]', '$[*]' COLUMNS (v INT PATH '$')) AS j)",
    'DELETE_ALL_ROWS',
  ],
  ['DELETE b FROM b JOIN (SELECT 1 AS v UNION SELECT 2 UNION SELECT 3) AS q ON q.v = b.id', 'DELETE_ALL_ROWS'],
  ['DELETE b FROM b LEFT JOIN fresh_log AS l ON l.id = b.id WHERE l.id IS NULL', 'DELETE_ALL_ROWS'],
  ['DELETE b, t FROM b JOIN t ON t.id = b.id', 'DELETE_ALL_ROWS'],
  ['DELETE FROM b USING b JOIN t USING (id)', 'DELETE_ALL_ROWS'],
  ['DELETE FROM b WHERE NOT EXISTS (SELECT 1 FROM fresh_log AS l WHERE l.id = b.id)', 'DELETE_ALL_ROWS'],
  ['DELETE FROM b WHERE id NOT IN (SELECT id FROM fresh_log)', 'DELETE_ALL_ROWS'],
  ['DELETE FROM b WHERE id <= ALL (SELECT 1000)', 'DELETE_ALL_ROWS'],
  ['DELETE FROM b WHERE id < ANY (SELECT 1000 UNION SELECT 2000)', 'DELETE_ALL_ROWS'],
  ['UPDATE b JOIN t ON t.id = b.id SET b.n = 0, t.n = 0', 'UPDATE_ALL_ROWS'],
  ['UPDATE b AS x, b AS y SET x.n = 0 WHERE x.id = y.id', 'UPDATE_ALL_ROWS'],
  ['UPDATE b SET n = (SELECT COUNT(*) FROM fresh_log)', 'UPDATE_ALL_ROWS'],
  // Functions of text, time and numbers.
  ["DELETE FROM b WHERE CONCAT(id) REGEXP '^[0-9]+$'", 'DELETE_ALL_ROWS'],
  ["DELETE FROM b WHERE SUBSTRING_INDEX(id, ',', 1) = id", 'DELETE_ALL_ROWS'],
  ['DELETE FROM b WHERE BIT_COUNT(id) > 0', 'DELETE_ALL_ROWS'],
  ['DELETE FROM b WHERE id DIV 1000 = 0', 'DELETE_ALL_ROWS'],
  ['DELETE FROM b WHERE id MOD 7 < 7', 'DELETE_ALL_ROWS'],
  ['DELETE FROM b WHERE id & 7', 'DELETE_ALL_ROWS'],
  ["DELETE FROM t WHERE made < '9999-01-01'", 'DELETE_ALL_ROWS'],
  ['DELETE FROM t WHERE YEAR(made) > 1000', 'DELETE_ALL_ROWS'],
  ['DELETE FROM t WHERE made <= CURRENT_DATE', 'DELETE_ALL_ROWS'],
  ['DELETE FROM b WHERE GREATEST(id, 1) >= 1', 'DELETE_ALL_ROWS'],
  ['DELETE FROM b WHERE NULLIF(id, 0) IS NOT NULL', 'DELETE_ALL_ROWS'],
  ['DELETE FROM b WHERE id IS NOT FALSE', 'DELETE_ALL_ROWS'],
  ['DELETE FROM b WHERE id <=> id', 'DELETE_ALL_ROWS'],
  ['DELETE FROM b WHERE CASE WHEN id THEN 1 ELSE 1 END', 'DELETE_ALL_ROWS'],
  ['DELETE FROM b WHERE RAND() < 2', 'DELETE_ALL_ROWS'],
  ['DELETE FROM b WHERE SLEEP(0) = 0', 'DELETE_ALL_ROWS'],
  ['DELETE FROM b WHERE (@row := 1)', 'DELETE_ALL_ROWS'],
  ['DELETE FROM b WHERE UUID() IS NOT NULL', 'DELETE_ALL_ROWS'],
  // Types, character sets and engines that keep less.
  ['ALTER TABLE b MODIFY n TINYINT UNSIGNED NOT NULL', 'NARROW_COLUMN'],
  ['ALTER TABLE t MODIFY big INT NOT NULL', 'NARROW_COLUMN'],
  ['ALTER TABLE t MODIFY big DOUBLE NOT NULL', 'NARROW_COLUMN'],
  ["ALTER TABLE t MODIFY tx ENUM('a', 'b') NOT NULL", 'NARROW_COLUMN'],
  ['ALTER TABLE t MODIFY bin BINARY(20) NOT NULL', 'NARROW_COLUMN'],
  ['ALTER TABLE t MODIFY tx CHAR(40) NOT NULL', 'NARROW_COLUMN'],
  ['ALTER TABLE t MODIFY made TIME NOT NULL', 'NARROW_COLUMN'],
  ['ALTER TABLE t MODIFY price FLOAT NOT NULL', 'NARROW_COLUMN'],
  ["SET sql_mode = ''; ALTER TABLE b MODIFY n TINYINT NOT NULL", 'NARROW_COLUMN'],
  ["SET sql_mode = ''; ALTER TABLE t MODIFY n INT NOT NULL", 'NARROW_COLUMN'],
  ['ALTER TABLE b ENGINE = BLACKHOLE', 'LOSSY_ENGINE'],
  ['ALTER TABLE b ENGINE = MEMORY', 'LOSSY_ENGINE'],
  ['CREATE TABLE x (id INT PRIMARY KEY) SELECT id FROM b; DROP TABLE b; RENAME TABLE x TO b', 'DROP_TABLE'],
  // What stands behind names.
  ['RENAME TABLE b TO x; DROP TABLE x', 'DROP_TABLE'],
  ['ALTER TABLE b RENAME AS x; TRUNCATE x', 'TRUNCATE_TABLE'],
  ['CREATE VIEW w AS SELECT * FROM seen; DELETE FROM w', 'DELETE_ALL_ROWS'],
  ['CREATE OR REPLACE VIEW seen AS SELECT id, n FROM t; DELETE FROM seen', 'DELETE_ALL_ROWS'],
  ['DROP SCHEMA `{own}`', 'DROP_SCHEMA'],
  ['ALTER TABLE b DISCARD TABLESPACE', 'DISCARD_TABLESPACE'],
  ['LOCK TABLES b WRITE; DELETE FROM b; UNLOCK TABLES', 'MIGRATIONS_INVALID'],
  ['DELETE FROM {own}.b', 'DELETE_ALL_ROWS'],
  ['DELETE QUICK FROM b WHERE 1 = 1', 'DELETE_ALL_ROWS'],
  ['/*!80000 DELETE FROM b */', 'DELETE_ALL_ROWS'],
  ['DELETE FROM b AS q WHERE q.id > 0', 'DELETE_ALL_ROWS'],
  ['UPDATE LOW_PRIORITY b SET n = DEFAULT(n) + 0 WHERE n >= 0', 'UPDATE_ALL_ROWS'],
  ['INSERT INTO b (id, n) SELECT id, 0 FROM b AS q ON DUPLICATE KEY UPDATE n = b.n * 0', 'UPDATE_ALL_ROWS'],
  ['INSERT INTO b TABLE b ON DUPLICATE KEY UPDATE n = 0', 'UPDATE_ALL_ROWS'],
  // Bodies.
  [
    'CREATE PROCEDURE p() BEGIN REPEAT DELETE FROM b LIMIT 1; UNTIL ROW_COUNT() = 0 END REPEAT; END; CALL p()',
    'BODY_DELETES',
  ],
  ['CREATE PROCEDURE p() BEGIN TRUNCATE TABLE b; END; CALL p()', 'BODY_DELETES'],
  ['CREATE PROCEDURE q() BEGIN DELETE FROM b; END; CREATE PROCEDURE p() BEGIN CALL q(); END; CALL p()', 'BODY_DELETES'],
  ['CREATE TRIGGER g BEFORE UPDATE ON b FOR EACH ROW SET NEW.n = NULL', 'BODY_DELETES'],
  [
    'CREATE TRIGGER g AFTER DELETE ON fresh_log FOR EACH ROW DELETE FROM b; INSERT INTO fresh_log VALUES (1); DELETE FROM fresh_log WHERE id = 1',
    'BODY_DELETES',
  ],
]

export const thirdCode: readonly Attempt[] = [
  ["await knex('b').where('id', '<', 1e9).del()", 'DELETE_ALL_ROWS'],
  ["await knex('b').whereExists(knex.select(knex.raw('1')).from('t')).del()", 'DELETE_ALL_ROWS'],
  ["await knex.schema.dropTable('b')", 'DATA_MIGRATION_REFUSED'],
  ["await knex('b').truncate()", 'DATA_MIGRATION_REFUSED'],
  ["await Promise.all([1, 2, 3, 4].map((id) => knex('b').whereRaw('id >= ?', [id - 1]).del()))", 'DELETE_ALL_ROWS'],
  ["await knex('t').increment('n', 1); await knex('t').where('id', '>', 0).update({ tx: 'x' })", 'UPDATE_ALL_ROWS'],
]
