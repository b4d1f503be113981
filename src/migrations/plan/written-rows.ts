import { type Schema, stateOfTable, tableKey } from '../../ddl/schema.ts'
import { type InnerStatement, readInnerCall } from '../../lint/inner-statements.ts'
import { isUpsert } from '../../lint/plain-rows.ts'
import { readDeletedTables, readUpdatedColumns } from '../../lint/written-tables.ts'
import { mostEarlier, readTaker, type Taker } from '../../probe/row-questions.ts'
import { listTablesRead } from '../../sql/read-sources.ts'
import type { ObjectName, Statement } from '../../sql/statement.ts'
import { tokenize } from '../../sql/tokens.ts'

/** What the statements of a plan, so far, have done to the rows of one table. */
interface WrittenTable {
  /** The columns, in lower case, in which rows from before the plan have other values; null where any may. */
  readonly columns: ReadonlySet<string> | null
  /** The UPDATEs and DELETEs that selected rows by values from before the plan. */
  readonly takers: readonly Taker[]
}

const unwritten: WrittenTable = { columns: new Set(), takers: [] }

/** Follows what a plan writes, so that a question covers only rows in their current state. */
export class WrittenRows {
  readonly #now: Schema
  readonly #tables = new Map<string, WrittenTable>()
  #isUnseen = false

  /** @param now the current tables, before the plan */
  constructor(now: Schema) {
    this.#now = now
  }

  /** Whether the rows that decide are as they were before the plan. Rows that were added or deleted since do not matter to a condition on the row alone. */
  isAsBefore(names: readonly ObjectName[], decidedBy: ReadonlySet<string> | null): boolean {
    if (this.#isUnseen) return false
    return names.every((name) => {
      const written = this.#tables.get(tableKey(this.#now, name))
      if (written === undefined) return true
      return decidedBy !== null && hasSameColumns(written, decidedBy)
    })
  }

  /** The earlier statements that deleted rows of the table, or for an UPDATE also those that overwrote one of its columns. */
  listTakers(statement: Statement, tables: Schema): readonly Taker[] {
    if (this.#tables.size === 0) return []
    const taker = readTaker(statement, tables)
    const { takers } = (taker && this.#tables.get(tableKey(this.#now, taker.table))) ?? unwritten
    return takers.filter(
      (one) => one.statement.verb === 'DELETE' || taker?.assigned.some((column) => one.assigned.includes(column)),
    )
  }

  /**
   * @param tables what is known before the statement
   * @param inner its inner statements
   */
  follow(statement: Statement, tables: Schema, inner: readonly InnerStatement[]): void {
    this.#followOne(statement, tables, true)
    this.#isUnseen ||= statement.class === 'execute'
    if (statement.class === 'call') {
      const called = readInnerCall(tables, statement)
      this.#isUnseen ||= called === null || called.missing.length > 0 || called.builds
    }
    for (const one of inner) this.#followOne(one.statement, one.tables, false)
  }

  /** @param isTaker false for an inner statement: under which conditions, and how often it runs, is unknown */
  #followOne(statement: Statement, tables: Schema, isTaker: boolean): void {
    const { verb, objects, text } = statement
    if (statement.class !== 'data') return
    const taker = isTaker ? readTaker(statement, tables) : null
    const key = taker === null ? null : tableKey(this.#now, taker.table)
    const before = (key === null ? undefined : this.#tables.get(key)) ?? unwritten
    const read = taker === null ? [] : [...objects, ...listTablesRead(statement)]
    const isKept = isUnchanged(read, tables, this.#now) && this.isAsBefore(read, taker?.columns ?? null)
    if (taker !== null && key !== null && isKept && before.takers.length <= mostEarlier)
      this.#tables.set(key, { ...before, takers: [...before.takers, taker] })
    if (verb === 'DELETE') {
      for (const { table } of readDeletedTables(tokenize(text)) ?? []) this.#change(table, [])
    } else if (verb === 'UPDATE') {
      const assigned = readUpdatedColumns(tokenize(text), tables)
      if (assigned === null) for (const name of [...objects, ...listTablesRead(statement)]) this.#change(name, null)
      for (const { named, column } of assigned ?? []) this.#change(named.table, [column.toLowerCase()])
    } else {
      const adds = verb === 'INSERT' && !isUpsert(statement)
      for (const name of objects) this.#change(name, adds ? [] : null)
    }
  }

  #change(name: ObjectName, columns: readonly string[] | null): void {
    const key = tableKey(this.#now, name)
    const before = this.#tables.get(key) ?? unwritten
    const both = columns === null || before.columns === null ? null : new Set([...before.columns, ...columns])
    this.#tables.set(key, { ...before, columns: both })
  }
}

function hasSameColumns({ columns }: WrittenTable, decidedBy: ReadonlySet<string>): boolean {
  return columns !== null && ![...decidedBy].some((word) => columns.has(word))
}

/** Whether these tables are still as they were before the plan: a state that a statement has changed is a different value. */
export function isUnchanged(names: readonly ObjectName[], before: Schema, now: Schema): boolean {
  return before.forgotten === undefined && names.every((name) => stateOfTable(before, name) === stateOfTable(now, name))
}
