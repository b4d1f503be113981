import type { Target } from '../../core/target.ts'
import { ToolError } from '../../core/tool-error.ts'
import type { ShardStepKind } from '../plan.ts'
import { type FamilyOutcome, toIso } from '../rotation-outcome.ts'
import type { ShardFinding } from '../shard.ts'

/** What a run can do to a shard. */
export type ShardAction = 'create' | 'adopt' | 'protect' | 'unprotect' | ShardStepKind

/** How far a run came with one family. */
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

  /** The first thing that went wrong; null when nothing did. */
  get error(): unknown {
    return this.#errors[0] ?? null
  }

  get failures(): number {
    return this.#errors.length
  }

  /** True while nothing has stopped it. */
  get goesOn(): boolean {
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

  /** Lost rows that nobody acknowledged. */
  lose(losses: readonly ShardFinding[]): void {
    this.#losses = losses
  }

  fail(error: unknown): void {
    this.#errors.push(error)
  }

  outcome(): FamilyOutcome {
    const { error } = this
    const done = (action: ShardAction): readonly string[] => this.#done.get(action) ?? []
    const told = error instanceof ToolError ? error : null
    const fault = told?.faults[0] ?? (error === null ? null : { what: String(error) })
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
      code: told?.code ?? null,
    }
  }

  #state(): FamilyOutcome['state'] {
    if (this.error !== null) return this.#begun ? 'failed' : 'not-started'
    if (this.stopped) return 'stopped'
    return this.#done.size > 0 ? 'done' : 'nothing-to-do'
  }
}
