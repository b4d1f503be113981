import type { Target } from '../../core/target.ts'
import { missingSteps, refuseNewerFormat } from '../../migrations/journal/journal-format.ts'
import type { HeldLock } from '../../migrations/mysql/journal-tables.ts'
import { fence } from '../../migrations/mysql/journal-tables.ts'
import type { Connection, Row } from '../../mysql/connection.ts'
import { hasNumber, serverErrors } from '../../mysql/errors.ts'
import type { RegistryChange } from '../ports.ts'
import type { Registry } from '../shard.ts'
import {
  familyColumns,
  findingColumns,
  registryFormat,
  registryName,
  registryTables,
  shardColumns,
  shardColumnsOf,
  shardEventsTable,
  toFamily,
  toFinding,
  toInstant,
  toShard,
} from './registry-format.ts'
import { ownRegistry, type RegistryPlace } from './registry-place.ts'
import { countChange, renderChange } from './render-change.ts'
import { readAllTraces, selectTraces, toTrace, withTraces } from './traces.ts'

export const noRegistry: Registry = {
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

/** What is read of families, shards and open findings, in this order. */
export const selectRegistry = (place: RegistryPlace, columns = shardColumns) =>
  [
    `SELECT ${familyColumns},generation,last_run_at FROM ${place.families} ORDER BY family`,
    `SELECT ${columns} FROM ${place.shards} ORDER BY family,from_at,LENGTH(shard_key),shard_key`,
    `SELECT ${findingColumns} FROM ${place.findings} WHERE closed_at IS NULL ORDER BY found_at,family`,
  ] as const

type Rows = readonly Row[]

/** Throws ToolError `REGISTRY_NEWER`. */
export function toRegistry(
  read: { readonly families: Rows; readonly shards: Rows; readonly found: Rows; readonly last: Rows },
  target: Target,
): Registry {
  const own = read.families.find((row) => row[0] === '')
  refuseNewerRegistry(own, target)
  const traced = read.last.map(toTrace)
  return {
    exists: true,
    generation: Number(own?.[5] ?? 0),
    families: read.families.filter((row) => row[0] !== '').map(toFamily),
    shards: withTraces(read.shards.map(toShard), traced),
    findings: read.found.map(toFinding),
    traces: traced,
    lastRunAt: toInstant(own?.[6]),
  }
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
    if (!present.includes(read)) return { ...noRegistry, traces: await readAllTraces(connection) }
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
  const [families, shards, findings] = selectRegistry(ownRegistry, columns)
  const traces = selectTraces(columns === shardColumns ? 'protected_reason' : 'legal_reason')
  const questions = [
    families,
    shards,
    present.includes('wwdb_shard_findings') ? findings : 'DO 0',
    present.includes('wwdb_shard_events') ? traces : 'DO 0',
  ]
  try {
    const packet = ['START TRANSACTION WITH CONSISTENT SNAPSHOT, READ ONLY', ...questions, 'COMMIT'].join(';')
    const [families = [], shards = [], found = [], last = []] = (await connection.askAll(packet))
      .slice(1)
      .map(({ rows }) => rows)
    return toRegistry({ families, shards, found, last }, target)
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
  const writes = renderChange(ownRegistry, change, runId)
  const opening = ['START TRANSACTION', countChange(fence(lock), change)].join(';')
  if (writes.length <= 4) return [[opening, ...writes, 'COMMIT'].join(';')]
  return [opening, ...writes, `SELECT ${fence(lock)};COMMIT`]
}
