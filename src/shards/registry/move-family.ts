import { fence, type HeldLock } from '../../migrations/mysql/journal-tables.ts'
import type { Connection } from '../../mysql/connection.ts'
import { hasNumber, serverErrors } from '../../mysql/errors.ts'
import { quoteString } from '../../sql/quote-name.ts'
import type { FamilyMove } from '../family-move.ts'
import { renderShard, shardColumns } from './registry-format.ts'
import { countChange } from './render-change.ts'
import { selectTraces } from './traces.ts'

/** Tables that name a family and may be missing from a registry. */
const others = ['wwdb_shard_findings', 'wwdb_shard_changes'] as const

/**
 * Moves all that is recorded of a family to another name, in one transaction: its shards, its template's version, open findings and the changes that fan-outs carried. Events under the old name stay, and each shard
 * gets one that names its new family: so a protection that exists only in an event also applies to the new family. Fenced like every write.
 */
export async function moveFamily(
  connection: Connection,
  lock: HeldLock,
  move: FamilyMove,
  runId: string | null,
): Promise<void> {
  const present = await findPresent(connection)
  const packet = [
    'START TRANSACTION',
    countChange(fence(lock), { shards: [null], lastRunAt: null }),
    ...render(move, runId, present),
  ]
  try {
    await connection.askAll([...packet, `SELECT ${fence(lock)}`, 'COMMIT'].join(';'))
  } catch (error) {
    await connection.ask('ROLLBACK').catch(() => undefined)
    throw error
  }
}

async function findPresent(connection: Connection): Promise<readonly string[]> {
  const present: string[] = []
  for (const table of others) {
    try {
      await connection.ask(`SELECT family FROM ${table} LIMIT 0`)
      present.push(table)
    } catch (error) {
      if (!hasNumber(error, serverErrors.unknownTable)) throw error
    }
  }
  return present
}

function render(
  { from, to, merged, isKnown }: FamilyMove,
  runId: string | null,
  present: readonly string[],
): readonly string[] {
  const [old, now] = [quoteString(from), quoteString(to)]
  const run = runId === null ? 'NULL' : quoteString(runId)
  const columns = 'run_id,at,family,shard_key,table_name,from_state,to_state,template_version,protected_reason'
  const keys = merged.map(({ key }) => quoteString(key)).join(',')
  const traced = `SELECT t.* FROM (${selectTraces('protected_reason')}) t WHERE t.family=${old}`
  return [
    `INSERT INTO wwdb_shard_events(${columns}) SELECT ${run},UTC_TIMESTAMP(6),${now},shard_key,table_name,to_state,to_state,0,protected_reason FROM (${traced}) m`,
    `INSERT INTO wwdb_shard_events(${columns}) SELECT ${run},UTC_TIMESTAMP(6),${now},shard_key,table_name,state,state,template_version,` +
      `COALESCE(protected_reason,(SELECT e.protected_reason FROM wwdb_shard_events e WHERE e.table_name=s.table_name ORDER BY e.id DESC LIMIT 1)) ` +
      `FROM wwdb_shards s WHERE family=${old}`,
    ...(merged.length === 0 ? [] : [`DELETE FROM wwdb_shards WHERE family=${old} AND shard_key IN (${keys})`]),
    `UPDATE wwdb_shards SET family=${now} WHERE family=${old}`,
    ...(merged.length === 0
      ? []
      : [`REPLACE INTO wwdb_shards(${shardColumns}) VALUES ${merged.map(renderShard).join(',')}`]),
    // The shards have a version of the name that they had.
    ...(isKnown ? [`DELETE FROM wwdb_shard_families WHERE family=${now}`] : []),
    `UPDATE wwdb_shard_families SET family=${now} WHERE family=${old}`,
    ...present.map((table) => `UPDATE ${table} SET family=${now} WHERE family=${old}`),
  ]
}
