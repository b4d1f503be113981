import { checksumOf } from '../../../src/files/checksum.ts'
import { registryTables } from '../../../src/shards/registry/registry-format.ts'
import { openWireProxy } from '../../helpers/mysql/wire-proxy.ts'
import type { OwnServer } from '../../helpers/servers/servers.ts'
import { type Database, openDatabase, withDatabase } from './database.ts'
import { type Fixture, openFixture } from './fixture.ts'

/** What is killed. */
export type Victim = 'runner' | 'connection' | 'server'
export const victims: readonly Victim[] = ['runner', 'connection', 'server']

/** A change that is not idempotent, and tables on which each row must show it once. */
export interface BatchSet {
  readonly name: string
  readonly files: Readonly<Record<string, string>>
  readonly setUp: string
  readonly tables: readonly string[]
  /** The text of its first chunk. */
  readonly from?: string
}

const rowsOf = (table: string, count: number): string =>
  `SET cte_max_recursion_depth = 100000; INSERT INTO ${table} (g, id, n) SELECT i DIV 100, i, 0 FROM (WITH RECURSIVE s(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM s WHERE i < ${count}) SELECT i FROM s) x; INSERT INTO ${table} (g, id, n) VALUES (0, 0, 500)`

const body = (table: string): string =>
  `CREATE TABLE ${table} (\n  g INT NOT NULL,\n  id BIGINT NOT NULL,\n  n INT NOT NULL DEFAULT 0,\n  w INT NOT NULL DEFAULT 0,\n  PRIMARY KEY (g, id)\n) ENGINE=InnoDB`

/** The condition reads what the statement changes: a row whose chunk ran and whose checkpoint did not would be changed twice. */
const update = (table: string): string => `-- wwdb:batch rows=25\nUPDATE ${table} SET n = n + 1 WHERE n < 100;`

export const plainSet: BatchSet = {
  name: 'a table',
  files: { 'migrations/app/0001_count.sql': `-- migrate:up\n${update('things')}\n` },
  setUp: `${body('things')}; ${rowsOf('things', 800)}`,
  tables: ['things'],
}

const code = `export async function up(knex, { batch }) {
  const change = async (rows) => {
    const keys = rows.map(({ g, id }) => [g, id])
    await knex('things').whereIn(['g', 'id'], keys).update({ n: knex.raw('n + 1') })
    await knex('sums').insert(rows.map(({ id }) => ({ id })))
  }
  await batch(knex('things').where('n', '<', 100).andWhere('id', '<', 400).select('g', 'id'), change, { rows: 25 })
  await batch(knex('things').where('n', '<', 100).andWhere('id', '>=', 400).select('g', 'id'), change, { rows: 25 })
}
`

/** Two batches of code; \`sums\` has a row for each change, whose key no second one could have. */
export const codeSet: BatchSet = {
  name: 'a table, in code',
  files: { 'migrations/app/0001_count.mjs': code },
  setUp: `${body('things')}; CREATE TABLE sums (id BIGINT PRIMARY KEY); ${rowsOf('things', 800)}`,
  tables: ['things'],
  from: 'set `n` = n + 1',
}

const template = body('{{table}}')
const shards = [1, 2, 3, 4]

export const shardedSet: BatchSet = {
  name: 'shards',
  files: {
    'shard-templates/app/things.sql': `-- wwdb:keys app.owners(id)\n-- wwdb:name things_{key}\n${template.replace('  PRIMARY', '  flag INT NOT NULL DEFAULT 0,\n  PRIMARY')};\n`,
    'migrations/app/20260101000000_count.sql': `-- wwdb:shards things\n-- migrate:up\nALTER TABLE {{table}} ADD COLUMN flag INT NOT NULL DEFAULT 0;\n${update('{{table}}')}\n`,
  },
  setUp: [
    'CREATE TABLE owners (id BIGINT PRIMARY KEY)',
    ...registryTables,
    ...shards.flatMap((key) => [body(`things_${key}`), rowsOf(`things_${key}`, 200)]),
    `INSERT INTO wwdb_shard_families(family,version,template,checksum) VALUES ('things',1,'${template}','${checksumOf(template)}')`,
    `INSERT INTO wwdb_shards(family,shard_key,table_name,state,template_version) VALUES ${shards.map((key) => `('things','${key}','things_${key}','live',1)`).join(',')}`,
  ].join(';'),
  tables: shards.map((key) => `things_${key}`),
}

export interface Place {
  readonly server: OwnServer
  readonly launcher: string
}

const migrate = ['migrate', '--yes', '--no-probe']

/** Runs the batch, is killed so many times at moments that are drawn, and lets a last run finish it. Returns what is wrong. */
export async function surviveBatch(
  place: Place,
  set: BatchSet,
  kills: readonly Victim[],
  random: () => number,
): Promise<{ readonly problems: readonly string[]; readonly killed: number }> {
  const fixture = await openFixture({ ...place, files: set.files })
  const schema = await fixture.createSchema(set.setUp)
  const writer = writeBeside(fixture, schema, set, random)
  let killed = 0
  try {
    for (const victim of kills) {
      // Nine for each of its chunks, of which each of three kills leaves most.
      const last = 1 + Math.floor(random() * 80)
      if (await killOnce(fixture, schema, { args: migrate, from: set.from ?? 'SET n = n + 1' }, victim, last))
        killed += 1
    }
    const last = await fixture.run(migrate, schema)
    await writer.stop()
    const problems =
      last.exitCode === 0 ? [] : [`the last run ended with ${last.exitCode}: ${last.stderr}${last.stdout}`]
    return {
      killed,
      problems: [...problems, ...(await withDatabase(fixture.urlOf(schema), (database) => findWrong(database, set)))],
    }
  } finally {
    await writer.stop()
    await fixture.dropSchema(schema)
    await fixture.close()
  }
}

/** A run, and the text of the statement from which its moments are counted. */
interface Killed {
  readonly args: readonly string[]
  readonly from: string
}

/** Kills at a moment that is counted from the first chunk on. True where the run was still going then. */
export async function killOnce(
  fixture: Fixture,
  schema: string,
  { args, from }: Killed,
  victim: Victim,
  last: number,
): Promise<boolean> {
  let moments = 0
  let isKilled = false
  const proxy = await openWireProxy(fixture.server.port, async ({ threadId, text }) => {
    if (moments === 0 && !text.includes(from)) return 'pass'
    moments += 1
    if (moments < last) return 'pass'
    if (moments > last) return victim === 'connection' ? 'pass' : 'drop'
    isKilled = true
    if (victim === 'server') {
      await fixture.server.kill()
      return 'drop'
    }
    if (victim === 'connection') {
      await withDatabase(fixture.server.url, (database) => database.run(`KILL ${threadId}`)).catch(() => undefined)
      return 'pass'
    }
    tool.child.kill('SIGKILL')
    await tool.ended
    return 'drop'
  })
  const tool = fixture.start(args, schema, proxy.port)
  await tool.ended
  await proxy.close()
  if (victim === 'server' && isKilled) await fixture.server.restart()
  return isKilled
}

/** Changes other columns of rows, deletes and inserts some, while the batch runs. */
function writeBeside(fixture: Fixture, schema: string, { tables }: BatchSet, random: () => number) {
  let isOver = false
  const run = async (): Promise<void> => {
    let database: Database | null = null
    for (let id = 100_000; !isOver; id += 1) {
      const table = tables[id % tables.length]
      const row = 1 + Math.floor(random() * 800)
      try {
        database ??= await openDatabase(fixture.urlOf(schema))
        await database.run(`UPDATE ${table} SET w = w + 1 WHERE id = ${row}`)
        await database.run(`INSERT INTO ${table} (g, id, n) VALUES (${id}, ${id}, 0)`)
        if (id % 7 === 0) await database.run(`DELETE FROM ${table} WHERE id = ${row} AND id % 3 = 0`)
      } catch {
        // The server is down, or the table is being changed: the next one is tried on a new connection.
        await database?.close().catch(() => undefined)
        database = null
        await new Promise((resolve) => setTimeout(resolve, 50))
      }
    }
    await database?.close().catch(() => undefined)
  }
  const running = run()
  return {
    stop: async (): Promise<void> => {
      isOver = true
      await running
    },
  }
}

/** Rows of the start show the change once; those that came behind the end of the walk at most once. */
async function findWrong(database: Database, { tables }: BatchSet): Promise<readonly string[]> {
  const problems: string[] = []
  for (const table of tables) {
    const wrong = await database.rows(
      `SELECT id, n FROM ${table} WHERE CASE WHEN id = 0 THEN n <> 500 WHEN id < 100000 THEN n <> 1 ELSE n NOT IN (0, 1) END ORDER BY id LIMIT 5`,
    )
    if (wrong.length > 0) problems.push(`${table} has rows that were not changed once: ${JSON.stringify(wrong)}`)
  }
  const open = await database.rows("SELECT summary, state FROM wwdb_journal WHERE pass > 0 AND state <> 'closed'")
  return open.length === 0 ? problems : [...problems, `open rows: ${JSON.stringify(open)}`]
}
