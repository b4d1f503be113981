import type { ToolRun } from '../../helpers/tool.ts'
import { moments, openWireProxy, type WireCommand } from '../../helpers/wire-proxy.ts'
import type { Arena } from './arena.ts'
import { waitFor, withDatabase } from './database.ts'
import type { KillPoint, Weapon } from './strike.ts'

/** A day far enough back to be retired, and the name of its shard. */
const old = new Date(Date.now() - 40 * 86_400_000).toISOString().slice(0, 10)
export const oldTable = `logs_${old.replaceAll('-', '')}`

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
const restore = ['shards', 'restore', 'logs', '--key', old] as const

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

/** Makes a schema and brings the old shard as far as so many runs bring it. */
export async function prepareShard(arena: Arena, runs: number): Promise<string> {
  const schema = await arena.createSchema(rotationSetUp)
  for (let run = 0; run < runs; run += 1) {
    await endGrace(arena, schema)
    await runWell(arena, schema, rotate)
  }
  await endGrace(arena, schema)
  return schema
}

/** The grace of what is on hold is over: a test has no day to wait. */
async function endGrace(arena: Arena, schema: string): Promise<void> {
  await withDatabase(arena.urlOf(schema), async (database) => {
    const there = await database.rows("SHOW TABLES LIKE 'wwdb\\_shards'")
    if (there.length > 0)
      await database.run("UPDATE wwdb_shards SET held_until = '2026-01-01' WHERE held_until IS NOT NULL")
  })
}

async function runWell(arena: Arena, schema: string, args: readonly string[]): Promise<ToolRun> {
  const run = await arena.run(args, schema)
  if (run.exitCode !== 0) throw new Error(`${args.join(' ')} ended with ${run.exitCode}: ${run.stderr}${run.stdout}`)
  return run
}

/** Every moment of every command of an uninterrupted run, on whichever connection. */
export async function recordPoints(
  arena: Arena,
  schema: string,
  args: readonly string[],
): Promise<readonly StrikePoint[]> {
  const commands: WireCommand[] = []
  const proxy = await openWireProxy(arena.server.port, async (command, moment) => {
    if (moment === 'before') commands.push(command)
    return 'pass'
  })
  const run = await arena.run(args, schema, proxy.port)
  await proxy.close()
  if (run.exitCode !== 0) throw new Error(`${args.join(' ')} ended with ${run.exitCode}: ${run.stderr}${run.stdout}`)
  return commands.flatMap(({ connection, index }) => moments.map((moment) => ({ connection, index, moment })))
}

export interface StrikePoint extends KillPoint {
  readonly connection: number
}

/** Runs the tool and kills it, its connection or the server at a point; gives the command, or null where the run did not come to it. */
export async function strikeAt(
  arena: Arena,
  schema: string,
  args: readonly string[],
  point: StrikePoint,
  weapon: Weapon,
): Promise<{ readonly struck: WireCommand | null; readonly run: ToolRun }> {
  let struck: WireCommand | null = null
  const proxy = await openWireProxy(arena.server.port, async (command, moment) => {
    const isHere = command.connection === point.connection && command.index === point.index && moment === point.moment
    if (!isHere || struck !== null) return 'pass'
    struck = command
    if (weapon === 'server') {
      await arena.server.kill()
      return 'pass'
    }
    if (weapon === 'connection') {
      await withDatabase(arena.server.url, (database) => database.run(`KILL ${command.threadId}`)).catch(() => {})
      return 'pass'
    }
    tool.child.kill('SIGKILL')
    await tool.ended
    return 'drop'
  })
  const tool = arena.start(args, schema, proxy.port)
  const run = await tool.ended
  if (weapon === 'server' && struck !== null) await arena.server.restart()
  return { struck, run }
}

/** Where the rows of the old shard are: under its own name, on hold, or only in its archive. */
interface Whereabouts {
  readonly tables: readonly string[]
  readonly state: string
  readonly rows: number
}

async function findShard(arena: Arena, schema: string): Promise<Whereabouts> {
  return withDatabase(arena.urlOf(schema), async (database) => {
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
export async function expectAllRows(arena: Arena, schema: string, expected: string): Promise<string[]> {
  const faults: string[] = []
  const demand = (holds: boolean, fault: string): void => {
    if (!holds) faults.push(fault)
  }
  demand(
    (await findShard(arena, schema)).rows === 200,
    `after the kill: ${JSON.stringify(await findShard(arena, schema))}`,
  )
  for (let run = 0; run < 8 && (await findShard(arena, schema)).state !== 'dropped'; run += 1) {
    await unprotect(arena, schema)
    await endGrace(arena, schema)
    const again = await arena.run(rotate, schema)
    demand(again.exitCode === 0, `the next run ended with ${again.exitCode}: ${again.stderr}${again.stdout}`)
    const { tables, rows } = await findShard(arena, schema)
    demand(rows === 200 && tables.length <= 1, `after the next run: ${JSON.stringify(await findShard(arena, schema))}`)
  }
  const end = await findShard(arena, schema)
  demand(end.state === 'dropped' && end.tables.length === 0, `it did not converge: ${JSON.stringify(end)}`)
  await runWell(arena, schema, restore)
  demand((await readShard(arena, schema)) === expected, 'its rows came back changed')
  demand(
    (await findLeftovers(arena, schema)).length === 0,
    `left behind: ${(await findLeftovers(arena, schema)).join(', ')}`,
  )
  return faults
}

/** What was restored by hand is protected: here it may go. */
async function unprotect(arena: Arena, schema: string): Promise<void> {
  await withDatabase(arena.urlOf(schema), async (database) => {
    const there = await database.rows("SHOW TABLES LIKE 'wwdb\\_shards'")
    if (there.length > 0)
      await database.run('UPDATE wwdb_shards SET protected_reason = NULL, protected_by = NULL, protected_at = NULL')
  })
}

/** Definition and rows of the old shard under its own name. */
export function readShard(arena: Arena, schema: string): Promise<string> {
  return withDatabase(arena.urlOf(schema), async (database) => {
    const created = await database.rows(`SHOW CREATE TABLE ${oldTable}`)
    const rows = await database.rows(`SELECT id, message FROM ${oldTable} ORDER BY id`)
    return `${created[0]?.[1]?.replace(/ AUTO_INCREMENT=\d+/, '')}\n${rows.map((row) => row.join('|')).join('\n')}`
  })
}

/** Tables and views that no run should leave. */
function findLeftovers(arena: Arena, schema: string): Promise<readonly string[]> {
  return withDatabase(arena.urlOf(schema), async (database) =>
    (await database.rows('SHOW TABLES'))
      .map(([name]) => String(name))
      .filter((name) => /^_(hold|load|old|next)_/.test(name)),
  )
}

/** Waits until nobody works in the schema any more: a killed tool may leave a statement behind. */
export function waitForQuiet(arena: Arena, schema: string): Promise<void> {
  return withDatabase(arena.server.url, (database) =>
    waitFor(`nobody to work in ${schema}`, async () => {
      const rows = await database.rows(
        `SELECT 1 FROM information_schema.PROCESSLIST WHERE DB = '${schema}' AND COMMAND <> 'Sleep'`,
      )
      return rows.length === 0
    }),
  )
}
