import type { TimedOutcome } from '../ports.ts'
import type { ExecutionRequest } from './execution.ts'
import type { JournalDesk } from './journal-desk.ts'
import { QuickBatch, quickKindOf } from './quick-batch.ts'
import type { SessionTrack } from './session-track.ts'
import { collectNext, collectWindow, makeRows, type Outlook, type Window, type WindowMember } from './window.ts'
import { WindowAhead } from './window-ahead.ts'
import type { StepRun, WorkQueue } from './work.ts'

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
