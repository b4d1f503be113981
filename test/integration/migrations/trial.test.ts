import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { keepRecord } from '../../helpers/migrations/forged-kill.ts'
import { recordQueries } from '../../helpers/mysql/query-recorder.ts'
import { testServerOf } from '../../helpers/servers/servers.ts'
import { versionsInTurn } from '../../helpers/servers/turns.ts'
import { migration, withStages } from '../../helpers/tool/stage.ts'

const stage = withStages()

const flat = (text: string): string => text.replace(/\s+/g, ' ')

/** What is there before the pending file, of every kind. */
const present = `CREATE TABLE t (id INT PRIMARY KEY, x INT, name VARCHAR(50));
CREATE TABLE c (id INT PRIMARY KEY, t_id INT, CONSTRAINT f FOREIGN KEY (t_id) REFERENCES t (id));
CREATE VIEW v AS SELECT id, x FROM t;
CREATE PROCEDURE p () SELECT 1;
CREATE TRIGGER g BEFORE INSERT ON t FOR EACH ROW SET NEW.x = 1;`

describe.each(versionsInTurn(import.meta.url))('on MySQL %s, the trial of pending definitions', (version) => {
  const open = async (text: string, before = present) => {
    const { url } = await testServerOf(version)
    const opened = await stage({ url, files: { 'app/0001_t.sql': migration(before) } })
    expect(await opened.run(['migrate'])).toMatchObject({ exitCode: 0 })
    opened.write('app/0002_change.sql', migration(text))
    return opened
  }

  test.each([
    [
      'a foreign key to columns of another type',
      'CREATE TABLE k (a VARCHAR(5), FOREIGN KEY (a) REFERENCES t (id));',
      version === '9.7' ? 3780 : 1215,
    ],
    [
      'a foreign key to a table that is never made',
      'CREATE TABLE k (a INT, FOREIGN KEY (a) REFERENCES nowhere (id));',
      1824,
    ],
    [
      'a row that is too large',
      `CREATE TABLE k (${Array.from({ length: 70 }, (_, at) => `c${at} VARCHAR(255)`).join(',')});`,
      1118,
    ],
    ['a column that is too long', 'ALTER TABLE t MODIFY name VARCHAR(40000);', 1074],
    ['a table that a foreign key needs', 'DROP TABLE t;', 3730],
    ['a table that is there', 'CREATE TABLE t (id INT);', 1050],
    ['a view of a column that is not there', 'CREATE VIEW w AS SELECT id, missing FROM v;', 1054],
    ['a view that is there', 'CREATE VIEW v AS SELECT 1 AS one;', 1050],
    ['a procedure that is there', 'CREATE PROCEDURE p () SELECT 2;', 1304],
    ['a trigger that is there', 'CREATE TRIGGER g BEFORE UPDATE ON t FOR EACH ROW SET NEW.x = 2;', 1359],
    [
      'a trigger on a column that is not there',
      'CREATE TRIGGER h BEFORE UPDATE ON t FOR EACH ROW SET NEW.y = 2;',
      1054,
    ],
    ['a mistake in a body', 'CREATE PROCEDURE q ()\nBEGIN\n  SELEC 1;\nEND;', 1064],
    [
      'a partition key outside the primary key',
      'CREATE TABLE k (id INT PRIMARY KEY, d INT) PARTITION BY HASH (d) PARTITIONS 2;',
      1503,
    ],
    [
      'what an earlier statement of the plan has taken away',
      'ALTER TABLE t RENAME TO u;\nALTER TABLE u DROP COLUMN x;\nCREATE VIEW w AS SELECT x FROM u;',
      1054,
    ],
    [
      'a column of a table that the plan makes',
      'CREATE TABLE k (id INT PRIMARY KEY);\nALTER TABLE k ADD INDEX (nothing);',
      1072,
    ],
  ])('stops plan and migrate before their first statement for %s', async (_, text, number) => {
    const body = text.startsWith('CREATE PROCEDURE q')
      ? `DELIMITER $$\n${text.replace(/;$/, '$$$$')}\nDELIMITER ;`
      : text
    const { run, tables, write } = await open(`CREATE TABLE first (id INT PRIMARY KEY);\n${body}`)
    const plan = await run(['plan'])
    expect(plan.exitCode, plan.stdout + plan.stderr).toBe(2)
    expect(flat(plan.stdout)).toContain('Tried in a scratch schema, the server refuses')
    const refused = await run(['migrate', '--allow', 'DROP_TABLE,DROP_COLUMN'])
    expect(refused.exitCode).toBe(2)
    expect(refused.stderr).toContain('STATEMENT_WOULD_FAIL')
    expect(flat(refused.stderr)).toContain(`tried in a scratch schema, error ${number}`)
    expect(refused.stderr).toMatch(/0002_change\.sql:\d+/)
    expect(await tables()).not.toContain('first')
    write('app/0002_change.sql', migration('CREATE TABLE first (id INT PRIMARY KEY);'))
    expect(await run(['migrate'])).toMatchObject({ exitCode: 0 })
  })

  test('never runs anything outside its scratch schema', async () => {
    const { url } = await testServerOf(version)
    const recorder = await recordQueries(url)
    const door = new URL(url)
    door.port = String(recorder.port)
    const opened = await stage({ url, files: { 'app/0001_t.sql': migration(present) } })
    try {
      expect(await opened.run(['migrate'])).toMatchObject({ exitCode: 0 })
      const other = opened.schema('other')
      const account = opened.schema('someone')
      await opened.query(`CREATE DATABASE ${other}`)
      await opened.query(`CREATE TABLE ${other}.t (id INT PRIMARY KEY)`)
      await opened.query(`INSERT INTO ${other}.t VALUES (7)`)
      await opened.query(`CREATE FUNCTION ${other}.f () RETURNS INT DETERMINISTIC RETURN 1`)
      const limit = await opened.query('SELECT @@GLOBAL.max_connect_errors')
      opened.write('app/0002_out.sql', migration(outside(other, account)))
      opened.write('app/0003_call.sql', migration(dynamic(other)))
      const plan = await opened.run(['plan'], { environment: { WWDB_URL: String(door) } })
      // The file takes the same table away several times, which is found without trying it.
      expect(plan.exitCode, plan.stderr).toBe(2)
      expect(flat(plan.stdout)).toContain('was not tried in a scratch schema')
      const sent = recorder.take()
      expect(sent.some((text) => text.startsWith('CREATE PROCEDURE reach'))).toBe(true)
      const changing = sent.filter((text) => !/^\s*(?:SELECT|SHOW|USE|SET)\b/i.test(text))
      // What it sent that changes anything names a scratch schema or no schema at all; a body holds a text that nothing executed.
      const statements = changing.filter((text) => !text.startsWith('CREATE PROCEDURE reach'))
      expect(statements.filter((text) => text.includes(other))).toEqual([])
      expect(
        statements.filter((text) => /\b(?:GLOBAL|PERSIST|USER|GRANT|EVENT|CALL|EXECUTE|LOAD|DIRECTORY)\b/i.test(text)),
      ).toEqual([])
      expect(await opened.query(`SELECT id FROM ${other}.t`)).toEqual([[7]])
      expect((await opened.query(`SHOW TABLES FROM ${other}`)).length).toBe(1)
      expect(await opened.query(`SELECT ${other}.f()`)).toEqual([[1]])
      expect(await opened.query(`SELECT COUNT(*) FROM mysql.user WHERE user = '${account.slice(0, 32)}'`)).toEqual([
        [0],
      ])
      expect(await opened.query('SELECT @@GLOBAL.max_connect_errors')).toEqual(limit)
      expect((await opened.tables()).toSorted()).toEqual(['c', 't', 'v'])
    } finally {
      await recorder.close()
    }
  })

  test('says what an account without rights on scratch schemas misses, continues, and stops where it is required', async () => {
    const opened = await open('CREATE TABLE k (id INT PRIMARY KEY);')
    const user = opened.schema('poor').slice(0, 32)
    await opened.query(`CREATE USER '${user}'@'%'`)
    await opened.query(`GRANT ALL ON \`${opened.schema('app').replaceAll('_', '\\_')}\`.* TO '${user}'@'%'`)
    const url = new URL(opened.url)
    url.username = user
    const as = { environment: { WWDB_URL: String(url) } }
    const plan = await opened.run(['plan'], as)
    expect(plan.exitCode, plan.stderr).toBe(0)
    expect(flat(plan.stdout)).toContain('were not tried')
    expect(flat(plan.stdout)).toContain('GRANT ')
    const refused = await opened.run(['migrate', '--trial', 'required'], as)
    expect(refused.exitCode).toBe(2)
    expect(refused.stderr).toContain('NOT_TRIED')
    expect(await opened.run(['migrate'], as)).toMatchObject({ exitCode: 0 })
    await opened.query(`DROP USER '${user}'@'%'`)
  })

  test('is left out by --trial off and by the configuration', async () => {
    const { run, write, folder } = await open('CREATE TABLE t (id INT PRIMARY KEY);')
    expect(await run(['plan', '--trial', 'off'])).toMatchObject({ exitCode: 0 })
    const configuration = JSON.parse(readFileSync(join(folder, 'wwdb.config.json'), 'utf8')) as object
    write('wwdb.config.json', JSON.stringify({ ...configuration, trial: 'off' }))
    expect(await run(['plan'])).toMatchObject({ exitCode: 0 })
    expect(await run(['plan', '--trial', 'auto'])).toMatchObject({ exitCode: 2 })
  })

  test('does not stop a run that continues after a kill, whose open statement may have run', async () => {
    const { run, query, write } = await open(
      'CREATE TABLE a (id INT PRIMARY KEY);\nCREATE VIEW w AS SELECT id FROM a;\nCREATE TABLE b (id INT PRIMARY KEY);',
    )
    const putBack = await keepRecord(query)
    expect(await run(['migrate'])).toMatchObject({ exitCode: 0 })
    await query(
      "UPDATE wwdb_journal SET state = 'open', closed_at = NULL WHERE statement = 1 AND pass = (SELECT p FROM (SELECT MAX(pass) AS p FROM wwdb_journal) AS m)",
    )
    await query(
      'DELETE FROM wwdb_journal WHERE statement = 2 AND pass = (SELECT p FROM (SELECT MAX(pass) AS p FROM wwdb_journal) AS m)',
    )
    await putBack()
    await query('DROP TABLE b')
    const resumed = await run(['migrate'])
    expect(resumed.exitCode, resumed.stderr).toBe(0)
    expect(resumed.stderr).not.toContain('STATEMENT_WOULD_FAIL')
    write('app/0003_more.sql', migration('ALTER VIEW w AS SELECT id, nothing FROM a;'))
    expect(await run(['migrate'])).toMatchObject({ exitCode: 2 })
  })

  test('leaves no scratch schema', async () => {
    const { run, query } = await open('CREATE TABLE k (id INT PRIMARY KEY);')
    const before = new Set((await query(scratchSchemas)).map(([name]) => name))
    expect(await run(['plan'])).toMatchObject({ exitCode: 0 })
    const mine = async () =>
      (await query(`${scratchSchemas} AND IS_FREE_LOCK(SCHEMA_NAME)`)).filter(([name]) => !before.has(name))
    await expect.poll(mine).toEqual([])
  })
})

const scratchSchemas =
  "SELECT SCHEMA_NAME FROM information_schema.SCHEMATA WHERE SCHEMA_NAME LIKE 'wwdb!_scratch!_%' ESCAPE '!'"

/** Statements that reach out of the schema, in every form that one was thought of. */
function outside(other: string, account: string): string {
  return `DROP TABLE ${other}.t;
DROP TABLE c, ${other}.t;
CREATE TABLE ${other}.made (id INT);
TRUNCATE TABLE ${other}.t;
RENAME TABLE t TO ${other}.moved;
CREATE VIEW seen AS SELECT * FROM ${other}.t;
CREATE TRIGGER h BEFORE INSERT ON t FOR EACH ROW INSERT INTO ${other}.t VALUES (1);
DROP FUNCTION ${other}.f;
INSERT INTO ${other}.t VALUES (8);
UPDATE ${other}.t SET id = 9 WHERE id = 7;
DELETE FROM ${other}.t WHERE id = 7;
CREATE TABLE filled SELECT * FROM ${other}.t;
CREATE TABLE placed (id INT PRIMARY KEY) DATA DIRECTORY = '/tmp';
CREATE EVENT happens ON SCHEDULE EVERY 1 SECOND DO DELETE FROM ${other}.t;
DROP TABLE /*!50000 ${other}. */ t;
DROP TABLE \`${other}\` . \`t\`;
CREATE USER '${account.slice(0, 32)}'@'localhost';
SET GLOBAL max_connect_errors = 12345;
LOAD DATA INFILE '/tmp/nothing' INTO TABLE t;
SET SESSION sql_mode = 'ANSI_QUOTES';
DROP TABLE "${other}"."t";
DROP DATABASE ${other};`
}

function dynamic(other: string): string {
  return `DELIMITER $$
CREATE PROCEDURE reach ()
BEGIN
  SET @text = 'DROP TABLE ${other}.t';
  PREPARE s FROM @text;
  EXECUTE s;
END$$
DELIMITER ;
CALL reach();
PREPARE s FROM 'DROP TABLE ${other}.t';
EXECUTE s;`
}
