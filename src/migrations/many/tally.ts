import type { Result, TargetOutcome } from '../../command/result.ts'
import { type ExitCode, exitCodes } from '../../core/exit-code.ts'
import { countOf } from '../../core/plural.ts'
import type { Target } from '../../core/target.ts'
import type { ToolError } from '../../core/tool-error.ts'
import type { ListedTarget } from './judge-list.ts'

type Summary = Pick<
  Extract<Result, { readonly kind: 'targets-run' }>,
  'counts' | 'migrations' | 'statements' | 'outcomes' | 'leftOut'
>

/** Counts targets as they end: only those that did not go well are kept whole. */
export class Tally {
  readonly #counts = { done: 0, idle: 0, failed: 0, stopped: 0, notReached: 0, blocked: 0 }
  readonly #outcomes: TargetOutcome[] = []
  #migrations = 0
  #statements = 0
  #leftOut = 0
  #missing = 0
  #exitCode: ExitCode = exitCodes.done

  /** Targets on which the work failed: an error budget counts these. */
  get failures(): number {
    return this.#counts.failed + this.#counts.notReached + this.#counts.blocked - this.#missing
  }

  /** Targets that were not there, or not reached, before the first one began. */
  get missing(): number {
    return this.#missing
  }

  get finished(): number {
    return this.#counts.done
  }

  /** That of the first target that did not go well; one that was not reached counts least. */
  get exitCode(): ExitCode {
    return this.#exitCode
  }

  idle(): void {
    this.#counts.idle += 1
  }

  /** A target without a failed attempt, where only those with one are asked for. */
  leaveOut(): void {
    this.#leftOut += 1
  }

  miss(target: ListedTarget, error: ToolError): void {
    const [fault] = error.faults
    this.#missing += 1
    this.add(
      outcomeOf(target, 'not-reached', { code: error.code, fault: fault ?? { what: error.message } }),
      exitCodes.unreachable,
    )
  }

  missSchema(target: ListedTarget): void {
    const { name, schema, server } = target.database
    const fault = {
      what: `The schema \`${schema}\` does not exist on ${server.label}, or this account may not see it.`,
      where: { database: name, server: server.label },
      next: `Create it, grant this account its privileges on it, or take it out of the list of \`${name}\`.`,
    }
    this.#missing += 1
    this.add(outcomeOf(target, 'failed', { code: 'SCHEMA_MISSING', fault }), exitCodes.failed)
  }

  add(outcome: TargetOutcome, exitCode: ExitCode): void {
    this.#migrations += outcome.done.length
    this.#statements += outcome.statements
    switch (outcome.state) {
      case 'done':
        this.#counts.done += 1
        return
      case 'nothing-to-do':
        this.#counts.idle += 1
        return
      case 'not-reached':
        this.#counts.notReached += 1
        break
      case 'stopped':
        this.#counts.stopped += 1
        break
      case 'blocked':
        this.#counts.blocked += 1
        break
      default:
        this.#counts.failed += 1
    }
    this.#outcomes.push(outcome)
    if (this.#exitCode === exitCodes.done || this.#exitCode === exitCodes.unreachable) this.#exitCode = exitCode
  }

  /** What had ended when a defect ended the run, which then has no answer. */
  describeBroken(name: string): string {
    const failed = this.#outcomes.map(({ target, code }) => `\`${target.schema}\` (${code ?? 'FAULT'})`)
    const others = failed.length === 0 ? 'none failed' : `these did not go well: ${failed.join(', ')}`
    return `Before a defect of wwdb ended the run, ${countOf(this.#counts.done, 'target')} of \`${name}\` had been migrated; ${others}.`
  }

  summary(): Summary {
    const { idle, ...counts } = this.#counts
    return {
      counts: { ...counts, nothingToDo: idle },
      migrations: this.#migrations,
      statements: this.#statements,
      leftOut: this.#leftOut,
      outcomes: this.#outcomes,
    }
  }
}

function outcomeOf(
  { database }: ListedTarget,
  state: TargetOutcome['state'],
  why: Pick<TargetOutcome, 'code' | 'fault'>,
): TargetOutcome {
  const { name, schema, server } = database
  const target: Target = { database: name, schema, server: server.label }
  return { target, state, done: [], notDone: [], statements: 0, milliseconds: 0, ...why }
}
