import type { QuickStatement, RowToOpen, Session, StatementOutcome, StopRequest, TimedOutcome } from '../ports.ts'
import { attemptStatement } from './attempt.ts'
import { isQuickCreation, isQuickShardChange, isQuickWrite, type ReadyStatement } from './ready-statement.ts'
import type { WindowMember } from './window.ts'

/** A packet of this many characters is quick enough to be waited for at Ctrl-C. */
const longestPacket = 256 * 1024

/** So are so many definitions: each takes some milliseconds, however short its text is. */
const mostDefinitions = 16

type Kind = 'write' | 'definition'

interface Waiting extends QuickStatement {
  readonly kind: Kind | null
}

const keyOf = (pass: number, statement: number): string => `${pass}/${statement}`

/** In what way a statement may be sent together with others; null when it must be sent alone. */
export function quickKindOf({ class: actual, source }: ReadyStatement): Kind | null {
  if (actual === 'data') return isQuickWrite(source) ? 'write' : null
  return actual === 'definition' && (isQuickCreation(source) || isQuickShardChange(source)) ? 'definition' : null
}

/** Quick statements whose rows are open together: run in one packet when the first is reached, told of one by one. */
export class QuickBatch {
  #waiting: readonly Waiting[] = []
  readonly #done = new Map<string, TimedOutcome>()

  /** True when nothing has run that was not told of yet. */
  get isEmpty(): boolean {
    return this.#done.size === 0
  }

  /** True when all that was held has run. */
  get isThrough(): boolean {
    return this.#waiting.length === 0
  }

  /** Takes the members of a window whose rows were just opened. */
  hold(members: readonly WindowMember[]): void {
    this.#waiting = members.map(({ run, ready }) => ({
      text: ready.text,
      pass: run.pass,
      statement: ready.source.index,
      objects: ready.objects,
      kind: quickKindOf(ready),
    }))
  }

  has(pass: number, statement: number): boolean {
    return this.#done.has(keyOf(pass, statement))
  }

  /** What came of it, or null when it did not run in a packet. */
  take(pass: number, statement: number): TimedOutcome | null {
    const key = keyOf(pass, statement)
    const done = this.#done.get(key) ?? null
    this.#done.delete(key)
    return done
  }

  /**
   * Runs the statement and those held behind it. One that fails is not told of here: it is to be tried by itself.
   * @param open rows that short writes open in their own packet, before anything of it runs
   */
  async run(
    request: { readonly session: Session; readonly stop: StopRequest; readonly statementTimeout: number | null },
    pass: number,
    statement: number,
    open: readonly RowToOpen[] = [],
  ): Promise<void> {
    const packet = this.#choose(pass, statement)
    let outcomes: readonly TimedOutcome[] = []
    const work = async (): Promise<StatementOutcome> => {
      outcomes = await send(request.session, packet, open)
      return { rows: null, warnings: [], lastInsertId: null }
    }
    const result = await attemptStatement({ ...request, work, blocked: () => {} })
    if (result.type === 'failed') return
    for (const [index, outcome] of outcomes.entries()) {
      const one = packet[index]
      if (one !== undefined) this.#done.set(keyOf(one.pass, one.statement), outcome)
    }
    const before = this.#waiting.findIndex((one) => one.pass === pass && one.statement === statement)
    this.#waiting = this.#waiting.slice(before + outcomes.length)
  }

  /** The statement and those of its kind that directly follow, as many as are still quick together. */
  #choose(pass: number, statement: number): readonly Waiting[] {
    const first = this.#waiting.findIndex((one) => one.pass === pass && one.statement === statement)
    const kind = this.#waiting[first]?.kind
    if (kind === undefined) throw new Error(`statement ${statement} of pass ${pass} is in no window`)
    const most = kind === 'definition' ? mostDefinitions : Number.POSITIVE_INFINITY
    const chosen: Waiting[] = []
    let characters = 0
    for (const one of this.#waiting.slice(first)) {
      characters += one.text.length
      if (chosen.length > 0 && (characters > longestPacket || one.kind !== kind || chosen.length >= most)) break
      chosen.push(one)
    }
    return chosen
  }
}

async function send(
  session: Session,
  packet: readonly Waiting[],
  open: readonly RowToOpen[],
): Promise<readonly TimedOutcome[]> {
  if (packet[0]?.kind === 'definition') return session.runTogether(packet.map(({ text }) => text))
  const started = performance.now()
  const outcomes = await session.runAndClose(packet, open)
  const milliseconds = (performance.now() - started) / Math.max(1, outcomes.length)
  return outcomes.map((outcome) => ({ ...outcome, milliseconds }))
}
