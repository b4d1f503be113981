import type { RecordChange } from '../../ddl/recorded-schema.ts'
import { type JournalChange, noChange, openRow, type RowToClose, type RowToOpen } from '../journal/rows.ts'
import type { Migration } from '../migration.ts'
import type { Step } from '../plan.ts'
import type { Session } from '../ports.ts'
import type { ReadyStatement } from './ready-statement.ts'
import { digestDefinitions, identifiedBy } from './recover.ts'
import type { StepRun } from './work.ts'

const keyOf = (at: { readonly pass: number; readonly statement: number }): string => `${at.pass}/${at.statement}`

/**
 * Buffers the journal rows of one target between two writes: rows that are open on the server, rows whose statements ran and that wait to be
 * closed, and steps that are complete once those are closed. Every write closes the waiting rows, so closing a row and opening the next is one write.
 */
export class JournalBuffer {
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

  /** True when the row is open on the server and its statement has not been sent yet. */
  isOpen(pass: number, statement: number): boolean {
    return this.#opened.has(keyOf({ pass, statement }))
  }

  /** True when the waiting rows should be closed now, before the rest of their window has run. */
  isOverdue(milliseconds: number): boolean {
    return this.#opened.size > 0 && performance.now() - this.#lastWrite > milliseconds
  }

  get hasRowsToClose(): boolean {
    return this.#toClose.length > 0
  }

  async open(rows: readonly RowToOpen[]): Promise<void> {
    await this.#write({ ...noChange, open: rows })
    this.markOpened(rows)
  }

  /** Records rows that the packet with their statements opened. */
  markOpened(rows: readonly RowToOpen[]): void {
    for (const row of rows) this.#opened.set(keyOf(row), row)
  }

  /** The statement was sent: its row is no longer removed when the run ends. Returns the row. */
  markTried(pass: number, statement: number): RowToOpen | undefined {
    const key = keyOf({ pass, statement })
    const row = this.#opened.get(key)
    this.#opened.delete(key)
    return row
  }

  /** Closes the row with the next write. */
  closeLater(row: RowToClose): void {
    this.#toClose.push(row)
  }

  /** The step is complete once the waiting rows are closed. `milliseconds` is how long it took. */
  finish(run: StepRun, milliseconds: number): void {
    this.#finished.push({ run, milliseconds })
  }

  amend(pass: number, total: number, checksum: string): Promise<void> {
    return this.#write({ ...noChange, amend: { pass, total, checksum } })
  }

  async flush(): Promise<void> {
    if (this.#toClose.length > 0) await this.#write(noChange)
    else this.#reportFinished()
  }

  /** The last write of a run: closes the waiting rows, and records the schema with it. */
  record(record: RecordChange): Promise<void> {
    return this.#write({ ...noChange, record })
  }

  /** Ends the buffer: closes the rows of statements that ran, records the failed one, removes the rows of statements that were never sent. */
  async settle(failed: RowToOpen | null, why: string): Promise<void> {
    const fail = failed === null ? [] : [{ pass: failed.pass, statement: failed.statement, error: why.slice(0, 1000) }]
    const drop = [...this.#opened.values()]
    this.#opened.clear()
    if (this.#toClose.length + fail.length + drop.length > 0) await this.#write({ ...noChange, fail, drop })
    else this.#reportFinished()
  }

  async #write(change: JournalChange): Promise<void> {
    const close = this.#toClose
    this.#toClose = []
    await this.#session.writeJournal({ ...change, close })
    this.#lastWrite = performance.now()
    this.#reportFinished()
  }

  #reportFinished(): void {
    const finished = this.#finished
    this.#finished = []
    for (const { run, milliseconds } of finished) this.#onComplete(run, milliseconds)
  }
}

/** What the rows of one step have in common. */
function rowsOf(run: StepRun) {
  const { migration, type, total } = run.step
  return {
    pass: run.pass,
    version: migration.version,
    name: migration.name,
    kind: migration.squashes !== undefined ? 'squash' : type === 'record' ? 'mark' : migration.kind,
    direction: type === 'revert' ? 'down' : 'up',
    checksum: migration.checksum,
    total: Math.max(1, total),
  } as const
}

/** What was read of the objects of a statement, with or without what identifies tables. */
interface ReadObjects {
  readonly definitions: readonly (string | null)[]
  readonly identity: boolean
}

/** The row of a statement; `read` is null where comparing objects proves nothing. */
export function statementRow(run: StepRun, ready: ReadyStatement, read: ReadObjects | null): RowToOpen {
  const by = identifiedBy(read?.definitions ?? [])
  const missing = run.step.missing?.get(ready.source.index)
  return openRow({
    ...rowsOf(run),
    statement: ready.source.index,
    hash: ready.source.hash,
    class: ready.class,
    summary: ready.summary,
    objects: ready.objects,
    fingerprint: read === null ? null : digestDefinitions(ready.objects, read.definitions),
    // Of several that were read together, all were read in the same way.
    identity: read?.identity ?? ready.evidence !== 'definition',
    ...(by === null ? {} : { identifiedBy: by }),
    ...(missing === undefined ? {} : { missing }),
  })
}

/** The row of a data migration: the whole module is one statement. */
export function moduleRow(run: StepRun): RowToOpen {
  const { migration, type } = run.step
  return openRow({ ...rowsOf(run), class: 'module', summary: moduleSummary(migration, type) })
}

function moduleSummary({ file, shards }: Migration, type: Step['type']): string {
  const part = type === 'revert' ? 'down' : 'up'
  return shards === undefined ? `${part}() of ${file}` : `${part} on every shard of ${shards}`
}

/** The row of a step that only records. */
export function recordRow(run: StepRun): RowToOpen {
  return openRow({ ...rowsOf(run), total: 1, class: 'record', summary: 'recorded only' })
}
