import type { QuickStatement, RowToOpen, Session, StatementOutcome, StopRequest, TimedOutcome } from '../ports.ts'
import { attemptStatement } from './attempt.ts'
import type { JournalDesk } from './journal-buffer.ts'
import { isQuickCreation, isQuickShardChange, isQuickWrite, type ReadyStatement } from './ready-statement.ts'
import type { SessionTrack } from './session-track.ts'
import {
  collectNext,
  collectWindow,
  makeRows,
  type Outlook,
  type Window,
  WindowAhead,
  type WindowMember,
} from './window.ts'
import type { ExecutionRequest, StepRun, WorkQueue } from './work.ts'

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
class QuickBatch {
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

/**
 * Opens rows a window at a time and runs the quick statements among them in packets. Windows of short writes that follow one
 * another overlap: the next one is opened and sent before the one that ran is told of.
 */
export class QuickLane {
  readonly #request: ExecutionRequest
  readonly #queue: WorkQueue
  readonly #desk: JournalDesk
  readonly #batch = new QuickBatch()
  readonly #ahead = new WindowAhead((window) => this.#runAhead(window))

  constructor(request: ExecutionRequest, queue: WorkQueue, desk: JournalDesk) {
    this.#request = request
    this.#queue = queue
    this.#desk = desk
  }

  /** True when nothing has run, or is with the server, that was not told of yet. */
  get isAllTold(): boolean {
    return this.#batch.isEmpty && !this.#ahead.isUnderWay
  }

  /**
   * Sees to it that a statement's row is open, and with it the rows of those that may be opened in the same write. Where they
   * were sent ahead, that means waiting for them; throws what they met.
   */
  async reach(member: WindowMember, track: SessionTrack): Promise<void> {
    const { run, ready } = member
    const { index } = ready.source
    if (this.#ahead.beginsWith(member)) {
      await this.#ahead.land()
      await this.#sendNext(run, track)
    }
    if (!this.#desk.isOpen(run.pass, index)) await this.#open(member, track)
  }

  /** What came of a quick statement in its packet, which is run when its first is asked for; null when it did not get through. */
  async outcomeOf({ run, ready }: WindowMember, track: SessionTrack): Promise<TimedOutcome | null> {
    const { index } = ready.source
    if (!this.#batch.has(run.pass, index)) {
      if (ready.class === 'data') await this.#desk.flush() // each is committed in its packet, and so would these be
      await this.#batch.run(this.#request, run.pass, index)
      await this.#sendNext(run, track)
    }
    return this.#batch.take(run.pass, index)
  }

  /** Nothing of it is with the server any more. */
  async settle(): Promise<void> {
    await this.#ahead.land().catch(() => undefined)
  }

  async #open(first: WindowMember, track: SessionTrack): Promise<void> {
    const window = await collectWindow(first, this.#outlook(first.run, track))
    await this.#desk.open(await makeRows(window.members, this.#request.session))
    this.#batch.hold(window.members)
    this.#ahead.follow(quickKindOf(first.ready) === 'write' && track.readsAsScanned ? window : null)
  }

  /** Opens and runs in one packet: between two, the server would wait until we have told of the window before. */
  async #runAhead({ members }: Window): Promise<void> {
    const [first] = members
    if (first === undefined) return
    const rows = await makeRows(members, this.#request.session)
    this.#batch.hold(members)
    await this.#batch.run(this.#request, first.run.pass, first.ready.source.index, rows)
    this.#desk.opened(rows)
  }

  /** Not after one that did not get through, which is to be tried by itself first, nor when somebody wants us to stop. */
  async #sendNext(run: StepRun, track: SessionTrack): Promise<void> {
    if (!this.#batch.isThrough || this.#request.stop.requested) return
    const outlook = this.#outlook(run, track)
    await this.#ahead.send((before) => collectNext(before, outlook))
  }

  #outlook(run: StepRun, track: SessionTrack): Outlook {
    const { gates, schemas } = this.#request
    const session = { run, temporary: track.temporary, isChanged: track.leftovers() !== null }
    return { queue: this.#queue, gates, schemas, session }
  }
}
