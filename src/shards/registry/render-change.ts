import { quoteString } from '../../sql/quote-name.ts'
import type { RegistryChange } from '../ports.ts'
import type { ShardRecord } from '../shard.ts'
import {
  familyColumns,
  findingColumns,
  registryFormat,
  renderFamily,
  renderFinding,
  renderShard,
  shardColumns,
  toDateTime,
} from './registry-format.ts'
import { ownRegistry, type RegistryPlace } from './registry-place.ts'

/** Rows per statement: some 300 KB, far below any max_allowed_packet. */
const batch = 1000

/** The same where each row is a SELECT of its own. */
const unionBatch = 200

/** The statements of one change, without what fences them. */
export function renderChange(place: RegistryPlace, change: RegistryChange, runId: string | null): readonly string[] {
  return [
    ...renderShardEvents(place, change.shards, runId),
    ...renderBatches(place.families, familyColumns, change.families.map(renderFamily)),
    ...renderBatches(place.shards, shardColumns, change.shards.map(renderShard)),
    ...renderBatches(place.findings, findingColumns, change.findings.map(renderFinding)),
  ]
}

/**
 * A change that leaves every shard as it was (a run began or ended well) does not concern applications that cache the shard map.
 * @param one an expression that is 1, or fails where the lock is lost
 */
export function countChange(
  one: string,
  { shards, lastRunAt }: { readonly shards: readonly unknown[]; readonly lastRunAt: number | null },
  { families }: RegistryPlace = ownRegistry,
): string {
  const counted = `${one}*${shards.length === 0 ? 0 : 1}`
  const at = lastRunAt === null ? 'NULL' : quoteString(toDateTime(lastRunAt) ?? '')
  return (
    `INSERT INTO ${families}(family,version,template,checksum,generation,last_run_at) ` +
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
function renderShardEvents(
  place: RegistryPlace,
  shards: readonly ShardRecord[],
  runId: string | null,
): readonly string[] {
  const statements: string[] = []
  for (let at = 0; at < shards.length; at += unionBatch)
    statements.push(renderBatch(place, shards.slice(at, at + unionBatch), runId))
  return statements
}

/** The first row of a UNION names its columns. */
function columnAs(value: string, name: string, row: number): string {
  return row === 0 ? `${value} ${name}` : value
}

/** Why the shard was protected by its table's last event. */
const lastReason = ({ events }: RegistryPlace): string =>
  `SELECT e.protected_reason FROM ${events} e WHERE e.table_name=n.t COLLATE utf8mb4_bin ORDER BY e.id DESC LIMIT 1`

function renderBatch(place: RegistryPlace, shards: readonly ShardRecord[], runId: string | null): string {
  // No JSON_TABLE: MySQL 8.0.12 lets only accounts with SELECT on the whole server use it.
  const rows = shards.map(
    ({ family, key, table, state, templateVersion, protection }, at) =>
      `SELECT ${columnAs(quoteString(family), 'f', at)},${columnAs(quoteString(key), 'k', at)},${columnAs(quoteString(table), 't', at)},` +
      `${columnAs(quoteString(state), 's', at)},${columnAs(String(templateVersion), 'v', at)},` +
      columnAs(`CAST(${protection === null ? 'NULL' : quoteString(protection.reason)} AS CHAR)`, 'p', at),
  )
  return (
    `INSERT INTO ${place.events}(run_id,at,family,shard_key,table_name,from_state,to_state,template_version,protected_reason) ` +
    `SELECT ${runId === null ? 'NULL' : quoteString(runId)},UTC_TIMESTAMP(6),n.f,n.k,n.t,s.state,n.s,n.v,n.p ` +
    `FROM (${rows.join(' UNION ALL ')}) n ` +
    `LEFT JOIN ${place.shards} s ON s.family=n.f COLLATE utf8mb4_bin AND s.shard_key=n.k COLLATE utf8mb4_bin ` +
    `WHERE s.family IS NULL OR s.state<>n.s COLLATE utf8mb4_bin OR s.template_version<>n.v ` +
    `OR s.table_name<>n.t COLLATE utf8mb4_bin OR NOT (s.protected_reason<=>n.p COLLATE utf8mb4_bin) ` +
    // An event ends a protection that exists only in an event.
    `OR NOT (s.protected_reason<=>(${lastReason(place)}) COLLATE utf8mb4_bin)`
  )
}
