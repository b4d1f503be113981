import type { StatementOutcome, TimedOutcome } from '../../mysql/facts.ts'
import { shortestLockWait } from '../../operate/guard.ts'
import type { QuickStatement, RowToOpen } from '../journal/rows.ts'
import type { Session } from '../ports.ts'
import { attemptStatement } from './attempt.ts'
import type { JournalBuffer } from './journal-buffer.ts'
import {
  isLoneCreation,
  isQuickCreation,
  isQuickShardChange,
  isQuickWrite,
  type ReadyStatement,
} from './ready-statement.ts'
import type { SessionTrack } from './session-track.ts'
import { makeRows, type StatementToOpen } from './step-rows.ts'
import { collectNext, collectWindow, PrefetchedWindow, type Window, type WindowLimits } from './window.ts'
import type { ExecutionRequest, StepRun, WorkQueue } from './work.ts'

/** Characters of a packet that ends soon enough after Ctrl-C. */
const longestPacket = 256 * 1024

/** Definitions in one packet, at most: each takes some milliseconds, however short its text is. */
const mostDefinitions = 16

type Kind = 'write' | 'definition'

interface Waiting extends QuickStatement {
  /** A `creation` is a definition that may run in parallel with the others of its packet. */
  readonly kind: Kind | 'creation' | null
  readonly isShard: boolean
}

const keyOf = (pass: number, statement: number): string => `${pass}/${statement}`

/** How a statement may be sent together with others; null when it must be sent separately. */
export function quickKindOf({ class: actual, source }: ReadyStatement): Kind | null {
  if (actual === 'data') return isQuickWrite(source) ? 'write' : null
  return actual === 'definition' && (isQuickCreation(source) || isQuickShardChange(source)) ? 'definition' : null
}

/** Quick statements whose rows are open together: run in one packet when the first one is due, reported one by one. */
class StatementBatch {
  #waiting: readonly Waiting[] = []
  readonly #done = new Map<string, TimedOutcome>()

  /** True when every outcome has been taken. */
  get isEmpty(): boolean {
    return this.#done.size === 0
  }

  /** True when all statements have run. */
  get isComplete(): boolean {
    return this.#waiting.length === 0
  }

  /**
   * Takes the members of a window whose rows were just opened.
   * @param atOnce whether creations may run in parallel
   */
  add(members: readonly StatementToOpen[], atOnce: boolean): void {
    this.#waiting = members.map(({ run, ready }) => ({
      text: ready.text,
      pass: run.pass,
      statement: ready.source.index,
      objects: ready.objects,
      kind: atOnce && ready.class === 'definition' && isLoneCreation(ready.source) ? 'creation' : quickKindOf(ready),
      isShard: ready.source.shard !== undefined,
    }))
  }

  has(pass: number, statement: number): boolean {
    return this.#done.has(keyOf(pass, statement))
  }

  /** The outcome of a statement, or null when it did not run in a packet. */
  take(pass: number, statement: number): TimedOutcome | null {
    const key = keyOf(pass, statement)
    const done = this.#done.get(key) ?? null
    this.#done.delete(key)
    return done
  }

  /**
   * Runs the statement and those after it; returns those that ran. One that fails is not reported here: the caller runs it
   * separately.
   * @param open rows that short writes open in their own packet, before anything of it runs
   */
  async run(
    request: Pick<ExecutionRequest, 'session' | 'stop' | 'statementTimeout' | 'guard'>,
    pass: number,
    statement: number,
    open: readonly RowToOpen[] = [],
  ): Promise<readonly Waiting[]> {
    const packet = this.#choose(pass, statement)
    let outcomes: readonly TimedOutcome[] = []
    const work = async (): Promise<StatementOutcome> => {
      outcomes = await send(request, packet, open)
      return { rows: null, warnings: [], lastInsertId: null }
    }
    const result = await attemptStatement({ ...request, work, blocked: () => {} })
    if (result.type === 'failed') return []
    for (const [index, outcome] of outcomes.entries()) {
      const one = packet[index]
      if (one !== undefined) this.#done.set(keyOf(one.pass, one.statement), outcome)
    }
    const before = this.#waiting.findIndex((one) => one.pass === pass && one.statement === statement)
    this.#waiting = this.#waiting.slice(before + outcomes.length)
    return packet.slice(0, outcomes.length)
  }

  /** The statement and those of its kind that directly follow, as many as one packet takes. */
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
  { session, guard }: Pick<ExecutionRequest, 'session' | 'guard'>,
  packet: readonly Waiting[],
  open: readonly RowToOpen[],
): Promise<readonly TimedOutcome[]> {
  const kind = packet[0]?.kind
  if (kind === 'creation' && session.createAtOnce !== undefined)
    return session.createAtOnce(packet.flatMap(({ text, objects }) => objects.map((table) => ({ text, table }))))
  if (kind === 'definition' && packet.some(({ isShard }) => isShard)) return sendShardChanges(session, guard, packet)
  if (kind !== 'write') return session.runTogether(packet.map(({ text }) => text))
  const started = performance.now()
  const outcomes = await session.runAndClose(packet, open)
  const milliseconds = (performance.now() - started) / Math.max(1, outcomes.length)
  return outcomes.map((outcome) => ({ ...outcome, milliseconds }))
}

/** Shards that others hold are left to the guard, one by one, and a packet waits in the lock queue as briefly as one definition. */
async function sendShardChanges(
  session: Session,
  guard: ExecutionRequest['guard'],
  packet: readonly Waiting[],
): Promise<readonly TimedOutcome[]> {
  const texts = packet.map(({ text }) => text)
  const transaction = guard?.transaction ?? null
  if (transaction === null) return session.runTogether(texts)
  const tables = packet.flatMap(({ objects }) => objects)
  // Where nobody can look, the guard says so when one of them runs alone.
  const holders = await session.findTableHolders(tables, transaction).catch(() => [])
  return holders.length > 0 ? [] : session.runTogether(texts, shortestLockWait)
}

/**
 * Opens rows a window at a time and runs the quick statements among them in packets. Windows of short writes that follow one
 * another overlap: the next one is opened and sent before the results of the current one are reported.
 */
export class StatementPipeline {
  readonly #request: ExecutionRequest
  readonly #widest: number
  readonly #queue: WorkQueue
  readonly #buffer: JournalBuffer
  readonly #batch = new StatementBatch()
  readonly #prefetched = new PrefetchedWindow((window) => this.#runAhead(window))

  constructor(request: ExecutionRequest, widest: number, queue: WorkQueue, buffer: JournalBuffer) {
    this.#request = request
    this.#widest = widest
    this.#queue = queue
    this.#buffer = buffer
  }

  /** True when no result is outstanding or still to be reported. */
  get isFullyReported(): boolean {
    return this.#batch.isEmpty && !this.#prefetched.isPending
  }

  /**
   * Opens a statement's row, with the rows that may be opened in the same write. Waits for them where they
   * were sent ahead, and throws the error that they ended with.
   */
  async ensureOpen(member: StatementToOpen, track: SessionTrack): Promise<void> {
    const { run, ready } = member
    const { index } = ready.source
    if (this.#prefetched.startsWith(member)) {
      await this.#prefetched.settle()
      await this.#sendNext(run, track)
    }
    if (!this.#buffer.isOpen(run.pass, index)) await this.#open(member, track)
  }

  /** The outcome of a quick statement, whose packet runs when the first of its statements is due; null when it did not succeed there. */
  async takeOutcome({ run, ready }: StatementToOpen, track: SessionTrack): Promise<TimedOutcome | null> {
    const { index } = ready.source
    if (!this.#batch.has(run.pass, index)) {
      if (ready.class === 'data') await this.#buffer.flush() // its packet commits, and would commit these, too
      this.#readAhead(await this.#batch.run(this.#request, run.pass, index))
      await this.#sendNext(run, track)
    }
    return this.#batch.take(run.pass, index)
  }

  /** A table that a packet has made is read for the record while the next packet runs. A shard is not recorded. */
  #readAhead(ran: readonly Waiting[]): void {
    const made = ran.filter(({ kind, isShard }) => kind === 'definition' && !isShard)
    const own = this.#request.session.target.schema
    const names = made.flatMap(({ objects }) => objects).filter(({ schema }) => schema === null || schema === own)
    if (names.length > 0) this.#request.record?.readAhead(names.map(({ name }) => name))
  }

  /** Waits until no packet is with the server. */
  async settle(): Promise<void> {
    await this.#prefetched.settle().catch(() => undefined)
  }

  async #open(first: StatementToOpen, track: SessionTrack): Promise<void> {
    const window = await collectWindow(first, this.#limits(first.run, track))
    await this.#buffer.open(await makeRows(window.members, this.#request.session))
    this.#batch.add(window.members, this.#request.session.createAtOnce !== undefined && track.leftovers() === null)
    this.#prefetched.startFrom(quickKindOf(first.ready) === 'write' && track.readsAsScanned ? window : null)
  }

  /** Opens and runs in one packet: between two packets the server would wait for the reports of the window before. */
  async #runAhead({ members }: Window): Promise<void> {
    const [first] = members
    if (first === undefined) return
    const rows = await makeRows(members, this.#request.session)
    this.#batch.add(members, false)
    await this.#batch.run(this.#request, first.run.pass, first.ready.source.index, rows)
    this.#buffer.markOpened(rows)
  }

  /** Sends nothing after a failed statement, which runs separately first, nor after a request to stop. */
  async #sendNext(run: StepRun, track: SessionTrack): Promise<void> {
    if (!this.#batch.isComplete || this.#request.stop.requested) return
    const limits = this.#limits(run, track)
    await this.#prefetched.send((before) => collectNext(before, limits))
  }

  #limits(run: StepRun, track: SessionTrack): WindowLimits {
    const { gates, schemas, hooks } = this.#request
    const session = { run, temporary: track.temporary, isChanged: track.leftovers() !== null }
    const asksFirst = hooks !== undefined && hooks !== null
    return { widest: this.#widest, queue: this.#queue, gates, schemas, session, asksFirst }
  }
}
