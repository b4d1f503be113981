import type { Migration } from '../../core/migration.ts'
import type { Step } from '../plan.ts'
import { type JournalChange, noChange, type RowToClose, type RowToOpen, type Session } from '../ports.ts'
import type { ReadyStatement } from './ready-statement.ts'
import type { StepRun } from './work.ts'

const keyOf = (at: { readonly pass: number; readonly statement: number }): string => `${at.pass}/${at.statement}`

/**
 * Keeps the rows of one target between two writes: which are open on the server, which have run and wait to be closed,
 * which steps are complete but for that. Every write closes what waits, so closing a row and opening the next is one.
 */
export class JournalDesk {
  readonly #session: Session
  readonly #announce: (run: StepRun) => void
  readonly #opened = new Map<string, RowToOpen>()
  #toClose: RowToClose[] = []
  #finished: StepRun[] = []
  #lastWrite = performance.now()

  /** @param announce hears of each step once its rows are closed on the server */
  constructor(session: Session, announce: (run: StepRun) => void) {
    this.#session = session
    this.#announce = announce
  }

  /** True when the row was opened and its statement has not been tried yet. */
  isOpen(pass: number, statement: number): boolean {
    return this.#opened.has(keyOf({ pass, statement }))
  }

  /** True when the write that closes what has run should no longer be put off for the rest of its window. */
  isOverdue(milliseconds: number): boolean {
    return this.#opened.size > 0 && performance.now() - this.#lastWrite > milliseconds
  }

  get hasRowsToClose(): boolean {
    return this.#toClose.length > 0
  }

  async open(rows: readonly RowToOpen[]): Promise<void> {
    await this.#write({ ...noChange, open: rows })
    this.opened(rows)
  }

  /** Takes note of rows that were opened by the packet that runs their statements. */
  opened(rows: readonly RowToOpen[]): void {
    for (const row of rows) this.#opened.set(keyOf(row), row)
  }

  /** The statement ran, or is known not to have: its row is no longer one that nobody tried. */
  tried(pass: number, statement: number): RowToOpen | undefined {
    const key = keyOf({ pass, statement })
    const row = this.#opened.get(key)
    this.#opened.delete(key)
    return row
  }

  /** Closes the row with the next write. */
  closeLater(row: RowToClose): void {
    this.#toClose.push(row)
  }

  /** The step is complete once what waits is closed. */
  finish(run: StepRun): void {
    this.#finished.push(run)
  }

  amend(pass: number, total: number, checksum: string): Promise<void> {
    return this.#write({ ...noChange, amend: { pass, total, checksum } })
  }

  async flush(): Promise<void> {
    if (this.#toClose.length > 0) await this.#write(noChange)
    else this.#announceFinished()
  }

  /** Nothing after this will run: closes what ran, records what failed, removes the rows whose statements were never tried. */
  async settle(failed: RowToOpen | null, why: string): Promise<void> {
    const fail = failed === null ? [] : [{ pass: failed.pass, statement: failed.statement, error: why.slice(0, 1000) }]
    const drop = [...this.#opened.values()]
    this.#opened.clear()
    if (this.#toClose.length + fail.length + drop.length > 0) await this.#write({ ...noChange, fail, drop })
    else this.#announceFinished()
  }

  async #write(change: JournalChange): Promise<void> {
    const close = this.#toClose
    this.#toClose = []
    await this.#session.writeJournal({ ...change, close })
    this.#lastWrite = performance.now()
    this.#announceFinished()
  }

  #announceFinished(): void {
    const finished = this.#finished
    this.#finished = []
    for (const run of finished) this.#announce(run)
  }
}

type OfStep = Pick<RowToOpen, 'pass' | 'version' | 'name' | 'kind' | 'direction' | 'checksum' | 'total'>

function ofStep(run: StepRun): OfStep {
  const { migration, type, total } = run.step
  return {
    pass: run.pass,
    version: migration.version,
    name: migration.name,
    kind: type === 'record' ? 'mark' : migration.kind,
    direction: type === 'revert' ? 'down' : 'up',
    checksum: migration.checksum,
    total: Math.max(1, total),
  }
}

/** The row of a statement; `fingerprint` null where looking at objects is no help. */
export function statementRow(run: StepRun, ready: ReadyStatement, fingerprint: string | null): RowToOpen {
  return {
    ...ofStep(run),
    statement: ready.source.index,
    hash: ready.source.hash,
    class: ready.class,
    summary: ready.summary,
    objects: ready.objects,
    fingerprint,
    identity: ready.evidence !== 'definition',
  }
}

/** The row of a data migration: the whole module is one statement. */
export function moduleRow(run: StepRun): RowToOpen {
  const { migration, type } = run.step
  return {
    ...ofStep(run),
    statement: 0,
    hash: migration.checksum,
    class: 'module',
    summary: moduleSummary(migration, type),
    objects: [],
    fingerprint: null,
    identity: false,
  }
}

function moduleSummary({ file, shards }: Migration, type: Step['type']): string {
  const part = type === 'revert' ? 'down' : 'up'
  return shards === undefined ? `${part}() of ${file}` : `${part} on every shard of ${shards}`
}

/** The row of a step that only records. */
export function recordRow(run: StepRun): RowToOpen {
  return {
    ...ofStep(run),
    statement: 0,
    total: 1,
    hash: run.step.migration.checksum,
    class: 'record',
    summary: 'recorded only',
    objects: [],
    fingerprint: null,
    identity: false,
  }
}
