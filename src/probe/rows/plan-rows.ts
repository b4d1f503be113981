import { quoteString } from '../../sql/quote-name.ts'
import { findColumn, type MadeRow, type MadeTable, type RowsToMake, type RowValue, sql } from './made-row.ts'
import { makeValue, otherCase } from './make-value.ts'
import { type Literal, readInserted, readWanted, type WantedRow } from './wanted-rows.ts'

/** Rows of a table that no seed fills. */
const usual = 5
/** More would take longer than they show: the first samples count. */
const mostWanted = 300

/** The rows of copies, parents before their children: those that the project has, some of each other table, and such as the samples look for. Pure. */
export function planRows(tables: readonly MadeTable[], { given, texts, isPlain }: RowsToMake): readonly MadeRow[] {
  const planner = new Planner(tables, isPlain)
  for (const { table, rows } of given) planner.give(table, rows)
  planner.fill()
  for (const text of texts) planner.want(text)
  return planner.rows
}

type Values = ReadonlyMap<string, RowValue>

class Planner {
  readonly rows: MadeRow[] = []
  readonly #tables: ReadonlyMap<string, MadeTable>
  readonly #ordered: readonly MadeTable[]
  readonly #isPlain: boolean
  readonly #given = new Set<string>()
  /** Keys of parents that were made for their children. */
  readonly #parents = new Set<string>()
  /** The number of the next row that a sample looks for. */
  #next = usual + 1

  constructor(tables: readonly MadeTable[], isPlain: boolean) {
    this.#tables = new Map(tables.map((table) => [table.name.toLowerCase(), table]))
    this.#ordered = orderTables(tables)
    this.#isPlain = isPlain
  }

  give(name: string, rows: readonly Values[]): void {
    const table = this.#find(name)
    if (table === undefined) return
    for (const [at, values] of rows.entries()) {
      const known = [...values].filter(([column]) => findColumn(table, column)?.generated === false)
      this.#add(table, at + 1, new Map(known.map(([column, value]) => [column.toLowerCase(), value])), 'given')
    }
    if (rows.length > 0) this.#given.add(table.name)
  }

  fill(): void {
    for (const table of this.#ordered) {
      const by = this.#given.has(table.name) ? 'instead' : 'made'
      for (let number = 1; number <= usual; number += 1) this.#add(table, number, new Map(), by)
    }
  }

  /** The rows that a sample looks for, and such as differ from them in case alone. */
  want(text: string): void {
    const inserted = readInserted(text)
    const target = inserted === null ? undefined : this.#find(inserted.table)
    if (inserted !== null && target !== undefined) this.#addParents(target, literals(inserted.values))
    const wanted = readWanted(text, (table, column) => {
      const known = this.#find(table)
      return known !== undefined && findColumn(known, column) !== undefined
    })
    const isLooking = wanted.some(({ values, shared }) => values.size + shared.size > 0)
    if (!isLooking || this.rows.length > mostWanted) return
    const number = this.#next
    this.#next += 2
    const order = new Map(this.#ordered.map(({ name }, at) => [name.toLowerCase(), at]))
    const place = ({ table }: WantedRow): number => order.get(table.toLowerCase()) ?? 0
    for (const row of wanted.toSorted((a, b) => place(a) - place(b))) this.#addWanted(row, number)
  }

  #addWanted({ table: name, values, shared }: WantedRow, number: number): void {
    const table = this.#find(name)
    if (table === undefined) return
    const own = new Map<string, RowValue>([...shared.keys()].map((column) => [column, sql(String(number))]))
    for (const [column, value] of literals(values)) own.set(column, value)
    this.#addParents(table, own)
    this.#add(table, number, own, 'made')
    const unique = new Set(table.unique.flat().map((column) => column.toLowerCase()))
    const turned = [...values].flatMap(([column, { type, text }]) => {
      const other = type === 'text' && !unique.has(column) ? otherCase(text) : null
      return other === null ? [] : [[column, sql(quoteString(other))] as const]
    })
    if (turned.length === 0) return
    const again = [...own].filter(([column]) => !unique.has(column))
    this.#add(table, number + 1, new Map([...again, ...turned]), 'made')
  }

  /** A child names a row that nothing else makes. */
  #addParents(table: MadeTable, values: Values): void {
    for (const { columns, parent: name, parentColumns } of table.keys) {
      const parent = this.#find(name)
      const key = columns.flatMap((column, at) => {
        const value = values.get(column.toLowerCase())
        const referenced = parentColumns[at]
        return value === undefined || referenced === undefined ? [] : [[referenced.toLowerCase(), value] as const]
      })
      const mark = `${name} ${JSON.stringify(key)}`
      if (parent === undefined || parent === table || key.length < columns.length || this.#parents.has(mark)) continue
      this.#parents.add(mark)
      this.#addParents(parent, new Map(key))
      this.#add(parent, this.#next, new Map(key), 'made')
      this.#next += 1
    }
  }

  #add(table: MadeTable, number: number, own: Values, by: MadeRow['by']): void {
    const values = new Map<string, RowValue>()
    const isNull = !this.#isPlain && number === usual
    const inUnique = new Set(table.unique.flat().map((column) => column.toLowerCase()))
    const references = by === 'given' ? new Map<string, RowValue | null>() : refer(table, number)
    for (const column of table.columns) {
      const key = column.name.toLowerCase()
      const value = own.get(key)
      if (column.generated) continue
      if (value !== undefined) values.set(column.name, value)
      // What the project leaves out has its default.
      else if (by === 'given') continue
      else if (references.has(key)) {
        const reference = references.get(key) ?? null
        if (reference !== null) values.set(column.name, reference)
        else if (column.nullable) values.set(column.name, sql('NULL'))
      } else if (column.nullable && isNull && !inUnique.has(key)) values.set(column.name, sql('NULL'))
      else {
        const made = makeValue(column, number, this.#isPlain)
        if (made !== null) values.set(column.name, sql(made))
      }
    }
    this.rows.push({ table: table.name, by, values })
  }

  #find(name: string): MadeTable | undefined {
    return this.#tables.get(name.toLowerCase())
  }
}

/** The values of foreign keys: those of a parent's row, none where a table refers to itself. */
function refer({ name, keys }: MadeTable, number: number): ReadonlyMap<string, RowValue | null> {
  return new Map(
    keys.flatMap(({ columns, parent, parentColumns }) =>
      columns.map((column, at): readonly [string, RowValue | null] => {
        const referenced = parentColumns[at]
        if (parent === name || referenced === undefined) return [column.toLowerCase(), null]
        const order = parentColumns
        return [column.toLowerCase(), { type: 'parent', table: parent, column: referenced, order, number: number - 1 }]
      }),
    ),
  )
}

const literals = (values: ReadonlyMap<string, Literal>): Values =>
  new Map([...values].map(([column, { type, text }]) => [column, sql(type === 'number' ? text : quoteString(text))]))

/** Parents before their children; those of a circle in any order. */
function orderTables(tables: readonly MadeTable[]): readonly MadeTable[] {
  const ordered: MadeTable[] = []
  const seen = new Set<string>()
  const visit = (table: MadeTable): void => {
    if (seen.has(table.name)) return
    seen.add(table.name)
    for (const { parent } of table.keys) {
      const found = tables.find(({ name }) => name === parent)
      if (found !== undefined) visit(found)
    }
    ordered.push(table)
  }
  for (const table of tables) visit(table)
  return ordered
}
