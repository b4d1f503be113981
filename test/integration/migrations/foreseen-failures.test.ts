import { describe, expect, test } from 'vitest'
import { testServerOf } from '../../helpers/servers.ts'
import { migration, withStages } from '../../helpers/stage.ts'

const stage = withStages()

const before = 'INSERT INTO t VALUES (1, 1);\nCREATE TABLE other (id INT);\n'

describe.each(['9.7', '8.0'] as const)('on MySQL %s, a run', (version) => {
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
    ['a misspelt table', 'ALTER TABLE othr ADD y INT;', 'the server has no table othr', 'Did you mean other?'],
    [
      'a misspelt table in UPDATE',
      'UPDATE othr SET id = 2 WHERE id = 1;',
      'the server has no table othr',
      'Did you mean other?',
    ],
    [
      'a misspelt table in DELETE',
      'DELETE FROM othr WHERE id = 1;',
      'the server has no table othr',
      'Did you mean other?',
    ],
    [
      'a table that is gone',
      'DROP TABLE other;\nCREATE INDEX i ON other (id);',
      'the server has no table other',
      'Check',
    ],
  ])('stops before its first statement for %s, and goes on when that is corrected', async (_, text, why, next) => {
    const { run, tables, query, write } = await open(`${before}${text}`)
    const refused = await run(['migrate'])
    expect(refused.exitCode).toBe(2)
    expect(refused.stderr).toContain('STATEMENT_WOULD_FAIL')
    expect(refused.stderr.replace(/\s+/g, ' ')).toContain(why)
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
  ])('is not stopped by %s', async (_, text) => {
    const made = 'CREATE TABLE c (id INT PRIMARY KEY, x INT, CONSTRAINT f FOREIGN KEY (x) REFERENCES t (id));'
    const { run, query } = await open(text, `CREATE TABLE t (id INT PRIMARY KEY, x INT);\n${made}`)
    await query('CREATE PROCEDURE p() BEGIN ALTER TABLE c ADD made INT; CREATE TABLE late (id INT); END')
    const args = ['migrate', '--allow', 'DROP_COLUMN,DROP_TABLE,UNRESUMABLE_CALL']
    const done = await run(args)
    expect(done.stderr).not.toContain('the server refuses')
    expect(done.exitCode).toBe(0)
  })

  test('is not stopped by what its own killed statement made: that is settled first', async () => {
    const { run, query } = await open('DO 1;\nALTER TABLE t ADD made INT;\nALTER TABLE t ADD KEY (made);')
    const [[pass]] = (await query('SELECT MAX(pass) FROM wwdb_journal')) as [[number]]
    const fails = await run(['migrate', '--statement-timeout', '1h', '--no-probe'], {})
    expect(fails.exitCode).toBe(0)
    // As a kill leaves it: both statements ran, their rows are open.
    await query(`UPDATE wwdb_journal SET state = 'open', closed_at = NULL WHERE pass = ${pass + 1} AND statement > 0`)
    const plan = await run(['plan'])
    expect(plan.stdout + plan.stderr).not.toContain('Duplicate')
    const resumed = await run(['migrate'])
    expect(resumed.stderr).not.toContain('Duplicate')
    expect(resumed.exitCode).toBe(0)
  })
})
