import { formatSeconds } from '../../core/duration.ts'
import type { TerminalSize, Writer } from '../reporter.ts'
import type { Paint } from '../text/paint.ts'
import { cutLine, type Line, lineWidth, type Span, type Tone, toned } from '../text/span.ts'
import { alignTable } from '../text/table.ts'
import { detailActivity, nameActivity } from './activity.ts'
import { symbols } from './page.ts'
import type { RunProgress, TargetProgress } from './run-progress.ts'

const eraseToEndOfLine = '\u001b[K'
const eraseBelow = '\u001b[J'

/**
 * Lines at the bottom of a terminal that are repainted in place. It only writes: no raw mode, no signal handler, no
 * hidden cursor, so Ctrl-C works and a killed process leaves the terminal as it was.
 */
export class LiveBlock {
  readonly #writer: Writer
  readonly #paint: Paint
  readonly #size: () => TerminalSize
  /** Widths of the lines that are on the terminal. */
  #widths: readonly number[] = []

  constructor(writer: Writer, paint: Paint, size: () => TerminalSize) {
    this.#writer = writer
    this.#paint = paint
    this.#size = size
  }

  /** Repaints the block: first the lines that stay permanently, then those that the next painting replaces. */
  show(permanent: readonly Line[], live: readonly Line[]): void {
    const columns = this.#size().columns
    // The last column stays free: some terminals wrap as soon as it is filled.
    const lines = live.map((line) => cutLine(line, columns - 1))
    const text = [...permanent, ...lines].map((line) => `${this.#paint(line)}${eraseToEndOfLine}\n`).join('')
    const over = this.#backToFirst(columns)
    this.#widths = lines.map(lineWidth)
    if (text !== '' || over !== '') this.#writer.write(`${over}${text}${over === '' ? '' : eraseBelow}`)
  }

  /** Removes the lines from the terminal. */
  clear(): void {
    this.show([], [])
  }

  /** Moves to the start of the first line. A terminal that became narrower has broken the lines into several. */
  #backToFirst(columns: number): string {
    const rows = this.#widths.reduce((sum, width) => sum + Math.max(1, Math.ceil(width / columns)), 0)
    return rows === 0 ? '' : `\u001b[${rows}A\r`
  }
}

const frames = ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏'] as const

/** Where and when the lines are shown. */
interface LiveView {
  /** Milliseconds of the reporter's clock. */
  readonly now: number
  /** Counts repaintings, for the spinner. */
  readonly frame: number
  readonly columns: number
  readonly rows: number
}

/**
 * One line for every database that has something to do: its progress, its activity and for how long; and a second line
 * where it waits for a connection. Never wider than the terminal, and always fewer than its rows: lines that have
 * scrolled away cannot be repainted.
 */
export function renderLiveLines(progress: RunProgress, view: LiveView): readonly Line[] {
  const turning = frames[view.frame % frames.length] ?? frames[0]
  const running = progress.running
  const rows = running.map((target) => row(target, turning, view.now))
  const outside = progress.outside
  if (outside !== null) rows.push(outsideRow(outside.message, turning, view.now - outside.since))
  const aligned = alignTable(rows, { columns: view.columns, indent: 0, flexible: [3] })
  const lines = aligned.flatMap((line, index) => [line, ...detailLines(running[index], view.columns)])
  const room = Math.max(1, view.rows - 2)
  return limitLines(lines.length > room ? aligned : lines, room)
}

/** Work outside the databases, or the only database while it is connecting: one line without its sign; null where there is more to show. */
export function renderSingleWait(progress: RunProgress, now: number): Line | null {
  const [target, ...others] = progress.running
  if (progress.outside !== null && target === undefined)
    return waitText([progress.outside.message], progress.outside.since, now)
  if (target === undefined || others.length > 0 || progress.outside !== null) return null
  if (target.activity.type !== 'starting') return null
  return waitText([toned('strong', target.target.database), ' ', nameActivity(target)], target.activity.since, now)
}

function waitText(text: Line, since: number, now: number): Line {
  return [...text, toned('faint', `  ${formatSeconds(Math.floor((now - since) / 1000))}`)]
}

/** A second line for a target that waits for a connection: whose connection it is. */
function detailLines(progress: TargetProgress | undefined, columns: number): readonly Line[] {
  const detail = progress === undefined ? null : detailActivity(progress)
  return detail === null ? [] : [cutLine(['    ', toned('faint', detail)], columns)]
}

function limitLines(lines: readonly Line[], room: number): readonly Line[] {
  if (lines.length <= room) return lines
  return [...lines.slice(0, room - 1), [toned('faint', `  and ${lines.length - room + 1} more`)]]
}

function row(progress: TargetProgress, turning: string, now: number): readonly Line[] {
  const { activity, target, stepsDone, steps } = progress
  const tone = toneOf(progress)
  const sign: Span = activity.type === 'waiting' ? toned('faint', symbols.idle) : toned('active', turning)
  const text = nameActivity(progress)
  return [
    [sign, ' ', toned('strong', target.database)],
    steps === null ? [] : [toned('faint', `${stepsDone}/${steps}`)],
    [formatSeconds(Math.floor((now - activity.since) / 1000)).padStart(4)],
    [tone === null ? text : toned(tone, text)],
  ]
}

function outsideRow(message: string, turning: string, milliseconds: number): readonly Line[] {
  return [[toned('active', turning), ' ', message], [], [formatSeconds(Math.floor(milliseconds / 1000)).padStart(4)]]
}

function toneOf({ activity }: TargetProgress): Tone | null {
  if (activity.type === 'locked-out') return 'warning'
  if (activity.type === 'statement' || activity.type === 'fan-out')
    return activity.blockedBy.length > 0 ? 'warning' : null
  return 'faint'
}
