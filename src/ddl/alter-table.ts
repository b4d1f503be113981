import {
  type Clause,
  findWords,
  hasWords,
  indexNameAt,
  isIndexStatement,
  isWord,
  readAlterations,
} from '../sql/clauses.ts'
import type { Token } from '../sql/tokens.ts'
import { alterColumns } from './alter-columns.ts'
import { storedCharacters } from './column-type.ts'
import {
  type DroppedKey,
  readAddedParts,
  readCreatedIndex,
  readDroppedColumn,
  readDroppedKey,
  readNewNames,
} from './read-alterations.ts'
import { joinParts, type ReadParts } from './read-definition.ts'
import { isOptions, readOptions, readPartitioning, schemaDefault } from './read-options.ts'
import { kindOf, namesOf, partsOf, referenceOf, typeOf } from './read-parts.ts'
import { markPrimary, nameConstraints, nameIndexes, settlePrefixes, withParts } from './read-table.ts'
import type { Check, Column, Index, IndexPart, Table } from './table.ts'

/**
 * A table after an ALTER TABLE, a CREATE INDEX or a DROP INDEX. A statement that the server would refuse changes nothing here. @param made whether the keys that it adds are marked as made by the plan
 */
export function alterTable(table: Table, tokens: readonly Token[], made = false): Table {
  if (isIndexStatement(tokens)) return changeIndex(table, tokens, made)
  const clauses = readAlterations(tokens)
  const options = changeOptions(table, clauses)
  const inherited = options['COLLATE']?.toLowerCase() ?? options['CHARSET'] ?? null
  const left = renameIndexColumns(clauses.reduce(dropParts, { ...table, options }), clauses)
  const changed = clauses.reduce(changeIndexes, left)
  const { columns, parts } = alterColumns(table.columns, clauses, inherited)
  // Keys from MODIFY and CHANGE are added with the others, in the order of the clauses.
  const added = markMade(joinParts([...parts, ...clauses.flatMap((clause) => readAddedParts(clause, inherited))]), made)
  const kept = keepStoredPrefixes(changed.indexes, table.columns, columns, readNewNames(clauses))
  const indexes = settlePrefixes([...kept, ...nameIndexes(added.indexes, changed.indexes)], columns)
  const named = nameConstraints(table.name, added, changed)
  const partitions = clauses.map(readPartitioning).find((found) => found !== null)
  const isRemoved = clauses.some((clause) => findWords(clause, 'REMOVE', 'PARTITIONING') >= 0)
  return {
    ...changed,
    columns: markPrimary(columns, indexes),
    indexes,
    foreignKeys: [...changed.foreignKeys, ...named.foreignKeys],
    checks: [...changed.checks, ...named.checks],
    partitioning: isRemoved ? null : (partitions ?? changed.partitioning),
  }
}

/**
 * Where an ENUM or SET column becomes a string, TEXT and BLOB among them, an index on the whole column keeps the byte length of a value as its prefix: to the server, both are strings
 * (`prepare_fields_and_keys`: the length of the key part is kept, and counted in characters of the old column).
 */
function keepStoredPrefixes(
  indexes: readonly Index[],
  before: readonly Column[],
  after: readonly Column[],
  names: ReadonlyMap<string, string>,
): readonly Index[] {
  const prefixes = new Map<string, number>()
  for (const column of before) {
    const type = typeOf(column)
    const renamed = (names.get(column.name.toLowerCase()) ?? column.name).toLowerCase()
    const changed = after.find(({ name }) => name.toLowerCase() === renamed)
    const isText = changed !== undefined && /^(?:var)?(?:char|binary)$|text$|blob$/.test(typeOf(changed)?.base ?? '')
    const characters = type !== null && isText ? storedCharacters(type) : 0
    if (characters > 0) prefixes.set(renamed, characters)
  }
  const settled = (part: IndexPart): IndexPart =>
    part.length === null ? { ...part, length: prefixes.get(part.column?.toLowerCase() ?? '') ?? null } : part
  return prefixes.size === 0 ? indexes : indexes.map((index) => withParts(index, (parts) => parts.map(settled)))
}

function markMade(parts: ReadParts, made: boolean): ReadParts {
  if (!made) return parts
  return {
    ...parts,
    indexes: parts.indexes.map((index) => ({ ...index, made })),
    foreignKeys: parts.foreignKeys.map((key) => ({ ...key, made })),
    checks: parts.checks.map((check) => ({ ...check, made })),
  }
}

/** The options after an ALTER TABLE. `CHARACTER SET DEFAULT` is that of the schema. */
export function changeOptions(
  table: Pick<Table, 'options' | 'schemaCharset'>,
  clauses: readonly Clause[],
): Table['options'] {
  const options = new Map(Object.entries(table.options))
  const written = clauses.filter(isOptions).map(readOptions)
  const convert = clauses.find((clause) => hasWords(clause, 0, 'CONVERT', 'TO'))
  for (const found of [...written, ...(convert === undefined ? [] : [readOptions(convert.slice(2))])]) {
    // A character set without a collation implies its default collation.
    if (found.has('CHARSET') && !found.has('COLLATE')) options.delete('COLLATE')
    if (found.has('COLLATE') && !found.has('CHARSET')) options.set('CHARSET', found.get('COLLATE')?.split('_')[0] ?? '')
    for (const [name, value] of found) options.set(name, value)
    if (found.get('CHARSET') !== schemaDefault) continue
    options.delete('CHARSET')
    if (table.schemaCharset != null) options.set('CHARSET', table.schemaCharset)
  }
  return Object.fromEntries(options)
}

function changeIndex(table: Table, tokens: readonly Token[], made: boolean): Table {
  if (isWord(tokens[0], 'DROP')) return withoutIndex(table, tokens[indexNameAt(tokens)]?.text ?? '')
  const index = { ...readCreatedIndex(tokens), ...(made ? { made } : {}) }
  return { ...table, indexes: settlePrefixes([...table.indexes, index], table.columns) }
}

function isNamed(part: { readonly name: string | null }, name: string | undefined): boolean {
  return part.name !== null && part.name.toLowerCase() === name?.toLowerCase()
}

/**
 * An expression of an index is a hidden column: when it is dropped, the checks that name no column are dropped with it, as
 * with any dropped column.
 */
function withoutIndex(table: Table, name: string): Table {
  const isHidden = table.indexes.some(
    (index) => isNamed(index, name) && partsOf(index).some(({ column }) => column === null),
  )
  const checks = isHidden ? table.checks.filter((check) => !namesNoOther(check, table, null)) : table.checks
  return { ...table, checks, indexes: table.indexes.filter((index) => !isNamed(index, name)) }
}

/** Whether a check names no column of the table but this one. */
function namesNoOther(check: Check, { columns }: Table, name: string | null): boolean {
  const own = new Set(columns.map((column) => column.name.toLowerCase()))
  return (
    namesOf(check)?.every((one) => !own.has(one.toLowerCase()) || one.toLowerCase() === name?.toLowerCase()) === true
  )
}

/**
 * A generated name depends on how the table was created: where no key has the dropped name, no key with a generated name is certain afterwards.
 */
function withoutForeignKey(table: Table, name: string | undefined): Table {
  const isGenerated = (one: string | null | undefined): boolean => /_ibfk_\d+$/i.test(one ?? '')
  const isKnown = table.foreignKeys.some((key) => isNamed(key, name))
  const isUnsure = !isKnown && isGenerated(name)
  const kept = table.foreignKeys.filter((key) => !isNamed(key, name) && !(isUnsure && isGenerated(key.name)))
  return { ...table, foreignKeys: kept }
}

function dropParts(table: Table, clause: Clause): Table {
  const column = readDroppedColumn(clause)
  if (column !== null) return dropColumn(table, column)
  const key = readDroppedKey(clause)
  return key === null ? table : dropKey(table, key)
}

function dropKey(table: Table, { kind, name }: DroppedKey): Table {
  switch (kind) {
    case 'PRIMARY':
    case 'INDEX':
      return withoutIndex(table, name)
    case 'FOREIGN KEY':
      return withoutForeignKey(table, name)
    case 'CHECK':
      return { ...table, checks: table.checks.filter((check) => !isNamed(check, name)) }
    case 'CONSTRAINT':
      return {
        ...table,
        indexes: table.indexes.filter((index) => kindOf(index) !== 'UNIQUE' || !isNamed(index, name)),
        foreignKeys: withoutForeignKey(table, name).foreignKeys,
        checks: table.checks.filter((check) => !isNamed(check, name)),
      }
  }
}

/** A dropped column is removed from its indexes; an index without columns is dropped, and so is a check that uses no other column. */
function dropColumn(table: Table, name: string): Table {
  const isPart = (column: string | null): boolean => column?.toLowerCase() === name.toLowerCase()
  return {
    ...table,
    checks: table.checks.filter((check) => !namesNoOther(check, table, name)),
    indexes: table.indexes
      .map((index) =>
        index.columns.some(isPart) ? withParts(index, (parts) => parts.filter(({ column }) => !isPart(column))) : index,
      )
      .filter((index) => partsOf(index).length > 0),
  }
}

/** RENAME INDEX and ALTER INDEX. */
function changeIndexes(table: Table, clause: Clause): Table {
  if (isWord(clause[0], 'RENAME') && isWord(clause[1], 'INDEX', 'KEY')) {
    const [from, to] = [clause[2]?.text, clause[4]?.text]
    return mapIndexes(table, (index) =>
      isNamed(index, from) && to !== undefined ? { ...withParts(index), name: to } : index,
    )
  }
  if (!hasWords(clause, 0, 'ALTER', 'INDEX')) return table
  const visible = !isWord(clause[3], 'INVISIBLE')
  return mapIndexes(table, (index) => (isNamed(index, clause[2]?.text) ? withParts(index, undefined, visible) : index))
}

function mapIndexes(table: Table, map: (index: Index) => Index): Table {
  return { ...table, indexes: table.indexes.map(map) }
}

/**
 * All renames of a statement use the names before it: two columns may swap theirs. The text of a partitioning stays the same: the server refuses to rename
 * its columns.
 */
function renameIndexColumns(table: Table, clauses: readonly Clause[]): Table {
  const names = readNewNames(clauses)
  if (names.size === 0) return table
  const renamed = (name: string): string => names.get(name.toLowerCase()) ?? name
  return {
    ...table,
    indexes: table.indexes.map((index) =>
      index.columns.every((name) => renamed(name) === name)
        ? index
        : withParts(index, (parts) =>
            parts.map((part) => ({ ...part, column: part.column === null ? null : renamed(part.column) })),
          ),
    ),
    foreignKeys: table.foreignKeys.map((key) => ({
      ...key,
      text: null,
      read: referenceOf(key),
      columns: key.columns.map(renamed),
    })),
  }
}
