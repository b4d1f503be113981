import { setTimeout as pause } from 'node:timers/promises'
import { ToolError } from '../../../core/tool-error.ts'
import type { Asker } from '../../../mysql/connection.ts'
import { hasNumber, isConnectionLost, isServerError, serverErrors } from '../../../mysql/errors.ts'
import { shardOf } from '../../../mysql/no-primary.ts'
import { plainMessage } from '../../../mysql/vtgate.ts'
import { quoteString } from '../../../sql/quote-name.ts'
import { decideCutOver } from '../../vitess/decide-cut-over.ts'
import type { Sought } from '../../vitess/revert-statement.ts'
import {
  describeBefore,
  type EndedState,
  isPending,
  judgeMigrations,
  type MigrationState,
  type ShardMigration,
} from '../../vitess/shard-migrations.ts'
import { SilentCopies } from '../../vitess/silent-copies.ts'
import { readMigrations, readOthers } from './keyspace.ts'
import { type RestartPlace, Restarts } from './restarts.ts'

/** Asks on a connection, and again on a new one where that was lost. */
export type Ask = <T>(question: (connection: Asker) => Promise<T>) => Promise<T>

/** What is done while Vitess does not answer. */
export interface Patience {
  /** Throws where it is not to be asked any more. */
  readonly sure: () => void
  /** Is told why it does not answer, each time. */
  readonly away: (why: string) => void
  /** When the first of several waits began that end together, by a clock that never goes back. */
  readonly since?: number
}

/** What was done about REVERTs. */
export interface Turned {
  /** More is given to a shard, also where nothing is pending. */
  readonly goesOn: boolean
  /** Why they were canceled, or a shard did not get one; null where that is not so. */
  readonly why: string | null
}

export interface Followed extends Patience, RestartPlace {
  readonly sought: Sought
  readonly shards: readonly string[]
  /** The migrations that a submission has made; null for whichever submission. */
  readonly submitted: readonly string[] | null
  /** Those of earlier submissions, which do not count. */
  readonly ignored?: ReadonlySet<string>
  /** Leads REVERTs, in place of the cut-over of one submission. */
  readonly turns?: { readonly take: (rows: readonly ShardMigration[]) => Promise<Turned> } | null
  /** Is told how far it is each time that it was asked. */
  readonly progressed: (state: MigrationState) => void
}

const firstLook = 200
const looks = 1000

/** Milliseconds that a part of Vitess may be away: longer than a planned reparent or a restart of a server takes. */
const longestOutage = 5 * 60_000

const denials = [serverErrors.accessDenied, serverErrors.databaseAccessDenied, serverErrors.syntax, 1142, 1227]

/** Whether Vitess may answer later. It says of a shard without a primary no more than that of its other errors, so only what never passes is left out. */
export function isPassing(error: unknown): boolean {
  if (error instanceof ToolError) return error.code === 'UNREACHABLE'
  return isConnectionLost(error) || (isServerError(error) && !hasNumber(error, ...denials))
}

/** Whether what was to be submitted may still reach a shard: the answer is missing, and not a refusal. */
export const mayComeLater = (error: unknown): boolean =>
  isConnectionLost(error) ||
  (error instanceof Error && /\bcode = (?:Unavailable|DeadlineExceeded|Canceled)\b/i.test(error.message))

/** vtgate names the tablet that it could not ask: `target: message_db.-80.primary: ...`. */
function describeAway(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error)
  const shard = shardOf(message)
  return `${shard === null ? 'Vitess' : `shard ${shard}`} does not answer, and is asked again: ${plainMessage(message)}`
}

/** Does its work again and again while a part of Vitess is away. Throws its error where that takes minutes, and what does not pass. */
export async function persist<T>(
  { sure, away, since = performance.now() }: Patience,
  work: () => Promise<T>,
  passes: (error: unknown) => boolean = isPassing,
): Promise<T> {
  for (let wait = firstLook; ; wait = Math.min(looks, wait * 1.5)) {
    sure()
    try {
      return await work()
    } catch (error) {
      if (!passes(error) || performance.now() - since >= longestOutage) throw error
      away(describeAway(error))
      await pause(wait)
    }
  }
}

/** Waits until no shard has anything of a context pending; what waits for its cut-over gets it once it is ready on every shard. */
export async function followMigrations(ask: Ask, followed: Followed): Promise<EndedState> {
  const [silent, restarts] = [new SilentCopies(), new Restarts(followed)]
  for (let wait = firstLook; ; wait = Math.min(looks, wait * 1.5)) {
    const state = await persist(followed, () => look(ask, followed, silent, restarts))
    if (state.type !== 'running') return state
    await pause(wait)
  }
}

/** Names what it waits behind, where no shard says why it waits. */
async function withOthers(
  ask: Ask,
  { keyspace, sought }: Followed,
  rows: readonly ShardMigration[],
  state: MigrationState,
): Promise<MigrationState> {
  const isInLine = rows.some((row) => isPending(row) && row.status !== 'running')
  if (state.type !== 'running' || state.waiting !== null || !isInLine) return state
  return { ...state, waiting: describeBefore(rows, await ask((one) => readOthers(one, keyspace, sought))) }
}

async function look(ask: Ask, followed: Followed, silent: SilentCopies, restarts: Restarts): Promise<MigrationState> {
  const { keyspace, sought, shards, submitted, ignored, progressed, turns = null } = followed
  const found = await ask((one) => readMigrations(one, keyspace, sought))
  const rows = ignored === undefined ? found : found.filter(({ uuid }) => !ignored.has(uuid))
  const judged = silent.judge(rows, judgeMigrations(rows, shards, submitted), performance.now())
  const state = await restarts.judge(rows, judged, performance.now())
  progressed(await withOthers(ask, followed, rows, state))
  if (turns !== null) return afterTurn(state, await turns.take(rows))
  const cutOver = decideCutOver(rows, shards)
  // Where one shard fails to take it, it waits there, and gets it again.
  if (cutOver.type !== 'wait')
    await ask((one) => one.ask(`ALTER VITESS_MIGRATION ${quoteString(cutOver.uuid)} ${cutOver.type.toUpperCase()}`))
  return state
}

function afterTurn(state: MigrationState, { goesOn, why }: Turned): MigrationState {
  if (state.type === 'silent') return state
  if (state.type === 'running' || why === null)
    return goesOn && state.type !== 'running' ? { type: 'running', percent: 0, waiting: null } : state
  return state.type === 'ended' ? { ...state, why: `${why}; ${state.why}` } : state
}
