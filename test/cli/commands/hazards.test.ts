import { describe, expect, test } from 'vitest'
import { testServerOf } from '../../helpers/servers.ts'
import { migration, type Stage, withStages } from '../../helpers/stage.ts'

const stage = withStages()

describe.each(['9.7', '8.0'] as const)('on MySQL %s', (version) => {
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

  /** The codes of a plan's hazards with the words after ALTER TABLE, in order. */
  async function planned({ json }: Stage): Promise<readonly string[]> {
    const { answer } = await json(['plan', '--no-probe'])
    const { targets } = answer['plan'] as {
      targets: { steps: { hazards: { code: string; statement: string; why: string }[] }[] }[]
    }
    return targets.flatMap(({ steps }) =>
      steps.flatMap(({ hazards }) => hazards.map(({ code, statement }) => `${code} ${statement.split(' ')[2]}`)),
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
        'Under the sql_mode that the file sets, what does not fit is cut or replaced',
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
})
