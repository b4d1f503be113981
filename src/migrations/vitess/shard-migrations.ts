/** One row of `SHOW VITESS_MIGRATIONS`: a definition on one shard. */
export interface ShardMigration {
  readonly uuid: string
  /** The table that it changes: DROP TABLE of two is two migrations. */
  readonly table: string
  readonly shard: string
  readonly status: string
  readonly message: string
  /** Its message is an error of the MySQL server, which has therefore not carried it out: nobody lost sight of it. */
  readonly isRefused?: boolean
  /** 0 to 100. */
  readonly progress: number
  /** Why the throttler holds it; empty where it does not. */
  readonly throttled: string
  /** 0 to 1: how much of its time it is to rest, by `ALTER VITESS_MIGRATION ... THROTTLE`. */
  readonly throttleRatio: number
  /** It waits for `ALTER VITESS_MIGRATION ... COMPLETE` before its copy takes the place of the table. */
  readonly isPostponed: boolean
  /** Its copy could take the place of the table. */
  readonly isReady: boolean
  /** It has begun to write to a table. */
  readonly hasStarted?: boolean
  /** The tablet that has it, as Vitess names it. */
  readonly tablet?: string
  /** When it showed life last, by the shard's clock. */
  readonly seen?: string
  /** It takes back another one. */
  readonly reverts?: boolean
  /** All that changes while it is at work; undefined where it does not run. */
  readonly life?: string
  /** No copy is made for it: its server shows nothing of it before it has ended. */
  readonly isPlain?: boolean
}

export type MigrationState =
  /** Vitess knows nothing of it: it was never submitted, or its rows are gone. */
  | { readonly type: 'absent' }
  | { readonly type: 'running'; readonly percent: number; readonly waiting: string | null }
  /** A shard calls it running, and its copy has shown no life for so long that nobody waits for it. */
  | { readonly type: 'silent'; readonly why: string }
  /** On every shard, for so many tables. */
  | { readonly type: 'complete'; readonly tables: number }
  /**
   * It ended on all shards that have it, and not everywhere with success. `isCanceled`: nothing else kept it from success, as a run cancels the other shards where one has failed. `isPartial`: a
   * shard has completed a part of it. `isRefused`: each server that lacks it has said why.
   */
  | {
      readonly type: 'ended'
      readonly isCanceled: boolean
      readonly isPartial: boolean
      readonly isRefused?: true
      readonly why: string
    }

/** A state that nobody waits to change. */
export type EndedState = Exclude<MigrationState, { readonly type: 'running' }>

const pending: ReadonlySet<string> = new Set(['requested', 'queued', 'ready', 'running'])

/** Whether it has not ended on its shard. */
export const isPending = ({ status }: Pick<ShardMigration, 'status'>): boolean => pending.has(status)

/**
 * How a definition is on its keyspace: complete where each shard has completed each of its parts, whichever submission did. A shard that was down when it was submitted has no row, and is missing.
 * The parts are the migrations that a submission has made or, of a submission that is not known, the tables: of several submissions on a shard the best counts then, as Vitess runs a
 * statement once in its context and calls the others complete.
 * @param rows of a context, which is that of one text
 * @param shards of the keyspace
 * @param submitted what the submission returned; null where it is not known
 */
export function judgeMigrations(
  rows: readonly ShardMigration[],
  shards: readonly string[],
  submitted: readonly string[] | null = null,
): MigrationState {
  const waiting = rows.filter(isPending)
  if (waiting.length > 0) return describeWaiting(rows, waiting)
  const partOf = (row: ShardMigration): string => (submitted === null ? row.table : row.uuid)
  const parts = submitted ?? [...new Set(rows.map(partOf))]
  if (parts.length === 0 || rows.length === 0) return { type: 'absent' }
  const ends = parts.flatMap((part) => {
    const own = rows.filter((row) => partOf(row) === part)
    return shards.map((shard) => endOn(shard, own))
  })
  const lacking = ends.filter(({ isComplete }) => !isComplete)
  if (lacking.length === 0) return { type: 'complete', tables: parts.length }
  const done = [...new Set(rows.filter(({ status }) => status === 'complete').map(({ shard }) => shard))]
  const isPartial = done.length > 0
  const completed = done.map((shard) => `shard ${shard} has completed ${parts.length > 1 ? 'a part of it' : 'it'}`)
  return {
    type: 'ended',
    isCanceled: lacking.every(({ row }) => row?.status === 'cancelled'),
    isPartial,
    ...(lacking.every(({ row }) => row?.status === 'failed' && row.isRefused === true) && { isRefused: true }),
    why: [...new Set([...lacking.map(({ why }) => why), ...completed])].join('; '),
  }
}

function endOn(shard: string, rows: readonly ShardMigration[]) {
  const own = rows.filter((row) => row.shard === shard)
  const row = own.at(-1)
  return { isComplete: own.some(({ status }) => status === 'complete'), row, why: describeEnd(shard, row) }
}

function describeEnd(shard: string, row: ShardMigration | undefined): string {
  if (row === undefined) return `shard ${shard} has not been given it`
  const reason = row.message === '' ? '' : `: ${row.message}`
  return `shard ${shard} says \`${row.status}\`${reason}`
}

function describeWaiting(rows: readonly ShardMigration[], waiting: readonly ShardMigration[]): MigrationState {
  const sum = rows.reduce((total, row) => total + (row.status === 'complete' ? 100 : Math.max(0, row.progress)), 0)
  return { type: 'running', percent: Math.min(99, Math.floor(sum / rows.length)), waiting: whyWaiting(waiting) }
}

/** Milliseconds after which what the throttler said last is over: it says it again every few seconds. */
const longestThrottle = 60_000

/**
 * Why the throttler holds it; empty where it does not. Vitess never removes the reason.
 * @param last when it held it last, and when its copy was seen at work last, both by the shard's clock
 */
export function throttledNow(reason: string, last: string, seen: string): string {
  const since = Date.parse(`${seen.replace(' ', 'T')}Z`) - Date.parse(`${last.replace(' ', 'T')}Z`)
  return Math.abs(since) <= longestThrottle ? reason : ''
}

/** Who is before what waits in line, where nothing else holds that: Vitess may run one after another. */
export function describeBefore(rows: readonly ShardMigration[], others: readonly ShardMigration[]): string | null {
  const pendingRows = rows.filter(isPending)
  const other = others.find(({ shard }) => pendingRows.some((row) => row.shard === shard && row.status !== 'running'))
  if (other === undefined) return null
  const waits = other.isPostponed && other.isReady ? ', which waits for its `COMPLETE` or `CANCEL`' : ''
  return `migration ${other.uuid} of \`${other.table}\` runs on shard ${other.shard}${waits}`
}

/** What holds a definition, as the shards say; null where nothing does. */
function whyWaiting(waiting: readonly ShardMigration[]): string | null {
  // A copy that is ready says why it does not take the place of the table.
  const held = waiting.find(({ throttled, isReady, message }) => throttled !== '' && !(isReady && message !== ''))
  if (held !== undefined) return `the throttler holds shard ${held.shard}: ${held.throttled}`
  const slowed = waiting.find(({ throttleRatio }) => throttleRatio > 0)
  if (slowed !== undefined)
    return `\`ALTER VITESS_MIGRATION ... THROTTLE\` holds shard ${slowed.shard} for ${Math.round(slowed.throttleRatio * 100)} % of the time`
  const said = waiting.find(({ message }) => message !== '')
  if (said !== undefined) return `shard ${said.shard} says: ${said.message}`
  const ready = waiting.filter(({ isPostponed, isReady }) => isPostponed && isReady)
  return ready.length > 0 && ready.length < waiting.length
    ? `it is ready on ${ready.length} of ${waiting.length} shards, and waits for the others`
    : null
}

interface ContextRow {
  readonly pass: number
  readonly statement: number
  /** Of its text: another text never finds what this one has completed. */
  readonly hash: string
}

/** The context of a statement: the same statement in it is run once by Vitess, also where it is submitted again. */
export const contextOf = (journal: string, { pass, statement, hash }: ContextRow): string =>
  `wwdb:${journal}:${pass}:${statement}:${hash.slice(0, 32)}`

/** The statement of a journal that a context is of; null for what another journal, or another program, has given to Vitess. */
export function statementOf(context: string, journal: string): ContextRow | null {
  const [, own, pass, statement, hash = ''] = /^wwdb:([^:]+):(\d+):(\d+):(\w+)$/.exec(context) ?? []
  return own === journal ? { pass: Number(pass), statement: Number(statement), hash } : null
}

/** Whether a statement is the one that a context is of, which has the beginning of its digest. */
export const isOfContext = (hash: string, { hash: begins }: Pick<ContextRow, 'hash'>): boolean =>
  begins !== '' && hash.startsWith(begins)
