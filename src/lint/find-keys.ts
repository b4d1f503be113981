import type { InBoth } from '../core/in-both.ts'
import { bytesOfCharacter } from '../ddl/charset-width.ts'
import { isOptions, readOptions } from '../ddl/read-options.ts'
import { beginsWith, partsOf, primaryKeyOf, referenceOf, typeOf } from '../ddl/read-parts.ts'
import { findObject } from '../ddl/schema.ts'
import {
  type Column,
  findKnownColumn,
  type Index,
  type IndexPart,
  type Table,
  type TableForeignKey,
} from '../ddl/table.ts'
import { type Clause, closingOf, isMark, isWord, readAlterations } from '../sql/clauses.ts'
import type { LintFinding } from './rule.ts'
import type { ReadStatement } from './subjects.ts'

/** Verbs of the statements that add indexes. */
export const indexVerbs = ['CREATE TABLE', 'ALTER TABLE', 'CREATE INDEX'] as const

type Known = Pick<ReadStatement, 'statement' | 'before' | 'after'>

/** The table that the statement names first, before it; null where it is unknown. */
export function tableBefore({ statement, before }: Pick<Known, 'statement' | 'before'>): Table | null {
  const name = statement.objects[0]
  const found = name === undefined ? null : findObject(before, name)
  return found?.type === 'table' ? found.table : null
}

/** The same table after the statement, under the name that it has in the statement. */
export function tableAfter({ statement, after }: Pick<Known, 'statement' | 'after'>): Table | null {
  const name = statement.objects[0]
  const found = name === undefined ? null : findObject(after, name)
  return found?.type === 'table' ? found.table : null
}

const sameName = (one: string | null, other: string | null): boolean =>
  one !== null && other !== null && one.toLowerCase() === other.toLowerCase()

/** The indexes that the statement adds. */
export function addedIndexes(subject: Known): readonly Index[] {
  const before = subject.statement.verb === 'CREATE TABLE' ? null : tableBefore(subject)
  return (tableAfter(subject)?.indexes ?? []).filter(
    (index) =>
      before?.indexes.some((old) => sameName(old.name, index.name) && printParts(old) === printParts(index)) !== true,
  )
}

/** The foreign keys that the statement adds. */
function addedForeignKeys(subject: Known): readonly TableForeignKey[] {
  const before = subject.statement.verb === 'CREATE TABLE' ? [] : (tableBefore(subject)?.foreignKeys ?? [])
  const print = (key: TableForeignKey): string =>
    JSON.stringify([key.name, key.columns, referenceOf(key).parent, key.parentColumns])
  const known = new Set(before.map(print))
  return (tableAfter(subject)?.foreignKeys ?? []).filter((key) => !known.has(print(key)))
}

/** `a, b(10) DESC`, in lower case: equal for indexes that serve the same queries. */
export function printParts(index: Index): string {
  return partsOf(index).map(printPart).join(', ')
}

function printPart({ column, length, descending }: IndexPart): string {
  return `${column?.toLowerCase() ?? '(expression)'}${length === null ? '' : `(${length})`}${descending ? ' DESC' : ''}`
}

/** True where the index has no expression, whose text is not compared here. */
export function hasColumnsOnly(index: Index): boolean {
  const parts = partsOf(index)
  return parts.length > 0 && parts.every(({ column }) => column !== null)
}

/** "Index `a` of `t` ...", in both languages, without the full stop. */
function indexSentence(table: string, index: Pick<Index, 'name'>, said: InBoth): InBoth {
  if (index.name === 'PRIMARY')
    return { en: `The primary key of \`${table}\` ${said.en}.`, zh: `表 \`${table}\` 的主键${said.zh}。` }
  return {
    en: `Index \`${index.name}\` of \`${table}\` ${said.en}.`,
    zh: `表 \`${table}\` 的索引 \`${index.name}\` ${said.zh}。`,
  }
}

/** A finding for each index that the statement adds and about which `judge` has something to say. */
export function findIndexes(
  subject: Known & Pick<ReadStatement, 'tokens'>,
  judge: (index: Index, table: Table) => InBoth | null,
): readonly LintFinding[] {
  const table = tableAfter(subject)
  if (table === null) return []
  return addedIndexes(subject).flatMap((index) => {
    const said = judge(index, table)
    return said === null
      ? []
      : [{ message: indexSentence(table.name, index, said), ...placeOfName(subject.tokens, index.name) }]
  })
}

/** A finding for each foreign key that the statement adds. The sentence begins with the key and its columns. */
export function findForeignKeys(
  subject: Known & Pick<ReadStatement, 'tokens'>,
  judge: (key: TableForeignKey, table: Table) => InBoth | null,
): readonly LintFinding[] {
  const table = tableAfter(subject)
  if (table === null) return []
  return addedForeignKeys(subject).flatMap((key) => {
    const said = judge(key, table)
    if (said === null) return []
    const columns = key.columns.map((name) => `\`${name}\``).join(', ')
    const message = {
      en: `The foreign key on ${columns} of \`${table.name}\` ${said.en}.`,
      zh: `表 \`${table.name}\` 列 ${columns} 上的外键${said.zh}。`,
    }
    return [{ message, ...(key.name === null ? {} : placeOfName(subject.tokens, key.name)) }]
  })
}

/** The token of a name, for `at`; nothing where the name is not written. */
function placeOfName(tokens: Clause, name: string): { readonly at?: { readonly start: number; readonly end: number } } {
  const token = tokens.find(({ type, text }) => (type === 'name' || type === 'word') && sameName(text, name))
  return token === undefined ? {} : { at: { start: token.start, end: token.end } }
}

/** The parent's columns of a key, where both are known. */
export function parentOf(key: TableForeignKey, subject: Known): Table | null {
  const found = findObject(subject.after, referenceOf(key).parent)
  return found.type === 'table' ? found.table : null
}

/** The columns that a key references: the written ones, or the parent's primary key. */
export function parentColumnsOf(key: TableForeignKey, parent: Table): readonly string[] {
  if (key.parentColumns.length > 0) return key.parentColumns
  const primary = primaryKeyOf(parent)
  return primary?.columns ?? []
}

/**
 * The bytes of a column in an index: for text, its characters times the bytes of each. Null where it cannot be computed.
 */
export function bytesInIndex(table: Table, part: IndexPart): number | null {
  const column = part.column === null ? null : findKnownColumn(table, part.column)
  const type = typeOf(column)
  if (type === null) return null
  const fixed = fixedBytes[type.base]
  if (fixed !== undefined) return fixed
  const isText = /(?:char|text)$/.test(type.base)
  const isBytes = /(?:binary|blob)$/.test(type.base)
  const length = part.length ?? (/text|blob/.test(type.base) ? null : Number(type.arguments[0]))
  if (length === null || Number.isNaN(length) || (!isText && !isBytes)) return null
  const bytes = isText ? bytesOfCharacter(type.charset) : 1
  return bytes === null ? null : length * bytes
}

/** Bytes of the types of a fixed size (manual, "Data Type Storage Requirements"). */
const fixedBytes: Readonly<Record<string, number>> = {
  tinyint: 1,
  smallint: 2,
  mediumint: 3,
  int: 4,
  bigint: 8,
  float: 4,
  double: 8,
  date: 3,
  year: 1,
  time: 6,
  datetime: 8,
  timestamp: 7,
  enum: 2,
  set: 8,
}

/** The value of an option after the parentheses of a CREATE TABLE or in an ALTER TABLE, as written; null where it is not given. */
export function optionValue(tokens: Clause, verb: string, name: string): string | null {
  const clauses = verb === 'CREATE TABLE' ? [optionsOf(tokens)] : readAlterations(tokens)
  return (
    clauses
      .filter(isOptions)
      .map((clause) => readOptions(clause).get(name))
      .find(Boolean) ?? null
  )
}

/** The tokens after the last closing parenthesis of the list of columns. */
export function optionsOf(tokens: Clause): Clause {
  const open = tokens.findIndex((token) => isMark(token, '('))
  const rest = open < 0 ? [] : tokens.slice(closingOf(tokens, open) + 1)
  const partition = rest.findIndex((token, at) => isWord(token, 'PARTITION') && isWord(rest[at + 1], 'BY'))
  return partition < 0 ? rest : rest.slice(0, partition)
}

/** The character set of a column after the statement; null where it is unknown. */
export function charsetOfColumn(subject: Known, name: string): string | null {
  const table = tableAfter(subject)
  return typeOf(table === null ? null : findKnownColumn(table, name))?.charset ?? null
}

/** The bytes of a column in the limit of 65,535 of a row; 0 where they cannot be computed (manual, "Limits on Table Column Count and Row Size"). */
export function bytesInRow(column: Column): number {
  const type = typeOf(column)
  if (type === null) return 0
  const length = Number(type.arguments[0])
  if (type.base === 'varchar' || type.base === 'char') {
    const bytes = length * (bytesOfCharacter(type.charset) ?? 1)
    return bytes + (type.base === 'char' ? 0 : bytes > 255 ? 2 : 1)
  }
  if (type.base === 'varbinary') return length + (length > 255 ? 2 : 1)
  return type.base === 'binary' ? length : (fixedBytes[type.base] ?? 0)
}

/** True where an index of the table begins with these columns; an index that the server creates for a foreign key is not written. */
export function hasIndexOn({ indexes, foreignKeys }: Table, columns: readonly string[]): boolean {
  return (
    indexes.some((index) => beginsWith(index, columns)) ||
    foreignKeys.some((key) => columns.every((column, at) => sameName(key.columns[at] ?? null, column)))
  )
}

/** True where a unique index of the table is over exactly these columns, in any order. */
export function isUniqueOver({ indexes }: Table, columns: readonly string[]): boolean {
  const wanted = columns.map((column) => column.toLowerCase()).toSorted()
  return indexes.some((index) => {
    const own = partsOf(index)
      .map(({ column, length }) => (length === null ? (column?.toLowerCase() ?? '') : ''))
      .toSorted()
    return index.unique && own.join('\u0000') === wanted.join('\u0000')
  })
}
