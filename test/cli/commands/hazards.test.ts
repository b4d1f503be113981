import { describe, expect, test } from 'vitest'
import { testServerOf } from '../../helpers/servers/servers.ts'
import { versionsInTurn } from '../../helpers/servers/turns.ts'
import { migration, type Stage, withStages } from '../../helpers/tool/stage.ts'

const stage = withStages()

describe.each(versionsInTurn(import.meta.url))('on MySQL %s', (version) => {
  /** A stage whose schemas are dropped after `use`, on a server that all tests share. */
  async function onStage(
    files: Readonly<Record<string, string>>,
    use: (opened: Stage) => Promise<void>,
  ): Promise<void> {
    const { url } = await testServerOf(version)
    const opened = await stage({ files, url })
    try {
      await use(opened)
    } finally {
      await opened.query(`DROP DATABASE ${opened.schema('app')}`)
    }
  }

  /** The codes of what stops a plan, with the table, in order. */
  async function planned({ json }: Stage): Promise<readonly string[]> {
    const { answer } = await json(['plan', '--no-probe'])
    const { targets } = answer['plan'] as {
      targets: { steps: { hazards: { code: string; kind: string; statement: string }[] }[] }[]
    }
    return targets.flatMap(({ steps }) =>
      steps.flatMap(({ hazards }) =>
        hazards.flatMap(({ code, kind, statement }) =>
          kind === 'advisory' ? [] : [`${code} ${statement.split(' ')[2]}`],
        ),
      ),
    )
  }

  const lossy = [
    "SET sql_mode = '';",
    'ALTER TABLE a CONVERT TO CHARACTER SET latin1;',
    'ALTER TABLE b MODIFY s VARCHAR(50);',
    'ALTER TABLE c DEFAULT CHARSET latin1, MODIFY s VARCHAR(50);',
    'ALTER TABLE d MODIFY s VARCHAR(50), COLLATE latin1_bin;',
    'ALTER TABLE e MODIFY s VARCHAR(50) CHARACTER SET utf8mb4, CONVERT TO CHARACTER SET latin1;',
    'ALTER TABLE f DEFAULT CHARSET latin1;',
    'ALTER TABLE f MODIFY s VARCHAR(50);',
    'ALTER TABLE kept CONVERT TO CHARACTER SET utf8mb4;',
    "ALTER TABLE kept MODIFY e ENUM('x','y') CHARACTER SET latin1;",
    'ALTER DATABASE CHARACTER SET latin1;',
    'ALTER TABLE g CONVERT TO CHARACTER SET DEFAULT;',
  ].join('\n')

  test('a change of character set that turns Chinese text into question marks is stopped', async () => {
    const tables = ['a', 'b', 'c', 'd', 'e', 'f', 'g']
    const read = async (opened: Stage) =>
      (await Promise.all(tables.map((table) => opened.query(`SELECT s FROM ${table}`)))).flat(2)
    await onStage({ 'app/0001_charset.sql': migration(lossy) }, async (opened) => {
      for (const table of tables) {
        const charset = table === 'b' ? 'latin1' : 'utf8mb4'
        const columns = 'id INT PRIMARY KEY, s VARCHAR(50) CHARACTER SET utf8mb4'
        await opened.query(`CREATE TABLE ${table} (${columns}) CHARACTER SET ${charset}`)
        await opened.query(`INSERT INTO ${table} VALUES (1, '中文')`)
      }
      await opened.query(
        "CREATE TABLE kept (s VARCHAR(50), e ENUM('x','y') CHARACTER SET utf8mb4) CHARACTER SET latin1",
      )
      expect(await planned(opened)).toEqual(tables.map((table) => `NARROW_COLUMN ${table}`))
      const stopped = await opened.json(['migrate'])
      expect(stopped.run.exitCode).toBe(2)
      expect(stopped.run.stdout).toContain(
        'Under the sql_mode that the file sets, values that do not fit are truncated or replaced',
      )
      expect(await read(opened)).toEqual(tables.map(() => '中文'))
      // What the hazard is about: with leave, the server does it without a word.
      expect((await opened.run(['migrate', '--allow', 'NARROW_COLUMN'])).exitCode).toBe(0)
      expect(await read(opened)).toEqual(tables.map(() => '??'))
    })
  })

  test('a plain column that becomes a generated one loses its values, and is stopped', async () => {
    const texts = [
      'ALTER TABLE a MODIFY n INT GENERATED ALWAYS AS (CHAR_LENGTH(s)) STORED;',
      'ALTER TABLE b CHANGE n m INT AS (CHAR_LENGTH(s)) STORED;',
      'ALTER TABLE g MODIFY n INT;',
      'ALTER TABLE g MODIFY n INT AS (CHAR_LENGTH(s) + 1) STORED;',
    ]
    // Back to a plain column, and to another expression after it: the values were computed before.
    await onStage({ 'app/0001_generated.sql': migration(texts.join('\n')) }, async (opened) => {
      for (const table of ['a', 'b'])
        await opened.query(`CREATE TABLE ${table} (id INT PRIMARY KEY, s VARCHAR(50), n INT)`)
      await opened.query('CREATE TABLE g (id INT PRIMARY KEY, s VARCHAR(50), n INT AS (CHAR_LENGTH(s)) STORED)')
      for (const table of ['a', 'b']) await opened.query(`INSERT INTO ${table} VALUES (1, 'abc', 77)`)
      expect(await planned(opened)).toEqual(['OVERWRITE_COLUMN a', 'OVERWRITE_COLUMN b', 'OVERWRITE_COLUMN g'])
      expect((await opened.run(['migrate'])).exitCode).toBe(2)
      expect(await opened.query('SELECT n FROM a UNION ALL SELECT n FROM b')).toEqual([[77], [77]])
      expect((await opened.run(['migrate', '--allow', 'OVERWRITE_COLUMN'])).exitCode).toBe(0)
      expect(await opened.query('SELECT n FROM a UNION ALL SELECT m FROM b')).toEqual([[3], [3]])
    })
  })

  test('what destroys rows past a WHERE, in a view or in the journal stops the run; the rest is a note', async () => {
    const up = [
      'DELETE FROM old_view WHERE id IS NOT NULL;',
      'CREATE VIEW v AS SELECT u.id, u.n FROM users u JOIN other o ON o.id = u.id;',
      'UPDATE v SET n = 1;',
      'DELETE FROM users WHERE id > 0;',
      'UPDATE users SET n = 1 WHERE true OR n = 2;',
      'REPLACE INTO users (id, n) SELECT id, n FROM other;',
      'DELETE FROM wwdb_journal WHERE statement = 0;',
      'SET sql_log_bin = 0;',
      'SET sql_log_bin = 1;',
      'ALTER TABLE users ADD UNIQUE (n);',
      'ALTER TABLE users ADD city INT NOT NULL;',
      'ALTER TABLE users MODIFY id BIGINT;',
      'ALTER TABLE users RENAME COLUMN n TO m;',
      'ALTER TABLE users DROP INDEX by_name;',
      'ALTER TABLE users DROP FOREIGN KEY users_other;',
      'ALTER TABLE users DROP INDEX by_n, ADD INDEX by_n_name (m, name);',
      'CREATE TABLE mine (id INT) ENGINE=MyISAM CHARSET latin1;',
      'ALTER TABLE mine ADD UNIQUE (id);',
      'DELETE FROM mine;',
      'ALTER TABLE vacant ADD x INT NOT NULL, ADD UNIQUE (id);',
      "DROP USER IF EXISTS 'nobody_here';",
      'RENAME TABLE other TO another;',
    ]
    await onStage({ 'app/0001_all.sql': migration(up.join('\n')) }, async ({ query, json }) => {
      await query('CREATE TABLE other (id BIGINT PRIMARY KEY, n INT)')
      await query(
        `CREATE TABLE users (id BIGINT AUTO_INCREMENT PRIMARY KEY, n INT, name VARCHAR(9), KEY by_name (name), KEY by_n (n),
         CONSTRAINT users_other FOREIGN KEY (id) REFERENCES other (id)) CHARSET utf8mb4`,
      )
      await query('CREATE TABLE vacant (id INT PRIMARY KEY)')
      await query('CREATE VIEW old_view AS SELECT * FROM users')
      await query('INSERT INTO other VALUES (1, 1), (2, 2)')
      await query("INSERT INTO users VALUES (1, 1, 'a'), (2, 2, 'b')")
      const { answer } = await json(['plan', '--no-probe'])
      const { targets } = answer['plan'] as {
        targets: { steps: { hazards: { code: string; kind: string; line: number }[] }[] }[]
      }
      // What the shared server has counted of this test's own INSERTs depends on how full its table of digests is.
      const found = targets
        .flatMap(({ steps }) => steps.flatMap(({ hazards }) => hazards))
        .filter(({ code }) => code !== 'LIVE_STATEMENTS')
      const codesOf = (note: boolean) =>
        found.filter(({ kind }) => (kind === 'advisory') === note).map(({ code, line }) => `${line - 1} ${code}`)
      expect(codesOf(false)).toEqual([
        '1 DELETE_ALL_ROWS',
        '3 UPDATE_ALL_ROWS',
        '4 DELETE_ALL_ROWS',
        '5 UPDATE_ALL_ROWS',
        '6 REPLACE_ROWS',
        '7 WRITE_JOURNAL',
        '8 SKIP_BINLOG',
      ])
      expect(codesOf(true)).toEqual([
        '10 ADD_UNIQUE',
        '11 ADD_NOT_NULL',
        '12 LOST_ATTRIBUTE',
        '13 RENAME_COLUMN',
        '14 DROP_INDEX',
        '15 DROP_CONSTRAINT',
        '17 NARROW_CHARSET',
        '17 NO_PRIMARY_KEY',
        '17 NO_TRANSACTIONS',
        '21 DROP_USER',
        '22 RENAME_TABLE',
      ])
      const stopped = await json(['migrate'])
      expect(stopped.run.exitCode).toBe(2)
      expect(stopped.answer).toMatchObject({ code: 'HAZARDS', faults: codesOf(false).map(() => ({})) })
      expect(await query('SELECT COUNT(*) FROM users')).toEqual([[2]])
    })
  })

  test('notes stop nothing', async () => {
    const up = 'ALTER TABLE users ADD UNIQUE (n);\nALTER TABLE users RENAME COLUMN n TO m;'
    await onStage({ 'app/0001_notes.sql': migration(up) }, async ({ query, run }) => {
      await query('CREATE TABLE users (id INT PRIMARY KEY, n INT)')
      await query('INSERT INTO users VALUES (1, 1)')
      const done = await run(['migrate'])
      expect(done.exitCode).toBe(0)
      expect((await query('SHOW COLUMNS FROM users')).map(([name]) => name)).toEqual(['id', 'm'])
    })
  })
})
