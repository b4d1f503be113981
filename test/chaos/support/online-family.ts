import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Database, withDatabase } from './database.ts'
import { type Fixture, type FixtureOptions, openFixture } from './fixture.ts'
import { chaosTools, killOnce, migrate, type OnlineHistory, type OnlineKill } from './online-history.ts'
import { listTools } from './processes.ts'
import { TableWriter, type WriterLog } from './table-writer.ts'

const keys = [1, 2, 3]
const rows = 1500

const template = (n: string, more: string): string =>
  `-- wwdb:keys app.owners(id)\n-- wwdb:name things_{key}\nCREATE TABLE {{table}} (\n  id INT NOT NULL,\n  n ${n} NOT NULL,\n  note VARCHAR(200) NOT NULL DEFAULT 'as it was',${more}\n  PRIMARY KEY (id)\n) ENGINE=InnoDB;\n`

const filesOf = (tool: keyof typeof chaosTools) => ({
  'wwdb.config.json': JSON.stringify({
    databases: { app: { url: '$' + '{APP_URL}', migrations: 'migrations/app' } },
    online: { inplace: '0', tool },
  }),
  'shard-templates/app/things.sql': template('INT', ''),
  'migrations/app/0001_owners.sql':
    '-- migrate:up\nCREATE TABLE owners (id BIGINT NOT NULL PRIMARY KEY);\nINSERT INTO owners (id) VALUES (1), (2), (3);\n',
})

/** A column that is added twice would fail, and a copy that is made twice leaves two tables on hold. */
const change = `-- wwdb:shards things
-- migrate:up
-- wwdb:online
ALTER TABLE {{table}} MODIFY n BIGINT NOT NULL, ADD COLUMN extra INT NOT NULL DEFAULT 7 AFTER note;
`

async function prepare(fixture: Fixture, schema: string): Promise<void> {
  for (const words of [migrate, ['rotate', 'run', '--yes']]) {
    const run = await fixture.run(words, schema)
    if (run.exitCode !== 0) throw new Error(`${words[0]} ended with ${run.exitCode}: ${run.stderr}${run.stdout}`)
  }
  const numbers = `WITH RECURSIVE s(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM s WHERE i < ${rows}) SELECT i, i FROM s`
  await withDatabase(fixture.urlOf(schema), async (database) => {
    await database.run('SET cte_max_recursion_depth = 100000')
    for (const key of keys) await database.run(`INSERT INTO things_${key} (id, n) ${numbers}`)
  })
  await fixture.write('shard-templates/app/things.sql', template('BIGINT', '\n  extra INT NOT NULL DEFAULT 7,'))
  await fixture.write('migrations/app/0002_wider.sql', change)
}

/** A kill at an instant of one shard of the family. */
export interface FamilyKill extends OnlineKill {
  readonly key: number
}

export const drawKey = (random: () => number): number => 1 + Math.floor(random() * keys.length)

/** Begins an online change of every shard, kills once for each of `kills`, lets a last run finish it, and compares what is there with the logs of a writer for each shard. */
export async function surviveFamily(
  place: Omit<FixtureOptions, 'files'>,
  kills: readonly FamilyKill[],
  random: () => number,
  tool: keyof typeof chaosTools,
): Promise<OnlineHistory> {
  const { instants, words } = chaosTools[tool]
  const temporary = await mkdtemp(join(tmpdir(), 'wwdb-chaos-online-'))
  const fixture = await openFixture({
    ...place,
    files: filesOf(tool),
    environment: { ...place.environment, TMPDIR: temporary },
  })
  const schema = await fixture.createSchema('SELECT 1')
  let writers: readonly TableWriter[] = []
  let killed = 0
  try {
    await prepare(fixture, schema)
    writers = keys.map((key) => new TableWriter(fixture.urlOf(schema), `things_${key}`, rows, random))
    for (const { victim, instant, key } of kills) {
      const at = instants(`things_${key}`)[instant]
      if (await killOnce({ fixture, schema, victim, instant: at, tool, random })) killed += 1
    }
    const last = await fixture.run(migrate, schema)
    const wrong = last.exitCode === 0 ? [] : [`the last run ended with ${last.exitCode}: ${last.stderr}${last.stdout}`]
    const tools = await listTools(words(schema))
    if (tools.length > 0) wrong.push(`the tool still runs: ${tools.join()}`)
    const left = (await readdir(temporary)).filter((name) => name.startsWith('wwdb-online-'))
    if (left.length > 0) wrong.push(`a folder with the password is left: ${left.join()}`)
    const logs: WriterLog[] = []
    for (const writer of writers) logs.push(await writer.stop())
    const found = await withDatabase(fixture.urlOf(schema), (database) => findWrong(database, logs))
    return { killed, problems: [...wrong, ...found] }
  } finally {
    for (const writer of writers) await writer.stop()
    await fixture.dropSchema(schema)
    await fixture.close()
    await rm(temporary, { recursive: true, force: true })
  }
}

async function findWrong(database: Database, logs: readonly WriterLog[]): Promise<readonly string[]> {
  const problems: string[] = []
  for (const [at, log] of logs.entries()) {
    const table = `things_${keys[at]}`
    problems.push(...log.refused.slice(0, 5).map((text) => `a write was refused: ${text}`))
    if (log.written < 10) problems.push(`the writer of ${table} wrote only ${log.written} times`)
    const all = await database.rows(`SELECT id, n, extra, note FROM ${table}`)
    const found = new Map(all.map(([id, n]) => [Number(id), Number(n)]))
    const lost = [...log.rows].filter(([id, n]) => found.get(id) !== n)
    for (const [id, n] of lost.slice(0, 5)) problems.push(`row ${id} of ${table} is ${found.get(id)}, not ${n}`)
    const extra = [...found].filter(([id]) => !log.rows.has(id))
    for (const [id] of extra.slice(0, 5)) problems.push(`row ${id} of ${table} should not be there`)
    const others = all.filter(([, , value, note]) => value !== '7' || note !== 'as it was')
    if (others.length > 0) problems.push(`other values in ${table}: ${JSON.stringify(others.slice(0, 3))}`)
  }
  const expect = async (what: string, query: string, wanted: readonly string[]): Promise<void> => {
    const seen = (await database.rows(query)).map((row) => row.join(' ').replace(/\d{8}_[0-9a-f]{8}/, 'X'))
    if (JSON.stringify(seen.toSorted()) !== JSON.stringify(wanted)) problems.push(`${what}: ${JSON.stringify(seen)}`)
  }
  await expect(
    'tables',
    "SELECT TABLE_NAME FROM information_schema.TABLES WHERE TABLE_SCHEMA = DATABASE() AND TABLE_NAME NOT LIKE 'wwdb%'",
    [...keys.map((key) => `_hold_X_things_${key}`), 'owners', ...keys.map((key) => `things_${key}`)],
  )
  await expect('triggers', 'SELECT TRIGGER_NAME FROM information_schema.TRIGGERS WHERE TRIGGER_SCHEMA = DATABASE()', [])
  await expect(
    'rows of the ledger',
    "SELECT version, statement, state FROM wwdb_shard_journal WHERE state <> 'failed'",
    keys.map((key) => `0002/${key} 0 closed`),
  )
  await expect('open records', "SELECT state FROM wwdb_shard_online WHERE state NOT IN ('held', 'removed')", [])
  await expect(
    'versions of the registry',
    'SELECT shard_key, template_version FROM wwdb_shards',
    keys.map((key) => `${key} 2`),
  )
  return problems
}
