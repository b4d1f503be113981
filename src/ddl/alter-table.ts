import {
  type Clause,
  findWords,
  hasWords,
  indexNameAt,
  isIndexStatement,
  isMark,
  isName,
  isWord,
  readAlterations,
  skipName,
  splitAtCommas,
} from '../sql/clauses.ts'
import type { Statement } from '../sql/statement.ts'
import type { Token } from '../sql/tokens.ts'
import { readColumnDefinition } from './column-changes.ts'
import { readDroppedColumn } from './follow-alteration.ts'
import { readOptions, readPartitionColumns } from './read-options.ts'
import { joinParts, markPrimary, nameIndexes, type ReadParts, readColumn, readIndex, readPart } from './read-table.ts'
import type { DefinedAt, KnownColumn, KnownIndex, KnownTable } from './table.ts'

/** A table after an ALTER TABLE, a CREATE INDEX or a DROP INDEX. What the server would refuse changes nothing here. */
export function alterTable(table: KnownTable, statement: Statement, tokens: readonly Token[]): KnownTable {
  const at = { file: statement.file, line: statement.line }
  if (isIndexStatement(tokens)) return changeIndex(table, tokens, at)
  const clauses = readAlterations(tokens)
  const options = new Map(table.options)
  for (const clause of clauses.filter(isOptions))
    for (const [name, value] of readOptions(clause)) options.set(name, value)
  const convert = clauses.find((clause) => hasWords(clause, 0, 'CONVERT', 'TO'))
  if (convert !== undefined) for (const [name, value] of readOptions(convert.slice(2))) options.set(name, value)
  const charset = options.get('CHARSET') ?? null
  const before = clauses.reduce<KnownTable>((current, clause) => dropParts(current, clause), { ...table, options })
  const changed = clauses.reduce<KnownTable>((current, clause) => changeParts(current, clause, charset, at), before)
  const added = joinParts(clauses.flatMap((clause) => readAdded(clause, charset, at, statement.text)))
  const present = new Set(changed.columns.map(({ name }) => name.toLowerCase()))
  const indexes = [...changed.indexes, ...nameIndexes(added.indexes, changed.indexes)]
  const columns = [...changed.columns, ...added.columns.filter(({ name }) => !present.has(name.toLowerCase()))]
  const partitions = clauses.map(readPartitionColumns).find((found) => found !== null)
  const isRemoved = clauses.some((clause) => findWords(clause, 'REMOVE', 'PARTITIONING') >= 0)
  return {
    ...changed,
    columns: markPrimary(
      convert === undefined ? columns : columns.map((column) => convertColumn(column, charset)),
      indexes,
    ),
    indexes,
    foreignKeys: [...changed.foreignKeys, ...added.foreignKeys],
    checks: [...changed.checks, ...added.checks],
    partitionedBy: isRemoved ? null : (partitions ?? changed.partitionedBy),
  }
}

const notOptions = [
  'ADD',
  'MODIFY',
  'CHANGE',
  'ALTER',
  'DROP',
  'RENAME',
  'ORDER',
  'PARTITION',
  'CONVERT',
  'REORGANIZE',
] as const

function isOptions(clause: Clause): boolean {
  return !isWord(clause[0], ...notOptions)
}

function convertColumn(column: KnownColumn, charset: string | null): KnownColumn {
  if (column.type === null || column.type.charset === null || column.type.charset === 'binary') return column
  return { ...column, type: { ...column.type, charset }, collation: null }
}

function changeIndex(table: KnownTable, tokens: readonly Token[], at: DefinedAt): KnownTable {
  if (isWord(tokens[0], 'DROP')) return withoutIndex(table, tokens[indexNameAt(tokens)]?.text ?? '')
  const isKind = isWord(tokens[1], 'UNIQUE', 'FULLTEXT', 'SPATIAL')
  const on = findWords(tokens, 'ON')
  const name = tokens[indexNameAt(tokens)]?.text ?? ''
  const index = {
    ...readIndex([...tokens.slice(1, isKind ? 2 : 1), ...tokens.slice(skipName(tokens, on + 1))], null, at),
    name,
  }
  return { ...table, indexes: [...table.indexes, index] }
}

/** `ADD ...`: columns, keys and checks. */
function readAdded(clause: Clause, charset: string | null, at: DefinedAt, text: string): readonly ReadParts[] {
  if (!isWord(clause[0], 'ADD') || isWord(clause[1], 'PARTITION')) return []
  const rest = clause.slice(isWord(clause[1], 'COLUMN') ? 2 : 1)
  const parts = isMark(rest[0], '(') ? splitAtCommas(rest.slice(1, -1)) : [rest]
  return parts.map((part) => readPart(part, charset, at, text))
}

function isNamed(part: { readonly name: string | null }, name: string | undefined): boolean {
  return part.name !== null && part.name.toLowerCase() === name?.toLowerCase()
}

function withoutIndex(table: KnownTable, name: string): KnownTable {
  return { ...table, indexes: table.indexes.filter((index) => !isNamed(index, name)) }
}

/** A name that the server generated is that of one without a name, and which one depends on how the table came about: none of them is certain afterwards. */
function withoutForeignKey(table: KnownTable, name: string | undefined): KnownTable {
  const isKnown = table.foreignKeys.some((key) => isNamed(key, name))
  const isGenerated = !isKnown && /_ibfk_\d+$/i.test(name ?? '')
  const kept = table.foreignKeys.filter((key) => !isNamed(key, name) && !(isGenerated && key.name === null))
  return { ...table, foreignKeys: kept }
}

function dropParts(table: KnownTable, clause: Clause): KnownTable {
  if (!isWord(clause[0], 'DROP')) return table
  const column = readDroppedColumn(clause)
  if (column !== null) return dropColumn(table, column)
  const last = clause.at(-1)?.text
  if (isWord(clause[1], 'PRIMARY')) return withoutIndex(table, 'PRIMARY')
  if (isWord(clause[1], 'INDEX', 'KEY')) return withoutIndex(table, clause[2]?.text ?? '')
  if (isWord(clause[1], 'FOREIGN')) return withoutForeignKey(table, last)
  if (isWord(clause[1], 'CHECK')) return { ...table, checks: table.checks.filter((name) => !isNamed({ name }, last)) }
  if (!isWord(clause[1], 'CONSTRAINT')) return table
  return {
    ...table,
    indexes: table.indexes.filter((index) => index.kind !== 'UNIQUE' || !isNamed(index, last)),
    foreignKeys: withoutForeignKey(table, last).foreignKeys,
    checks: table.checks.filter((name) => !isNamed({ name }, last)),
  }
}

/** A dropped column leaves the indexes that it is part of; one without columns is gone. */
function dropColumn(table: KnownTable, name: string): KnownTable {
  const isPart = (column: string | null): boolean => column?.toLowerCase() === name.toLowerCase()
  return {
    ...table,
    columns: table.columns.filter((column) => !isNamed(column, name)),
    indexes: table.indexes
      .map((index) => ({ ...index, parts: index.parts.filter(({ column }) => !isPart(column)) }))
      .filter(({ parts }) => parts.length > 0),
  }
}

/** MODIFY, CHANGE, RENAME COLUMN, RENAME INDEX, ALTER COLUMN and ALTER INDEX. */
function changeParts(table: KnownTable, clause: Clause, charset: string | null, at: DefinedAt): KnownTable {
  const changed = readColumnDefinition(clause)
  if (changed !== null) {
    const read = readColumn(changed.renamed, changed.definition, charset, at)
    const [column] = read.columns
    const renamed = renameColumn(table, changed.column, changed.renamed)
    const indexes = [...renamed.indexes, ...nameIndexes(read.indexes, renamed.indexes)]
    return {
      ...renamed,
      columns: renamed.columns.map((each) => (isNamed(each, changed.renamed) && column !== undefined ? column : each)),
      indexes,
    }
  }
  if (hasWords(clause, 0, 'RENAME', 'COLUMN')) return renameColumn(table, clause[2]?.text ?? '', clause[4]?.text ?? '')
  if (isWord(clause[0], 'RENAME') && isWord(clause[1], 'INDEX', 'KEY')) return renameIndex(table, clause)
  if (hasWords(clause, 0, 'ALTER', 'INDEX')) {
    const visible = !isWord(clause[3], 'INVISIBLE')
    return mapIndexes(table, (index) => (isNamed(index, clause[2]?.text) ? { ...index, visible } : index))
  }
  return isWord(clause[0], 'ALTER') ? changeDefault(table, clause) : table
}

function changeDefault(table: KnownTable, clause: Clause): KnownTable {
  const name = isWord(clause[1], 'COLUMN') ? clause[2] : clause[1]
  const set = findWords(clause, 'SET', 'DEFAULT')
  const hasDefault = set >= 0 && !isWord(clause[set + 2], 'NULL')
  if (!isName(name) || (set < 0 && findWords(clause, 'DROP', 'DEFAULT') < 0)) return table
  const columns = table.columns.map((column) =>
    isNamed(column, name.text) ? { ...column, attributes: { ...column.attributes, hasDefault } } : column,
  )
  return { ...table, columns }
}

function mapIndexes(table: KnownTable, map: (index: KnownIndex) => KnownIndex): KnownTable {
  return { ...table, indexes: table.indexes.map(map) }
}

function renameIndex(table: KnownTable, clause: Clause): KnownTable {
  const [from, to] = [clause[2]?.text, clause[4]?.text]
  return mapIndexes(table, (index) => (isNamed(index, from) && to !== undefined ? { ...index, name: to } : index))
}

function renameColumn(table: KnownTable, from: string, to: string): KnownTable {
  if (from.toLowerCase() === to.toLowerCase() || to === '') return table
  const renamed = (name: string): string => (name.toLowerCase() === from.toLowerCase() ? to : name)
  return {
    ...table,
    columns: table.columns.map((column) => (isNamed(column, from) ? { ...column, name: to } : column)),
    indexes: table.indexes.map((index) => ({
      ...index,
      parts: index.parts.map((part) => ({ ...part, column: part.column === null ? null : renamed(part.column) })),
    })),
    foreignKeys: table.foreignKeys.map((key) => ({ ...key, columns: key.columns.map(renamed) })),
  }
}
