import { hasWords, isWord } from '../sql/clauses.ts'
import type { Statement } from '../sql/statement.ts'
import type { Token } from '../sql/tokens.ts'
import { cutCreatedTable, findCreatedName } from './created-table.ts'
import { joinParts, nothing, type ReadParts, readPart } from './read-definition.ts'
import { readOptions, readPartitioning, schemaDefault } from './read-options.ts'
import { changesOnUpdate, isVisible, kindOf, partsOf, tokensOf, typeOf } from './read-parts.ts'
import type { Column, ColumnReading, Index, IndexPart, Table } from './table.ts'

/**
 * The table that a CREATE TABLE creates. A table that is filled from a query, or created like another table, is not
 * complete.
 */
export function readTable(
  { objects, file, line }: Pick<Statement, 'objects' | 'file' | 'line'>,
  tokens: readonly Token[],
): Table {
  const cut = cutCreatedTable(tokens)
  const rest = tokens.slice(cut === null ? findCreatedName(tokens).open : cut.close + 1)
  const written = [...readOptions(rest)]
  const options = new Map(written.filter(([option, value]) => option !== 'CHARSET' || value !== schemaDefault))
  const inherited = options.get('COLLATE')?.toLowerCase() ?? options.get('CHARSET') ?? null
  const parts = joinParts((cut?.definitions ?? []).map((part) => readPart(part, inherited)))
  const isFilled = rest.some(
    (token, at) => isWord(token, 'SELECT', 'TABLE', 'LIKE') || hasWords(rest, at, 'VALUES', 'ROW'),
  )
  const name = objects[0]?.name ?? ''
  return {
    name,
    columns: markPrimary(parts.columns, parts.indexes),
    indexes: settlePrefixes(nameIndexes(parts.indexes, []), parts.columns),
    ...nameConstraints(name, parts, nothing),
    options: Object.fromEntries(options),
    partitioning: readPartitioning(rest),
    ...(cut !== null && !isFilled ? {} : { partial: true }),
    at: { file, line },
  }
}

/** A prefix as long as its column, or on a column without a length, is not a prefix: the server drops its length. */
export function settlePrefixes(indexes: readonly Index[], columns: readonly Column[]): readonly Index[] {
  if (!indexes.some((index) => partsOf(index).some(({ length }) => length !== null))) return indexes
  const types = new Map(columns.map((column) => [column.name.toLowerCase(), typeOf(column)]))
  const isWhole = ({ column, length }: IndexPart): boolean => {
    const type = types.get(column?.toLowerCase() ?? '') ?? null
    if (length === null || type === null || /text$|blob$/.test(type.base)) return false
    return !/char$|binary$/.test(type.base) || Number(type.arguments[0]) <= length
  }
  return indexes.map((index) =>
    partsOf(index).some(isWhole)
      ? withParts(index, (parts) => parts.map((part) => (isWhole(part) ? { ...part, length: null } : part)))
      : index,
  )
}

/** An index that a statement changed: other parts, or another visibility. The text of expressions stays. */
export function withParts(
  index: Index,
  change: (parts: readonly IndexPart[]) => readonly IndexPart[] = (parts) => parts,
  visible = isVisible(index),
): Index {
  const before = partsOf(index)
  const parts = change(before)
  const textOf = (part: IndexPart): string => part.column ?? index.columns[before.indexOf(part)] ?? ''
  return { ...index, text: null, columns: parts.map(textOf), read: { kind: kindOf(index), visible, parts } }
}

/** The columns of the primary key are NOT NULL. */
export function markPrimary(columns: readonly Column[], indexes: readonly Index[]): readonly Column[] {
  const key = indexes.find(({ name }) => name === 'PRIMARY')
  if (key === undefined) return columns
  const names = new Set(key.columns.map((name) => name.toLowerCase()))
  return columns.map((column) => {
    if (!column.nullable || !names.has(column.name.toLowerCase())) return column
    const type = typeOf(column)
    return withReading({ ...column, nullable: false }, { type: type === null ? null : { ...type, nullable: false } })
  })
}

/** A column that a statement changed. */
export function withReading(column: Column, read: Partial<ColumnReading> = {}): Column {
  const known = { type: typeOf(column), onUpdate: changesOnUpdate(column), tokens: tokensOf(column) }
  return { ...column, text: null, read: { ...known, ...read } }
}

/** Gives unnamed indexes the name that the server would choose: the first column, with a number where that is taken. */
export function nameIndexes(indexes: readonly Index[], taken: readonly Index[]): readonly Index[] {
  const names = new Set([...taken, ...indexes].map(({ name }) => name.toLowerCase()))
  return indexes.map((index) => {
    if (index.name !== '') return index
    const base = partsOf(index)[0]?.column ?? 'functional_index'
    let name = base
    for (let number = 2; names.has(name.toLowerCase()); number += 1) name = `${base}_${number}`
    names.add(name.toLowerCase())
    return { ...index, name }
  })
}

/**
 * Gives unnamed foreign keys and checks the name that the server would choose: `t_ibfk_1`, `t_chk_1`, one more than the highest.
 */
export function nameConstraints(
  table: string,
  added: Pick<ReadParts, 'foreignKeys' | 'checks'>,
  present: Pick<ReadParts, 'foreignKeys' | 'checks'>,
): Pick<ReadParts, 'foreignKeys' | 'checks'> {
  const keys = counter(
    `${table}_ibfk_`,
    [...present.foreignKeys, ...added.foreignKeys].map(({ name }) => name),
  )
  const checks = counter(
    `${table}_chk_`,
    [...present.checks, ...added.checks].map(({ name }) => name),
  )
  return {
    foreignKeys: added.foreignKeys.map((key) => ({ ...key, name: key.name ?? keys() })),
    checks: added.checks.map((check) => ({ ...check, name: check.name ?? checks() })),
  }
}

function counter(prefix: string, names: readonly (string | null)[]): () => string {
  const numbers = names.flatMap((name) =>
    name?.startsWith(prefix) === true ? [Number(name.slice(prefix.length))] : [],
  )
  let last = Math.max(0, ...numbers.filter(Number.isInteger))
  return () => {
    last += 1
    return `${prefix}${last}`
  }
}
