import { moments, openWireProxy, type WireCommand } from '../../helpers/mysql/wire-proxy.ts'
import type { ToolRun } from '../../helpers/tool/tool.ts'
import { waitFor, withDatabase } from './database.ts'
import type { Fixture } from './fixture.ts'
import type { Fault, KillPoint } from './inject.ts'

/** A day far enough back to be retired, and the name of its shard. */
export const oldDay = new Date(Date.now() - 40 * 86_400_000).toISOString().slice(0, 10)
export const oldTable = `logs_${oldDay.replaceAll('-', '')}`

/** A project with one family of days, archived and with a view. */
export const rotationFiles: Readonly<Record<string, string>> = {
  'wwdb.config.json': JSON.stringify({
    databases: { app: { url: '$' + '{APP_URL}', migrations: 'migrations/app' } },
    rotation: { archive: 'archives', connections: 2 },
  }),
  'shard-templates/app/logs.sql': `-- wwdb:period day
-- wwdb:name logs_{YYYYMMDD}
-- wwdb:premake 2 periods, 2 days
-- wwdb:late 1 days
-- wwdb:keep 3 days
-- wwdb:grace 1 days
-- wwdb:archive directory
-- wwdb:view logs_recent 60 periods
CREATE TABLE \`{{table}}\` (
  \`id\` BIGINT NOT NULL AUTO_INCREMENT,
  \`message\` VARCHAR(100) NOT NULL,
  PRIMARY KEY (\`id\`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;
`,
}

/** A shard of the past, as a platform has it before wwdb comes. */
export const rotationSetUp = `
CREATE TABLE ${oldTable} (id BIGINT NOT NULL AUTO_INCREMENT, message VARCHAR(100) NOT NULL, PRIMARY KEY (id)) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;
INSERT INTO ${oldTable} (message) WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 200) SELECT CONCAT('message ', i, ' ''"\\\\ 中文') FROM n;
`

const rotate = ['rotate', 'run', '--yes'] as const
const restore = ['shards', 'restore', '--family', 'logs', '--key', oldDay] as const

/** How a shard goes, run by run: what is killed in each, and what had to be done before. */
export const stages: readonly { readonly what: string; readonly before: number; readonly args: readonly string[] }[] = [
  { what: 'premake and adopt', before: 0, args: rotate },
  { what: 'seal', before: 1, args: rotate },
  { what: 'hold', before: 2, args: rotate },
  { what: 'restore from hold', before: 3, args: restore },
  { what: 'archive', before: 3, args: rotate },
  { what: 'drop', before: 4, args: rotate },
  { what: 'restore from archive', before: 5, args: restore },
]

/** Makes a schema and brings the old shard as far as this number of runs bring it. */
export async function prepareShard(fixture: Fixture, runs: number): Promise<string> {
  const schema = await fixture.createSchema(rotationSetUp)
  for (let run = 0; run < runs; run += 1) {
    await endGrace(fixture, schema)
    await runWell(fixture, schema, rotate)
  }
  await endGrace(fixture, schema)
  return schema
}

/** The grace of what is on hold is over: a test has no day to wait. */
async function endGrace(fixture: Fixture, schema: string): Promise<void> {
  await withDatabase(fixture.urlOf(schema), async (database) => {
    const there = await database.rows("SHOW TABLES LIKE 'wwdb\\_shards'")
    if (there.length > 0)
      await database.run("UPDATE wwdb_shards SET held_until = '2026-01-01' WHERE held_until IS NOT NULL")
  })
}

async function runWell(fixture: Fixture, schema: string, args: readonly string[]): Promise<ToolRun> {
  const run = await fixture.run(args, schema)
  if (run.exitCode !== 0) throw new Error(`${args.join(' ')} ended with ${run.exitCode}: ${run.stderr}${run.stdout}`)
  return run
}

/** Every moment of every command of an uninterrupted run, on whichever connection. */
export async function recordPoints(
  fixture: Fixture,
  schema: string,
  args: readonly string[],
): Promise<readonly InjectionPoint[]> {
  const commands: WireCommand[] = []
  const proxy = await openWireProxy(fixture.server.port, async (command, moment) => {
    if (moment === 'before') commands.push(command)
    return 'pass'
  })
  const run = await fixture.run(args, schema, proxy.port)
  await proxy.close()
  if (run.exitCode !== 0) throw new Error(`${args.join(' ')} ended with ${run.exitCode}: ${run.stderr}${run.stdout}`)
  return commands.flatMap(({ connection, index }) => moments.map((moment) => ({ connection, index, moment })))
}

export interface InjectionPoint extends KillPoint {
  readonly connection: number
}

/** Runs the tool and kills it, its connection or the server at a point; gives the command, or null where the run did not come to it. */
export async function injectAt(
  fixture: Fixture,
  schema: string,
  args: readonly string[],
  point: InjectionPoint,
  fault: Fault,
): Promise<{ readonly injected: WireCommand | null; readonly run: ToolRun }> {
  let injected: WireCommand | null = null
  const proxy = await openWireProxy(fixture.server.port, async (command, moment) => {
    const isHere = command.connection === point.connection && command.index === point.index && moment === point.moment
    if (!isHere || injected !== null) return 'pass'
    injected = command
    if (fault === 'server') {
      await fixture.server.kill()
      return 'pass'
    }
    if (fault === 'connection') {
      await withDatabase(fixture.server.url, (database) => database.run(`KILL ${command.threadId}`)).catch(() => {})
      return 'pass'
    }
    tool.child.kill('SIGKILL')
    await tool.ended
    return 'drop'
  })
  const tool = fixture.start(args, schema, proxy.port)
  const run = await tool.ended
  if (fault === 'server' && injected !== null) await fixture.server.restart()
  return { injected, run }
}

/** Where the rows of the old shard are: under its own name, on hold, or only in its archive. */
interface Whereabouts {
  readonly tables: readonly string[]
  readonly state: string
  readonly rows: number
}

async function findShard(fixture: Fixture, schema: string): Promise<Whereabouts> {
  return withDatabase(fixture.urlOf(schema), async (database) => {
    const names = (await database.rows('SHOW TABLES')).map(([name]) => String(name))
    const tables = names.filter((name) => name === oldTable || (name.startsWith('_hold_') && name.endsWith(oldTable)))
    const known = names.includes('wwdb_shards')
    const records = known
      ? await database.rows(`SELECT state, COALESCE(archive_rows, 0) FROM wwdb_shards WHERE table_name = '${oldTable}'`)
      : []
    const [state, archived] = records[0] ?? ['unknown', '0']
    const counts = await Promise.all(tables.map((table) => database.rows(`SELECT COUNT(*) FROM \`${table}\``)))
    const live = counts.reduce((sum, rows) => sum + Number(rows[0]?.[0] ?? 0), 0)
    return { tables, state: String(state), rows: tables.length > 0 ? live : Number(archived) }
  })
}

/** Runs again until the shard is dropped, then brings it back: every row must be there, as it was. */
export async function expectAllRows(fixture: Fixture, schema: string, expected: string): Promise<string[]> {
  const problems: string[] = []
  const demand = (holds: boolean, problem: string): void => {
    if (!holds) problems.push(problem)
  }
  demand(
    (await findShard(fixture, schema)).rows === 200,
    `after the kill: ${JSON.stringify(await findShard(fixture, schema))}`,
  )
  for (let run = 0; run < 8 && (await findShard(fixture, schema)).state !== 'dropped'; run += 1) {
    await unprotect(fixture, schema)
    await endGrace(fixture, schema)
    const again = await fixture.run(rotate, schema)
    demand(again.exitCode === 0, `the next run ended with ${again.exitCode}: ${again.stderr}${again.stdout}`)
    const { tables, rows } = await findShard(fixture, schema)
    demand(
      rows === 200 && tables.length <= 1,
      `after the next run: ${JSON.stringify(await findShard(fixture, schema))}`,
    )
  }
  const end = await findShard(fixture, schema)
  demand(end.state === 'dropped' && end.tables.length === 0, `it did not converge: ${JSON.stringify(end)}`)
  await runWell(fixture, schema, restore)
  demand((await readShard(fixture, schema)) === expected, 'its rows came back changed')
  demand(
    (await findLeftovers(fixture, schema)).length === 0,
    `left behind: ${(await findLeftovers(fixture, schema)).join(', ')}`,
  )
  return problems
}

/** What was restored by hand is protected: here it may go. */
async function unprotect(fixture: Fixture, schema: string): Promise<void> {
  await withDatabase(fixture.urlOf(schema), async (database) => {
    const there = await database.rows("SHOW TABLES LIKE 'wwdb\\_shard%s'")
    const names = there.map(([name]) => name)
    if (names.includes('wwdb_shards'))
      await database.run('UPDATE wwdb_shards SET protected_reason = NULL, protected_by = NULL, protected_at = NULL')
    if (names.includes('wwdb_shard_events')) await database.run('UPDATE wwdb_shard_events SET protected_reason = NULL')
  })
}

/** Definition and rows of the old shard under its own name. */
export function readShard(fixture: Fixture, schema: string): Promise<string> {
  return withDatabase(fixture.urlOf(schema), async (database) => {
    const created = await database.rows(`SHOW CREATE TABLE ${oldTable}`)
    const rows = await database.rows(`SELECT id, message FROM ${oldTable} ORDER BY id`)
    return `${created[0]?.[1]?.replace(/ AUTO_INCREMENT=\d+/, '')}\n${rows.map((row) => row.join('|')).join('\n')}`
  })
}

/** Tables and views that no run should leave. */
function findLeftovers(fixture: Fixture, schema: string): Promise<readonly string[]> {
  return withDatabase(fixture.urlOf(schema), async (database) =>
    (await database.rows('SHOW TABLES'))
      .map(([name]) => String(name))
      .filter((name) => /^_(hold|load|old|next)_/.test(name)),
  )
}

/** Waits until no session works in the schema any more: a killed tool may leave a statement behind. */
export function waitForQuiet(fixture: Fixture, schema: string): Promise<void> {
  return withDatabase(fixture.server.url, (database) =>
    waitFor(`the end of all work in ${schema}`, async () => {
      const rows = await database.rows(
        `SELECT 1 FROM information_schema.PROCESSLIST WHERE DB = '${schema}' AND COMMAND <> 'Sleep'`,
      )
      return rows.length === 0
    }),
  )
}
