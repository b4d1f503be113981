import type { QuickStatement, Session, StatementOutcome, StopRequest } from '../ports.ts'
import { attemptStatement } from './attempt.ts'
import type { WindowMember } from './window.ts'

/** A packet of this many characters is quick enough to be waited for at Ctrl-C. */
const longestPacket = 256 * 1024

interface Done {
  readonly outcome: StatementOutcome
  readonly milliseconds: number
}

const keyOf = (pass: number, statement: number): string => `${pass}/${statement}`

/** Short INSERTs whose rows are open together: run in one packet when the first is reached, told of one by one. */
export class QuickBatch {
  #waiting: readonly QuickStatement[] = []
  readonly #done = new Map<string, Done>()

  /** True when nothing has run that was not told of yet. */
  get isEmpty(): boolean {
    return this.#done.size === 0
  }

  /** Takes the members of a window whose rows were just opened. */
  hold(members: readonly WindowMember[]): void {
    this.#waiting = members.map(({ run, ready }) => ({
      text: ready.text,
      pass: run.pass,
      statement: ready.source.index,
    }))
  }

  has(pass: number, statement: number): boolean {
    return this.#done.has(keyOf(pass, statement))
  }

  /** What came of it, or null when it did not run in a packet. */
  take(pass: number, statement: number): Done | null {
    const key = keyOf(pass, statement)
    const done = this.#done.get(key) ?? null
    this.#done.delete(key)
    return done
  }

  /** Runs the statement and those held behind it. One that fails is not told of here: it is to be tried by itself. */
  async run(
    request: { readonly session: Session; readonly stop: StopRequest; readonly statementTimeout: number | null },
    pass: number,
    statement: number,
  ): Promise<void> {
    const packet = this.#choose(pass, statement)
    let outcomes: readonly StatementOutcome[] = []
    const work = async (): Promise<StatementOutcome> => {
      outcomes = await request.session.runAndClose(packet)
      return { rows: null, warnings: [], lastInsertId: null }
    }
    const result = await attemptStatement({ ...request, work, blocked: () => {} })
    if (result.type === 'failed') return
    for (const [index, outcome] of outcomes.entries()) {
      const one = packet[index]
      if (one === undefined) break
      this.#done.set(keyOf(one.pass, one.statement), { outcome, milliseconds: result.milliseconds / outcomes.length })
    }
  }

  #choose(pass: number, statement: number): readonly QuickStatement[] {
    const first = this.#waiting.findIndex((one) => one.pass === pass && one.statement === statement)
    if (first < 0) throw new Error(`statement ${statement} of pass ${pass} is in no window`)
    const chosen: QuickStatement[] = []
    let characters = 0
    for (const one of this.#waiting.slice(first)) {
      characters += one.text.length
      if (chosen.length > 0 && characters > longestPacket) break
      chosen.push(one)
    }
    return chosen
  }
}
