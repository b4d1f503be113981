import { ToolError } from '../../core/tool-error.ts'
import { isGone } from '../family-view.ts'
import { loadName } from '../hold-name.ts'
import { revive } from '../settle-intents.ts'
import type { ShardArchive, ShardRecord } from '../shard.ts'
import type { StepEnd, StepWork } from './take-step.ts'

/**
 * Brings a shard back under its own name: from its hold name by a RENAME, or from its archive, which is loaded under a name
 * that nobody uses, counted, and then renamed. Either way the table appears whole or not at all.
 */
export async function restoreShard(at: StepWork, record: ShardRecord): Promise<StepEnd> {
  if (record.hold !== null && !isGone(record)) return restoreFromHold(at, record, record.hold.table)
  if (record.archive !== null) return restoreFromArchive(at, record, record.archive)
  throw new ToolError('SHARD_GONE', {
    what: `${record.table} cannot be brought back: it was dropped, and it had no archive.`,
    why: 'Its family is not archived (`-- wwdb:archive none`).',
    next: 'A backup of the server may have its rows.',
  })
}

async function restoreFromHold({ target }: StepWork, record: ShardRecord, held: string): Promise<StepEnd> {
  await target.write([{ ...record, state: 'restoring' }])
  try {
    await target.rename(held, record.table)
  } catch (error) {
    if (error instanceof ToolError && error.code === 'SHARD_BLOCKED') await target.write([record])
    throw error
  }
  await target.write([revive(record)])
  return { type: 'done', rows: record.seal?.rows ?? null }
}

async function restoreFromArchive(
  { request, target }: StepWork,
  record: ShardRecord,
  archived: ShardArchive,
): Promise<StepEnd> {
  const { now } = target.clocks
  const table = loadName(record, now)
  const archive = await request.archive()
  // A table of that name can only be what an earlier attempt left: the name says of what.
  if (target.tables.has(table)) await target.drop(table)
  await target.write([{ ...record, state: 'restoring', hold: { table, at: now, until: now } }])
  const into = { database: target.database, timeouts: request.config.timeouts, table }
  await archive.restore(archived.address, into, () => {})
  target.tables.set(table, 'table')
  const count = await target.store.measure(table)
  if (count.rows !== archived.rows || count.checksum !== archived.checksum) throw notEqual(record, archived, count.rows)
  await target.rename(table, record.table)
  await target.write([revive(record)])
  return { type: 'done', rows: count.rows }
}

function notEqual({ table }: ShardRecord, archived: ShardArchive, rows: number): ToolError {
  return new ToolError('ARCHIVE_BROKEN', {
    what: `The archive of ${table} does not give its rows back.`,
    why: `${archived.rows} rows were archived, and ${rows} came back, or others than those. ${table} was not made.`,
    next: `Check the file of ${archived.address} against a backup of it.`,
  })
}
