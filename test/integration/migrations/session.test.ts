import { describe, expect, test } from 'vitest'
import { startServer } from '../../helpers/servers/servers.ts'
import { migration, withStages } from '../../helpers/tool/stage.ts'

const stage = withStages()

/** What a session looks like from inside, in one row of a table. */
const observe = (id: number) =>
  `INSERT INTO seen SELECT ${id}, @@sql_mode, @@time_zone, @@character_set_client, @@collation_connection, @@foreign_key_checks, @@unique_checks, @@lock_wait_timeout, @@sql_safe_updates, @@transaction_isolation, @mine, LAST_INSERT_ID() > 0;`
const seen =
  'CREATE TABLE seen (id INT PRIMARY KEY, mode TEXT, zone TEXT, charset TEXT, coll TEXT, fk INT, uq INT, lockwait INT, safe INT, iso TEXT, mine TEXT, last INT);'

describe('a hermetic session', () => {
  test('no file sees what another set: modes, zone, charset, checks, variables, prepared statements, temporary tables', async () => {
    const { run, query } = await stage({
      files: {
        'app/0001_seen.sql': migration(seen),
        'app/0002_before.sql': migration(observe(1)),
        'app/0003_mess.sql': migration(
          [
            "SET sql_mode = 'ANSI_QUOTES,NO_BACKSLASH_ESCAPES';",
            "SET time_zone = '+05:00';",
            'SET foreign_key_checks = 0, unique_checks = 0;',
            'SET SESSION lock_wait_timeout = 77, sql_safe_updates = 1;',
            'SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED;',
            "SET @mine = 'left behind';",
            "PREPARE mine FROM 'SELECT 1';",
            'CREATE TEMPORARY TABLE mine (id INT);',
            'SET NAMES gb2312;',
          ].join('\n'),
        ),
        'app/0004_after.sql': migration(observe(2)),
        'app/0005_names.sql': migration("PREPARE mine FROM 'SELECT 2';\nCREATE TEMPORARY TABLE mine (other INT);"),
      },
    })
    expect(await run(['migrate'])).toMatchObject({ exitCode: 0 })
    const [first, second] = await query('SELECT * FROM seen ORDER BY id')
    expect(second?.slice(1)).toEqual(first?.slice(1))
    expect(first?.slice(2, 8)).toEqual(['+00:00', 'utf8mb4', 'utf8mb4_0900_ai_ci', 1, 1, 5])
  })

  test('what a procedure set on its own does not reach the next statement', async () => {
    const { run, query } = await stage({
      files: {
        'app/0001_seen.sql': migration(seen),
        'app/0002_before.sql': migration(observe(1)),
        'app/0003_call.sql': migration('CALL mess();'),
        'app/0004_after.sql': migration(observe(2)),
      },
    })
    await query(
      "CREATE PROCEDURE mess() BEGIN SET SESSION sql_mode = ''; SET SESSION foreign_key_checks = 0; SET time_zone = '+05:00'; END",
    )
    expect(await run(['migrate'])).toMatchObject({ exitCode: 0 })
    const [first, second] = await query('SELECT * FROM seen ORDER BY id')
    expect(second?.slice(1)).toEqual(first?.slice(1))
  })

  test('every session has the same sql_mode, zone and charset, with any values of the server', async () => {
    const server = await startServer({
      flags: ['--sql-mode=ANSI_QUOTES,PIPES_AS_CONCAT', '--default-time-zone=+09:00', '--character-set-server=latin1'],
    })
    try {
      const { run, query } = await stage({
        url: server.url,
        files: {
          'app/0001_seen.sql': migration(`${seen}\n${observe(1)}\nINSERT INTO seen (id, mode) VALUES (2, "a string");`),
        },
      })
      expect(await run(['migrate'])).toMatchObject({ exitCode: 0 })
      const [[, mode, zone]] = (await query('SELECT * FROM seen WHERE id = 1')) as [unknown[]]
      expect(mode).not.toContain('ANSI_QUOTES')
      expect(mode).toContain('STRICT_TRANS_TABLES')
      expect(zone).toBe('+00:00')
    } finally {
      await server.stop()
    }
  })

  test.each([
    ["SET sql_mode = 'NO_BACKSLASH_ESCAPES'", String.raw`INSERT INTO t VALUES (1, 'back\slash', 'it''s');`],
    ["SET sql_mode = 'ANSI_QUOTES'", `INSERT INTO "t" VALUES (1, 'back\\\\slash', 'it''s');`],
    [
      "SET sql_mode = 'ANSI_QUOTES,NO_BACKSLASH_ESCAPES'",
      String.raw`INSERT INTO "t" VALUES (1, 'back\slash', 'it''s');`,
    ],
    ['SET NAMES utf8mb4', String.raw`INSERT INTO t VALUES (1, 'back\\slash', 'it\'s');`],
  ])('quotes and backslashes under %s: values and journal are right', async (set, insert) => {
    const strange = "strange '\\` name"
    const { run, json, query } = await stage({
      files: {
        'app/0001_t.sql': migration('CREATE TABLE t (id INT, a TEXT, b TEXT);'),
        'app/0002_fill.sql': migration(
          `${set};\n${insert}\nCREATE TABLE \`${strange.replaceAll('`', '``')}\` (id INT);`,
        ),
      },
    })
    expect(await run(['migrate'])).toMatchObject({ exitCode: 0 })
    expect(await query('SELECT a, b FROM t')).toEqual([['back\\slash', "it's"]])
    expect(await query('SELECT summary FROM wwdb_journal WHERE version = "0002" ORDER BY statement')).toEqual([
      [expect.stringMatching(/^SET/)],
      ['INSERT t'],
      [`CREATE TABLE ${strange}`],
    ])
    expect((await json(['status', '--exit-code'])).exitCode).toBe(0)
  })

  test('Chinese text and names under SET NAMES gb2312: the journal stays readable', async () => {
    const { run, query } = await stage({
      files: {
        'app/0001_names.sql': migration(
          "SET NAMES gb2312;\nDO 1;\nSET NAMES utf8mb4;\nCREATE TABLE `姓名` (id INT COMMENT '编号');",
        ),
      },
    })
    expect(await run(['migrate'])).toMatchObject({ exitCode: 0 })
    expect(await query('SELECT summary FROM wwdb_journal WHERE pass > 0 AND statement = 3')).toEqual([
      ['CREATE TABLE 姓名'],
    ])
    expect(await query('SHOW TABLES LIKE "姓名"')).toEqual([['姓名']])
  })

  test.each([
    ['USE mysql', 'USE'],
    ['SET autocommit = 1', 'autocommit'],
    ['SET @@session.autocommit = 1', 'autocommit'],
    ['COMMIT', 'COMMIT'],
    ['LOCK TABLES t WRITE', 'LOCK TABLES'],
  ])('%s is refused before anything runs', async (statement, named) => {
    const { run, query } = await stage({
      files: { 'app/0001_t.sql': migration(`CREATE TABLE t (id INT);\n${statement};`) },
    })
    const refused = await run(['migrate'])
    expect(refused).toMatchObject({ exitCode: 2, stdout: '' })
    expect(refused.stderr).toContain(named)
    expect(await query('SHOW TABLES')).toEqual([])
  })
})

test('placeholders are code: strings and comments keep theirs, and validate says of the rest what a run would', async () => {
  const own = [
    "INSERT INTO t /* {{schema:nope}} */ VALUES ('{{ schema:nope }}'), ('{{schema:app}}'), (\"{{schema:app}}\");",
    '-- {{schema:nope}}',
    'INSERT INTO {{schema:app}}.t SELECT COUNT(*) /*! FROM {{schema:app}}.t */;',
    '/*!99999 {{schema:nope}} of another server */;',
  ].join('\n')
  const { run, query, write } = await stage({
    files: { 'app/0001_t.sql': migration(`CREATE TABLE t (a VARCHAR(50));\n${own}`) },
  })
  for (const command of ['validate', 'plan', 'migrate']) expect(await run([command])).toMatchObject({ exitCode: 0 })
  expect((await query('SELECT a FROM t')).flat()).toEqual([
    '{{ schema:nope }}',
    '{{schema:app}}',
    '{{schema:app}}',
    '3',
  ])
  for (const [text, next] of [
    ['DELETE FROM {{schema:nope}}.t;', 'names a database that is not in the configuration'],
    ['DELETE FROM {{ schema:app }}.t;', 'is not a placeholder that a migration can use'],
    ['DELETE FROM `{{schema:app}}`.t;', 'Leave the backticks out'],
    ['DELETE FROM /*! {{schema:nope}}. */ t;', 'names a database'],
  ] as const) {
    write('app/0002_bad.sql', migration(text))
    for (const command of ['validate', 'migrate']) {
      const { stdout, stderr } = await run([command])
      expect((stdout + stderr).replace(/\s+/g, ' ')).toContain(next)
    }
  }
})

describe('a run that continues', () => {
  test('has LAST_INSERT_ID, user variables, temporary tables and modes as they were', async () => {
    const up = [
      'CREATE TABLE parent (id INT AUTO_INCREMENT PRIMARY KEY, note TEXT) AUTO_INCREMENT = 41;',
      'CREATE TABLE child (parent INT, other INT, word TEXT, big BIGINT UNSIGNED, bytes VARBINARY(9), digits VARBINARY(9));',
      "INSERT INTO parent (note) VALUES ('first');",
      'SET @first = LAST_INSERT_ID();',
      "SET @word = 'it''s \\\\ 姓名', @big = 18446744073709551615, @bytes = x'00ff27', @digits = x'3132';",
      "SET sql_mode = 'ANSI_QUOTES';",
      'CREATE TEMPORARY TABLE scratch (id INT);',
      'INSERT INTO scratch VALUES (7);',
      "INSERT INTO parent (note) VALUES ('second');",
      'ALTER TABLE missing ADD x INT;',
      'INSERT INTO "child" SELECT @first, LAST_INSERT_ID(), @word, @big, @bytes, @digits FROM scratch;',
    ]
    const { run, query } = await stage({ files: { 'app/0001_resume.sql': migration(up.join('\n')) } })
    expect((await run(['migrate'])).exitCode).toBe(2)
    await query('CREATE TABLE missing (id INT)')
    expect(await run(['migrate'])).toMatchObject({ exitCode: 0 })
    expect(await query('SELECT parent, other, word, CAST(big AS CHAR), HEX(bytes), HEX(digits) FROM child')).toEqual([
      [41, 42, "it's \\ 姓名", '18446744073709551615', '00FF27', '3132'],
    ])
    expect(await query('SELECT COUNT(*) FROM parent')).toEqual([[2]])
  })

  test('prepares again what was prepared, and EXECUTE is journaled under what it runs', async () => {
    const up = [
      "SET @text = 'CREATE TABLE made (id INT)';",
      'PREPARE make FROM @text;',
      'EXECUTE make;',
      "PREPARE more FROM 'INSERT INTO made VALUES (?)';",
      'ALTER TABLE missing ADD x INT;',
      'SET @value = 5;',
      'EXECUTE more USING @value;',
    ]
    const { run, query } = await stage({ files: { 'app/0001_prepare.sql': migration(up.join('\n')) } })
    expect((await run(['migrate'])).exitCode).toBe(2)
    await query('CREATE TABLE missing (id INT)')
    expect(await run(['migrate'])).toMatchObject({ exitCode: 0 })
    expect(await query('SELECT id FROM made')).toEqual([[5]])
    expect(
      await query("SELECT class, summary FROM wwdb_journal WHERE summary LIKE 'EXECUTE%' ORDER BY statement"),
    ).toEqual([
      ['definition', 'EXECUTE make: CREATE TABLE made'],
      ['data', 'EXECUTE more: INSERT made'],
    ])
  })
})
