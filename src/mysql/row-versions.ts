import type { ServerAnswer, SourceTable } from '../sql/algorithm-question.ts'
import type { Connection } from './connection.ts'
import { readRowVersions, rowVersionLimit } from './innodb-tables.ts'

/** How many are left when a person should know. */
const narrowMargin = 4

/**
 * Counts what INSTANT uses up. A table takes a limited number of instantly added or dropped columns; the next one silently
 * becomes a rebuild (error 4092 with ALGORITHM=INSTANT). A copy starts at none, so the original's number is added.
 */
export class RowVersions {
  readonly #connection: Pick<Connection, 'ask'>
  /** By the table's name on the server: what to add to the copy's number. */
  readonly #offsets = new Map<string, number | null>()
  readonly #copies = new Map<string, number>()
  #limit: number | null = null

  constructor(connection: Pick<Connection, 'ask'>) {
    this.#connection = connection
  }

  /** @param copy the copy as the statement left it */
  async weigh(
    answer: ServerAnswer,
    original: SourceTable,
    copy: SourceTable,
  ): Promise<{ readonly answer: ServerAnswer; readonly note: string | null }> {
    const key = `${original.schema}\u0000${original.name}`
    if (answer.rebuilds) {
      this.#offsets.set(key, 0)
      this.#copies.set(key, 0)
    }
    if (answer.algorithm !== 'INSTANT') return { answer, note: null }
    const offset = await this.#offsetOf(key, original)
    const used = offset === null ? null : await readRowVersions(this.#connection, copy)
    if (offset === null || used === null || used === (this.#copies.get(key) ?? 0)) return { answer, note: null }
    this.#copies.set(key, used)
    return this.#judge(answer, key, offset, used)
  }

  async #judge(
    answer: ServerAnswer,
    key: string,
    offset: number,
    used: number,
  ): Promise<{ readonly answer: ServerAnswer; readonly note: string | null }> {
    const limit = await this.#readLimit()
    const total = offset + used
    if (total > limit) {
      this.#offsets.set(key, -used)
      const note = `The table has used up its ${limit} instant changes of columns, so that the server writes it anew.`
      return { answer: { algorithm: 'INPLACE', lock: 'NONE', rebuilds: true }, note }
    }
    if (total <= limit - narrowMargin) return { answer, note: null }
    const note = `It is instant change of columns ${total} of ${limit}; beyond that the server writes the table anew. OPTIMIZE TABLE starts the count again.`
    return { answer, note }
  }

  async #offsetOf(key: string, original: SourceTable): Promise<number | null> {
    const known = this.#offsets.get(key)
    if (known !== undefined) return known
    const read = await readRowVersions(this.#connection, original)
    this.#offsets.set(key, read)
    return read
  }

  async #readLimit(): Promise<number> {
    if (this.#limit === null) {
      const { rows } = await this.#connection.ask('SELECT VERSION()')
      this.#limit = rowVersionLimit(String(rows[0]?.[0]))
    }
    return this.#limit
  }
}
