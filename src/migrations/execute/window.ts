import type { Statement } from '../../sql/statement.ts'
import type { Schemas } from '../plan/placeholders.ts'
import { stepName } from '../plan.ts'
import type { RowToOpen, Session } from '../ports.ts'
import { statementRow } from './journal-buffer.ts'
import { companionsOf, type ReadyStatement, readyStatement } from './ready-statement.ts'
import { digestDefinitions } from './recover.ts'
import type { Gates } from './scheduling.ts'
import { widestWindow } from './window-width.ts'
import type { StepRun, WorkQueue } from './work.ts'

/** A statement whose row is about to be opened. */
export interface WindowMember {
  readonly run: StepRun
  readonly ready: ReadyStatement
}

/** Statements whose rows are opened in one write. */
export interface Window {
  readonly members: readonly WindowMember[]
  /** The position in the queue behind its last member. */
  readonly end: number
  /** True when its width alone ended it: what follows may be opened likewise. */
  readonly isFull: boolean
}

/** The session that the statements will run in, as it is now. */
interface SessionNow {
  /** Whose statements have changed it. */
  readonly run: StepRun
  readonly temporary: ReadonlySet<string>
  readonly isChanged: boolean
}

/** What decides how far a window goes. */
export interface Outlook {
  readonly queue: WorkQueue
  readonly gates: Gates
  readonly schemas: Schemas
  readonly session: SessionNow
}

/** The statement, and those after it whose rows may be opened in the same write (see `companionsOf`). */
export async function collectWindow(first: WindowMember, outlook: Outlook): Promise<Window> {
  const { source } = first.ready
  const alone: Window = { members: [first], end: outlook.queue.position, isFull: false }
  const joins = first.ready.class === source.class ? companionsOf(source) : null
  return joins === null ? alone : widen(alone, first.run, joins, outlook)
}

/** The window directly behind a full one, of statements like its own; null where none follow. */
export async function collectNext(before: Window, outlook: Outlook): Promise<Window | null> {
  const last = before.members.at(-1)
  const joins = last === undefined ? null : companionsOf(last.ready.source)
  if (!before.isFull || last === undefined || joins === null) return null
  const window = await widen({ ...before, members: [] }, last.run, joins, outlook)
  return window.members.length === 0 ? null : window
}

/** Takes in what follows, as far as it may be opened in the same write. */
async function widen(
  { members: given, end: from }: Window,
  run: StepRun,
  joins: (statement: Statement) => boolean,
  { queue, gates, schemas, session }: Outlook,
): Promise<Window> {
  const members = [...given]
  let end = from
  let current = run
  for (let position = from; members.length < widestWindow; position += 1) {
    const work = await queue.peek(position)
    const isOver = { members, end, isFull: false }
    if (work === undefined) return isOver
    // The next migration's statements may not run in the session that this one has changed.
    if (work.type === 'end' && session.isChanged && current === session.run) return isOver
    if (work.type === 'end' && gates.isAwaited(stepName(current.step))) return isOver
    if (work.type === 'begin' && (work.run.resumption !== null || !gates.isOpen(work.run.step.after))) return isOver
    if (work.type === 'begin') current = work.run
    if (work.type === 'begin' || work.type === 'end') continue
    if (work.type !== 'statement' || !joins(work.statement)) return isOver
    const own = work.run === session.run ? session.temporary : new Set<string>()
    const ready = readyStatement(work.statement, work.statement, schemas, own)
    if (ready.class !== work.statement.class) return isOver // on a temporary table
    // Of two that make the same thing one must fail; looked at later, the thing made by the first would speak for both.
    if (ready.class === 'definition' && members.some((member) => sharesName(member.ready, ready))) return isOver
    members.push({ run: work.run, ready })
    end = position + 1
  }
  return { members, end, isFull: true }
}

/** Names alone are compared: that a schema is written out, or letters are capitals, may make no difference. */
function sharesName(one: ReadyStatement, other: ReadyStatement): boolean {
  const names = new Set(one.objects.map((object) => object.name.toLowerCase()))
  return other.objects.some((object) => names.has(object.name.toLowerCase()))
}

function isSettledByLooking(ready: ReadyStatement): boolean {
  return (ready.class === 'definition' || ready.class === 'account') && ready.objects.length > 0
}

/** The rows to open, each with the fingerprint of its objects as they are now: read for all of them together. */
export async function makeRows(members: readonly WindowMember[], session: Session): Promise<readonly RowToOpen[]> {
  const looked = members.filter((member) => isSettledByLooking(member.ready))
  const objects = looked.flatMap((member) => member.ready.objects)
  const identity = members.some((member) => member.ready.evidence !== 'definition')
  const definitions = objects.length === 0 ? [] : await session.readDefinitions(objects, identity)
  let read = 0
  return members.map(({ run, ready }) => {
    if (!isSettledByLooking(ready)) return statementRow(run, ready, null)
    const own = definitions.slice(read, read + ready.objects.length)
    read += ready.objects.length
    return statementRow(run, ready, isTelling(ready, own) ? digestDefinitions(ready.objects, own) : null)
  })
}

/**
 * False where looking will not tell. Two tables that look the same even with their identity (made in the same second,
 * InnoDB's numbers not to be read) could be swapped without a trace; exchanged partitions show in the numbers alone.
 */
function isTelling(ready: ReadyStatement, definitions: readonly (string | null)[]): boolean {
  // A swap names its tables twice.
  const byName = new Map(
    ready.objects.map((object, index) => [`${object.schema}.${object.name}`, definitions[index] ?? null]),
  )
  const present = [...byName.values()].filter((definition) => definition !== null)
  switch (ready.evidence) {
    case 'definition':
      return true
    case 'identity':
      return new Set(present).size === present.length
    case 'number':
      return present.every((definition) => /\n#[\d,]+$/.test(definition))
    case 'nothing':
      return false
  }
}

/**
 * Keeps the server at work while people are told what ran: of windows that follow one another, the next one is sent as soon
 * as the one before it is through, and the one behind that is collected meanwhile.
 */
export class WindowAhead {
  readonly #run: (window: Window) => Promise<void>
  #present: Window | null = null
  #next: Window | null = null
  #underWay: Promise<{ readonly error: unknown } | null> | null = null

  /** @param run opens a window's rows and runs it */
  constructor(run: (window: Window) => Promise<void>) {
    this.#run = run
  }

  /** True while a window was sent ahead of which nobody was told, whether or not it has been answered. */
  get isUnderWay(): boolean {
    return this.#underWay !== null
  }

  /** True for the first statement of the window that was sent ahead. */
  beginsWith({ run, ready }: WindowMember): boolean {
    const first = this.isUnderWay ? this.#present?.members[0] : undefined
    return first?.run === run && first.ready.source === ready.source
  }

  /** @param window whose rows were just opened; null where the one behind it may not be sent ahead */
  follow(window: Window | null): void {
    this.#present = window
    this.#next = null
  }

  /**
   * The present window is through: sends the next one, and does not wait for the answers.
   * @param collect gives the window directly behind one, null where there is none
   */
  async send(collect: (before: Window) => Promise<Window | null>): Promise<void> {
    const next = this.#next ?? (this.#present === null ? null : await collect(this.#present))
    this.follow(next)
    if (next === null) return
    this.#underWay = this.#run(next).then(
      () => null,
      (error: unknown) => ({ error }),
    )
    this.#next = await collect(next)
  }

  /** Waits for the window that was sent ahead. Throws what it met. */
  async land(): Promise<void> {
    const met = await this.#underWay
    this.#underWay = null
    if (met !== null) throw met.error
  }
}
