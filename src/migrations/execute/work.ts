import type { Emit } from '../../command/event.ts'
import type { GuardConfig } from '../../config/guard-config.ts'
import type { StopRequest } from '../../core/stop-request.ts'
import type { Target } from '../../core/target.ts'
import type { Governor } from '../../operate/governor.ts'
import type { BlockerKiller } from '../../operate/kill-blockers.ts'
import { classifyStatement } from '../../sql/classify.ts'
import type { Statement, StatementFacts } from '../../sql/statement.ts'
import type { JournalRow, Pass } from '../journal/journal.ts'
import type { Script } from '../migration.ts'
import type { OnlineChanges } from '../online-changes.ts'
import type { Permission } from '../plan/approve-plan.ts'
import type { Schemas } from '../plan/placeholders.ts'
import type { Step } from '../plan.ts'
import type { MigrationHooks, Session } from '../ports.ts'
import type { OpenRecord } from '../record-schema.ts'
import type { Retirements } from '../retirements.ts'

/** A stopped pass that a step continues. */
export interface Resumption {
  readonly pass: Pass
  /** Its closed rows by statement. */
  readonly rows: ReadonlyMap<number, JournalRow>
  /** The batch that it stopped in, whose chunks are committed; null where there is none. */
  readonly batch: JournalRow | null
}

/** A step with the pass of its journal rows. */
export interface StepRun {
  readonly step: Step
  readonly pass: number
  readonly resumption: Resumption | null
}

/** One unit of work of the executor. */
export type Work =
  | { readonly type: 'begin'; readonly run: StepRun }
  /** A statement that an earlier run closed: only its effect on the session matters now. */
  | { readonly type: 'replay'; readonly run: StepRun; readonly statement: Statement; readonly row: JournalRow }
  | { readonly type: 'statement'; readonly run: StepRun; readonly statement: Statement }
  | { readonly type: 'module'; readonly run: StepRun; readonly script: Script & { readonly type: 'module' } }
  /** Nothing to run, only a journal row to write: a mark, a baseline, an empty part. */
  | { readonly type: 'record'; readonly run: StepRun }
  | { readonly type: 'end'; readonly run: StepRun }

async function* readStatements(script: Script): AsyncGenerator<Statement> {
  if (script.type === 'statements') yield* script.statements
  else if (script.type === 'stream') yield* script.open()
}

async function* listStep(run: StepRun): AsyncGenerator<Work> {
  const { step } = run
  const script = step.type === 'revert' ? step.migration.down : step.migration.up
  yield { type: 'begin', run }
  if (step.type === 'record' || script === null || step.total === 0) yield { type: 'record', run }
  else if (script.type === 'module') yield { type: 'module', run, script }
  else {
    for await (const statement of readStatements(script)) {
      const row = statement.index < step.from ? run.resumption?.rows.get(statement.index) : undefined
      if (row !== undefined) yield { type: 'replay', run, statement, row }
      else if (statement.index >= step.from) yield { type: 'statement', run, statement }
    }
  }
  yield { type: 'end', run }
}

/** The work of one target in order, with a look ahead. */
export class WorkQueue {
  readonly #ahead: Work[] = []
  readonly #source: AsyncGenerator<Work>
  #position = 0

  constructor(runs: readonly StepRun[]) {
    this.#source = (async function* () {
      for (const run of runs) yield* listStep(run)
    })()
  }

  /** Which work of the target comes next, counted from 0. */
  get position(): number {
    return this.#position
  }

  async shift(): Promise<Work | undefined> {
    this.#position += 1
    if (this.#ahead.length > 0) return this.#ahead.shift()
    const next = await this.#source.next()
    return next.done === true ? undefined : next.value
  }

  /** The work at a position that was not shifted yet, or undefined after the end. */
  async peek(position: number): Promise<Work | undefined> {
    const distance = position - this.#position
    while (this.#ahead.length <= distance) {
      const next = await this.#source.next()
      if (next.done === true) return undefined
      this.#ahead.push(next.value)
    }
    return this.#ahead[distance]
  }
}

/** The dependencies of executing the steps of one target. */
export interface ExecutionRequest {
  readonly session: Session
  readonly runs: readonly StepRun[]
  readonly schemas: Schemas
  readonly gates: Gates
  readonly slots: Slots
  readonly emit: Emit
  readonly stop: StopRequest
  readonly statementTimeout: number | null
  /** What the caller allowed: the text that EXECUTE resolves to is checked against it. Null where the statements were approved unchecked. */
  readonly permission: Permission | null
  /** The record of the schema, which the last write of the run renews; null where nothing is recorded. */
  readonly record?: OpenRecord | null
  /** The hooks that are asked before each migration and notified after it; null where there are none. */
  readonly hooks?: MigrationHooks | null
  /** Keeps definitions out of the lock queue; absent where no guard is configured. */
  readonly guard?: GuardConfig
  /** What kills sessions that hold the tables of definitions; absent where nobody may be killed. */
  readonly killer?: BlockerKiller | null
  /** Asked before each statement that may take long; null where nothing is bounded. */
  readonly governor?: Governor | null
  /** What makes the statements with `-- wwdb:online`; absent where the server makes them itself. */
  readonly online?: OnlineChanges
  /** What hides what statements with `-- wwdb:retire` drop; absent where they drop it: in scratch schemas. */
  readonly retirements?: Retirements
}

/** What the executor takes for granted; only tests change it. */
export interface ExecutionTuning {
  /** Rows opened in one write, at most. */
  readonly widestWindow: number
  /** Reads the text that EXECUTE resolves to. */
  readonly classify: (text: string) => StatementFacts
}

export const defaultTuning: ExecutionTuning = { widestWindow: 128, classify: classifyStatement }

/** How far a target came. */
export interface ExecutionReport {
  readonly done: readonly string[]
  readonly statements: number
  readonly stopped: boolean
  readonly error: unknown
}

/** Steps of other targets wait here until the steps that they need are complete. */
export class Gates {
  readonly #waiters = new Map<string, (() => void)[]>()
  readonly #passed = new Set<string>()
  readonly #broken = new Map<string, string>()
  readonly #awaited: ReadonlySet<string>

  /** @param awaited every step name that some step of another target waits for */
  constructor(awaited: Iterable<string>) {
    this.#awaited = new Set(awaited)
  }

  isAwaited(name: string): boolean {
    return this.#awaited.has(name)
  }

  /** True when nothing is left to wait for. */
  isOpen(names: readonly string[]): boolean {
    return names.every((name) => this.#passed.has(name))
  }

  pass(name: string): void {
    this.#passed.add(name)
    this.#wake(name)
  }

  /** The step will not be completed in this run: steps that wait for it must give up. */
  break(name: string, why: string): void {
    if (this.#passed.has(name)) return
    this.#broken.set(name, why)
    this.#wake(name)
  }

  /** Waits for all of them; returns null, or the name of the one that will not come and why. */
  async wait(names: readonly string[]): Promise<{ readonly name: string; readonly why: string } | null> {
    for (const name of names) {
      while (!this.#passed.has(name)) {
        const why = this.#broken.get(name)
        if (why !== undefined) return { name, why }
        await new Promise<void>((resolve) => {
          this.#waiters.set(name, [...(this.#waiters.get(name) ?? []), resolve])
        })
      }
    }
    return null
  }

  #wake(name: string): void {
    for (const resolve of this.#waiters.get(name) ?? []) resolve()
    this.#waiters.delete(name)
  }
}

/** How many targets are worked on at once. A target that waits for another gives its slot away meanwhile. */
export class Slots {
  #free: number
  readonly #queue: (() => void)[] = []

  constructor(count: number) {
    this.#free = Math.max(1, count)
  }

  async take(): Promise<void> {
    if (this.#free > 0) {
      this.#free -= 1
      return
    }
    await new Promise<void>((resolve) => this.#queue.push(resolve))
  }

  give(): void {
    const next = this.#queue.shift()
    if (next === undefined) this.#free += 1
    else next()
  }
}

/** The hooks of one target's migrations: each is asked before its first statement, and notified once its rows are closed. Steps that only record have none. */
export class StepHooks {
  readonly #target: Target
  readonly #hooks: MigrationHooks | null
  readonly #finished: { readonly run: StepRun; readonly milliseconds: number }[] = []
  #begun: { readonly run: StepRun; readonly started: number } | null = null

  constructor(target: Target, hooks: MigrationHooks | null | undefined) {
    this.#target = target
    this.#hooks = hooks ?? null
  }

  /** True where nothing of a step may be sent before its hooks have agreed. */
  get isOn(): boolean {
    return this.#hooks !== null
  }

  /** Throws where the step must not begin. */
  async before(run: StepRun): Promise<void> {
    if (this.#hooks === null || run.step.type === 'record') return
    await this.#hooks.before(this.#target, run.step)
    this.#begun = { run, started: performance.now() }
  }

  /** Its rows are closed: `reportFinished` says so. */
  finish(run: StepRun, milliseconds: number): void {
    if (this.#begun?.run === run) this.#begun = null
    if (this.#hooks !== null && run.step.type !== 'record') this.#finished.push({ run, milliseconds })
  }

  async reportFinished(): Promise<void> {
    for (const { run, milliseconds } of this.#finished.splice(0))
      await this.#hooks?.after(this.#target, run.step, { outcome: 'done', milliseconds, error: null })
  }

  /** The step in progress, if any, ended before it was complete. */
  async reportFailed(error: unknown, stopped: boolean): Promise<void> {
    const begun = this.#begun
    this.#begun = null
    if (begun === null) return
    const milliseconds = performance.now() - begun.started
    await this.#hooks?.after(this.#target, begun.run.step, {
      outcome: stopped ? 'stopped' : 'failed',
      milliseconds,
      error,
    })
  }
}
