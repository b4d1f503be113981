import { quoteName } from '../../sql/quote-name.ts'
import { readColumn } from './column-text.ts'
import { findPart, isSameColumn, longestRun } from './compare-definitions.ts'
import type { DefinitionPart, TableDefinition } from './table-definition.ts'
import { changePartitioning } from './write-partitions.ts'

/**
 * The ALTER TABLE statements, in order, that turn `found` into `wanted`, with the names that `readDefinition` writes. Constraints
 * that are removed or changed are dropped in a statement of their own: MySQL refuses to drop and add a foreign key of one name in
 * one statement. After a failure the caller must compute the statements again: repeating the first is an error. Pure.
 */
export function writeAlterations(wanted: TableDefinition, found: TableDefinition): readonly string[] {
  const groups = [
    dropConstraints(wanted, found),
    changeTable(wanted, found),
    ...changePartitioning(wanted.partitioning, found.partitioning),
  ]
  return groups
    .filter((clauses) => clauses.length > 0)
    .map((clauses) => `ALTER TABLE \`{{table}}\`\n  ${clauses.join(',\n  ')}`)
}

function dropConstraints(wanted: TableDefinition, found: TableDefinition): readonly string[] {
  const keys = leaving(wanted.foreignKeys, found.foreignKeys)
  const checks = leaving(wanted.checks, found.checks)
  return [
    ...findParsed(wanted, found).map(({ name }) => `DROP INDEX ${quoteName(name)}`),
    ...keys.map(({ name }) => `DROP FOREIGN KEY ${quoteName(name)}`),
    ...checks.map(({ name }) => `DROP CHECK ${quoteName(name)}`),
  ]
}

const parser = / \/\*!50100 WITH PARSER `(?:[^`]|``)+` \*\//

/** Dropped and added in one statement, an index of which only the parser differs would keep it (MySQL 8.0 and 9.7). */
function findParsed(wanted: TableDefinition, found: TableDefinition): readonly DefinitionPart[] {
  return found.indexes.filter(({ name, text }) => {
    const other = findPart(wanted.indexes, name)?.text
    return other !== undefined && other !== text && other.replace(parser, '') === text.replace(parser, '')
  })
}

/** Parts that are extra or differ. */
function leaving(wanted: readonly DefinitionPart[], found: readonly DefinitionPart[]): readonly DefinitionPart[] {
  return found.filter((part) => findPart(wanted, part.name)?.text !== part.text)
}

/** Parts that are missing or differ. */
function coming(wanted: readonly DefinitionPart[], found: readonly DefinitionPart[]): readonly DefinitionPart[] {
  return leaving(found, wanted)
}

function changeTable(wanted: TableDefinition, found: TableDefinition): readonly string[] {
  return [
    ...changeIndexes(wanted, found).dropped,
    ...changeColumns(wanted, found),
    ...changeIndexes(wanted, found).added,
    ...[...coming(wanted.foreignKeys, found.foreignKeys), ...coming(wanted.checks, found.checks)].map(
      ({ text }) => `ADD ${text}`,
    ),
    ...changeOptions(wanted, found),
  ]
}

/** An index of which only the name differs is renamed, which changes metadata only. */
function changeIndexes(
  wanted: TableDefinition,
  found: TableDefinition,
): { readonly dropped: readonly string[]; readonly added: readonly string[] } {
  const shown = changeVisibility(wanted, found)
  const isOther = ({ name }: DefinitionPart): boolean => !shown.has(name)
  const isResized = resizesPartitions(wanted, found)
  const again = isResized ? wanted.indexes.filter((one) => isSamePart(found.indexes, one)) : findImplicit(wanted, found)
  const going = [...leaving(wanted.indexes, found.indexes).filter(isOther), ...again]
  const made = [...coming(wanted.indexes, found.indexes).filter(isOther), ...again]
  const pairs = (isResized ? [] : made).flatMap((one) => {
    const same = going.find((other) => isRenamed(other, one, wanted, found))
    return same === undefined ? [] : [{ from: same, to: one }]
  })
  const renamed = pairs.filter(({ from }, at) => pairs.findIndex((pair) => pair.from === from) === at)
  const keep = new Set(renamed.flatMap(({ from, to }) => [from, to]))
  const parsed = findParsed(wanted, found)
  const drop = ({ name }: DefinitionPart): string =>
    name === 'PRIMARY' ? 'DROP PRIMARY KEY' : `DROP INDEX ${quoteName(name)}`
  return {
    dropped: [
      ...shown.values(),
      ...going.filter((part) => !keep.has(part) && !parsed.includes(part)).map(drop),
      ...renamed.map(({ from, to }) => `RENAME INDEX ${quoteName(from.name)} TO ${quoteName(to.name)}`),
    ],
    added: made.filter((part) => !keep.has(part)).map(({ text }) => `ADD ${text}`),
  }
}

const isSamePart = (parts: readonly DefinitionPart[], { name, text }: DefinitionPart): boolean =>
  findPart(parts, name)?.text === text

/**
 * Indexes of a partitioned table that stay keep the block size that the table had, as one of their own (MySQL 8.0 and 9.7). Dropped and added by the same
 * statement they do not. Such a table has no foreign keys.
 */
function resizesPartitions(wanted: TableDefinition, found: TableDefinition): boolean {
  const before = found.options.get('KEY_BLOCK_SIZE')
  const isPartitioned = wanted.partitioning !== null && found.partitioning !== null
  return isPartitioned && before !== undefined && before !== wanted.options.get('KEY_BLOCK_SIZE')
}

/**
 * Indexes that MySQL created for a foreign key without a name: when the key is added again with a name, MySQL replaces them by
 * one named like the key (8.0 and 9.7). Dropped and added by the same statement they stay, at no cost.
 */
function findImplicit(wanted: TableDefinition, found: TableDefinition): readonly DefinitionPart[] {
  const columns = coming(wanted.foreignKeys, found.foreignKeys).map(
    ({ text }) => /FOREIGN KEY \((.+?)\) REFERENCES/.exec(text)?.[1] ?? '',
  )
  return wanted.indexes.filter(({ name, text }) => {
    const isThere = findPart(found.indexes, name)?.text === text
    const [, first = ''] =
      /^`([^`]+)`/.exec(columns.find((list) => text.startsWith(`KEY ${quoteName(name)} (${list}`)) ?? '') ?? []
    return isThere && first !== '' && name.replace(/_\d+$/, '') === first.replace(/_\d+$/, '')
  })
}

const invisible = ' /*!80000 INVISIBLE */'

/** Dropped and added in one statement, an index of which only the visibility differs would keep it (MySQL 8.0 and 9.7). */
function changeVisibility(wanted: TableDefinition, found: TableDefinition): ReadonlyMap<string, string> {
  const changed = wanted.indexes.flatMap(({ name, text }): readonly (readonly [string, string])[] => {
    const present = findPart(found.indexes, name)?.text
    if (present === `${text}${invisible}`) return [[name, `ALTER INDEX ${quoteName(name)} VISIBLE`]]
    return text === `${present}${invisible}` ? [[name, `ALTER INDEX ${quoteName(name)} INVISIBLE`]] : []
  })
  return new Map(changed)
}

function isRenamed(from: DefinitionPart, to: DefinitionPart, wanted: TableDefinition, found: TableDefinition): boolean {
  if (from.name === 'PRIMARY' || to.name === 'PRIMARY') return false
  const isFree = findPart(wanted.indexes, from.name) === undefined && findPart(found.indexes, to.name) === undefined
  const general = ({ name, text }: DefinitionPart): string => text.replace(quoteName(name), '')
  return isFree && general(from) === general(to)
}

function changeColumns(wanted: TableDefinition, found: TableDefinition): readonly string[] {
  const kept = wanted.columns.filter((column) => canModify(column, wanted, found))
  const gone = found.columns.filter((column) => findPart(kept, column.name) === undefined)
  const stay = new Set(
    longestRun(found.columns.filter((column) => !gone.includes(column)).map(lowerName), kept.map(lowerName)),
  )
  const changes = wanted.columns.flatMap((column, index): readonly string[] => {
    const place = index === 0 ? ' FIRST' : ` AFTER ${quoteName(wanted.columns[index - 1]?.name ?? '')}`
    const present = findPart(found.columns, column.name)
    if (present === undefined || !kept.includes(column)) return [`ADD COLUMN ${column.text}${place}`]
    if (!stay.has(lowerName(column))) return [`MODIFY COLUMN ${column.text}${place}`]
    return isSameColumn(column, wanted, present, found) ? [] : [`MODIFY COLUMN ${column.text}`]
  })
  return [...gone.map(({ name }) => `DROP COLUMN ${quoteName(name)}`), ...changes]
}

/** A column cannot be changed to virtual or back: it is dropped and added (manual, "ALTER TABLE and Generated Columns"). */
function canModify(column: DefinitionPart, wanted: TableDefinition, found: TableDefinition): boolean {
  const present = findPart(found.columns, column.name)
  if (present === undefined) return false
  const [after, before] = [readColumn(column, wanted), readColumn(present, found)]
  return after.virtual === before.virtual
}

function lowerName({ name }: DefinitionPart): string {
  return name.toLowerCase()
}

function changeOptions(wanted: TableDefinition, found: TableDefinition): readonly string[] {
  const [want, have] = [wanted.options, found.options]
  const charset = want.get('CHARSET') !== have.get('CHARSET') || want.get('COLLATE') !== have.get('COLLATE')
  const names = [...new Set([...want.keys(), ...have.keys()])].filter(
    (name) => name !== 'CHARSET' && name !== 'COLLATE',
  )
  const others = names.flatMap((name) => {
    const value = want.get(name)
    if (value === have.get(name)) return []
    return [value === undefined ? resetOption(name) : `${name} = ${value}`]
  })
  const collation = want.get('COLLATE')
  return [
    ...others,
    ...(charset
      ? [`DEFAULT CHARACTER SET = ${want.get('CHARSET')}${collation === undefined ? '' : ` COLLATE = ${collation}`}`]
      : []),
  ]
}

/** The values that reset a table option to its default (manual, "CREATE TABLE Statement", table options). */
const neutral: Readonly<Record<string, string>> = {
  COMMENT: "''",
  COMPRESSION: "''",
  CONNECTION: "''",
  ENCRYPTION: "'N'",
  AUTOEXTEND_SIZE: '0',
  AVG_ROW_LENGTH: '0',
  CHECKSUM: '0',
  DELAY_KEY_WRITE: '0',
  KEY_BLOCK_SIZE: '0',
  MAX_ROWS: '0',
  MIN_ROWS: '0',
  ENGINE_ATTRIBUTE: "''",
  SECONDARY_ENGINE: 'NULL',
  SECONDARY_ENGINE_ATTRIBUTE: "''",
  TABLESPACE: '`innodb_file_per_table`',
  UNION: '()',
}

/** The clause of ALTER TABLE that resets an option to its default. */
function resetOption(name: string): string {
  return `${name} = ${neutral[name] ?? 'DEFAULT'}`
}
