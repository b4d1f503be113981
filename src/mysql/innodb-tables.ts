import { isAtLeast } from '../core/version.ts'
import type { ServerAnswer, SourceTable } from '../ddl/server-answer.ts'
import { quoteString } from '../sql/quote-name.ts'
import type { Asker } from './connection.ts'
import { hasNumber } from './errors.ts'

/** No PROCESS privilege, or a server without the column (TOTAL_ROW_VERSIONS came with 8.0.29). */
const notForUs = [1227, 1142, 1054]

/** InnoDB's id of each table and partition of a schema by name; null without the privilege. Tables of full-text indexes are left out. */
export async function readTableIds(connection: Asker, schema: string): Promise<ReadonlyMap<string, string> | null> {
  const text = `SELECT NAME,TABLE_ID FROM information_schema.INNODB_TABLES WHERE NAME LIKE ${likeSchema(schema)}`
  const rows = await readOrNull(connection, text)
  if (rows === null) return null
  const named = rows.map(([name, id]) => [String(name), String(id)] as const)
  return new Map(named.filter(([name]) => !/\/fts_[\da-f]{16}_/i.test(name)))
}

/** A condition on InnoDB's names of a schema's tables. */
export function likeSchema(schema: string): string {
  return `CONCAT(REPLACE(${quoteString(schema)},'_','!_'),'/%') ESCAPE '!'`
}

/** True when a table has another ID than before: it was rebuilt. Added and dropped partitions do not count. */
export function isRebuilt(before: ReadonlyMap<string, string>, after: ReadonlyMap<string, string>): boolean {
  const [old, now] = [new Set(before.values()), new Set(after.values())]
  return [...old].some((id) => !now.has(id)) && [...now].some((id) => !old.has(id))
}

/**
 * How often columns were added or dropped instantly since the table was last rebuilt; null where that cannot be read:
 * before 8.0.29, without PROCESS, and for some names beyond ASCII (see encodeName).
 */
async function readRowVersions(connection: Asker, table: SourceTable): Promise<number | null> {
  const [schema, name] = [encodeName(table.schema), encodeName(table.name)]
  if (schema === null || name === null) return null
  const own = quoteString(`${schema}/${name}`)
  const partitions = `CONCAT(REPLACE(${own},'_','!_'),'#p#%') ESCAPE '!'`
  const text = `SELECT MAX(TOTAL_ROW_VERSIONS) FROM information_schema.INNODB_TABLES WHERE NAME=${own} OR NAME LIKE ${partitions}`
  const rows = await readOrNull(connection, text)
  const versions = rows?.[0]?.[0]
  return versions === null || versions === undefined ? null : Number(versions)
}

/** Letters for which the server has shorter codes, and surrogate pairs. */
const otherwiseWritten = /[\u0080-\u05ff\u1e00-\u1fff\u2160-\u217f\u24b0-\u24ef\uff20-\uff5f\ud800-\udfff]/

/**
 * A name as InnoDB writes it: all but letters, digits and _ as @ and four hexadecimal digits (manual, "Mapping of Identifiers
 * to File Names"); null for letters of alphabets that have their own codes.
 */
export function encodeName(name: string): string | null {
  if (otherwiseWritten.test(name)) return null
  return name.replace(/\W/g, (character) => `@${character.charCodeAt(0).toString(16).padStart(4, '0')}`)
}

/** TOTAL_ROW_VERSIONS may not grow beyond this; 255 since MySQL 9.1. */
export function rowVersionLimit(serverVersion: string): number {
  return isAtLeast(serverVersion, '9.1') ? 255 : 64
}

/** Null without the privilege. */
export async function readOrNull(connection: Asker, text: string): Promise<readonly (readonly unknown[])[] | null> {
  try {
    return (await connection.ask(text)).rows
  } catch (error) {
    if (hasNumber(error, ...notForUs)) return null
    throw error
  }
}

/** A note is shown when this many or fewer are left. */
const narrowMargin = 4

/**
 * Counts row versions. A table allows a limited number of instantly added or dropped columns; the next one silently
 * becomes a rebuild (error 4092 with ALGORITHM=INSTANT). A copy starts at 0, so the number of the original is added.
 */
export class RowVersions {
  readonly #connection: Asker
  /** The number to add to that of the copy, by the table's name on the server. */
  readonly #offsets = new Map<string, number | null>()
  readonly #copies = new Map<string, number>()
  #limit: number | null = null

  constructor(connection: Asker) {
    this.#connection = connection
  }

  /** @param copy the copy after the statement */
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
      const note = `The table has used up its ${limit} instant column changes, so the server rebuilds it.`
      return { answer: { algorithm: 'INPLACE', lock: 'NONE', rebuilds: true }, note }
    }
    if (total <= limit - narrowMargin) return { answer, note: null }
    const note = `It is instant column change ${total} of ${limit}; after the last the server rebuilds the table. OPTIMIZE TABLE resets the count.`
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
