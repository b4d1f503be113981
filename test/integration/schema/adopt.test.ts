import { readdirSync, readFileSync } from 'node:fs'
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import { adoptTools } from '../../../src/schema/adopt/tools.ts'
import { layouts } from '../../helpers/adopt/layouts.ts'
import { readFixture, restore, writeOldFiles } from '../../helpers/adopt/old-project.ts'
import { type Stage, withStages } from '../../helpers/tool/stage.ts'

const openStage = withStages()

/** The folder that a page names with `--files`. */
function oldFolder(commands: readonly (readonly string[])[]): string {
  const words = commands.flat()
  return words[words.indexOf('--files') + 1] ?? 'old'
}

/** How the history of a tool looks after a failure, and what puts it right. */
const unfinishedRows: Readonly<Record<string, readonly [change: string, next: string]>> = {
  flyway: ['UPDATE flyway_schema_history SET success = 0 WHERE installed_rank = 15', 'flyway repair'],
  liquibase: ["UPDATE DATABASECHANGELOG SET EXECTYPE = 'FAILED' WHERE ORDEREXECUTED = 15", 'delete its row'],
  prisma: [
    "UPDATE _prisma_migrations SET finished_at = NULL WHERE migration_name LIKE '20240115%'",
    'prisma migrate resolve',
  ],
  'golang-migrate': ['UPDATE schema_migrations SET dirty = 1', 'migrate force 15'],
}

const tools = adoptTools.map(({ name }) => name)

const adopt = (tool: string, ...more: readonly string[]): readonly string[] => [
  'adopt',
  '--from',
  tool,
  '--files',
  'old',
  ...more,
]
const listMigrations = (stage: Stage): readonly string[] => readdirSync(join(stage.folder, 'migrations', 'app'))

/** The commands of a page, as they are typed. */
function readPage(tool: string): readonly (readonly string[])[] {
  const page = readFileSync(join(import.meta.dirname, '../../../docs/guides/adopt', `${tool}.md`), 'utf8')
  const blocks = [...page.matchAll(/^```sh\n(.*?)^```$/gms)].map(([, text = '']) => text)
  return blocks.flatMap((text) => text.trim().split('\n')).map((line) => line.replace(/\s+#.*$/, '').split(/\s+/))
}

describe.each(tools)('adopt --from %s', (tool) => {
  const commands = readPage(tool)
  let stage: Stage
  beforeAll(async () => {
    stage = await openStage()
    await writeOldFiles(stage, tool, oldFolder(commands))
    await restore(stage, tool)
  })

  test('its page takes over files and history, and continues where the other tool was', async () => {
    const facts: unknown[] = []
    for (const [program, ...words] of commands) {
      expect(program).toBe('wwdb')
      const run = await stage.run(words)
      expect(run, words.join(' ')).toMatchObject({ exitCode: 0 })
      if (words.includes('--dry-run')) {
        expect(listMigrations(stage)).toEqual([])
        expect(await stage.query("SHOW TABLES LIKE 'wwdb%'")).toEqual([])
      }
      if (words[0] === 'status') facts.push(/(\d+) pending/.exec(run.stdout)?.[1])
    }
    const isSql = tool in layouts
    expect(facts).toEqual([isSql ? '3' : '0'])
    expect(await stage.query('SELECT COUNT(*) FROM settings')).toEqual([[isSql ? 1 : 0]])
    const undone = await stage.run(['adopt', '--undo', '--yes'])
    expect(undone).toMatchObject(
      isSql ? { exitCode: 2, stderr: expect.stringContaining('after the adoption') } : { exitCode: 0 },
    )
  })
})

test('an adoption is there once, is taken back whole, and differences stop it', async () => {
  const stage = await openStage()
  await writeOldFiles(stage, 'flyway', 'old')
  await restore(stage, 'flyway')
  expect(await stage.json(adopt('flyway'))).toMatchObject({ exitCode: 0, answer: { state: 'adopted', diff: null } })
  const history = await stage.json(['history'])
  const times = await stage.query('SELECT installed_on FROM flyway_schema_history ORDER BY installed_rank LIMIT 1')
  expect(history.answer['targets']).toMatchObject([{ passes: { length: 16 } }])
  expect(JSON.stringify(history.answer)).toContain(String(times[0]?.[0]))
  expect(await stage.json(adopt('flyway'))).toMatchObject({ exitCode: 0, answer: { state: 'present' } })

  // Another environment that lags behind, with the files of this one and one that was written since.
  await stage.query('DROP TABLE wwdb_journal')
  await stage.query('DELETE FROM flyway_schema_history WHERE installed_rank BETWEEN 11 AND 15')
  stage.write('app/0019_since.sql', '-- migrate:up\nCREATE TABLE since (id INT PRIMARY KEY);\n')
  const before = readFileSync(join(stage.folder, 'migrations/app/0011_drop_legacy.sql'), 'utf8')
  expect(before).toContain('wwdb:accept DROP_TABLE')
  expect(await stage.json(adopt('flyway', '--accept-drift'))).toMatchObject({
    exitCode: 0,
    answer: {
      state: 'adopted',
      migrations: expect.arrayContaining([
        expect.objectContaining({ state: 'pending', file: 'migrations/app/0011_drop_legacy.sql' }),
      ]),
    },
  })
  expect(readFileSync(join(stage.folder, 'migrations/app/0011_drop_legacy.sql'), 'utf8')).toBe(before)
  stage.remove('app/0019_since.sql')
  expect(await stage.json(['adopt', '--undo', '--dry-run'])).toMatchObject({ answer: { state: 'undo-planned' } })
  expect(await stage.run(['adopt', '--undo', '--yes'])).toMatchObject({ exitCode: 0 })
  expect(listMigrations(stage)).toEqual([])
  expect(await stage.query('SELECT COUNT(*) FROM wwdb_journal WHERE pass > 0')).toEqual([[0]])

  await stage.query('ALTER TABLE tags DROP COLUMN color')
  await writeFile(
    join(stage.folder, 'old', 'V1.5__create_tags.sql'),
    'CREATE TABLE tags (id INT PRIMARY KEY, label VARCHAR(50) NOT NULL); -- edited\n',
  )
  const different = await stage.json(adopt('flyway'))
  expect(different).toMatchObject({
    exitCode: 1,
    answer: {
      state: 'differs',
      diff: { differences: expect.arrayContaining([expect.objectContaining({ name: 'tags' })]) },
      edited: [{ file: 'V1.5__create_tags.sql' }],
    },
  })
  expect(listMigrations(stage)).toEqual([])
  expect(await stage.json(adopt('flyway', '--accept-drift'))).toMatchObject({
    exitCode: 0,
    answer: { state: 'adopted' },
  })
  stage.write('app/0005_create_tags.sql', '-- migrate:up\nDO 0;\n')
  expect(await stage.run(['adopt', '--undo', '--yes'])).toMatchObject({
    exitCode: 2,
    stderr: expect.stringContaining('was edited'),
  })
})

test.each(Object.entries(unfinishedRows))(
  '%s with a migration that failed stops adopt, and it names what that tool offers',
  async (tool, [change, next]) => {
    const stage = await openStage()
    await writeOldFiles(stage, tool, 'old')
    for (const statement of [...(await readFixture(tool, 'history.sql')), change]) await stage.query(statement)
    const run = await stage.run(adopt(tool))
    expect(run).toMatchObject({ exitCode: 2 })
    expect(run.stderr.replaceAll(/\s+/g, ' ')).toContain(next)
    expect(listMigrations(stage)).toEqual([])
  },
)

test('a database without a history is never taken for an empty one in silence', async () => {
  const stage = await openStage()
  await writeOldFiles(stage, 'golang-migrate', 'old')
  const refused = await stage.run(adopt('golang-migrate'))
  expect(refused).toMatchObject({ exitCode: 2, stderr: expect.stringContaining('--nothing-applied') })
  expect(listMigrations(stage)).toEqual([])
  await stage.query('CREATE TABLE users (id INT PRIMARY KEY)')
  expect(await stage.json(adopt('golang-migrate', '--nothing-applied'))).toMatchObject({
    exitCode: 1,
    answer: { state: 'differs' },
  })
  await stage.query('DROP TABLE users')
  expect(await stage.json(adopt('golang-migrate', '--nothing-applied'))).toMatchObject({
    exitCode: 0,
    answer: { state: 'adopted' },
  })
  expect(await stage.run(['migrate', '--yes', '--allow', 'DROP_TABLE'])).toMatchObject({ exitCode: 0 })
  const other = await openStage()
  await writeOldFiles(other, 'golang-migrate', 'old')
  await restore(other, 'golang-migrate')
  expect(await other.run(adopt('golang-migrate', '--nothing-applied'))).toMatchObject({
    exitCode: 2,
    stderr: expect.stringContaining('has a row'),
  })
})

test('SQL by versions has run up to what a table says; what is there may stand for files that do not begin at the beginning', async () => {
  const stage = await openStage()
  const write = async (path: string, text: string): Promise<void> => {
    await mkdir(dirname(join(stage.folder, 'old', path)), { recursive: true })
    await writeFile(join(stage.folder, 'old', path), text)
  }
  await write('v1.9/a.sql', 'CREATE TABLE a (id INT PRIMARY KEY);')
  await write('v1.10/b.sql', 'ALTER TABLE a ADD b INT;')
  await write('v1.11/c.sql', 'ALTER TABLE a ADD c INT;')
  await stage.query('CREATE TABLE a (id INT PRIMARY KEY, b INT)')
  await stage.query('CREATE TABLE schema_version (version_partition INT NOT NULL, curr_version VARCHAR(64))')
  await stage.query("INSERT INTO schema_version VALUES (0, '1.10')")
  expect(await stage.json(adopt('files', '--dry-run'))).toMatchObject({
    exitCode: 0,
    answer: { diff: null, migrations: [{ state: 'applied' }, { state: 'applied' }, { state: 'pending' }] },
  })
  await rm(join(stage.folder, 'old', 'v1.9'), { recursive: true })
  expect(await stage.run(adopt('files'))).toMatchObject({ exitCode: 2 })
  expect(await stage.json(adopt('files', '--from-live'))).toMatchObject({
    exitCode: 0,
    answer: { state: 'adopted', migrations: [{ state: 'baseline' }, { state: 'pending' }] },
  })
  expect(await stage.run(['migrate', '--yes'])).toMatchObject({ exitCode: 0 })
  expect(
    await stage.query(
      "SELECT GROUP_CONCAT(column_name ORDER BY ordinal_position) FROM information_schema.columns WHERE table_schema = DATABASE() AND table_name = 'a'",
    ),
  ).toEqual([['id,b,c']])
  expect(await stage.run(['drift'])).toMatchObject({ exitCode: 0 })
})

test('a set of upgrades beside a file of the whole schema begins with that file', async () => {
  const stage = await openStage()
  const write = async (path: string, text: string): Promise<void> => {
    await mkdir(dirname(join(stage.folder, 'old', path)), { recursive: true })
    await writeFile(join(stage.folder, 'old', path), text)
  }
  const full = 'CREATE TABLE a (id INT PRIMARY KEY, b INT);\nCREATE TABLE schema_version (curr_version VARCHAR(64));\n'
  await write('schema_mysql.sql', `${full}INSERT INTO schema_version VALUES ('1.10');`)
  await write('upgrade/1.10_schema/mysql/x.sql', 'ALTER TABLE a ADD b INT;')
  await write('upgrade/1.11_schema/mysql/x.sql', 'ALTER TABLE a ADD c INT;')
  for (const statement of full.trim().split('\n')) await stage.query(statement)
  await stage.query("INSERT INTO schema_version VALUES ('1.10')")
  const withFull = ['--full-file', 'old/schema_mysql.sql']
  expect(await stage.run(adopt('files', ...withFull))).toMatchObject({
    exitCode: 2,
    stderr: expect.stringContaining('`--full-version 1.10`'),
  })
  expect(await stage.run(adopt('files', '--full-file', 'old/nothere.sql'))).toMatchObject({
    exitCode: 2,
    stderr: expect.stringContaining('The file of `--full-file` cannot be read.'),
  })
  expect(await stage.run(adopt('files', '--full-version', '1.10'))).toMatchObject({ exitCode: 64 })
  expect(await stage.run(adopt('flyway', ...withFull))).toMatchObject({ exitCode: 64 })
  expect(await stage.json(adopt('files', ...withFull, '--full-version', '1.10'))).toMatchObject({
    exitCode: 0,
    answer: { state: 'adopted', migrations: [{ state: 'applied' }, { state: 'pending' }] },
  })
  expect(await stage.run(['migrate', '--yes'])).toMatchObject({ exitCode: 0 })
  expect(await stage.run(['drift'])).toMatchObject({ exitCode: 0 })

  const fresh = await openStage()
  for (const path of ['schema_mysql.sql', 'upgrade/1.10_schema/mysql/x.sql', 'upgrade/1.11_schema/mysql/x.sql']) {
    await mkdir(dirname(join(fresh.folder, 'old', path)), { recursive: true })
    await writeFile(join(fresh.folder, 'old', path), await readFile(join(stage.folder, 'old', path), 'utf8'))
  }
  expect(await fresh.json(adopt('files', ...withFull, '--full-version', '1.10', '--nothing-applied'))).toMatchObject({
    exitCode: 0,
    answer: { migrations: [{ state: 'pending' }, { state: 'pending' }] },
  })
  expect(await fresh.run(['migrate', '--yes'])).toMatchObject({ exitCode: 0 })
  expect(
    await fresh.query(
      "SELECT GROUP_CONCAT(column_name ORDER BY ordinal_position) FROM information_schema.columns WHERE table_schema = DATABASE() AND table_name = 'a'",
    ),
  ).toEqual([['id,b,c']])
})
