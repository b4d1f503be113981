import type { Emit, RunEvent } from '../../command/event.ts'
import type { GuardConfig } from '../../config/guard-config.ts'
import { timeLeft } from '../../core/progress.ts'
import type { StopRequest } from '../../core/stop-request.ts'
import { ToolError } from '../../core/tool-error.ts'
import { executeSteps } from '../../migrations/execute/execute-steps.ts'
import { forbidsWriting } from '../../migrations/execute/failures.ts'
import type { ExecutionTuning } from '../../migrations/execute/work.ts'
import { Gates, Slots } from '../../migrations/execute/work.ts'
import type { Migration } from '../../migrations/migration.ts'
import type { OnlineChanges } from '../../migrations/online-changes.ts'
import type { Schemas } from '../../migrations/plan/placeholders.ts'
import type { Session } from '../../migrations/ports.ts'
import type { Governor } from '../../operate/governor.ts'
import type { BlockerKiller } from '../../operate/kill-blockers.ts'
import type { ShardRecord } from '../shard.ts'
import { BatchWatch, stopBetweenShards, WorkPool } from './batches.ts'
import type { ShardLedger } from './ports.ts'
import type { ShardRun } from './select-shards.ts'

export interface FanOutRequest {
  readonly ledger: ShardLedger
  /** The migration that is carried out, and its family: events name both. */
  readonly migration: Migration
  readonly family: string
  readonly direction: 'up' | 'down'
  /** Shards in the order in which they are started; those without passes are already complete. */
  readonly runs: readonly ShardRun[]
  /** Shards that were complete before this run. */
  readonly done: number
  /** True when no shard has completed the migration yet: the first one is then changed alone. */
  readonly canary: boolean
  readonly connections: number
  /** True where every statement is quick on every shard: INSTANT. */
  readonly together: boolean
  /** The number of shards that may fail before no other one is started. */
  readonly errorBudget: number
  readonly schemas: Schemas
  readonly statementTimeout: number | null
  /** Called with each shard as soon as it is complete. */
  readonly through?: (run: ShardRun) => void
  readonly emit: Emit
  readonly stop: StopRequest
  /** What keeps definitions out of the lock queue. */
  readonly guard: GuardConfig
  /** Asked before each batch of shards; absent where nothing is bounded. */
  readonly governor?: Governor | null
  /** What kills sessions that hold the tables of definitions; absent where nobody may be killed. */
  readonly killer?: BlockerKiller | null
  /** What makes the statements with `-- wwdb:online`; absent where the server makes them itself. */
  readonly online?: OnlineChanges | undefined
}

interface ShardFailure {
  readonly shard: ShardRecord
  readonly error: ToolError
}

export interface FanOutReport {
  readonly finished: readonly ShardRun[]
  readonly failures: readonly ShardFailure[]
  /** Shards that were not started, or not completed. */
  readonly left: number
  readonly stopped: boolean
  /** What ended the whole run: a lost lock or connection, a defect; null otherwise. */
  readonly error: unknown
}

/** Whether a statement of these shards has `-- wwdb:online`. */
function hasOnline(runs: readonly ShardRun[]): boolean {
  return runs.some((run) =>
    run.runs.some(({ step }) => {
      const { up } = step.migration
      return up.type === 'statements' && up.statements.some(({ online }) => online !== undefined)
    }),
  )
}

class FanOut {
  readonly #request: FanOutRequest
  readonly #tuning: ExecutionTuning | undefined
  readonly #pool: WorkPool
  readonly #total: number
  readonly #sessions: Session[] = []
  readonly #started = performance.now()
  /** Warnings so far: a warning about the server is given once, not per shard. */
  readonly #warnings = new Set<string>()
  readonly finished: ShardRun[] = []
  readonly failures: ShardFailure[] = []
  error: unknown = null

  constructor(request: FanOutRequest, tuning?: ExecutionTuning) {
    this.#request = request
    this.#tuning = tuning
    this.#pool = new WorkPool(request.runs, request.connections, request.together)
    this.#total = request.done + request.runs.length
  }

  get left(): number {
    return this.#request.runs.length - this.finished.length - this.failures.length
  }

  async run(): Promise<void> {
    const { canary, connections, ledger, runs } = this.#request
    try {
      if (canary && runs.length > 0) await this.#work(await this.#open(ledger, 0), this.#pool.takeFirst())
      if (canary && this.failures.length > 0) return
      // Copies are made one after another: each writes its table a second time.
      const workers = Math.min(hasOnline(runs) ? 1 : connections, this.#pool.left)
      await Promise.all(Array.from({ length: workers }, (_, index) => this.#runWorker(index)))
    } catch (error) {
      this.error ??= error
    } finally {
      await Promise.allSettled(this.#sessions.map((session) => session.close()))
    }
  }

  async #open(ledger: ShardLedger, worker: number): Promise<Session> {
    const known = this.#sessions[worker]
    if (known !== undefined) return known
    const open = await ledger.openWorker(worker)
    this.#sessions[worker] = open
    const { online, runs } = this.#request
    if (online !== undefined && hasOnline(runs)) await online.settle(open, false)
    return open
  }

  async #runWorker(worker: number): Promise<void> {
    try {
      if (this.#isOver()) return
      const session = await this.#open(this.#request.ledger, worker)
      while (!this.#isOver()) {
        await this.#request.governor?.clear()
        if (this.#isOver()) return
        const batch = this.#pool.take()
        if (batch.length === 0) return
        await this.#work(session, batch)
      }
    } catch (error) {
      this.error ??= error
    }
  }

  #isOver(): boolean {
    return this.#request.stop.requested || this.#isSpent()
  }

  #isSpent(): boolean {
    return this.error !== null || this.failures.length > this.#request.errorBudget
  }

  async #work(session: Session, batch: readonly ShardRun[]): Promise<void> {
    const { emit, stop, schemas, statementTimeout, guard, killer = null, online, governor = null } = this.#request
    const watch = new BatchWatch(batch, {
      started: (run) => emit({ type: 'shard-started', ...this.#at(run) }),
      finished: (run, milliseconds) => this.#finish(run, milliseconds),
      pass: (event) => this.#pass(event),
    })
    for (const run of batch) if (run.runs.length === 0) this.#finish(run, 0)
    const report = await executeSteps(
      {
        session,
        runs: batch.flatMap((run) => run.runs),
        schemas,
        gates: new Gates([]),
        slots: new Slots(1),
        emit: watch.emit,
        stop: stopBetweenShards(stop, () => this.#isSpent(), watch),
        statementTimeout,
        guard,
        killer,
        permission: null,
        // Of an online change, its tool is paused and its swap put off.
        ...(online !== undefined && hasOnline(batch) ? { online, governor } : {}),
      },
      this.#tuning,
    )
    this.#conclude(watch, report.error)
  }

  #pass(event: RunEvent): void {
    if (event.type === 'warning') {
      if (this.#warnings.has(event.message)) return
      this.#warnings.add(event.message)
    }
    this.#request.emit(event)
  }

  /** The failure belongs to the current shard; the others of its batch were not started. */
  #conclude(watch: BatchWatch, error: unknown): void {
    const { current } = watch
    const unfinished = watch.unfinished().filter((run) => run.runs.length > 0)
    if (error === null) {
      this.#pool.giveBack(unfinished)
      return
    }
    if (!(error instanceof ToolError) || forbidsWriting(error) || current === null) {
      this.error ??= error
      return
    }
    this.#pool.giveBack(unfinished.filter((run) => run !== current))
    this.failures.push({ shard: current.shard, error })
    const [fault = { what: error.message }] = error.faults
    this.#request.emit({ type: 'shard-failed', ...this.#at(current), code: error.code, fault })
  }

  #finish(run: ShardRun, milliseconds: number): void {
    this.finished.push(run)
    this.#request.through?.(run)
    const statements = run.runs.reduce((sum, { step }) => sum + step.total - step.from, 0)
    const done = this.#request.done + this.finished.length
    const elapsed = performance.now() - this.#started
    const left = timeLeft(this.finished.length, this.#request.runs.length, elapsed)
    const at = { ...this.#at(run), done, total: this.#total, ...(left === null ? {} : { left }) }
    this.#request.emit({ type: 'shard-finished', ...at, statements, milliseconds })
  }

  #at({ shard }: ShardRun) {
    const { migration, direction, family, ledger } = this.#request
    const { version, name } = migration
    return { target: ledger.target, version, name, direction, family, shard: shard.key, table: shard.table }
  }
}

/**
 * Carries a migration to shards: a canary alone, then the others over several connections in parallel. Every shard is
 * its own pass in the ledger, with the same guarantees as a plain migration. Never throws.
 */
export async function fanOut(request: FanOutRequest, tuning?: ExecutionTuning): Promise<FanOutReport> {
  const { ledger, migration, family, direction, done, runs, canary, emit, stop } = request
  emit({
    type: 'fan-out-started',
    target: ledger.target,
    version: migration.version,
    name: migration.name,
    direction,
    family,
    done,
    total: done + runs.length,
    canary: canary ? (runs[0]?.shard.table ?? null) : null,
  })
  const work = new FanOut(request, tuning)
  await work.run()
  const { finished, failures, left, error } = work
  return { finished, failures, left, stopped: stop.requested && left > 0, error }
}
