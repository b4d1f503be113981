import type { Holder } from '../../core/holder.ts'
import { awaitTables } from '../../operate/guard.ts'
import type { ObjectName } from '../../sql/statement.ts'
import { resolveObjects, type Schemas } from '../plan/placeholders.ts'
import type { AttemptResult } from './attempt.ts'
import type { StepRows } from './plain-way.ts'
import { isHeavy, type ReadyStatement } from './ready-statement.ts'
import type { StepReports } from './reports.ts'
import type { StatementReports } from './running-statements.ts'
import type { StatementToOpen } from './step-rows.ts'
import type { ExecutionRequest } from './work.ts'

interface Parts {
  readonly request: ExecutionRequest
  readonly rows: StepRows
  readonly reports: StepReports
}

/** How the wait for the tables of a definition ended. */
interface Cleared {
  /** What follows the statement, where it was reported as begun because it had to wait. */
  readonly followed: StatementReports | null
  /** The failure where the tables are still held. */
  readonly held: (AttemptResult & { readonly type: 'failed' }) | null
}

/** What a definition that may take long waits for: a foreign key locks the table that it references as well. */
function tablesOf(ready: ReadyStatement, schemas: Schemas): readonly ObjectName[] {
  if (ready.class !== 'definition' || !isHeavy(ready.source)) return []
  return [...ready.objects, ...resolveObjects(ready.source.references, schemas)]
}

/**
 * Keeps definitions out of the lock queue behind old transactions. It is asked before the row of a statement is opened: a run that is killed while it waits leaves
 * nothing to be settled, and what others change meanwhile is in the fingerprint that the row has.
 */
export class TableGuard {
  readonly #parts: Parts
  readonly #said = new Set<string>()

  constructor(parts: Parts) {
    this.#parts = parts
  }

  /** Waits for transactions that hold the tables. What cannot be looked at is no failure, unless somebody was seen before. */
  async clear({ run, ready }: StatementToOpen): Promise<Cleared> {
    const { request, rows, reports } = this.#parts
    const { session, stop, guard, schemas } = request
    const transaction = guard?.transaction ?? null
    const tables = tablesOf(ready, schemas)
    if (guard === undefined || transaction === null || tables.length === 0) return { followed: null, held: null }
    const wait: { seen: readonly Holder[]; followed: StatementReports | null } = { seen: [], followed: null }
    const look = () =>
      session.findTableHolders(tables, transaction).catch((error: unknown) => {
        this.#warn(error, wait.seen.length > 0)
        return wait.seen
      })
    const held = async (by: readonly Holder[], count: number): Promise<void> => {
      wait.seen = by
      // What ran before is not committed yet, and its locks would be held for as long.
      await rows.flush()
      wait.followed ??= reports.starts({ run, index: ready.source.index, summary: ready.summary }, true)
      wait.followed.blocked(by, count)
    }
    const { holders, looks } = await awaitTables({ look, budget: guard.budget, stop, held })
    const { followed } = wait
    if (holders.length === 0) return { followed, held: null }
    const why = 'Transactions older than `guard.transaction` hold its tables'
    const failed = { type: 'failed', failure: { type: 'held', why }, blockers: holders } as const
    return { followed, held: { ...failed, attempts: looks, timedOut: false, cause: null } }
  }

  /** Once for each reason: a fan-out has a thousand definitions. */
  #warn(error: unknown, again: boolean): void {
    const { session, emit } = this.#parts.request
    const why = session.explain(error)?.why ?? (error instanceof Error ? error.message : String(error))
    const message = again
      ? `The transactions that hold its tables could not be read again, so the statement goes on waiting: ${why}`
      : `The statement is sent without a look for transactions that hold its tables: ${why}`
    if (this.#said.has(message)) return
    this.#said.add(message)
    emit({ type: 'warning', target: session.target, message })
  }
}
