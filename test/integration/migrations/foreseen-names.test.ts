import { describe, expect, test } from 'vitest'
import { testServerOf } from '../../helpers/servers/servers.ts'
import { versionsInTurn } from '../../helpers/servers/turns.ts'
import { migration, withStages } from '../../helpers/tool/stage.ts'

const stage = withStages()

const flat = (text: string): string => text.replace(/\s+/g, ' ')

const a = 'CREATE TABLE a (id INT PRIMARY KEY, x INT);'

/** Two pending files of which the second makes what exists, with the reason. */
const twice = [
  ['CREATE TABLE', a, 'CREATE TABLE a (id INT);', 'The table `a` is created by `migrations/app/0001_one.sql:2`'],
  ['CREATE TABLE ... LIKE', a, 'CREATE TABLE a LIKE first;', 'The table `a` is created by'],
  ['CREATE TABLE ... SELECT', a, 'CREATE TABLE a SELECT 1 AS one;', 'The table `a` is created by'],
  ['CREATE TABLE of a view', 'CREATE VIEW a AS SELECT 1 AS one;', a, 'The view `a` is created by'],
  [
    'CREATE VIEW',
    'CREATE VIEW v AS SELECT 1 AS one;',
    'CREATE VIEW v AS SELECT 2 AS two;',
    'The view `v` is created by',
  ],
  ['CREATE VIEW of a table', a, 'CREATE VIEW a AS SELECT 2 AS two;', 'The table `a` is created by'],
  ['RENAME TABLE', a, 'RENAME TABLE first TO a;', 'The table `a` is created by'],
  ['ALTER TABLE ... RENAME', a, 'ALTER TABLE first RENAME TO a;', 'The table `a` is created by'],
  ['CREATE TABLE of a renamed one', `${a}\nRENAME TABLE a TO b;`, 'CREATE TABLE b (id INT);', '0001_one.sql:3`'],
  ['ADD COLUMN', `${a}\nALTER TABLE a ADD y INT;`, 'ALTER TABLE a ADD COLUMN Y INT;', 'has a column `Y`'],
  ['ADD COLUMN in a list', a, 'ALTER TABLE a ADD (z INT, x INT);', 'has a column `x`'],
] as const

/** The same of what belongs to tables and to the schema. */
const twiceInside = [
  ['CREATE INDEX', `${a}\nCREATE INDEX i ON a (x);`, 'CREATE INDEX I ON a (id, x);', 'The index `I` is created by'],
  [
    'CREATE INDEX of a key',
    'CREATE TABLE a (id INT PRIMARY KEY, x INT, KEY i (x));',
    'CREATE INDEX i ON a (id);',
    'created by',
  ],
  ['ADD INDEX', `${a}\nALTER TABLE a ADD INDEX i (x);`, 'ALTER TABLE a ADD UNIQUE KEY i (x);', '0001_one.sql:3'],
  [
    'ADD CONSTRAINT UNIQUE',
    `${a}\nCREATE INDEX u ON a (x);`,
    'ALTER TABLE a ADD CONSTRAINT u UNIQUE (x);',
    'The index `u`',
  ],
  [
    'FOREIGN KEY',
    `${a}\nCREATE TABLE d (id INT, CONSTRAINT f FOREIGN KEY (id) REFERENCES a (id));`,
    'ALTER TABLE a ADD CONSTRAINT f FOREIGN KEY (x) REFERENCES a (id);',
    'The foreign key `f`',
  ],
  ['PROCEDURE', 'CREATE PROCEDURE p() SELECT 1;', 'CREATE PROCEDURE P() SELECT 2;', 'The procedure `P`'],
  [
    'FUNCTION',
    'CREATE FUNCTION f() RETURNS INT DETERMINISTIC RETURN 1;',
    'CREATE FUNCTION f() RETURNS INT DETERMINISTIC RETURN 2;',
    'The function `f`',
  ],
  [
    'TRIGGER',
    `${a}\nCREATE TRIGGER g BEFORE INSERT ON a FOR EACH ROW SET NEW.x = 1;`,
    'CREATE TRIGGER g BEFORE UPDATE ON a FOR EACH ROW SET NEW.x = 1;',
    'The trigger `g`',
  ],
  [
    'EVENT',
    'CREATE EVENT e ON SCHEDULE EVERY 1 DAY DISABLE DO DO 1;',
    'CREATE EVENT e ON SCHEDULE EVERY 2 DAY DISABLE DO DO 1;',
    'The event `e`',
  ],
] as const

/** Names that come twice, and exist once. */
const once = [
  [
    'an index that was dropped',
    `${a}\nCREATE INDEX i ON a (x);\nDROP INDEX i ON a;\nCREATE INDEX i ON a (x);\nALTER TABLE a DROP INDEX i, ADD INDEX i (id);`,
  ],
  [
    'an index that was renamed',
    `${a}\nCREATE INDEX i ON a (x);\nALTER TABLE a RENAME INDEX i TO j;\nCREATE INDEX i ON a (id);`,
  ],
  [
    'an index that went with its column',
    `${a}\nCREATE INDEX i ON a (x);\nALTER TABLE a DROP COLUMN x;\nCREATE INDEX i ON a (id);`,
  ],
  ['indexes of two tables', `${a}\nCREATE TABLE b (id INT PRIMARY KEY, x INT, KEY i (x));\nCREATE INDEX i ON a (x);`],
  ['indexes without a name', `${a}\nALTER TABLE a ADD INDEX (x);\nALTER TABLE a ADD INDEX (x, id);`],
  [
    'a constraint that was dropped',
    `${a}\nALTER TABLE a ADD CONSTRAINT c UNIQUE (x);\nALTER TABLE a DROP INDEX c;\nALTER TABLE a ADD CONSTRAINT c UNIQUE (id);`,
  ],
  [
    'a foreign key of a table that was dropped',
    `${a}\nCREATE TABLE d (id INT, CONSTRAINT f FOREIGN KEY (id) REFERENCES a (id));\nDROP TABLE d;\nALTER TABLE a ADD CONSTRAINT f FOREIGN KEY (x) REFERENCES a (id);`,
  ],
  [
    'a trigger of a table that was dropped',
    `${a}\nCREATE TRIGGER g BEFORE INSERT ON a FOR EACH ROW SET NEW.x = 1;\nDROP TABLE a;\n${a}\nCREATE TRIGGER g BEFORE INSERT ON a FOR EACH ROW SET NEW.x = 1;`,
  ],
  [
    'routines of two kinds',
    'CREATE PROCEDURE p() SELECT 1;\nCREATE FUNCTION p() RETURNS INT DETERMINISTIC RETURN 1;\nDROP PROCEDURE p;\nCREATE PROCEDURE p() SELECT 1;',
  ],
  ['a table that was dropped', `${a}\nDROP TABLE a;\n${a}`],
  ['a table that was renamed', `${a}\nRENAME TABLE a TO b;\n${a}`],
  ['a table that ALTER renamed', `${a}\nALTER TABLE a RENAME b;\n${a}`],
  ['tables that were swapped', `${a}\nCREATE TABLE b LIKE a;\nRENAME TABLE a TO c, b TO a, c TO b;`],
  ['a table that was renamed to its own name', `${a}\nALTER TABLE a RENAME a;`],
  ['IF NOT EXISTS', `${a}\nCREATE TABLE IF NOT EXISTS a (id INT);\nCREATE OR REPLACE VIEW v AS SELECT 1 AS one;`],
  ['OR REPLACE', 'CREATE VIEW v AS SELECT 1 AS one;\nCREATE OR REPLACE VIEW v AS SELECT 2 AS two;'],
  ['a view that was dropped', 'CREATE VIEW v AS SELECT 1 AS one;\nDROP VIEW v;\nCREATE TABLE v (id INT);'],
  ['a temporary table first', `CREATE TEMPORARY TABLE a (id INT);\n${a}`],
  ['a temporary table after', `${a}\nCREATE TEMPORARY TABLE a (id INT);\nDROP TABLE a;`],
  [
    'a temporary table that is renamed',
    `${a}\nCREATE TEMPORARY TABLE a (id INT);\nALTER TABLE a RENAME b;\nCREATE TABLE b (id INT);`,
  ],
  ['a table of a later version in a comment', `/*!99999 ${a.slice(0, -1)} */;\n${a}`],
  [
    'a placeholder of a view, as dumps have it',
    'CREATE TABLE v (id INT);\n/*!50001 DROP TABLE v*/;\n/*!50001 CREATE VIEW v AS SELECT 1 AS id*/;',
  ],
  ['what a procedure drops', `${a}\nCREATE PROCEDURE p () DROP TABLE a;\nCALL p();\n${a}`],
  ['what a prepared statement drops', `${a}\nPREPARE s FROM 'DROP TABLE a';\nEXECUTE s;\n${a}`],
  [
    'a column that was dropped, changed or renamed',
    `${a}\nALTER TABLE a DROP x;\nALTER TABLE a ADD x INT;\nALTER TABLE a CHANGE x y INT;\nALTER TABLE a ADD x INT;\nALTER TABLE a RENAME COLUMN x TO z;\nALTER TABLE a ADD x INT, DROP COLUMN z;\nALTER TABLE a DROP x, ADD x BIGINT;`,
  ],
  ['a column of another table of the name', `${a}\nDROP TABLE a;\nCREATE TABLE a (id INT);\nALTER TABLE a ADD x INT;`],
  ['a column beside an index of its name', `${a}\nALTER TABLE a ADD KEY y (x);\nALTER TABLE a ADD y INT;`],
] as const

describe.each(versionsInTurn(import.meta.url))('on MySQL %s, of two pending files', (version) => {
  const open = async (one: string, two: string) => {
    const { url } = await testServerOf(version)
    return stage({ url, files: { 'app/0001_one.sql': migration(one), 'app/0002_two.sql': migration(two) } })
  }

  test.each([...twice, ...twiceInside])('a second %s is found before anything runs', async (_, one, two, why) => {
    const { run, tables, write } = await open(`${one}\nCREATE TABLE first (id INT);`, two)
    const validated = await run(['validate'])
    expect(validated.exitCode, validated.stdout).toBe(1)
    expect(flat(validated.stdout + validated.stderr)).toContain(why)
    const plan = await run(['plan'])
    expect(plan.exitCode, plan.stdout + plan.stderr).toBe(2)
    expect(flat(plan.stdout)).toContain(why)
    const refused = await run(['migrate'])
    expect(refused.exitCode).toBe(2)
    expect(refused.stderr).toContain('STATEMENT_WOULD_FAIL')
    expect(flat(refused.stderr)).toContain(why)
    expect(refused.stderr).toMatch(/0002_two\.sql:2/)
    expect(await tables()).toEqual([])
    write('app/0002_two.sql', migration('CREATE TABLE other (id INT);'))
    expect(await run(['migrate'])).toMatchObject({ exitCode: 0 })
  })

  test('a second CHECK of a name is found where the server keeps checks, and stops nothing where it ignores them', async () => {
    const { run, write } = await open(
      `${a}\nALTER TABLE a ADD CONSTRAINT c CHECK (x > 0);`,
      'CREATE TABLE d (id INT, CONSTRAINT c CHECK (id > 0));\nALTER TABLE d ADD CONSTRAINT c CHECK (id > 1);',
    )
    // Without a server nobody knows whether it keeps them; `lint.target` says so.
    expect(await run(['validate'])).toMatchObject({ exitCode: 0 })
    for (const [target, exitCode] of [
      ['8.0.15', 0],
      ['8.0.16', 1],
    ] as const) {
      const validated = await run(['validate'], { environment: { WWDB_LINT_TARGET: target } })
      expect(validated.exitCode, validated.stdout).toBe(exitCode)
      if (exitCode === 1) expect(flat(validated.stdout)).toContain('The check `c` is created by')
    }
    const planned = await run(['plan'])
    const done = await run(['migrate'])
    expect([planned.exitCode, done.exitCode], done.stderr).toEqual(version === '8.0' ? [0, 0] : [2, 2])
    if (version === '8.0') return
    expect(flat(planned.stdout)).toContain('The check `c` is created by')
    expect(done.stderr).toContain('STATEMENT_WOULD_FAIL')
    write('app/0002_two.sql', migration('CREATE TABLE d (id INT, CONSTRAINT d CHECK (id > 0));'))
    expect(await run(['migrate'])).toMatchObject({ exitCode: 0 })
  })

  test('a table that the server had is named, with the way to record it', async () => {
    const opened = await open('CREATE TABLE first (id INT);', 'CREATE TABLE a (id INT);\nALTER TABLE a ADD y INT;')
    await opened.query('CREATE TABLE a (id INT)')
    opened.write('app/0001_one.sql', migration('ALTER TABLE a ADD x INT;'))
    const refused = await opened.run(['migrate', '--trial', 'off'])
    expect(refused.exitCode).toBe(2)
    expect(flat(refused.stderr)).toContain('The server has a table `a`')
    expect(flat(refused.stderr)).toContain('wwdb mark 0002 --applied')
    expect(await opened.query('SHOW COLUMNS FROM a')).toHaveLength(1)
  })

  test.each(once)('%s stops nothing', async (_, text) => {
    const { run } = await open('CREATE TABLE first (id INT);', text)
    expect((await run(['validate'])).exitCode).toBe(0)
    const done = await run(['migrate', '--allow', 'DROP_COLUMN,DROP_TABLE,UNRESUMABLE_CALL'])
    expect(done.exitCode, done.stderr).toBe(0)
  })

  test('a repeatable one that failed continues where it failed, and its own table stops nothing', async () => {
    const { run, write, query } = await open(a, 'CREATE TABLE second (id INT);')
    write('app/R__r.sql', migration('CREATE TABLE r (id INT PRIMARY KEY);\nINSERT INTO r VALUES (1), (1);'))
    expect(await run(['migrate'])).toMatchObject({ exitCode: 2 })
    write('app/R__r.sql', migration('CREATE TABLE r (id INT PRIMARY KEY);\nINSERT INTO r VALUES (1), (2);'))
    const done = await run(['migrate', '--trial', 'off'])
    expect(done.exitCode, done.stderr).toBe(0)
    expect(await query('SELECT COUNT(*) FROM r')).toEqual([[2]])
  })

  test('a name in another schema and a name in another case stop nothing where they mean another table', async () => {
    const opened = await open('CREATE TABLE first (id INT);', 'CREATE TABLE second (id INT);')
    const other = opened.schema('other')
    await opened.query(`CREATE DATABASE ${other}`)
    const [[folds]] = (await opened.query('SELECT @@lower_case_table_names')) as [[number]]
    const upper = Number(folds) === 0 ? 'CREATE TABLE A (id INT);' : ''
    opened.write('app/0002_two.sql', migration(`${a}\nCREATE TABLE ${other}.a (id INT);\n${upper}`))
    const done = await opened.run(['migrate'])
    expect(done.exitCode, done.stderr).toBe(0)
    await opened.query(`DROP DATABASE ${other}`)
  })
})
