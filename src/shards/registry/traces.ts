import type { Asker, Row } from '../../mysql/connection.ts'
import { hasNumber, serverErrors } from '../../mysql/errors.ts'
import { protectionOf, type Registry, type ShardRecord, type ShardTrace } from '../shard.ts'
import { toInstant, toState } from './registry-format.ts'
import { ownRegistry, type RegistryPlace } from './registry-place.ts'

/**
 * The last event of each table that has no row in `wwdb_shards`, or a row without the event's protection. In an intact registry there are hardly any. Loose index scan on `idx_table`: one lookup per table. @param isProtected the column of `wwdb_shards` that says why a shard is protected; null where that table is lost
 */
export function selectTraces(isProtected: string | null, { shards, events }: RegistryPlace = ownRegistry): string {
  const known =
    isProtected === null
      ? 'FALSE'
      : `EXISTS (SELECT 1 FROM ${shards} s WHERE s.table_name=e.table_name AND (e.protected_reason IS NULL OR s.${isProtected} IS NOT NULL))`
  return (
    `SELECT e.family,e.shard_key,e.table_name,e.to_state,e.protected_reason,e.at FROM ${events} e ` +
    `JOIN (SELECT MAX(id) AS id FROM ${events} GROUP BY table_name) l ON l.id=e.id ` +
    `WHERE NOT ${known} AND (e.to_state<>'dropped' OR e.protected_reason IS NOT NULL) ORDER BY e.id`
  )
}

/** A row of `selectTraces`. */
export function toTrace([family, key, table, state, reason, at]: Row): ShardTrace {
  return {
    family: String(family),
    key: String(key),
    table: String(table),
    state: toState(state),
    protectedFor: reason === null || reason === undefined ? null : String(reason),
    at: toInstant(at) ?? 0,
  }
}

/** The last event of every table: all that is known about shards where the registry is lost. */
export async function readAllTraces(
  connection: Asker,
  place: RegistryPlace = ownRegistry,
): Promise<Registry['traces']> {
  try {
    return (await connection.ask(selectTraces(null, place))).rows.map(toTrace)
  } catch (error) {
    if (hasNumber(error, serverErrors.unknownTable)) return []
    throw error
  }
}

/** A shard whose row lost its protection keeps it: a later write of the row also writes the protection. */
export function withTraces(shards: readonly ShardRecord[], traces: Registry['traces']): readonly ShardRecord[] {
  if (traces.length === 0) return shards
  const protections = new Map(traces.map((trace) => [trace.table, protectionOf(trace)]))
  return shards.map((shard) => ({ ...shard, protection: shard.protection ?? protections.get(shard.table) ?? null }))
}
