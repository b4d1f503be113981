/** One row of `SHOW VITESS_MIGRATIONS`: a definition on one shard. */
export interface ShardMigration {
  readonly uuid: string
  readonly shard: string
  readonly status: string
  readonly message: string
  /** 0 to 100. */
  readonly progress: number
  /** Why the throttler holds it; empty where it does not. */
  readonly throttled: string
}

export type MigrationState =
  /** Vitess knows nothing of it: it was never submitted, or its rows are gone. */
  | { readonly type: 'absent' }
  | { readonly type: 'running'; readonly percent: number; readonly waiting: string | null }
  | { readonly type: 'complete' }
  /** It ended on all shards that have it, and not everywhere with success. */
  | { readonly type: 'ended'; readonly isCanceled: boolean; readonly why: string }

const pending: ReadonlySet<string> = new Set(['requested', 'queued', 'ready', 'running'])

/**
 * How a definition is on its keyspace: complete where each shard has completed it, whichever submission did. A shard that was down when it was submitted has no row, and is missing.
 * Of several submissions on a shard the best counts: Vitess runs a statement once in its context, and calls the others complete.
 * @param shards of the keyspace
 */
export function judgeMigrations(rows: readonly ShardMigration[], shards: readonly string[]): MigrationState {
  if (rows.length === 0) return { type: 'absent' }
  const waiting = rows.filter(({ status }) => pending.has(status))
  if (waiting.length > 0) return describeWaiting(rows, waiting)
  const lacking = shards.filter((shard) => !rows.some((row) => row.shard === shard && row.status === 'complete'))
  if (lacking.length === 0) return { type: 'complete' }
  const own = lacking.map((shard) => rows.findLast((row) => row.shard === shard))
  const isCanceled = own.some((row) => row?.status === 'cancelled')
  const why = lacking.map((shard, index) => describeEnd(shard, own[index]))
  return { type: 'ended', isCanceled, why: why.join('; ') }
}

function describeEnd(shard: string, row: ShardMigration | undefined): string {
  if (row === undefined) return `shard ${shard} has not been given it`
  const reason = row.message === '' ? '' : `: ${row.message}`
  return `shard ${shard} says \`${row.status}\`${reason}`
}

function describeWaiting(rows: readonly ShardMigration[], waiting: readonly ShardMigration[]): MigrationState {
  const sum = rows.reduce((total, row) => total + (row.status === 'complete' ? 100 : Math.max(0, row.progress)), 0)
  const held = waiting.find(({ throttled }) => throttled !== '')
  return {
    type: 'running',
    percent: Math.min(99, Math.floor(sum / rows.length)),
    waiting: held === undefined ? null : `the throttler holds shard ${held.shard}: ${held.throttled}`,
  }
}

/** The context of a statement: the same statement in it is run once by Vitess, also where it is submitted again. */
export const contextOf = (journal: string, at: { readonly pass: number; readonly statement: number }): string =>
  `wwdb:${journal}:${at.pass}:${at.statement}`
