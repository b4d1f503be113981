import type { Target } from '../../core/target.ts'
import { missingSteps, refuseNewerFormat } from '../../migrations/journal/journal-format.ts'
import type { HeldLock } from '../../migrations/mysql/journal-tables.ts'
import { fence } from '../../migrations/mysql/journal-tables.ts'
import type { Connection, Row } from '../../mysql/connection.ts'
import { hasNumber, serverErrors } from '../../mysql/errors.ts'
import { quoteString } from '../../sql/quote-name.ts'
import type { RegistryChange } from '../ports.ts'
import type { Registry, ShardRecord } from '../shard.ts'
import {
  familyColumns,
  findingColumns,
  registryFormat,
  registryName,
  registryTables,
  renderFamily,
  renderFinding,
  renderShard,
  shardColumns,
  shardColumnsOf,
  shardEventsTable,
  toDateTime,
  toFamily,
  toFinding,
  toInstant,
  toShard,
} from './registry-format.ts'
import { readAllTraces, selectTraces, toTrace, withTraces } from './traces.ts'

/** Rows per statement: some 300 KB, far below any max_allowed_packet. */
const batch = 1000

/** The same where each row is a SELECT of its own. */
const unionBatch = 200

const none: Registry = {
  exists: false,
  generation: 0,
  families: [],
  shards: [],
  findings: [],
  traces: [],
  lastRunAt: null,
}

/** The number of the format in the registry's own row; 0 means 1, and a registry without that row was not written yet. */
function formatOf(own: Row | undefined): string {
  return String(Math.max(1, Number(own?.[1] ?? 1)))
}

function refuseNewerRegistry(own: Row | undefined, target: Target): void {
  refuseNewerFormat({ value: formatOf(own), toolVersion: '' }, target, registryFormat, registryName)
}

async function readOwnRow(connection: Connection): Promise<Row | undefined> {
  return (await connection.ask(`SELECT family,version FROM wwdb_shard_families WHERE family=''`)).rows[0]
}

/**
 * Its tables as of one instant, including those of an earlier format. Error 1146 means that one does not exist yet. Throws
 * ToolError `REGISTRY_NEWER`.
 */
export async function readRegistry(connection: Connection, target: Target): Promise<Registry> {
  try {
    return await readTables(connection, target, shardColumns)
  } catch (error) {
    if (!hasNumber(error, serverErrors.unknownColumn)) throw error
    await connection.ask('ROLLBACK')
    // Another format has other columns.
    const own = await readOwnRow(connection)
    refuseNewerRegistry(own, target)
    return readTables(connection, target, shardColumnsOf(Number(formatOf(own))))
  }
}

/**
 * Tables that may be missing from a registry: an earlier wwdb created it without them, or they were lost; a reader cannot
 * create them.
 */
const optional = ['wwdb_shard_findings', 'wwdb_shard_events'] as const

async function readTables(connection: Connection, target: Target, columns: string): Promise<Registry> {
  let present: readonly string[] = optional
  for (;;) {
    const read = await tryRegistry(connection, target, columns, present)
    if (typeof read !== 'string') return read
    if (!present.includes(read)) return { ...none, traces: await readAllTraces(connection) }
    present = present.filter((table) => table !== read)
  }
}

/** The name of the missing table, in place of what cannot be read without it. */
async function tryRegistry(
  connection: Connection,
  target: Target,
  columns: string,
  present: readonly string[],
): Promise<Registry | string> {
  const findings = `SELECT ${findingColumns} FROM wwdb_shard_findings WHERE closed_at IS NULL ORDER BY found_at,family`
  const traces = selectTraces(columns === shardColumns ? 'protected_reason' : 'legal_reason')
  const questions = [
    `SELECT ${familyColumns},generation,last_run_at FROM wwdb_shard_families ORDER BY family`,
    `SELECT ${columns} FROM wwdb_shards ORDER BY family,from_at,LENGTH(shard_key),shard_key`,
    present.includes('wwdb_shard_findings') ? findings : 'DO 0',
    present.includes('wwdb_shard_events') ? traces : 'DO 0',
  ]
  try {
    const packet = ['START TRANSACTION WITH CONSISTENT SNAPSHOT, READ ONLY', ...questions, 'COMMIT'].join(';')
    const [families = [], shards = [], found = [], last = []] = (await connection.askAll(packet))
      .slice(1)
      .map(({ rows }) => rows)
    const own = families.find((row) => row[0] === '')
    refuseNewerRegistry(own, target)
    const traced = last.map(toTrace)
    return {
      exists: true,
      generation: Number(own?.[5] ?? 0),
      families: families.filter((row) => row[0] !== '').map(toFamily),
      shards: withTraces(shards.map(toShard), traced),
      findings: found.map(toFinding),
      traces: traced,
      lastRunAt: toInstant(own?.[6]),
    }
  } catch (error) {
    if (!hasNumber(error, serverErrors.unknownTable)) throw error
    await connection.ask('ROLLBACK')
    return /\b(wwdb_\w+)'/.exec(error instanceof Error ? error.message : '')?.[1] ?? ''
  }
}

/** Makes the tables that do not exist and upgrades those of an earlier format. Needs the lock. Throws ToolError `REGISTRY_NEWER`. */
export async function createRegistry(connection: Connection, lock: HeldLock, target: Target): Promise<void> {
  await connection.askAll([`SELECT ${fence(lock)}`, ...registryTables, shardEventsTable].join(';'))
  await upgradeRegistry(connection, lock, target)
}

/**
 * Runs the upgrade steps that the registry's format lacks. The number of a step is written when all of it is done: a killed run leaves a
 * step to repeat, but never a missing one. Every statement has the fence in its packet. Throws ToolError `REGISTRY_NEWER`.
 */
export async function upgradeRegistry(connection: Connection, lock: HeldLock, target: Target): Promise<void> {
  const own = await readOwnRow(connection)
  refuseNewerRegistry(own, target)
  for (const { to, statements } of missingSteps(formatOf(own), registryFormat)) {
    for (const { text, doneBy = [] } of statements) {
      try {
        await connection.askAll(`SELECT ${fence(lock)};${text}`)
      } catch (error) {
        if (!hasNumber(error, ...doneBy)) throw error
      }
    }
    await connection.askAll(
      `SELECT ${fence(lock)};INSERT INTO wwdb_shard_families(family,version,template,checksum) VALUES ('',${to},'','') ` +
        `ON DUPLICATE KEY UPDATE version=${to}`,
    )
  }
}

/**
 * One transaction. It begins with the registry's own row: it is the fence, and its row lock makes later writers wait for the end.
 * @param runId the run that changes it, for the events of its shards
 */
export async function writeRegistry(
  connection: Connection,
  lock: HeldLock,
  change: RegistryChange,
  runId: string | null,
): Promise<void> {
  const packets = renderPackets(lock, change, runId)
  const write = async (): Promise<void> => {
    try {
      for (const packet of packets) await connection.askAll(packet)
    } catch (error) {
      await connection.ask('ROLLBACK').catch(() => undefined)
      throw error
    }
  }
  try {
    await write()
  } catch (error) {
    if (!lacksEvents(error)) throw error
    await connection.askAll(`SELECT ${fence(lock)};${shardEventsTable}`)
    await write()
  }
}

/** An earlier wwdb made the registry without the table of events. */
function lacksEvents(error: unknown): boolean {
  return (
    hasNumber(error, serverErrors.unknownTable) && error instanceof Error && error.message.includes('wwdb_shard_events')
  )
}

/** What fits in one packet is sent in one, so that a small change costs one round trip. */
function renderPackets(lock: HeldLock, change: RegistryChange, runId: string | null): readonly string[] {
  const writes = [
    ...renderShardEvents(change.shards, runId),
    ...renderBatches('wwdb_shard_families', familyColumns, change.families.map(renderFamily)),
    ...renderBatches('wwdb_shards', shardColumns, change.shards.map(renderShard)),
    ...renderBatches('wwdb_shard_findings', findingColumns, change.findings.map(renderFinding)),
  ]
  const opening = ['START TRANSACTION', countChange(lock, change)].join(';')
  if (writes.length <= 4) return [[opening, ...writes, 'COMMIT'].join(';')]
  return [opening, ...writes, `SELECT ${fence(lock)};COMMIT`]
}

/** A change that leaves every shard as it was (a run began or ended well) does not concern applications that cache the shard map. */
export function countChange(
  lock: HeldLock,
  { shards, lastRunAt }: { readonly shards: readonly unknown[]; readonly lastRunAt: number | null },
): string {
  const counted = `${fence(lock)}*${shards.length === 0 ? 0 : 1}`
  const at = lastRunAt === null ? 'NULL' : quoteString(toDateTime(lastRunAt) ?? '')
  return (
    `INSERT INTO wwdb_shard_families(family,version,template,checksum,generation,last_run_at) ` +
    `VALUES ('',${registryFormat.number},'','',${counted},${at}) ON DUPLICATE KEY UPDATE ` +
    `generation=generation+${counted},last_run_at=COALESCE(${at},last_run_at)`
  )
}

/** REPLACE: overwrites a row with the same key as a whole. */
function renderBatches(table: string, columns: string, rows: readonly string[]): readonly string[] {
  const batches: string[] = []
  for (let at = 0; at < rows.length; at += batch)
    batches.push(`REPLACE INTO ${table}(${columns}) VALUES ${rows.slice(at, at + batch).join(',')}`)
  return batches
}

/** Statements that record the changes which the registry is about to get. They precede those that write the shards. */
function renderShardEvents(shards: readonly ShardRecord[], runId: string | null): readonly string[] {
  const statements: string[] = []
  for (let at = 0; at < shards.length; at += unionBatch)
    statements.push(renderBatch(shards.slice(at, at + unionBatch), runId))
  return statements
}

/** The first row of a UNION names its columns. */
function columnAs(value: string, name: string, row: number): string {
  return row === 0 ? `${value} ${name}` : value
}

/** Why the shard was protected by its table's last event. */
const lastReason =
  'SELECT e.protected_reason FROM wwdb_shard_events e WHERE e.table_name=n.t COLLATE utf8mb4_bin ORDER BY e.id DESC LIMIT 1'

function renderBatch(shards: readonly ShardRecord[], runId: string | null): string {
  // No JSON_TABLE: MySQL 8.0.12 lets only accounts with SELECT on the whole server use it.
  const rows = shards.map(
    ({ family, key, table, state, templateVersion, protection }, at) =>
      `SELECT ${columnAs(quoteString(family), 'f', at)},${columnAs(quoteString(key), 'k', at)},${columnAs(quoteString(table), 't', at)},` +
      `${columnAs(quoteString(state), 's', at)},${columnAs(String(templateVersion), 'v', at)},` +
      columnAs(`CAST(${protection === null ? 'NULL' : quoteString(protection.reason)} AS CHAR)`, 'p', at),
  )
  return (
    `INSERT INTO wwdb_shard_events(run_id,at,family,shard_key,table_name,from_state,to_state,template_version,protected_reason) ` +
    `SELECT ${runId === null ? 'NULL' : quoteString(runId)},UTC_TIMESTAMP(6),n.f,n.k,n.t,s.state,n.s,n.v,n.p ` +
    `FROM (${rows.join(' UNION ALL ')}) n ` +
    `LEFT JOIN wwdb_shards s ON s.family=n.f COLLATE utf8mb4_bin AND s.shard_key=n.k COLLATE utf8mb4_bin ` +
    `WHERE s.family IS NULL OR s.state<>n.s COLLATE utf8mb4_bin OR s.template_version<>n.v ` +
    `OR s.table_name<>n.t COLLATE utf8mb4_bin OR NOT (s.protected_reason<=>n.p COLLATE utf8mb4_bin) ` +
    // An event ends a protection that exists only in an event.
    `OR NOT (s.protected_reason<=>(${lastReason}) COLLATE utf8mb4_bin)`
  )
}
