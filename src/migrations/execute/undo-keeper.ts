import type { StatementOutcome } from '../../mysql/facts.ts'
import type { KeyRange } from '../../operate/batches/key-range.ts'
import type { Walk } from '../../operate/batches/read-walk.ts'
import { isSameKept, type Kept } from '../../operate/undo/kept.ts'
import {
  createRegistry,
  forgetRecord,
  insertRecord,
  newUndoName,
  recordComplete,
  type UndoRecord,
} from '../../operate/undo/undo-record.ts'
import { canForetell, countKept, createUndoTable, finishChunk, keepRows } from '../../operate/undo/undo-table.ts'
import { quoteName } from '../../sql/quote-name.ts'
import type { Session } from '../ports.ts'
import { readUndoRecords } from '../undo/read-records.ts'
import { AddedRows } from './added-rows.ts'

/** Which statement of which migration is in batches. */
export type BatchPlace = Pick<UndoRecord, 'version' | 'direction' | 'statement'>

/** Keeps the rows of one batch as they were, each in the transaction of its chunk. */
export class UndoKeeper {
  readonly name: string
  readonly #session: Session
  readonly #kept: Kept
  #isWide: boolean
  /** Of an INSERT. */
  #added: AddedRows | null = null

  /** @param name the undo table, which is there */
  constructor(session: Session, name: string, kept: Kept, walk: Walk) {
    this.#session = session
    this.name = name
    this.#kept = kept
    this.#isWide = !canForetell(walk)
    if (kept.verb === 'INSERT') this.#added = new AddedRows(session, name, kept, walk)
  }

  /** Makes the undo table of a batch that begins. What an earlier attempt at it kept can be undone from now on; an empty table of one is taken over. */
  static async begin(session: Session, at: BatchPlace, { kept, grace }: KeptRows, walk: Walk): Promise<UndoKeeper> {
    await session.run(createRegistry)
    for (const record of (await readUndoRecords(session.ask)).filter((one) => isLeft(one, at, kept))) {
      const { name, isThere } = record
      const rows = isThere ? await session.ask(`SELECT 1 FROM ${quoteName(name)} LIMIT 1`) : []
      if (isThere && rows.length === 0 && isSameKept(record.kept, kept))
        return new UndoKeeper(session, name, kept, walk)
      await session.run(isThere ? recordComplete(name, grace) : forgetRecord(name))
    }
    const name = newUndoName(kept.table)
    await session.run(insertRecord({ ...at, name, kept }, grace))
    // It commits the row that names it: whatever ends the run between them leaves no table that nothing names.
    await session.run(createUndoTable(name, kept))
    return new UndoKeeper(session, name, kept, walk)
  }

  /** Runs a chunk: what it changes is kept in the same transaction, which is still to be committed. */
  async run(text: string, walk: Walk, range: KeyRange): Promise<StatementOutcome> {
    if (this.#added !== null) return this.#added.run(text)
    const outcome = await this.#keepAndRun(text, walk, range)
    if (outcome !== null) return outcome
    // Rows that were not foreseen: from here on every row of a range is kept first.
    this.#isWide = true
    await this.#session.rollback()
    const again = await this.#keepAndRun(text, walk, range)
    if (again === null) throw new Error('a batch that keeps every row of its range keeps those that it changes')
    return again
  }

  /** Null where the statement has changed other rows than those that were kept. */
  async #keepAndRun(text: string, walk: Walk, range: KeyRange): Promise<StatementOutcome | null> {
    const session = this.#session
    await session.run(keepRows(this.name, this.#kept, walk, range, this.#isWide))
    const [[kept = '0'] = []] = await session.ask(countKept(this.name, this.#kept, range))
    const outcome = await session.run(text)
    if (!this.#isWide && Number(kept) !== outcome.rows) return null
    for (const rest of finishChunk(this.name, this.#kept, range)) await session.run(rest)
    return outcome
  }

  /** All chunks are committed; to be committed by the caller. */
  async complete(grace: number): Promise<void> {
    await this.#session.run(recordComplete(this.name, grace))
  }
}

/** The keeper of a batch that begins, or why its rows cannot be kept. */
export async function beginKeeping(
  session: Session,
  at: BatchPlace,
  rows: KeptRows,
  walk: Walk,
): Promise<UndoKeeper | string> {
  try {
    return await UndoKeeper.begin(session, at, rows, walk)
  } catch (error) {
    const failure = session.explain(error)
    if (failure === null || failure.type === 'lost') throw error
    return `No table could be made to keep its rows in: ${failure.why}.`
  }
}

/** The keeper of a batch that goes on, or why it must not. */
export async function continueKeeping(
  session: Session,
  name: string | null,
  { kept }: KeptRows,
  walk: Walk,
): Promise<UndoKeeper | string> {
  if (name === null) return 'Its first chunks ran without the line `-- wwdb:undo`: their rows were not kept.'
  const record = (await readUndoRecords(session.ask)).find((one) => one.name === name)
  if (record?.isThere !== true)
    return `The table \`${name}\`, in which its first chunks kept their rows, does not exist.`
  return isSameKept(record.kept, kept)
    ? new UndoKeeper(session, name, kept, walk)
    : `\`${kept.table}\` has other columns than when the batch began: \`${name}\` does not fit them.`
}

/** What `-- wwdb:undo` keeps, and for how many milliseconds. */
export interface KeptRows {
  readonly kept: Kept
  readonly grace: number
}

function isLeft(record: UndoRecord, at: BatchPlace, kept: Kept): boolean {
  const { version, direction, statement, state } = record
  const isSame = version === at.version && direction === at.direction && statement === at.statement
  return isSame && state === 'keeping' && record.kept.table === kept.table && record.kept.schema === kept.schema
}
