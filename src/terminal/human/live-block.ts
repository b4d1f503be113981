import type { TerminalSize, Writer } from '../reporter.ts'
import type { Paint } from '../text/paint.ts'
import { cutLine, type Line, lineWidth } from '../text/span.ts'

const eraseToEndOfLine = '\u001b[K'
const eraseBelow = '\u001b[J'

/**
 * Lines at the bottom of a terminal that are painted over in place. It writes and nothing else: no raw mode, no signal
 * handler, no hidden cursor, so Ctrl-C works and a killed process leaves the terminal as it was.
 */
export class LiveBlock {
  readonly #writer: Writer
  readonly #paint: Paint
  readonly #size: () => TerminalSize
  /** Widths of the lines that stand on the terminal. */
  #widths: readonly number[] = []

  constructor(writer: Writer, paint: Paint, size: () => TerminalSize) {
    this.#writer = writer
    this.#paint = paint
    this.#size = size
  }

  /** Paints over what is there: first the lines that stay for good, then those that the next painting replaces. */
  show(permanent: readonly Line[], live: readonly Line[]): void {
    const columns = this.#size().columns
    // The last column stays free: some terminals wrap as soon as it is filled.
    const lines = live.map((line) => cutLine(line, columns - 1))
    const text = [...permanent, ...lines].map((line) => `${this.#paint(line)}${eraseToEndOfLine}\n`).join('')
    const over = this.#backToFirst(columns)
    this.#widths = lines.map(lineWidth)
    if (text !== '' || over !== '') this.#writer.write(`${over}${text}${over === '' ? '' : eraseBelow}`)
  }

  /** Takes the lines off the terminal. */
  clear(): void {
    this.show([], [])
  }

  /** Moves to where the first line begins. A terminal that became narrower has broken our lines into several. */
  #backToFirst(columns: number): string {
    const rows = this.#widths.reduce((sum, width) => sum + Math.max(1, Math.ceil(width / columns)), 0)
    return rows === 0 ? '' : `\u001b[${rows}A\r`
  }
}
