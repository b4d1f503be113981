import type { ForeignKeySnapshot, TableSnapshot } from '../ddl/snapshot.ts'
import { quoteName } from '../sql/quote-name.ts'
import type { Statement } from '../sql/statement.ts'
import { tokenize } from '../sql/tokens.ts'
import { plain, type RenderedStatement } from './render-sql.ts'

/** Statements on tables, before and after their rows. */
interface TableStatements {
  /** The tables as they are created: without the indexes that MySQL creates for their foreign keys. */
  readonly tables: readonly TableSnapshot[]
  /** Before the rows, while every foreign key is enforced. */
  readonly before: readonly RenderedStatement[]
  /** The foreign keys. */
  readonly after: readonly RenderedStatement[]
}

/** The table whose index was created for a foreign key that no longer exists. */
const formerParent = 'squash_former_parent'

/**
 * Indexes that MySQL created for foreign keys are left to MySQL: if they were written out, a later index of the same columns would not replace them, as it did where the old files ran. Such an index has the name of its key, or of the first column of a key without a name; of two keys of the same columns, the later one names it. Pure.
 * @param implicit their names, by table
 */
export function writeKeys(
  tables: readonly TableSnapshot[],
  implicit: ReadonlyMap<string, readonly string[]>,
): TableStatements {
  const isImplicit = (table: TableSnapshot, { name }: Index): boolean =>
    implicit.get(table.name)?.includes(name) === true
  const own = tables.map((table) => [table, table.indexes.filter((index) => isImplicit(table, index))] as const)
  return {
    tables: tables.map((table) => ({
      ...table,
      indexes: table.indexes.filter((index) => !isImplicit(table, index)),
    })),
    before: own.flatMap(([table, indexes]) =>
      indexes.filter((index) => keysOf(table, index).length === 0).flatMap((index) => makeByFormerKey(table, index)),
    ),
    after: own.flatMap(([table, indexes]) =>
      indexes.length === 0 && table.foreignKeys.length > 0
        ? [addKeys(table, table.foreignKeys)]
        : orderKeys(table, indexes),
    ),
  }
}

type Index = TableSnapshot['indexes'][number]

function isSame(one: readonly string[], other: readonly string[]): boolean {
  return one.join('\n').toLowerCase() === other.join('\n').toLowerCase()
}

function keysOf({ foreignKeys }: TableSnapshot, { columns }: Index): readonly ForeignKeySnapshot[] {
  return foreignKeys.filter((key) => isSame(key.columns, columns))
}

/** Each separately: in one statement MySQL chooses for which of two keys of the same columns it creates the index. */
function orderKeys(table: TableSnapshot, indexes: readonly Index[]): readonly RenderedStatement[] {
  const numbers = new Map(table.foreignKeys.flatMap((key) => readNumber(table, key)))
  const isWhole = [...numbers.values()].toSorted((a, b) => a - b).every((number, at) => number === at + 1)
  const makers = new Set<ForeignKeySnapshot>()
  const unnamed = new Set<ForeignKeySnapshot>()
  const left: Index[] = []
  for (const index of indexes) {
    const keys = keysOf(table, index)
    const [first] = keys
    const maker = keys.find(({ name }) => isSame([name], [index.name]))
    if (maker !== undefined) makers.add(maker)
    else if (first === undefined) continue
    else if (isWhole && keys.length === 1 && numbers.has(first) && isSame([index.name], [index.columns[0] ?? '']))
      unnamed.add(first)
    else left.push(index)
  }
  const numbered = table.foreignKeys.filter((key) => numbers.has(key) && !makers.has(key))
  const others = table.foreignKeys.filter((key) => !numbers.has(key) && !makers.has(key))
  const inTurn = numbered.toSorted((a, b) => (numbers.get(a) ?? 0) - (numbers.get(b) ?? 0))
  return [
    ...(others.length === 0 ? [] : [addKeys(table, others)]),
    ...inTurn.map((key) => addKeys(table, [unnamed.has(key) ? withoutName(key) : key])),
    ...[...makers].map((key) => addKeys(table, [key])),
    ...left.flatMap((index) => nameByFormerKey(table, index)),
  ]
}

/** The number of a key that was created without a name: `c_ibfk_2`. */
function readNumber(table: TableSnapshot, key: ForeignKeySnapshot): readonly (readonly [ForeignKeySnapshot, number])[] {
  const prefix = `${table.name}_ibfk_`
  const number = key.name.startsWith(prefix) ? Number(key.name.slice(prefix.length)) : Number.NaN
  return Number.isInteger(number) ? [[key, number]] : []
}

function withoutName(key: ForeignKeySnapshot): ForeignKeySnapshot {
  return { ...key, text: key.text.slice(`CONSTRAINT ${quoteName(key.name)} `.length) }
}

function addKeys({ name }: TableSnapshot, keys: readonly ForeignKeySnapshot[]): RenderedStatement {
  return plain(`ALTER TABLE ${quoteName(name)}\n  ${keys.map(({ text }) => `ADD ${text}`).join(',\n  ')}`)
}

/** A key that is dropped again names the index of those that stay: it is the latest of them. */
function nameByFormerKey(table: TableSnapshot, index: Index): readonly RenderedStatement[] {
  return keysOf(table, index)
    .slice(0, 1)
    .flatMap((key) => {
      const named = key.text.replace(`CONSTRAINT ${quoteName(key.name)} `, () => `CONSTRAINT ${quoteName(index.name)} `)
      return [addKeys(table, [{ ...key, text: named }]), dropKey(table, index)]
    })
}

const dropKey = (table: TableSnapshot, { name }: Index): RenderedStatement =>
  plain(`ALTER TABLE ${quoteName(table.name)} DROP FOREIGN KEY ${quoteName(name)}`)

/**
 * For keys that no longer exist: a key to a table that exists only for this purpose, before rows that it would refuse.
 */
function makeByFormerKey(table: TableSnapshot, index: Index): readonly RenderedStatement[] {
  const list = `(${index.columns.map(quoteName).join(', ')})`
  const columns = index.columns.flatMap((name) => {
    const column = table.columns.find((one) => one.name.toLowerCase() === name.toLowerCase())
    if (column === undefined) return []
    const collation = column.collation === null ? '' : ` COLLATE ${column.collation}`
    return [`${quoteName(name)} ${column.type}${collation} NOT NULL`]
  })
  const text = `CONSTRAINT ${quoteName(index.name)} FOREIGN KEY ${list} REFERENCES ${quoteName(formerParent)} ${list}`
  return [
    plain(`CREATE TABLE ${quoteName(formerParent)} (${columns.join(', ')}, PRIMARY KEY ${list})`),
    plain(`ALTER TABLE ${quoteName(table.name)} ADD ${text}`),
    dropKey(table, index),
    plain(`DROP TABLE ${quoteName(formerParent)}`),
  ]
}

/**
 * The indexes that MySQL may have created for foreign keys: they have the name of a key, or of its first column, and its columns.
 * Pure.
 */
export function resemblesImplicit({ indexes, foreignKeys }: TableSnapshot): readonly string[] {
  const isOf = (columns: readonly string[], name: string): boolean =>
    foreignKeys.some(
      (key) => isSame(key.columns, columns) && (isSame([key.name], [name]) || isSame([key.columns[0] ?? ''], [name])),
    )
  return indexes.filter(({ columns, name, unique }) => !unique && isOf(columns, name)).map(({ name }) => name)
}

/**
 * The same for a table that migrations created, where none of their statements names the index. Pure.
 * @param statements those that name the table
 */
export function unnamedImplicit(
  table: TableSnapshot,
  statements: readonly Pick<Statement, 'text'>[],
): readonly string[] {
  const candidates = resemblesImplicit(table)
  if (candidates.length === 0) return []
  const named = new Set<string>()
  for (const { text } of statements) {
    const tokens = tokenize(text).map((token) => token.text.toLowerCase())
    tokens.forEach((word, at) => {
      if (at > 0 && (tokens[at - 1] === 'key' || tokens[at - 1] === 'index' || tokens[at - 1] === 'to')) named.add(word)
    })
  }
  return candidates.filter((name) => !named.has(name.toLowerCase()))
}

/** Tables with what is known about their indexes: tables without implicit indexes also get `implicit`. Pure. */
export function implicitOf(tables: readonly TableSnapshot[]): ReadonlyMap<string, readonly string[]> {
  return new Map(tables.flatMap(({ name, implicit = [] }) => (implicit.length === 0 ? [] : [[name, implicit]])))
}

/**
 * A table after a change, without the indexes that MySQL creates for the foreign keys that the change adds. For a key without a name, MySQL would choose
 * another name. Pure.
 */
export function withoutMade(wanted: TableSnapshot, found: TableSnapshot): TableSnapshot {
  const has = (parts: readonly { readonly name: string }[], name: string): boolean =>
    parts.some((one) => isSame([one.name], [name]))
  const isMade = ({ name, columns }: Index): boolean =>
    wanted.implicit?.includes(name) === true &&
    !has(found.indexes, name) &&
    wanted.foreignKeys.some(
      (key) => isSame([key.name], [name]) && isSame(key.columns, columns) && !has(found.foreignKeys, key.name),
    )
  return { ...wanted, indexes: wanted.indexes.filter((index) => !isMade(index)) }
}
