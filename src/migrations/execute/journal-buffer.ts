import { type JournalChange, noChange, type RowToClose, type RowToOpen } from '../journal/rows.ts'
import type { Session } from '../ports.ts'
import { endOf, type StepRows } from './plain-way.ts'
import type { StepRun } from './work.ts'

/** A finished row waits for its closing write at most this long while others of its window run. */
const longestDelay = 1000

const keyOf = (at: { readonly pass: number; readonly statement: number }): string => `${at.pass}/${at.statement}`

/**
 * Buffers the journal rows of one target between two writes: rows that are open on the server, rows whose statements ran and that wait to be
 * closed, and steps that are complete once those are closed. Every write closes the waiting rows, so closing a row and opening the next is one write.
 */
export class JournalBuffer implements StepRows {
  readonly #session: Session
  readonly #onComplete: (run: StepRun, milliseconds: number) => void
  readonly #opened = new Map<string, RowToOpen>()
  #toClose: RowToClose[] = []
  #finished: { readonly run: StepRun; readonly milliseconds: number }[] = []
  #lastWrite = performance.now()

  /** @param onComplete called for each step once its rows are closed on the server */
  constructor(session: Session, onComplete: (run: StepRun, milliseconds: number) => void) {
    this.#session = session
    this.#onComplete = onComplete
  }

  isOpen = (pass: number, statement: number) => this.#opened.has(keyOf({ pass, statement }))

  get hasRowsToClose(): boolean {
    return this.#toClose.length > 0
  }

  open = async (rows: readonly RowToOpen[]) => {
    await this.write({ open: rows })
    this.markOpened(rows)
  }

  /** Records rows that the packet with their statements opened. */
  markOpened(rows: readonly RowToOpen[]): void {
    for (const row of rows) this.#opened.set(keyOf(row), row)
  }

  markTried = (pass: number, statement: number) => {
    const key = keyOf({ pass, statement })
    const row = this.#opened.get(key)
    this.#opened.delete(key)
    return row
  }

  /** Closes the row with the next write; now where the rest of its window takes long. */
  close = async (row: RowToClose) => {
    this.#toClose.push(row)
    if (this.#opened.size > 0 && performance.now() - this.#lastWrite > longestDelay) await this.flush()
  }

  finish = (run: StepRun, milliseconds: number) => {
    this.#finished.push({ run, milliseconds })
  }

  flush = async () => {
    if (this.#toClose.length > 0) await this.write({})
    else this.#reportFinished()
  }

  /** Closes the waiting rows as well. */
  settle = async (failed: RowToOpen | null, why: string) => {
    const change = endOf(failed, why, [...this.#opened.values()])
    this.#opened.clear()
    await (change === null ? this.flush() : this.write(change))
  }

  write = async (change: Partial<JournalChange>) => {
    const close = this.#toClose
    this.#toClose = []
    await this.#session.writeJournal({ ...noChange, ...change, close })
    this.#lastWrite = performance.now()
    this.#reportFinished()
  }

  #reportFinished(): void {
    const finished = this.#finished
    this.#finished = []
    for (const { run, milliseconds } of finished) this.#onComplete(run, milliseconds)
  }
}
