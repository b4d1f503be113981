import type { Target } from '../../../core/target.ts'
import { ToolError } from '../../../core/tool-error.ts'
import { isLeftOpen, isLockLost } from '../../../migrations/mysql/vitess/errors.ts'
import { isBegun } from '../../family-view.ts'
import { nextHoldName, type ShardRecord } from '../../shard.ts'
import type { SpreadTable } from './at-shards.ts'
import type { KeyspaceChanges } from './changes.ts'
import { leftWhileChanging, notEnded } from './differing.ts'

interface BegunEnds {
  /** Why nothing may be done to tables of the keyspace now; null where it may. */
  readonly findChanging: () => Promise<string | null>
  /** As `finishBegun` does. */
  readonly finish: (record: ShardRecord) => Promise<void>
}

/**
 * Ends what earlier runs began with shards, and returns why something stays open, by the shard's own table. During a Reshard, all of it does: the tables of the shards that serve may show that a
 * rename is done, and those that take their place have copied the table as it was before. Once they serve, their tables show it.
 */
export async function endBegun(
  target: Target,
  records: readonly ShardRecord[],
  { findChanging, finish }: BegunEnds,
): Promise<ReadonlyMap<string, ToolError>> {
  const left = new Map<string, ToolError>()
  const begun = records.filter(isBegun)
  const changing = begun.length === 0 ? null : await findChanging()
  for (const record of begun) {
    if (changing !== null) {
      left.set(record.table, leftWhileChanging(target, record, changing))
      continue
    }
    try {
      await finish(record)
    } catch (error) {
      if (isLockLost(error) || !(error instanceof ToolError || isLeftOpen(error))) throw error
      left.set(record.table, error instanceof ToolError ? error : notEnded(target, record, error))
    }
  }
  return left
}

interface BegunParts {
  readonly changes: Pick<KeyspaceChanges, 'rename' | 'cancelDrop' | 'removeFromVschema'>
  readonly listTables: () => Promise<readonly SpreadTable[]>
  /** Writes the record, behind the fence of the lease. */
  readonly write: (record: ShardRecord) => Promise<void>
  /** The error of a table that these shards have lost to a DROP, and the others have not. @param by the migration that dropped it; null where it is not known */
  readonly halfDropped: (record: ShardRecord, table: string, gone: readonly string[], by: string | null) => Error
}

/**
 * Ends what an earlier run began with a shard on some shards of the keyspace and not on all: RENAME is atomic on each of them, and not between them. It ends no DROP, since every command comes
 * here: a drop that no shard has carried out is taken back, and for one that some have carried out it throws. What no shard has begun is left to the settlement of rotation, which looks at the
 * tables.
 */
export async function finishBegun(record: ShardRecord, parts: BegunParts): Promise<void> {
  const { state, table, hold } = record
  if (hold === null) return
  if (state === 'dropping') return takeBack(record, hold, parts)
  if (state !== 'holding' && state !== 'restoring') return
  const tables = await parts.listTables()
  const isSomewhere = (name: string): boolean => tables.some((one) => one.name === name)
  const isPartial = (name: string): boolean => tables.some((one) => one.name === name && one.lacking.length > 0)
  const [from, to] = state === 'holding' ? [table, hold.table] : [hold.table, table]
  if (isPartial(from) && isSomewhere(to)) await parts.changes.rename(from, to)
}

/**
 * Vitess may still have the DROP, or get it from a run that has lost its lease. So what is pending is canceled, and then the table gets another name on every shard: a DROP that comes later finds
 * nothing. Only with that name in the registry is the shard on hold again.
 */
async function takeBack(record: ShardRecord, hold: NonNullable<ShardRecord['hold']>, parts: BegunParts): Promise<void> {
  const by = await parts.changes.cancelDrop(hold.table, record.table)
  const next = nextHoldName(hold.table)
  const found = (await parts.listTables()).filter(({ name }) => name === hold.table || name === next)
  const [first, ...others] = found
  if (first === undefined) return parts.changes.removeFromVschema(record.table)
  const gone = first.lacking.filter((shard) => others.every(({ lacking }) => lacking.includes(shard)))
  if (gone.length > 0) throw parts.halfDropped(record, first.name, gone, by)
  await parts.changes.rename(hold.table, next)
  await parts.write({ ...record, hold: { ...hold, table: next } })
}
