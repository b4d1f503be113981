import type { Fault } from './answers.generated.ts'

/** Why a run failed, as the command line would say it. No secret is in it. */
export interface Failure<Answer> {
  /** A stable word in capitals: `LOCK_HELD`. */
  readonly code: string
  /** What `wwdb` would have ended with. */
  readonly exitCode: number
  /** All that is wrong: what, where, why and what to do next. */
  readonly faults: readonly Fault[]
  /** What was done before and beside the failure; null where the run had no answer. */
  readonly answer: Answer | null
}

/** The error of a run that failed. Its message is what the command line prints of it, in one line for each sentence. */
export class WwdbError<Answer = unknown> extends Error implements Failure<Answer> {
  static {
    // A minified class has another name, which is what Node prints of an error.
    Object.defineProperty(WwdbError, 'name', { value: 'WwdbError' })
  }

  override readonly name: string = 'WwdbError'
  readonly code: string
  readonly exitCode: number
  readonly faults: readonly Fault[]
  readonly answer: Answer | null

  constructor({ code, exitCode, faults, answer }: Failure<Answer>) {
    super(faults.flatMap(({ what, why, next }) => [what, why, next].filter((text) => text !== undefined)).join('\n'))
    this.code = code
    this.exitCode = exitCode
    this.faults = faults
    this.answer = answer
  }
}
