import { ToolError } from '../../core/tool-error.ts'
import type { StatementOutcome } from '../../mysql/facts.ts'
import type { Walk } from '../../operate/batches/read-walk.ts'
import type { Kept } from '../../operate/undo/kept.ts'
import {
  countAdded,
  foretellRows,
  keepCounted,
  readAdded,
  selectCounted,
  selectLastChunk,
} from '../../operate/undo/kept-inserts.ts'
import { type Inserted, readInserted } from '../../operate/undo/read-inserted.ts'
import type { Session } from '../ports.ts'

/** Keeps the rows that the chunks of an INSERT ... SELECT add, each in the transaction of its chunk. */
export class AddedRows {
  readonly #session: Session
  readonly #name: string
  readonly #kept: Kept
  readonly #inserted: Inserted
  /** The last chunk whose rows are kept; null before that is asked. */
  #chunk: number | null = null

  constructor(session: Session, name: string, kept: Kept, walk: Walk) {
    const inserted = readInserted(walk)
    if (typeof inserted === 'string') throw new Error('what is kept of an INSERT was chosen by how it is read')
    this.#session = session
    this.#name = name
    this.#kept = kept
    this.#inserted = inserted
  }

  /** Runs a chunk: the rows that it adds are kept in the same transaction, which is still to be committed. */
  async run(text: string): Promise<StatementOutcome> {
    const [session, name, kept] = [this.#session, this.#name, this.#kept]
    this.#chunk ??= Number((await session.ask(selectLastChunk(name)))[0]?.[0] ?? 0)
    this.#chunk += 1
    const chunk = this.#chunk
    const isCounted = kept.isCounted === true
    if (!isCounted) await session.run(foretellRows(name, kept, this.#inserted, text, chunk))
    const outcome = await session.run(text)
    const rows = outcome.rows ?? 0
    if (isCounted && rows > 0) {
      const numbers = (await session.ask(selectCounted(kept))).flatMap(([number]) => number ?? [])
      if (numbers.length > 0) await session.run(keepCounted(name, numbers, chunk))
    }
    const read = readAdded(name, kept, chunk)
    if (read !== null && rows > 0) await session.run(read)
    const [[known, found] = []] = await session.ask(countAdded(name, kept, chunk))
    if (Number(known) !== rows || Number(found) !== rows) throw this.#notTold(rows, Number(found))
    return outcome
  }

  #notTold(rows: number, found: number): ToolError {
    const { database, server } = this.#session.target
    return new ToolError('BATCH_REFUSED', {
      what: `The rows that a chunk adds to \`${this.#kept.table}\` are not told from those of others.`,
      where: { database, server },
      why: `It added ${rows}, and ${found} were found by ${this.#kept.isCounted === true ? 'the numbers of AUTO_INCREMENT' : 'what its SELECT gave before it ran'}. The chunk was rolled back.`,
      next: 'Remove the line `-- wwdb:undo`, or write a SELECT that gives the key of each row and the same rows each time.',
    })
  }
}
