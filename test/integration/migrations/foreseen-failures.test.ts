import { describe, expect, test } from 'vitest'
import { keepRecord } from '../../helpers/migrations/forged-kill.ts'
import { testServerOf } from '../../helpers/servers/servers.ts'
import { versionsInTurn } from '../../helpers/servers/turns.ts'
import { migration, withStages } from '../../helpers/tool/stage.ts'

const stage = withStages()

const before = 'INSERT INTO t VALUES (1, 1);\nCREATE TABLE other (id INT);\n'

describe.each(versionsInTurn(import.meta.url))('on MySQL %s, a run', (version) => {
  const open = async (text: string, tables = 'CREATE TABLE t (id INT PRIMARY KEY, x INT);') => {
    const { url } = await testServerOf(version)
    const opened = await stage({ url, files: { 'app/0001_t.sql': migration(tables) } })
    expect(await opened.run(['migrate'])).toMatchObject({ exitCode: 0 })
    opened.write('app/0002_change.sql', migration(text))
    return opened
  }

  test.each([
    ['a misspelt column', 'ALTER TABLE t ADD INDEX (nme);', "Key column 'nme' doesn't exist", 'Correct the statement'],
    ['a column that is there', 'ALTER TABLE t ADD x INT;', "Duplicate column name 'x'", 'Correct the statement'],
    [
      'an index over TEXT',
      'ALTER TABLE t ADD KEY (x);\nALTER TABLE t MODIFY x TEXT;',
      'without a key length',
      'Correct',
    ],
    [
      'a reserved word as a name',
      'CREATE TABLE order (id INT);',
      "near 'order (id",
      '`order` is a reserved word of MySQL',
    ],
    ['a misspelt table', 'ALTER TABLE othr ADD y INT;', 'The server has no table `othr`', 'Did you mean `other`?'],
    [
      'a misspelt table in UPDATE',
      'UPDATE othr SET id = 2 WHERE id = 1;',
      'The server has no table `othr`',
      'Did you mean `other`?',
    ],
    [
      'a misspelt table in DELETE',
      'DELETE FROM othr WHERE id = 1;',
      'The server has no table `othr`',
      'Did you mean `other`?',
    ],
    [
      'a misspelt table in INSERT',
      'INSERT INTO othr VALUES (1);',
      'The server has no table `othr`',
      'Did you mean `other`?',
    ],
    [
      'a misspelt column in the list of INSERT',
      "INSERT INTO t (id, xx) VALUES (2, '');",
      'The table `t` has no column `xx`',
      'Did you mean `x`?',
    ],
    [
      'a misspelt column in INSERT ... SET',
      'INSERT INTO t SET id = 2, xx = 3;',
      'The table `t` has no column `xx`',
      'Did you mean `x`?',
    ],
    [
      'a misspelt column of a table that the plan makes',
      'REPLACE INTO other (idd) VALUES (2);',
      'The table `other` has no column `idd`',
      'Did you mean `id`?',
    ],
    [
      'a misspelt table that INSERT reads',
      'INSERT INTO t SELECT o.id, 2 FROM othr o;',
      'The server has no table `othr`',
      'Did you mean `other`?',
    ],
    [
      'a misspelt table that a joined UPDATE reads',
      'UPDATE t JOIN othr o ON o.id = t.id SET t.x = 1 WHERE o.id = 5;',
      'The server has no table `othr`',
      'Did you mean `other`?',
    ],
    [
      'a misspelt table that CREATE TABLE reads',
      'CREATE TABLE more (n INT) SELECT id FROM othr;',
      'The server has no table `othr`',
      'Did you mean `other`?',
    ],
    [
      'a misspelt column that INSERT reads',
      'INSERT INTO t SELECT id + 5, y FROM t;',
      "Unknown column 'y'",
      'Correct the statement',
    ],
    ['a misspelt column in SELECT', 'SELECT y FROM t;', "Unknown column 'y'", 'Correct the statement'],
    [
      'a misspelt column in CREATE TABLE ... SELECT',
      'CREATE TABLE more SELECT y FROM t;',
      "Unknown column 'y'",
      'Correct the statement',
    ],
    [
      'a misspelt column in WHERE of UPDATE',
      'UPDATE t SET x = 1 WHERE idd = 1;',
      "Unknown column 'idd'",
      'Correct the',
    ],
    ['a misspelt column in SET of UPDATE', 'UPDATE t SET xx = 1 WHERE id = 1;', "Unknown column 'xx'", 'Correct the'],
    ['a misspelt column in a value of UPDATE', 'UPDATE t SET x = y + 1 WHERE id = 1;', "Unknown column 'y'", 'Correct'],
    ['a misspelt column in DELETE', 'DELETE FROM t WHERE idd = 1;', "Unknown column 'idd'", 'Correct the statement'],
    [
      'a misspelt column in a DELETE of several tables',
      'DELETE a FROM t a JOIN t b ON a.id = b.x WHERE b.y = 1;',
      "Unknown column 'b.y'",
      'Correct the statement',
    ],
    [
      'a misspelt column in an UPDATE of a table that was altered before',
      'ALTER TABLE t ADD full_name INT;\nUPDATE t SET full_nmae = 1 WHERE id = 1;',
      "Unknown column 'full_nmae'",
      'Correct the statement',
    ],
    [
      'a misspelt column in an UPDATE of a table that the plan makes',
      'UPDATE other o JOIN t ON t.id = o.id SET o.id = t.xx WHERE o.id = 1;',
      "Unknown column 't.xx'",
      'Correct the statement',
    ],
    [
      'a misspelt column in a DELETE from a table that the plan makes',
      'DELETE FROM other WHERE idd = 1;',
      "Unknown column 'idd'",
      'Correct the statement',
    ],
    [
      'a column that was dropped before INSERT ... SELECT reads it',
      'INSERT INTO t SELECT id, idd FROM other;',
      "Unknown column 'idd'",
      'Correct the statement',
    ],
    ['one value too few', 'INSERT INTO t SELECT id FROM t;', "Column count doesn't match", 'Correct the statement'],
    [
      'a table that is gone',
      'DROP TABLE other;\nCREATE INDEX i ON other (id);',
      'The server has no table `other`',
      'Check',
    ],
  ])('stops before its first statement for %s, and continues when that is corrected', async (_, text, why, next) => {
    const { run, tables, query, write } = await open(`${before}${text}`)
    const refused = await run(['migrate'])
    expect(refused.exitCode).toBe(2)
    expect(refused.stderr).toContain('STATEMENT_WOULD_FAIL')
    expect(refused.stderr.replace(/\s+/g, ' ').split(why), 'it is said once').toHaveLength(2)
    expect(refused.stderr.replace(/\s+/g, ' ')).toContain(next)
    expect(await tables()).toEqual(['t'])
    expect(await query('SELECT COUNT(*) FROM t')).toEqual([[0]])
    write('app/0002_change.sql', migration(`${before}ALTER TABLE t ADD INDEX (x);`))
    expect(await run(['migrate'])).toMatchObject({ exitCode: 0 })
  })

  test.each([
    [
      'a foreign key added again under its name, over an index of that name',
      'ALTER TABLE c DROP FOREIGN KEY f;\nALTER TABLE c ADD KEY f (x);\nALTER TABLE c ADD CONSTRAINT f FOREIGN KEY (x) REFERENCES t (id);',
    ],
    [
      'rows of a view, of a temporary table and behind an alias',
      'CREATE VIEW v AS SELECT * FROM c;\nUPDATE v SET id = 5 WHERE id = 4;\nCREATE TEMPORARY TABLE tmp (id INT);\nDELETE FROM tmp WHERE id = 1;\nDELETE o FROM c o JOIN t ON t.id = o.id WHERE o.id = 9;\nWITH some AS (SELECT 1 AS id) UPDATE c JOIN some ON some.id = c.id SET c.id = 1 WHERE c.id = 7;',
    ],
    ['what a procedure made', 'CALL p();\nALTER TABLE c DROP COLUMN made;\nALTER TABLE late ADD y INT;'],
    [
      'what a prepared statement made',
      "SET @text = CONCAT('ALTER TABLE c ADD', ' made INT');\nPREPARE s FROM @text;\nEXECUTE s;\nCREATE INDEX i ON c (made);",
    ],
    [
      'a temporary table',
      'CREATE TEMPORARY TABLE scratch (id INT);\nALTER TABLE scratch ADD y INT;\nDROP TABLE scratch;',
    ],
    ['a renamed table', 'RENAME TABLE c TO d;\nALTER TABLE d ADD y INT;\nALTER TABLE d RENAME e;\nDROP TABLE e;'],
    [
      'a table that may be missing',
      'DROP TABLE IF EXISTS nowhere;\nCREATE TABLE IF NOT EXISTS later (id INT);\nALTER TABLE later ADD x INT;',
    ],
    [
      'names that are no tables, and tables that come and go',
      `INSERT INTO c (id) WITH RECURSIVE n (i) AS (SELECT 10 UNION ALL SELECT i + 1 FROM n WHERE i < 12), m AS (SELECT i FROM n) SELECT i FROM m;
INSERT INTO c (id) SELECT j.n FROM JSON_TABLE('[20]', '$[*]' COLUMNS (n INT PATH '$')) AS j;
INSERT INTO c (id, x) SELECT id, x FROM (SELECT 30 AS id, NULL AS x FROM DUAL) AS d ON DUPLICATE KEY UPDATE x = NULL, id = c.id;
CREATE TABLE made (id INT PRIMARY KEY, y INT);
INSERT INTO made (id, y) SELECT STRAIGHT_JOIN c.id, 1 FROM c STRAIGHT_JOIN c AS other ON other.id = c.id;
ALTER TABLE made ADD z INT, RENAME COLUMN y TO yy;
INSERT INTO made (id, z, yy) VALUES (99, 1, 2);
ALTER TABLE c ADD later INT;
INSERT INTO c (id, later) VALUES (50, 1);
UPDATE c SET later = 2 WHERE id = 50;
INSERT INTO c (id, later) SELECT EXTRACT(YEAR FROM NOW()), later FROM c WHERE id = 50;
CREATE VIEW seen AS SELECT id, later FROM c;
INSERT INTO seen (id, later) VALUES (51, 2);
SELECT later FROM seen;
DELETE FROM x USING made AS x JOIN c ON c.id = x.id WHERE c.later = 77;
CREATE TEMPORARY TABLE passing (q INT);
INSERT INTO passing (q) SELECT id FROM c;
INSERT INTO c (id) SELECT q + 1000 FROM passing;
CREATE TABLE swapped LIKE made;
INSERT INTO swapped (id, yy) SELECT id, yy FROM made;
SET sql_mode = CONCAT(@@sql_mode, ',ANSI_QUOTES');
INSERT INTO c ("id") SELECT 5000 FROM "made" WHERE "made"."id" = 99;
CREATE TABLE copied (n VARCHAR(64));
INSERT INTO copied SELECT TABLE_NAME FROM information_schema.TABLES LIMIT 0;`,
    ],
    [
      'UPDATE and DELETE in all their forms',
      `UPDATE LOW_PRIORITY IGNORE c AS one SET one.x = DEFAULT, id = id + 0 WHERE one.id = 4 ORDER BY id DESC LIMIT 3;
UPDATE c, t SET c.x = t.x, t.x = (SELECT MAX(x) FROM (SELECT x FROM c) AS d) WHERE c.id = t.id AND c.id = 9;
UPDATE c SET x = @missing := 5, x = IFNULL(x, DEFAULT(x)) WHERE id = 9 ORDER BY x LIMIT 1;
UPDATE c LEFT JOIN t USING (id) SET c.x = 5 WHERE id = 9;
WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 3) UPDATE c SET x = (SELECT MAX(i) FROM n) WHERE id = 9;
DELETE LOW_PRIORITY QUICK FROM c WHERE id = 9 ORDER BY x LIMIT 1;
DELETE c, t.* FROM c JOIN t ON t.id = c.id WHERE c.id = 9;
DELETE FROM a, b USING c AS a JOIN t AS b ON a.id = b.id WHERE a.x = 9;
ALTER TABLE c ADD added INT, RENAME COLUMN x TO y, ADD KEY k (added), DROP FOREIGN KEY f;
UPDATE c SET added = y, y = _rowid WHERE _rowid = 9;
UPDATE c FORCE INDEX (k) SET c.added = c.y WHERE added = 9;
WITH d AS (SELECT added FROM c) UPDATE c JOIN d ON d.added = c.y SET c.y = d.added WHERE c.id = 9;
UPDATE C_ALIAS JOIN c AS C_ALIAS2 ON C_ALIAS.id = C_ALIAS2.added SET C_ALIAS.x = 1 WHERE C_ALIAS.id = 9;
DELETE c FROM c WHERE c.added = 9;
INSERT INTO t (id, x) SELECT id + 100, added FROM c WHERE y = 9 ON DUPLICATE KEY UPDATE x = t.x;
SELECT added FROM c WHERE y = 1;
CREATE TABLE fresh (id INT PRIMARY KEY, \`odd name\` JSON, n INT AS (id + 1));
UPDATE fresh SET \`odd name\` = '{}' WHERE \`odd name\`->>'$.a' = 'b' AND N = 5;
DELETE FROM fresh WHERE id = 9 ORDER BY n;`.replace('UPDATE C_ALIAS JOIN', 'UPDATE t AS C_ALIAS JOIN'),
    ],
    [
      'columns that a table gets back under its name',
      `CREATE TABLE t_new (id INT PRIMARY KEY, z INT);
RENAME TABLE c TO c_old, t_new TO c;
INSERT INTO c (id, z) VALUES (1, 2);
SELECT z FROM c WHERE z = 1;
UPDATE c JOIN c_old USING (id) SET c.z = c_old.x WHERE c.id = 7;`,
    ],
  ])('is not stopped by %s', async (_, text) => {
    const made = 'CREATE TABLE c (id INT PRIMARY KEY, x INT, CONSTRAINT f FOREIGN KEY (x) REFERENCES t (id));'
    const { run, query } = await open(text, `CREATE TABLE t (id INT PRIMARY KEY, x INT);\n${made}`)
    await query('CREATE PROCEDURE p() BEGIN ALTER TABLE c ADD made INT; CREATE TABLE late (id INT); END')
    const args = ['migrate', '--allow', 'DROP_COLUMN,DROP_TABLE,UNRESUMABLE_CALL,UPDATE_IGNORE']
    const done = await run(args)
    expect(done.stderr).not.toContain('the server refuses')
    expect(done.exitCode, done.stderr).toBe(0)
  })

  test('is not stopped by what its own killed statement made: that is settled first', async () => {
    const { run, query } = await open('DO 1;\nALTER TABLE t ADD made INT;\nALTER TABLE t ADD KEY (made);')
    const [[pass]] = (await query('SELECT MAX(pass) FROM wwdb_journal')) as [[number]]
    const putBack = await keepRecord(query)
    const fails = await run(['migrate', '--statement-timeout', '1h', '--no-probe'], {})
    expect(fails.exitCode).toBe(0)
    // As a kill leaves it: both statements ran, their rows are open, and the run did not come to record its end.
    await putBack()
    await query(`UPDATE wwdb_journal SET state = 'open', closed_at = NULL WHERE pass = ${pass + 1} AND statement > 0`)
    const plan = await run(['plan'])
    expect(plan.stdout + plan.stderr).not.toContain('Duplicate')
    const resumed = await run(['migrate'])
    expect(resumed.stderr).not.toContain('Duplicate')
    expect(resumed.exitCode).toBe(0)
  })

  test('is not stopped by names that its own killed statement has changed', async () => {
    const { run, query } = await open(
      'DO 1;\nALTER TABLE t RENAME TO u, RENAME COLUMN x TO y;\nUPDATE u SET y = 1 WHERE y = 2;\nALTER TABLE u ADD KEY (y);',
    )
    const [[pass]] = (await query('SELECT MAX(pass) FROM wwdb_journal')) as [[number]]
    const putBack = await keepRecord(query)
    expect((await run(['migrate', '--no-probe'])).exitCode).toBe(0)
    await query('ALTER TABLE u DROP KEY y')
    await putBack()
    await query(`DELETE FROM wwdb_journal WHERE pass = ${pass + 1} AND statement > 1`)
    await query(`UPDATE wwdb_journal SET state = 'open', closed_at = NULL WHERE pass = ${pass + 1} AND statement = 1`)
    const resumed = await run(['migrate'])
    expect(resumed.stderr).not.toContain('STATEMENT_WOULD_FAIL')
    expect(resumed.exitCode, resumed.stderr).toBe(0)
  })
})
