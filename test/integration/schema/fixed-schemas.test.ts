import { expect, test } from 'vitest'
import { migration, withStages } from '../../helpers/tool/stage.ts'

const openStage = withStages()

const flat = (text: string): string => text.replace(/\s+/g, ' ')

test.each([
  ['rows', (schema: string) => `INSERT INTO ${schema}.notes VALUES (7);`],
  ['tables', (schema: string) => `TRUNCATE TABLE \`${schema}\`.notes;`],
])('a replay changes no %s of a schema that a file names', async (_, text) => {
  const stage = await openStage({ files: { 'app/0001_notes.sql': migration('CREATE TABLE notes (id INT);') } })
  stage.write('app/0002_named.sql', migration(text(stage.schema('app'))))
  expect(await stage.run(['migrate', '--yes', '--allow', 'TRUNCATE_TABLE'])).toMatchObject({ exitCode: 0 })
  await stage.query('INSERT INTO notes VALUES (8)')
  const before = await stage.query('SELECT id FROM notes ORDER BY id')
  for (const words of [
    ['schema', 'diff'],
    ['drift', '--replay'],
    ['schema', 'dump', '--from', 'files'],
  ]) {
    const run = await stage.run(words)
    expect(run.exitCode).toBe(2)
    expect(flat(run.stderr)).toMatch(/names the schema `.*0002_named\.sql:\d+.*\{\{schema:NAME\}\}/)
    expect(await stage.query('SELECT id FROM notes ORDER BY id')).toEqual(before)
  }
  stage.write('app/0002_named.sql', migration(text('{{schema:app}}').replaceAll('`', '')))
  expect(await stage.run(['schema', 'diff'])).toMatchObject({ exitCode: 0 })
  expect(await stage.query('SELECT id FROM notes ORDER BY id')).toEqual(before)
})

test('a replay makes no account again', async () => {
  const stage = await openStage({ files: { 'app/0001_notes.sql': migration('CREATE TABLE notes (id INT);') } })
  const user = stage.schema('someone').slice(0, 32)
  stage.write(
    'app/0002_account.sql',
    migration(
      `CREATE USER ${user}@localhost IDENTIFIED BY 'first';\nGRANT SELECT ON notes TO ${user}@localhost;\nCREATE VIEW v AS SELECT id FROM notes;`,
    ),
  )
  expect(await stage.run(['migrate', '--yes'])).toMatchObject({ exitCode: 0 })
  try {
    await stage.query(`ALTER USER ${user}@localhost IDENTIFIED BY 'second'`)
    const before = await stage.query(`SELECT authentication_string FROM mysql.user WHERE user = '${user}'`)
    for (const words of [
      ['schema', 'diff'],
      ['drift', '--replay'],
    ]) {
      const run = await stage.run(words)
      expect(run, run.stderr).toMatchObject({ exitCode: 0 })
    }
    expect(await stage.query(`SELECT authentication_string FROM mysql.user WHERE user = '${user}'`)).toEqual(before)
    await stage.query(`DROP USER ${user}@localhost`)
    expect(await stage.run(['drift', '--replay', '--fresh'])).toMatchObject({ exitCode: 0 })
    expect(await stage.query(`SELECT COUNT(*) FROM mysql.user WHERE user = '${user}'`)).toEqual([[0]])
  } finally {
    await stage.query(`DROP USER IF EXISTS ${user}@localhost`)
  }
})
