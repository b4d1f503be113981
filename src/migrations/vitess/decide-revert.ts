import { isPending, type ShardMigration } from './shard-migrations.ts'

/** What is to be done about the REVERTs of one migration of Vitess. */
export type RevertTurn =
  | { readonly type: 'wait' }
  /** Each shard has carried the rows since to the copy: it may now take the place of the table. */
  | { readonly type: 'complete'; readonly uuid: string }
  /** A shard will never do it: the others stay as they are. */
  | { readonly type: 'cancel'; readonly uuid: string }
  /** These shards were away when it was given, or have refused it behind another one of the same. */
  | { readonly type: 'resend'; readonly shards: readonly string[] }

/**
 * Leads what takes back one migration on all shards. The REVERTs of several submissions are one work here: a shard that was away gets its own later, as canceling the others would spend
 * their copies, with which no other REVERT can begin. Pure.
 * @param all rows of Vitess that take back the same migration
 */
export function decideRevert(all: readonly ShardMigration[], shards: readonly string[]): RevertTurn {
  const isLive = ({ uuid }: ShardMigration): boolean => all.some((row) => row.uuid === uuid && isAlive(row))
  // What ended everywhere before it began is of an earlier attempt, and changed nothing.
  const rows = all.filter((row) => row.hasStarted === true || isLive(row))
  if (!rows.some(isAlive)) return { type: 'wait' }
  const pending = rows.filter(isPending)
  const ends = shards.map((shard) => [shard, endOn(rows.filter((row) => row.shard === shard))] as const)
  if (ends.some(([, end]) => end === 'ended')) {
    const postponed = pending.find((row) => row.isPostponed)
    return postponed === undefined ? { type: 'wait' } : { type: 'cancel', uuid: postponed.uuid }
  }
  const missing = ends.flatMap(([shard, end]) => (end === 'missing' ? [shard] : []))
  if (missing.length > 0) return { type: 'resend', shards: missing }
  const ready = pending.filter((row) => row.isPostponed && row.isReady)
  const isReady = ends.every(
    ([shard, end]) =>
      end === 'complete' || pending.some((row) => row.shard === shard && (row.isReady || !row.isPostponed)),
  )
  const [first] = ready
  return first === undefined || !isReady ? { type: 'wait' } : { type: 'complete', uuid: first.uuid }
}

const isAlive = (row: ShardMigration): boolean => isPending(row) || row.status === 'complete'

/** `ended`: it has begun there and not come to its end, or somebody has canceled it. */
function endOn(rows: readonly ShardMigration[]): 'complete' | 'pending' | 'ended' | 'missing' {
  if (rows.some(({ status }) => status === 'complete')) return 'complete'
  if (rows.some(isPending)) return 'pending'
  return rows.some(({ status, hasStarted }) => status === 'cancelled' || hasStarted === true) ? 'ended' : 'missing'
}
