import type { Asker } from '../../mysql/connection.ts'
import { hasNumber, isConnectionLost, isServerError } from '../../mysql/errors.ts'
import { isName } from '../../sql/clauses.ts'
import { quoteString } from '../../sql/quote-name.ts'
import { tokenize } from '../../sql/tokens.ts'
import { findColumn, type MadeRow, type MadeTable, type RowsToMake, sql, writeRow } from '../rows/made-row.ts'
import { planRows } from '../rows/plan-rows.ts'
import { hideValues } from './hide-values.ts'
import { readMadeTables } from './made-tables.ts'

const checkViolated = 3819

/**
 * Rows that are tried in place of one that a CHECK refuses: by the columns of one CHECK, for one row through all of its CHECKs, which multiply, and for
 * those rows of a table that satisfy none. After that many the other rows that a CHECK refuses are left out.
 */
const mostAttempts = { byCheck: 60, forRow: 200, inVain: 1000 } as const

/** Writes rows into the copies of a scratch schema. Returns why a table has none, as clauses by its name in lower case. */
export async function fillCopies(
  connection: Asker,
  schema: string,
  rows: RowsToMake,
): Promise<ReadonlyMap<string, string>> {
  const tables = await readMadeTables(connection, schema)
  const filling = new Filling(connection, schema, tables)
  const before = await connection.ask('SELECT @@SESSION.foreign_key_checks')
  for (const row of planRows(tables, rows)) await filling.write(row)
  await connection.ask(`SET SESSION foreign_key_checks=${Number(before.rows[0]?.[0])}`)
  await connection.ask('COMMIT')
  return filling.empty()
}

/** How many rows may still be tried. */
interface Budget {
  left: number
}

class Filling {
  readonly #connection: Asker
  readonly #schema: string
  readonly #tables: readonly MadeTable[]
  readonly #counts = new Map<string, number>()
  readonly #refused = new Map<string, string>()
  /** Tables with a row of the project. */
  readonly #given = new Set<string>()
  /** Attempts for rows that were not written, by table. */
  readonly #inVain = new Map<string, number>()
  readonly #checks = new Map<string, string>()

  constructor(connection: Asker, schema: string, tables: readonly MadeTable[]) {
    this.#connection = connection
    this.#schema = schema
    this.#tables = tables
  }

  empty(): ReadonlyMap<string, string> {
    return new Map(
      this.#tables
        .filter(({ name }) => !this.#counts.has(name.toLowerCase()))
        .map(({ name }) => [name.toLowerCase(), this.#refused.get(name.toLowerCase()) ?? 'none was made']),
    )
  }

  async write(row: MadeRow): Promise<void> {
    if (row.by === 'instead' && this.#given.has(row.table)) return
    const refusal = await this.#insert(row)
    if (row.by === 'given' && refusal === null) this.#given.add(row.table)
    const inVain = this.#inVain.get(row.table) ?? 0
    const most = Math.min(mostAttempts.forRow, mostAttempts.inVain - inVain)
    const budget = { left: most }
    const isWritten = refusal === null || (await this.#satisfy(row, refusal, new Set(), budget))
    if (!isWritten) this.#inVain.set(row.table, inVain + most - budget.left)
  }

  /** Tries other values until no CHECK refuses the row. @param met those that refused it before */
  async #satisfy(row: MadeRow, refusal: Error, met: ReadonlySet<string>, budget: Budget): Promise<boolean> {
    const name = hasNumber(refusal, checkViolated) ? nameCheck(refusal) : null
    if (name === null || met.has(name) || budget.left <= 0) return false
    for (const other of await this.#listOthers(row, name)) {
      if (budget.left <= 0) return false
      budget.left -= 1
      const next = await this.#insert(other)
      if (next === null) return true
      // Another one is next: what satisfies this one is kept.
      const isNext = hasNumber(next, checkViolated) && nameCheck(next) !== name
      if (isNext && (await this.#satisfy(other, next, new Set([...met, name]), budget))) return true
    }
    return false
  }

  async #insert(row: MadeRow): Promise<Error | null> {
    const key = row.table.toLowerCase()
    const text = writeRow(row, (table) => this.#counts.get(table.toLowerCase()) ?? 0)
    const refersOutside = this.#tables.some((table) => table.name === row.table && table.refersOutside)
    try {
      await this.#connection.ask(`SET SESSION foreign_key_checks=${refersOutside ? 0 : 1}`)
      await this.#connection.ask(text)
    } catch (error) {
      if (!isServerError(error) || isConnectionLost(error)) throw error
      if (!this.#refused.has(key)) this.#refused.set(key, hideValues(error, []).replace(/\.$/, ''))
      return error
    }
    this.#counts.set(key, (this.#counts.get(key) ?? 0) + 1)
    return null
  }

  /** The row with other values in the columns of the CHECK that refuses it: those of its text first. */
  async #listOthers(row: MadeRow, check: string): Promise<readonly MadeRow[]> {
    const table = this.#tables.find(({ name }) => name === row.table)
    if (table === undefined) return []
    const tokens = tokenize((await this.#readCheck(check)).replaceAll("\\'", "'"))
    const columns = [...new Set(tokens.filter(isName).flatMap(({ text }) => findColumn(table, text)?.name ?? []))]
    const numbers = tokens.flatMap(({ type, text }) => (type === 'number' ? [Number(text)] : []))
    const candidates = [
      ...tokens.flatMap(({ type, text }) => (type === 'string' ? [quoteString(text)] : [])),
      ...numbers.flatMap((value) => [value, value + 1, value - 1]).map(String),
      ...['1', '0', '2', "'{}'", "'a@b.cd'", 'NULL'],
    ]
    const turn = row.values.size + (this.#counts.get(row.table.toLowerCase()) ?? 0)
    const turned = candidates.map((_, at) => candidates[(at + turn) % candidates.length] ?? '1')
    const change = (one: MadeRow, column: string, value: string): MadeRow => ({
      ...one,
      values: new Map([...one.values, [column, sql(value)]]),
    })
    const single = columns.flatMap((column) => turned.map((value) => change(row, column, value)))
    const [first, second] = columns
    const pairs =
      first === undefined || second === undefined
        ? []
        : turned.flatMap((one) => turned.map((two) => change(change(row, first, one), second, two)))
    return [...single, ...pairs].slice(0, mostAttempts.byCheck)
  }

  async #readCheck(name: string): Promise<string> {
    const known = this.#checks.get(name)
    if (known !== undefined) return known
    const { rows } = await this.#connection.ask(
      `SELECT CHECK_CLAUSE FROM information_schema.CHECK_CONSTRAINTS WHERE CONSTRAINT_SCHEMA=${quoteString(this.#schema)} AND CONSTRAINT_NAME=${quoteString(name)}`,
    )
    const text = String(rows[0]?.[0] ?? '')
    this.#checks.set(name, text)
    return text
  }
}

const nameCheck = ({ message }: Error): string | null => /'([^']+)'/.exec(message)?.[1] ?? null
