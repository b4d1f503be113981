import type { Statement } from '../../sql/statement.ts'
import type { Schemas } from '../plan/placeholders.ts'
import { stepName } from '../plan.ts'
import { joinableWith, type ReadyStatement, readyStatement } from './ready-statement.ts'
import type { StatementToOpen } from './step-rows.ts'
import type { Gates, StepRun, WorkQueue } from './work.ts'

/** Statements whose rows are opened in one write. */
export interface Window {
  readonly members: readonly StatementToOpen[]
  /** The position in the queue after its last member. */
  readonly end: number
  /** True when only its width ended it: the statements after it may be opened in the same way. */
  readonly isFull: boolean
}

/** The session that the statements will run in, in its current state. */
interface SessionNow {
  /** The step whose statements have changed it. */
  readonly run: StepRun
  readonly temporary: ReadonlySet<string>
  readonly isChanged: boolean
}

/** The limits of a window. */
export interface WindowLimits {
  /** Rows in one window, at most. */
  readonly widest: number
  readonly queue: WorkQueue
  readonly gates: Gates
  readonly schemas: Schemas
  readonly session: SessionNow
  /** True where each migration is confirmed by hooks before any of it is sent. */
  readonly asksFirst: boolean
}

/** The statement, and those after it whose rows may be opened in the same write (see `joinableWith`). */
export async function collectWindow(first: StatementToOpen, limits: WindowLimits): Promise<Window> {
  const { source } = first.ready
  const alone: Window = { members: [first], end: limits.queue.position, isFull: false }
  const joins = first.ready.class === source.class ? joinableWith(source) : null
  return joins === null ? alone : widen(alone, first.run, joins, limits)
}

/** The window directly after a full one, of statements like its own; null where none follow. */
export async function collectNext(before: Window, limits: WindowLimits): Promise<Window | null> {
  const last = before.members.at(-1)
  const joins = last === undefined ? null : joinableWith(last.ready.source)
  if (!before.isFull || last === undefined || joins === null) return null
  const window = await widen({ ...before, members: [] }, last.run, joins, limits)
  return window.members.length === 0 ? null : window
}

/** Adds the statements that follow, as far as they may be opened in the same write. */
async function widen(
  { members: given, end: from }: Window,
  run: StepRun,
  joins: (statement: Statement) => boolean,
  { widest, queue, gates, schemas, session, asksFirst }: WindowLimits,
): Promise<Window> {
  const members = [...given]
  let end = from
  let current = run
  for (let position = from; members.length < widest; position += 1) {
    const work = await queue.peek(position)
    const isOver = { members, end, isFull: false }
    if (work === undefined) return isOver
    // The next migration's statements may not run in the session that this one has changed.
    if (work.type === 'end' && session.isChanged && current === session.run) return isOver
    if (work.type === 'end' && gates.isAwaited(stepName(current.step))) return isOver
    if (work.type === 'begin' && asksFirst) return isOver
    if (work.type === 'begin' && (work.run.resumption !== null || !gates.isOpen(work.run.step.after))) return isOver
    if (work.type === 'begin') current = work.run
    if (work.type === 'begin' || work.type === 'end') continue
    if (work.type !== 'statement' || !joins(work.statement)) return isOver
    const own = work.run === session.run ? session.temporary : new Set<string>()
    const ready = readyStatement(work.statement, work.statement, schemas, own)
    if (ready.class !== work.statement.class) return isOver // on a temporary table
    // Of two that create the same object one must fail; compared later, the object of the first would be taken for that of both.
    if (ready.class === 'definition' && members.some((member) => sharesName(member.ready, ready))) return isOver
    members.push({ run: work.run, ready })
    end = position + 1
  }
  return { members, end, isFull: true }
}

/** Compares names only: a written schema or capital letters may make no difference. */
function sharesName(one: ReadyStatement, other: ReadyStatement): boolean {
  const names = new Set(one.objects.map((object) => object.name.toLowerCase()))
  return other.objects.some((object) => names.has(object.name.toLowerCase()))
}

/**
 * Keeps the server busy while results are reported: of windows that follow one another, the next one is sent as soon as the one before it
 * has run, and the one after that is collected meanwhile.
 */
export class PrefetchedWindow {
  readonly #run: (window: Window) => Promise<void>
  #present: Window | null = null
  #next: Window | null = null
  #pending: Promise<{ readonly error: unknown } | null> | null = null

  /** @param run opens a window's rows and runs it */
  constructor(run: (window: Window) => Promise<void>) {
    this.#run = run
  }

  /** True while a window that was sent ahead is not settled, whether or not it has been answered. */
  get isPending(): boolean {
    return this.#pending !== null
  }

  /** True for the first statement of the window that was sent ahead. */
  startsWith({ run, ready }: StatementToOpen): boolean {
    const first = this.isPending ? this.#present?.members[0] : undefined
    return first?.run === run && first.ready.source === ready.source
  }

  /** @param window whose rows were just opened; null where no window may be sent ahead of its results */
  startFrom(window: Window | null): void {
    this.#present = window
    this.#next = null
  }

  /**
   * The current window has run: sends the next one, and does not wait for its results.
   * @param collect returns the window directly after one, null where there is none
   */
  async send(collect: (before: Window) => Promise<Window | null>): Promise<void> {
    const next = this.#next ?? (this.#present === null ? null : await collect(this.#present))
    this.startFrom(next)
    if (next === null) return
    this.#pending = this.#run(next).then(
      () => null,
      (error: unknown) => ({ error }),
    )
    this.#next = await collect(next)
  }

  /** Waits for the window that was sent ahead. Throws the error that it ended with. */
  async settle(): Promise<void> {
    const settled = await this.#pending
    this.#pending = null
    if (settled !== null) throw settled.error
  }
}
