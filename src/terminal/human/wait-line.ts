import { Writable } from 'node:stream'
import type { Ora } from 'ora'
import type { TerminalSize, Writer } from '../reporter.ts'
import type { Paint } from '../text/paint.ts'
import type { Line } from '../text/span.ts'
import { cutLine, toned } from '../text/span.ts'

const frames = ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏'] as const

/** Begin and end of synchronized output: if the process were killed in between, the terminal would paint nothing more. */
const synchronizing: ReadonlySet<string> = new Set(['\u001b[?2026h', '\u001b[?2026l'])

/**
 * The part of a terminal that ora uses. The process's own streams are left alone: ora would replace their `write` while it
 * spins.
 */
class LineStream extends Writable {
  readonly isTTY = true
  readonly #writer: Writer
  readonly #size: () => TerminalSize

  constructor(writer: Writer, size: () => TerminalSize) {
    super({ decodeStrings: false })
    this.#writer = writer
    this.#size = size
  }

  get columns(): number {
    return this.#size().columns
  }

  override _write(chunk: unknown, _encoding: BufferEncoding, done: () => void): void {
    if (!synchronizing.has(String(chunk))) this.#writer.write(String(chunk))
    done()
  }

  cursorTo(column: number): void {
    this.#writer.write(column === 0 ? '\r' : `\u001b[${column + 1}G`)
  }

  moveCursor(_columns: number, rows: number): void {
    if (rows < 0) this.#writer.write(`\u001b[${-rows}A`)
  }

  clearLine(): void {
    this.#writer.write('\u001b[K')
  }
}

/**
 * A spinner on a single line for one wait, drawn by ora. It is painted by the reporter's timer: ora's own timer would keep the process
 * alive. stdin, signals and the cursor stay as they are, so Ctrl-C works and a killed process leaves the terminal intact.
 */
export class WaitLine {
  readonly #stream: LineStream
  readonly #paint: Paint
  readonly #size: () => TerminalSize
  #ora: Ora | null = null
  #isLoading = false
  #isShown = false

  constructor(writer: Writer, paint: Paint, size: () => TerminalSize) {
    this.#stream = new LineStream(writer, size)
    this.#paint = paint
    this.#size = size
  }

  /** Repaints the line. Nothing is shown until ora is loaded, which the first call starts. */
  show(text: Line): void {
    if (this.#ora === null) {
      this.#load()
      return
    }
    this.#ora.text = this.#paint(cutLine(text, this.#size().columns - 3))
    this.#ora.render()
    this.#isShown = true
  }

  /** Removes the line from the terminal. */
  clear(): void {
    if (!this.#isShown) return
    this.#ora?.clear()
    this.#isShown = false
  }

  #load(): void {
    if (this.#isLoading) return
    this.#isLoading = true
    void import('ora').then(({ default: ora }) => {
      const spinner = { interval: 1, frames: frames.map((frame) => this.#paint([toned('active', frame)])) }
      this.#ora = ora({
        stream: this.#stream,
        spinner,
        color: false,
        isEnabled: true,
        discardStdin: false,
        hideCursor: false,
      })
    })
  }
}
