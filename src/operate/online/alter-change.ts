import { alterTable } from '../../ddl/alter-table.ts'
import { readAdded, readColumnDefinition, readDroppedColumn } from '../../ddl/read-alterations.ts'
import { kindOf, partsOf, typeOf } from '../../ddl/read-parts.ts'
import { type Column, findKnownColumn, type Index, type Table } from '../../ddl/table.ts'
import { type Clause, hasWords, isWord, readAlterations, skipName } from '../../sql/clauses.ts'
import { quoteName } from '../../sql/quote-name.ts'
import { tokenize } from '../../sql/tokens.ts'
import { type CopyColumn, pairColumns } from './checksum/columns.ts'

/** An ALTER TABLE, as a tool and the checksum need it. */
export interface AlterChange {
  /** The text after the name of the table. */
  readonly changes: string
  /** The same change, made by the server itself with this clause: in front, where a comma may follow it whatever the change is. */
  readonly withClause: (clause: string) => string
  /** New names of columns by old ones, in lower case. */
  readonly renamed: ReadonlyMap<string, string>
  /** Columns, by their names before, that take NULL and no longer will. */
  readonly required: readonly string[]
  /** Why the tool cannot make this change: clauses. */
  readonly objections: readonly string[]
  /** Unique keys that it adds, or whose values it may make equal. */
  readonly uniques: readonly AddedUnique[]
}

/** A unique key that only the copy has, or that has other values in the table. */
export interface AddedUnique {
  readonly name: string
  /** Expressions on the table's columns, each with the type and collation that the copy will have. */
  readonly parts: readonly string[]
  readonly columns: readonly string[]
}

/**
 * Reads an ALTER TABLE of a table whose definition is known.
 * @param program the tool that is to copy it
 */
export function readAlterChange(text: string, table: Table, program: string): AlterChange {
  const tokens = tokenize(text)
  const clauses = readAlterations(tokens)
  const renamed = readRenames(clauses)
  const after = alterTable(table, tokens)
  const paired = pairColumns(table.columns.map(toCopyColumn), after.columns.map(toCopyColumn), renamed)
  const { uniques, objections } = compareUniques(table, after, renamed)
  const start = tokens[skipName(tokens, 2)]?.start ?? text.length
  const changes = text.slice(start)
  // Behind PARTITION BY and ADD PARTITION no further clause may follow, and no comma may stand before the first of these.
  const mark =
    isWord(clauses[0]?.[0], 'PARTITION') || hasWords(clauses[0] ?? [], 0, 'REMOVE', 'PARTITIONING') ? ' ' : ', '
  return {
    changes,
    withClause: (clause) => `${text.slice(0, start)}${clause}${mark}${changes}`,
    renamed,
    objections: [
      ...clauses.flatMap((clause) => objectTo(clause, program) ?? []),
      ...findReplaced(clauses, program),
      // Changes of type after which no comparison could prove the copy.
      ...paired.objections,
      ...objections,
    ],
    uniques,
    required: paired.pairs.flatMap(({ from, to }) => (from.nullable && !to.nullable ? [from.name] : [])),
  }
}

function readRenames(clauses: readonly Clause[]): ReadonlyMap<string, string> {
  const pairs = clauses.flatMap((clause): readonly [string, string][] => {
    const change = readColumnDefinition(clause)
    if (change === null || change.column.toLowerCase() === change.renamed.toLowerCase()) return []
    return [[change.column.toLowerCase(), change.renamed.toLowerCase()]]
  })
  return new Map(pairs)
}

const partitionWork = ['ADD', 'DROP', 'COALESCE', 'REORGANIZE', 'TRUNCATE', 'EXCHANGE', 'REBUILD', 'DISCARD', 'IMPORT']

/** What the tool does not do, or does to other tables than the one it is given. */
function objectTo(clause: Clause, program: string): string | null {
  const [first, second] = clause
  if (isWord(first, 'RENAME') && isWord(second, 'COLUMN'))
    return `RENAME COLUMN is taken by ${program} for a column that is dropped and one that is added; write CHANGE`
  if (isWord(first, 'RENAME') && !isWord(second, 'INDEX', 'KEY')) return 'it renames the table'
  if (hasWords(clause, 0, 'DROP', 'PRIMARY', 'KEY'))
    return `it drops the primary key, by which ${program} finds the rows of the copy`
  if (isWord(first, ...partitionWork) && isWord(second, 'PARTITION', 'TABLESPACE'))
    return `${first?.text.toUpperCase()} ${second?.text.toUpperCase()} works on the partitions of the table itself`
  if (isWord(first, 'ADD') && clause.some((token) => isWord(token, 'FOREIGN')))
    return `it adds a foreign key, which ${program} does not make under its name`
  return null
}

/** New columns with the name of one that is dropped: the tool copies the values of the old one to them, and the server would not. */
function findReplaced(clauses: readonly Clause[], program: string): readonly string[] {
  const gone = new Set(clauses.flatMap((clause) => readDroppedColumn(clause)?.toLowerCase() ?? []))
  return clauses
    .flatMap((clause) => readAdded(clause).map(([name]) => name))
    .filter((name) => gone.has(name.toLowerCase()))
    .map(
      (name) =>
        `it drops the column \`${name}\` and adds another of the same name, to which ${program} would copy the values of the first; write two statements`,
    )
}

function toCopyColumn(column: Column): CopyColumn {
  const type = typeOf(column)
  const values = type === null || type.arguments.length === 0 ? '' : `(${type.arguments.join(',')})`
  return {
    name: column.name,
    type: type?.base ?? column.type,
    fullType: `${type?.base ?? column.type}${values}${type?.unsigned === true ? ' unsigned' : ''}`,
    charset: type?.charset ?? null,
    collation: column.collation,
    nullable: column.nullable,
    generated: column.generated !== null,
  }
}

const isUnique = (index: Index): boolean => kindOf(index) === 'UNIQUE' || kindOf(index) === 'PRIMARY'

function compareUniques(
  before: Table,
  after: Table,
  renamed: ReadonlyMap<string, string>,
): Pick<AlterChange, 'uniques' | 'objections'> {
  const oldNames = new Map([...renamed].map(([old, name]) => [name, old]))
  const uniques: AddedUnique[] = []
  const objections: string[] = []
  for (const index of after.indexes.filter(isUnique)) {
    if (before.indexes.some((own) => isUnique(own) && isAsStrict(own, index, { before, after, oldNames }))) continue
    const parts = partsOf(index).map((part) => expressionOf(part, before, after, oldNames))
    const columns = partsOf(index).flatMap(({ column }) => column ?? [])
    if (parts.every((part) => part !== null)) uniques.push({ name: index.name, parts, columns })
    else
      objections.push(
        `whether rows become equal in the unique key \`${index.name}\` cannot be asked of the table as it is`,
      )
  }
  return { uniques, objections }
}

interface BothTables {
  readonly before: Table
  readonly after: Table
  readonly oldNames: ReadonlyMap<string, string>
}

/** Whether rows that an existing key tells apart are told apart by the new one as well. */
function isAsStrict(own: Index, next: Index, { before, after, oldNames }: BothTables): boolean {
  const [olds, news] = [partsOf(own), partsOf(next)]
  if (olds.length !== news.length) return false
  return olds.every((old, at) => {
    const part = news[at]
    if (part === undefined || part.column === null || old.column === null || part.length !== old.length) return false
    const name = oldNames.get(part.column.toLowerCase()) ?? part.column.toLowerCase()
    if (name !== old.column.toLowerCase()) return false
    const [from, to] = [findKnownColumn(before, old.column), findKnownColumn(after, part.column)]
    return from !== null && to !== null && keepsApart(from, to)
  })
}

const integers = ['tinyint', 'smallint', 'mediumint', 'int', 'bigint']

/** Whether values that differ in one column differ in the other: the same type, or one that holds more. */
function keepsApart(from: Column, to: Column): boolean {
  const [old, next] = [typeOf(from), typeOf(to)]
  if (old === null || next === null || from.collation !== to.collation || old.charset !== next.charset) return false
  const [small, large] = [integers.indexOf(old.base), integers.indexOf(next.base)]
  if (small >= 0 && large >= 0) return large >= small && old.unsigned === next.unsigned
  if (old.base !== next.base) return false
  if (old.arguments.join() === next.arguments.join()) return true
  return /^var(?:char|binary)$/.test(old.base) && Number(next.arguments[0]) >= Number(old.arguments[0])
}

interface KeyPart {
  readonly column: string | null
  readonly length: number | null
}

/** The value that a column of the copy will have, read from the table; null where that cannot be written. */
function expressionOf(
  { column, length }: KeyPart,
  before: Table,
  after: Table,
  oldNames: ReadonlyMap<string, string>,
): string | null {
  if (column === null) return null
  const next = findKnownColumn(after, column)
  const own = findKnownColumn(before, oldNames.get(column.toLowerCase()) ?? column)
  if (next === null || own === null) return null
  const [to, from] = [typeOf(next), typeOf(own)]
  if (to === null || from === null || to.base !== from.base) return null
  if (to.arguments.join() !== from.arguments.join() && !keepsApart({ ...own, collation: next.collation }, next))
    return null
  const name = quoteName(own.name)
  const isText = to.charset !== null || next.collation !== null
  const isSame = own.collation === next.collation && from.charset === to.charset
  if (!isText || isSame) return length === null ? name : `LEFT(${name},${length})`
  const collation = next.collation ?? null
  if (collation === null) return null
  const charset = collation.includes('_') ? collation.split('_')[0] : collation
  const converted = `CONVERT(${name} USING ${charset})${collation.includes('_') ? ` COLLATE ${collation}` : ''}`
  return length === null ? converted : `LEFT(${converted},${length})`
}

/** A query that has a row where rows would be equal in the key; rows with NULL never are. */
export function selectDuplicates(table: string, { parts, columns }: AddedUnique): string {
  const known = columns.length === 0 ? '' : ` WHERE ${parts.map((part) => `${part} IS NOT NULL`).join(' AND ')}`
  return `SELECT COUNT(*) FROM ${table}${known} GROUP BY ${parts.join(',')} HAVING COUNT(*)>1 LIMIT 1`
}
