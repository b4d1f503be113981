import type { Holder } from '../../core/holder.ts'
import { awaitTables, GuardBudget, type GuardRequest } from '../../operate/guard.ts'
import type { ObjectName } from '../../sql/statement.ts'
import { resolveObjects, type Schemas } from '../plan/placeholders.ts'
import type { ReadWatch } from '../ports.ts'
import type { FailedAttempt, GuardedAttempts, StatementFailure } from './attempt.ts'
import type { StepRows } from './plain-way.ts'
import { isHeavy, type ReadyStatement } from './ready-statement.ts'
import type { StepReports } from './reports.ts'
import type { StatementReports } from './running-statements.ts'
import type { SessionTrack } from './session-track.ts'
import type { StatementToOpen } from './step-rows.ts'
import type { ExecutionRequest } from './work.ts'

interface Parts {
  readonly request: ExecutionRequest
  readonly rows: StepRows
  readonly reports: StepReports
}

interface HeldAttempt extends FailedAttempt {
  readonly failure: Extract<StatementFailure, { readonly type: 'held' }>
}

/** How the wait for the tables of a definition ended. */
export interface Cleared {
  /** The event after the statement, where it was reported as begun because it had to wait. */
  readonly followed: StatementReports | null
  /** The failure where the tables are still held. */
  readonly held: HeldAttempt | null
  /** How it is sent; null where nothing guards it. */
  readonly guarded: GuardedAttempts | null
  /** Begins to see how long others wait for its tables; null where it has none. */
  readonly watch: (() => ReadWatch) | null
}

export const unguarded: Cleared = { followed: null, held: null, guarded: null, watch: null }

const neverLooked = 'The statement is sent without a look for transactions that hold its tables'
const lookedBefore = 'The transactions that hold its tables could not be read again, so the statement goes on waiting'

/** The attempt from which on the wait does not grow. */
const longAttempt = 3

interface Attempts {
  readonly budget: GuardBudget
  readonly look: () => Promise<readonly Holder[]>
  readonly track: SessionTrack
  /** True where giving up at its end would throw away a copy or a rebuild of the table. */
  readonly isLong: boolean
  readonly relieve: Pick<GuardRequest, 'relieve'>
}

/** An attempt that gave up its place in the queue is repeated after a pause, and only while no old transaction holds the tables. */
function attemptsOf({ budget, look, track, isLong, relieve }: Attempts): GuardedAttempts | null {
  // A migration that sets it itself is to wait as long as it says.
  if (track.leftovers()?.sessionVariables.includes('lock_wait_timeout') === true) return null
  return {
    // It needs the table alone at its end again: one second there would be too short on a busy table.
    lockWait: (attempt) => budget.lockWait(isLong ? longAttempt : attempt),
    again: async (blocked) => {
      budget.gaveUp()
      if (budget.isUsedUp) return false
      await budget.pause()
      const { holders } = await awaitTables({ look, budget, held: async (by) => blocked(by), ...relieve })
      return holders.length === 0 && !budget.isUsedUp && !budget.isStopped
    },
  }
}

/** Known where the server was asked (not with `--no-probe`, and not on shards). The copy of an online change is swapped by a short RENAME. */
function isLong({ step }: StatementToOpen['run'], { source }: ReadyStatement): boolean {
  const algorithm = step.algorithms.get(source.index)
  return algorithm !== undefined && algorithm !== 'INSTANT' && source.online === undefined
}

function heldFailure(blockers: readonly Holder[], attempts: number): HeldAttempt {
  const why = 'Old transactions or locks of others hold its tables'
  return { type: 'failed', failure: { type: 'held', why }, blockers, attempts, timedOut: false, cause: null }
}

/** The tables that a possibly long definition waits for: a foreign key also locks the table that it references. */
function tablesOf(ready: ReadyStatement, schemas: Schemas): readonly ObjectName[] {
  if (ready.class !== 'definition' || !isHeavy(ready.source)) return []
  return [...ready.objects, ...resolveObjects(ready.source.references, schemas)]
}

/**
 * Keeps definitions out of the lock queue behind old transactions. It is asked before the row of a statement is opened: a run that is killed while it waits leaves
 * nothing to settle, and the row's fingerprint includes what others change meanwhile.
 */
export class TableGuard {
  readonly #parts: Parts
  readonly #said = new Set<string>()

  constructor(parts: Parts) {
    this.#parts = parts
  }

  /** Waits for transactions that hold the tables. What cannot be looked at is no failure, unless somebody was seen before. */
  async clear({ run, ready }: StatementToOpen, track: SessionTrack): Promise<Cleared> {
    const { request, rows, reports } = this.#parts
    const { stop, guard, schemas } = request
    const transaction = guard?.transaction ?? null
    const tables = tablesOf(ready, schemas)
    if (tables.length === 0) return unguarded
    const watch = (): ReadWatch => request.session.watchReads(tables)
    if (guard === undefined || transaction === null) return { ...unguarded, watch }
    const budget = new GuardBudget(guard.budget, stop)
    const look = this.#lookAt(tables, transaction)
    const wait: { followed: StatementReports | null } = { followed: null }
    const held = async (by: readonly Holder[], count: number): Promise<void> => {
      // What ran before is not committed yet, and its locks would be held for as long.
      await rows.flush()
      wait.followed ??= reports.starts({ run, index: ready.source.index, summary: ready.summary }, true)
      wait.followed.blocked(by, count)
    }
    const relieve = this.#relief()
    const { holders, looks } = await awaitTables({ look, budget, held, ...relieve })
    if (holders.length > 0) return { ...unguarded, followed: wait.followed, held: heldFailure(holders, looks) }
    return {
      followed: wait.followed,
      held: null,
      guarded: attemptsOf({ budget, look, track, isLong: isLong(run, ready), relieve }),
      watch,
    }
  }

  /** What cannot be seen any more is still there: those who were seen last. */
  #lookAt(tables: readonly ObjectName[], transaction: number): () => Promise<readonly Holder[]> {
    let seen: readonly Holder[] = []
    return async () => {
      try {
        seen = await this.#parts.request.session.findTableHolders(tables, transaction)
      } catch (error) {
        this.#warn(error, seen.length > 0 ? lookedBefore : neverLooked)
      }
      return seen
    }
  }

  #relief(): Pick<GuardRequest, 'relieve'> {
    const { session, killer = null } = this.#parts.request
    if (killer === null) return {}
    return {
      relieve: (by, milliseconds) =>
        killer
          .relieve(session.ender, by, milliseconds)
          .catch((error: unknown) => this.#warn(error, 'A session that holds its tables could not be killed')),
    }
  }

  /** Once for each reason: a fan-out has a thousand definitions. */
  #warn(error: unknown, what: string): void {
    const { session, emit } = this.#parts.request
    const why = session.explain(error)?.why ?? (error instanceof Error ? error.message : String(error))
    const message = `${what}: ${why.replace(/\.$/, '')}.${missingRight(error)}`
    if (this.#said.has(message)) return
    this.#said.add(message)
    emit({ type: 'warning', target: session.target, message })
  }
}

/** What to do where a privilege is missing, as the connection noted it. */
function missingRight(error: unknown): string {
  if (typeof error !== 'object' || error === null || !('grant' in error) || typeof error.grant !== 'string') return ''
  return ` Ask an administrator to run \`${error.grant};\`.`
}
