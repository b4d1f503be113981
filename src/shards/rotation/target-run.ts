import type { Emit } from '../../command/event.ts'
import type { Config, DatabaseConfig } from '../../config/config.ts'
import type { ShardFamily } from '../../core/shard-family.ts'
import type { Target } from '../../core/target.ts'
import { ToolError } from '../../core/tool-error.ts'
import { isUnreachable } from '../../migrations/unreached.ts'
import type { Governors } from '../../operate/governors.ts'
import { type FamilyOutcome, toIso } from '../answers.ts'
import type { ClockAssessment } from '../clocks.ts'
import type { FamilyView } from '../family-view.ts'
import type { ArchivePort, LiveTable, ShardStore } from '../ports.ts'
import type { SettledIntent } from '../settle-family.ts'
import type { FamilyRecord, FamilyTemplate, ShardFinding, ShardRecord } from '../shard.ts'
import type { FamilyPlan, ShardStepKind } from './family-plan.ts'

/** One family in one run: the basis of its decisions, and its progress. */
export interface FamilyWork {
  /** With the template's text from the registry: new shards are created from it. */
  readonly family: ShardFamily
  readonly record: FamilyRecord
  /** Texts of other versions of its template, the newest first: tables of a killed run may have been made from one. */
  readonly earlier: readonly FamilyTemplate[]
  /** Its records and tables are the target's own, so it is never out of date. */
  readonly view: FamilyView
  readonly run: FamilyRun
  /** False for a family that is only read because others need it. */
  readonly selected: boolean
  /** Null where it could not be planned, or is not selected. */
  readonly plan: FamilyPlan | null
}

/** One target in one run: the registry as it was read, with what was written since. */
export class TargetRun {
  readonly database: DatabaseConfig
  readonly store: ShardStore
  readonly clocks: ClockAssessment
  readonly tables: Map<string, LiveTable['type']>
  readonly families: readonly FamilyWork[]
  /** Shards of the registry whose families have no template. */
  readonly strangers: readonly ShardRecord[]
  /** Tables of shards that some shards of the keyspace lack, or that an earlier run has not dropped on all: nothing is done to them, and why. */
  readonly unsettled = new Map<string, ToolError>()
  /** What earlier runs began and did not end, by the shard's own table. */
  left: ReadonlyMap<string, ToolError> = new Map()
  /** What earlier runs began with shards of families that have no template, and is known to have ended. */
  settled: readonly SettledIntent[] = []
  readonly #records: ReadonlyMap<string, Map<string, ShardRecord>>

  constructor(
    database: DatabaseConfig,
    store: ShardStore,
    read: {
      readonly clocks: ClockAssessment
      readonly tables: Map<string, LiveTable['type']>
      readonly records: ReadonlyMap<string, Map<string, ShardRecord>>
      readonly families: readonly FamilyWork[]
      readonly strangers: readonly ShardRecord[]
    },
  ) {
    this.database = database
    this.store = store
    this.clocks = read.clocks
    this.tables = read.tables
    this.families = read.families
    this.strangers = read.strangers
    this.#records = read.records
  }

  /** Writes to the registry, then updates the copy. */
  async write(
    shards: readonly ShardRecord[],
    families: readonly FamilyRecord[] = [],
    lastRunAt: number | null = null,
    findings: readonly ShardFinding[] = [],
  ): Promise<void> {
    if (shards.length + families.length + findings.length === 0 && lastRunAt === null) return
    await this.store.writeRegistry({ shards, families, findings, lastRunAt })
    for (const shard of shards) this.#records.get(shard.family)?.set(shard.key, shard)
  }

  /** The own names of held tables, by their hold names. */
  ownNames(): ReadonlyMap<string, string> {
    const records = [...this.#records.values()].flatMap((family) => [...family.values()])
    return new Map(records.flatMap(({ hold, table }) => (hold === null ? [] : [[hold.table, table] as const])))
  }

  /** Reads again which tables exist. */
  async look(): Promise<void> {
    const live = await this.store.listTables()
    this.tables.clear()
    for (const { name, type } of live) this.tables.set(name, type)
  }

  async rename(table: string, to: string): Promise<void> {
    await this.store.rename(table, to)
    this.tables.delete(table)
    this.tables.set(to, 'table')
  }

  async drop(table: string): Promise<void> {
    await this.store.drop(table)
    this.tables.delete(table)
  }

  async createView(view: string, text: string): Promise<void> {
    await this.store.createView(view, text)
    this.tables.set(view, 'view')
  }
}

/** What a step needs from the rotation. */
interface StepRequest {
  readonly config: Config
  /** Opened when a shard is first archived or restored. */
  readonly archive: () => Promise<ArchivePort>
  readonly emit: Emit
  readonly governors?: Governors | null
}

/** What a step needs. */
export interface StepWork {
  readonly request: StepRequest
  readonly target: TargetRun
  readonly work: FamilyWork
}

/** How a step ended: the number of rows, or why it was put off. */
export type StepEnd =
  | { readonly type: 'done'; readonly rows: number | null }
  | { readonly type: 'put-off'; readonly why: string }

/** What a run can do to a shard. */
type ShardAction = 'create' | 'adopt' | 'protect' | 'unprotect' | ShardStepKind

/** The progress of a run with one family. */
export class FamilyRun {
  readonly family: string
  readonly target: Target
  aheadUntil: number | null = null
  stopped = false
  milliseconds = 0
  readonly #done = new Map<ShardAction, string[]>()
  readonly #notes = new Set<string>()
  readonly #errors: unknown[] = []
  #losses: readonly ShardFinding[] = []
  #begun = false

  constructor(family: string, target: Target) {
    this.family = family
    this.target = target
  }

  /** The first failure; null where there was none. */
  get error(): unknown {
    return this.#errors[0] ?? null
  }

  get failures(): number {
    return this.#errors.length
  }

  /** True while nothing has stopped it. */
  get canContinue(): boolean {
    return this.#errors.length === 0 && !this.stopped
  }

  begin(): void {
    this.#begun = true
  }

  did(action: ShardAction, table: string): void {
    this.#done.set(action, [...(this.#done.get(action) ?? []), table])
  }

  note(...sentences: readonly string[]): void {
    for (const sentence of sentences) this.#notes.add(sentence)
  }

  /** What is no longer known to be so. */
  withdraw(sentence: string): void {
    this.#notes.delete(sentence)
  }

  /** Lost rows that are not acknowledged. */
  lose(losses: readonly ShardFinding[]): void {
    this.#losses = losses
  }

  fail(error: unknown): void {
    this.#errors.push(error)
  }

  outcome(): FamilyOutcome {
    const { error } = this
    const done = (action: ShardAction): readonly string[] => this.#done.get(action) ?? []
    const known = error instanceof ToolError ? error : null
    const fault = known?.faults[0] ?? (error === null ? null : { what: String(error) })
    return {
      family: this.family,
      target: this.target,
      state: this.#state(),
      created: done('create'),
      adopted: done('adopt'),
      restored: done('restore'),
      sealed: done('seal'),
      held: done('hold'),
      archived: done('archive'),
      dropped: done('drop'),
      lost: this.#losses.map(({ table }) => table),
      notes: [...this.#notes],
      aheadUntil: toIso(this.aheadUntil),
      milliseconds: this.milliseconds,
      fault,
      code: known?.code ?? null,
    }
  }

  #state(): FamilyOutcome['state'] {
    // A signal came while its hook was running.
    if (this.error instanceof ToolError && this.error.code === 'STOPPED') return 'stopped'
    if (this.error !== null) return this.#begun ? 'failed' : isUnreachable(this.error) ? 'not-reached' : 'not-started'
    if (this.stopped) return 'stopped'
    return this.#done.size > 0 ? 'done' : 'nothing-to-do'
  }
}
