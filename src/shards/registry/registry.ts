import type { Target } from '../../core/target.ts'
import { type Formatted, refuseNewerFormat } from '../../migrations/journal/journal-format.ts'
import type { HeldLock } from '../../migrations/mysql/journal-tables.ts'
import { fence } from '../../migrations/mysql/journal-tables.ts'
import type { Connection, Row } from '../../mysql/connection.ts'
import { hasNumber, serverErrors } from '../../mysql/errors.ts'
import { quoteString } from '../../sql/quote-name.ts'
import type { RegistryChange } from '../ports.ts'
import type { Registry } from '../shard.ts'
import {
  familyColumns,
  findingColumns,
  renderFamily,
  renderFinding,
  renderShard,
  shardColumns,
  toDateTime,
  toFamily,
  toFinding,
  toInstant,
  toShard,
} from './registry-columns.ts'
import { registryTables } from './registry-format.ts'

/** Rows in one statement: some 300 KB, far below any max_allowed_packet. */
const batch = 1000

const none: Registry = { exists: false, generation: 0, families: [], shards: [], findings: [], lastRunAt: null }

/** The format of the registry's tables; its number is the `version` of the registry's own row, where 0 is 1, too. */
const registryFormat = { number: 1 }
const formatted: Formatted = {
  code: 'REGISTRY_NEWER',
  name: 'The registry of shards',
  danger: 'this one could misread which shards there are',
}

function refuseNewerRegistry(own: Row | undefined, target: Target): void {
  const value = String(Math.max(1, Number(own?.[1] ?? 1)))
  refuseNewerFormat({ value, toolVersion: '' }, target, registryFormat, formatted)
}

/** Its tables as of one instant. Error 1146 says that one is not there yet. Throws ToolError `REGISTRY_NEWER`. */
export async function readRegistry(connection: Connection, target: Target): Promise<Registry> {
  try {
    // An earlier wwdb made the registry without the table of findings, and who only reads cannot make it.
    return (await tryRegistry(connection, target, true)) ?? (await tryRegistry(connection, target, false)) ?? none
  } catch (error) {
    // A newer one may have other columns.
    if (hasNumber(error, serverErrors.unknownColumn)) {
      const { rows } = await connection.ask(`SELECT family,version FROM wwdb_shard_families WHERE family=''`)
      refuseNewerRegistry(rows[0], target)
    }
    throw error
  }
}

async function tryRegistry(connection: Connection, target: Target, withFindings: boolean): Promise<Registry | null> {
  const findings = `SELECT ${findingColumns} FROM wwdb_shard_findings WHERE closed_at IS NULL ORDER BY found_at,family`
  try {
    const answers = await connection.askAll(
      [
        'START TRANSACTION WITH CONSISTENT SNAPSHOT, READ ONLY',
        `SELECT ${familyColumns},generation,last_run_at FROM wwdb_shard_families ORDER BY family`,
        `SELECT ${shardColumns} FROM wwdb_shards ORDER BY family,from_at,LENGTH(shard_key),shard_key`,
        ...(withFindings ? [findings] : []),
        'COMMIT',
      ].join(';'),
    )
    const families = answers[1]?.rows ?? []
    const own = families.find((row) => row[0] === '')
    refuseNewerRegistry(own, target)
    return {
      exists: true,
      generation: Number(own?.[5] ?? 0),
      families: families.filter((row) => row[0] !== '').map(toFamily),
      shards: (answers[2]?.rows ?? []).map(toShard),
      findings: withFindings ? (answers[3]?.rows ?? []).map(toFinding) : [],
      lastRunAt: toInstant(own?.[6]),
    }
  } catch (error) {
    if (!hasNumber(error, serverErrors.unknownTable)) throw error
    await connection.ask('ROLLBACK')
    return null
  }
}

export async function createRegistry(connection: Connection, lock: HeldLock): Promise<void> {
  await connection.askAll([`SELECT ${fence(lock)}`, ...registryTables].join(';'))
}

/**
 * One transaction. It begins with the registry's own row: that is where the fence stands, and its row lock makes whoever
 * writes after us wait for our end.
 */
export async function writeRegistry(connection: Connection, lock: HeldLock, change: RegistryChange): Promise<void> {
  const packets = renderPackets(lock, change)
  try {
    for (const packet of packets) await connection.askAll(packet)
  } catch (error) {
    await connection.ask('ROLLBACK').catch(() => undefined)
    throw error
  }
}

/** What fits one packet goes in one, so that a small change costs one round trip. */
function renderPackets(lock: HeldLock, change: RegistryChange): readonly string[] {
  const writes = [
    ...renderBatches('wwdb_shard_families', familyColumns, change.families.map(renderFamily)),
    ...renderBatches('wwdb_shards', shardColumns, change.shards.map(renderShard)),
    ...renderBatches('wwdb_shard_findings', findingColumns, change.findings.map(renderFinding)),
  ]
  const opening = ['START TRANSACTION', countChange(lock, change)].join(';')
  if (writes.length <= 3) return [[opening, ...writes, 'COMMIT'].join(';')]
  return [opening, ...writes, `SELECT ${fence(lock)};COMMIT`]
}

/** What leaves every shard as it was (that a run began, that it ended well) is no news to who caches the catalogue. */
function countChange(lock: HeldLock, { shards, lastRunAt }: RegistryChange): string {
  const counted = `${fence(lock)}*${shards.length === 0 ? 0 : 1}`
  const at = lastRunAt === null ? 'NULL' : quoteString(toDateTime(lastRunAt) ?? '')
  return (
    `INSERT INTO wwdb_shard_families(family,version,template,checksum,generation,last_run_at) ` +
    `VALUES ('',0,'','',${counted},${at}) ON DUPLICATE KEY UPDATE ` +
    `generation=generation+${counted},last_run_at=COALESCE(${at},last_run_at)`
  )
}

/** REPLACE: a row of the same key is written over as a whole. */
function renderBatches(table: string, columns: string, rows: readonly string[]): readonly string[] {
  const batches: string[] = []
  for (let at = 0; at < rows.length; at += batch)
    batches.push(`REPLACE INTO ${table}(${columns}) VALUES ${rows.slice(at, at + batch).join(',')}`)
  return batches
}
