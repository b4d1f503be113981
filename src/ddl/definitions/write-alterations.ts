import { quoteName } from '../../sql/quote-name.ts'
import { beginsWith, indexColumns, namesOf } from '../read-parts.ts'
import type { ColumnSnapshot, PartSnapshot, TableSnapshot } from '../snapshot.ts'
import { findPart, isSameColumn, longestRun } from './compare-definitions.ts'
import { changePartitioning } from './write-partitions.ts'

/**
 * The ALTER TABLE statements, in order, that turn `found` into `wanted`. Constraints that are removed or changed are dropped in a
 * separate statement: MySQL refuses to drop and add a foreign key with the same name in one statement. After a failure the caller
 * must compute the statements again: repeating the first is an error. Pure.
 */
export function writeAlterations(wanted: TableSnapshot, found: TableSnapshot): readonly string[] {
  const groups = [
    dropConstraints(wanted, found),
    changeTable(wanted, found),
    ...changePartitioning(wanted.partitioning, found.partitioning),
  ]
  return groups
    .filter((clauses) => clauses.length > 0)
    .map((clauses) => `ALTER TABLE ${quoteName(found.name)}\n  ${clauses.join(',\n  ')}`)
}

function dropConstraints(wanted: TableSnapshot, found: TableSnapshot): readonly string[] {
  const keys = leaving(wanted.foreignKeys, found.foreignKeys)
  const checks = [...leaving(wanted.checks, found.checks), ...findUnbound(wanted, found)]
  return [
    ...findParsed(wanted, found).map(({ name }) => `DROP INDEX ${quoteName(name)}`),
    ...keys.map(({ name }) => `DROP FOREIGN KEY ${quoteName(name)}`),
    ...checks.map(({ name }) => `DROP CHECK ${quoteName(name)}`),
  ]
}

/**
 * Checks that stay and name no column: MySQL drops them with any column, and with an index on an expression, which is a hidden column. So they are dropped before and
 * added again.
 */
function findUnbound(wanted: TableSnapshot, found: TableSnapshot): readonly PartSnapshot[] {
  const stays = new Set(wanted.columns.map(({ name }) => name.toLowerCase()))
  const dropsColumn =
    found.columns.some(({ name }) => !stays.has(name.toLowerCase())) ||
    leaving(wanted.indexes, found.indexes).some((index) => indexColumns(index).includes(''))
  if (!dropsColumn) return []
  return wanted.checks.filter(
    (check) =>
      isSamePart(found.checks, check) && namesOf(check)?.every((name) => !stays.has(name.toLowerCase())) === true,
  )
}

const parser = / \/\*!50100 WITH PARSER `(?:[^`]|``)+` \*\//

/**
 * If an index that differs only in its parser were dropped and added in one statement, it would keep the parser (MySQL
 * 8.0 and 9.7).
 */
function findParsed(wanted: TableSnapshot, found: TableSnapshot): readonly PartSnapshot[] {
  return found.indexes.filter(({ name, text }) => {
    const other = findPart(wanted.indexes, name)?.text
    return other !== undefined && other !== text && other.replace(parser, '') === text.replace(parser, '')
  })
}

/** Parts that are extra or differ. */
function leaving<Part extends PartSnapshot>(wanted: readonly Part[], found: readonly Part[]): readonly Part[] {
  return found.filter((part) => findPart(wanted, part.name)?.text !== part.text)
}

/** Parts that are missing or differ. */
function coming<Part extends PartSnapshot>(wanted: readonly Part[], found: readonly Part[]): readonly Part[] {
  return leaving(found, wanted)
}

function changeTable(wanted: TableSnapshot, found: TableSnapshot): readonly string[] {
  return [
    ...changeIndexes(wanted, found).dropped,
    ...changeColumns(wanted, found),
    ...changeIndexes(wanted, found).added,
    ...[
      ...coming(wanted.foreignKeys, found.foreignKeys),
      ...coming(wanted.checks, found.checks),
      ...findUnbound(wanted, found),
    ].map(({ text }) => `ADD ${text}`),
    ...changeOptions(wanted, found),
  ]
}

/** An index that differs only in its name is renamed, which changes metadata only. */
function changeIndexes(
  wanted: TableSnapshot,
  found: TableSnapshot,
): { readonly dropped: readonly string[]; readonly added: readonly string[] } {
  const shown = changeVisibility(wanted, found)
  const isOther = ({ name }: PartSnapshot): boolean => !shown.has(name)
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
  const drop = ({ name }: PartSnapshot): string =>
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

const isSamePart = (parts: readonly PartSnapshot[], { name, text }: PartSnapshot): boolean =>
  findPart(parts, name)?.text === text

/**
 * Indexes of a partitioned table that stay keep the table's block size as their own (MySQL 8.0 and 9.7). Indexes that the same statement drops and adds
 * do not. Such a table has no foreign keys.
 */
function resizesPartitions(wanted: TableSnapshot, found: TableSnapshot): boolean {
  const before = found.options['KEY_BLOCK_SIZE']
  const isPartitioned = wanted.partitioning !== null && found.partitioning !== null
  return isPartitioned && before !== undefined && before !== wanted.options['KEY_BLOCK_SIZE']
}

/**
 * Indexes that MySQL created for a foreign key without a name: when the key is added again with a name, MySQL replaces them by
 * one named like the key (8.0 and 9.7). If the same statement drops and adds them, they stay, at no cost.
 */
function findImplicit(wanted: TableSnapshot, found: TableSnapshot): readonly PartSnapshot[] {
  const keys = coming(wanted.foreignKeys, found.foreignKeys)
  return wanted.indexes.filter((index) => {
    const [first = ''] = keys.find(({ columns }) => beginsWith(index, columns))?.columns ?? []
    const isNamedAfter = first !== '' && index.name.replace(/_\d+$/, '') === first.replace(/_\d+$/, '')
    return isNamedAfter && !index.unique && findPart(found.indexes, index.name)?.text === index.text
  })
}

const invisible = ' /*!80000 INVISIBLE */'

/**
 * If an index that differs only in its visibility were dropped and added in one statement, it would keep its visibility
 * (MySQL 8.0 and 9.7).
 */
function changeVisibility(wanted: TableSnapshot, found: TableSnapshot): ReadonlyMap<string, string> {
  const changed = wanted.indexes.flatMap(({ name, text }): readonly (readonly [string, string])[] => {
    const present = findPart(found.indexes, name)?.text
    if (present === `${text}${invisible}`) return [[name, `ALTER INDEX ${quoteName(name)} VISIBLE`]]
    return text === `${present}${invisible}` ? [[name, `ALTER INDEX ${quoteName(name)} INVISIBLE`]] : []
  })
  return new Map(changed)
}

function isRenamed(from: PartSnapshot, to: PartSnapshot, wanted: TableSnapshot, found: TableSnapshot): boolean {
  if (from.name === 'PRIMARY' || to.name === 'PRIMARY') return false
  const isFree = findPart(wanted.indexes, from.name) === undefined && findPart(found.indexes, to.name) === undefined
  const general = ({ name, text }: PartSnapshot): string => text.replace(quoteName(name), '')
  return isFree && general(from) === general(to)
}

function changeColumns(wanted: TableSnapshot, found: TableSnapshot): readonly string[] {
  const kept = wanted.columns.filter((column) => canModify(column, found))
  const gone = found.columns.filter((column) => findPart(kept, column.name) === undefined)
  const stay = new Set(
    longestRun(found.columns.filter((column) => !gone.includes(column)).map(lowerName), kept.map(lowerName)),
  )
  const changes = wanted.columns.flatMap((column, index): readonly string[] => {
    const place = index === 0 ? ' FIRST' : ` AFTER ${quoteName(wanted.columns[index - 1]?.name ?? '')}`
    const present = findPart(found.columns, column.name)
    if (present === undefined || !kept.includes(column)) return [`ADD COLUMN ${column.text}${place}`]
    if (!stay.has(lowerName(column))) return [`MODIFY COLUMN ${column.text}${place}`]
    return isSameColumn(column, present) ? [] : [`MODIFY COLUMN ${column.text}`]
  })
  return [...gone.map(({ name }) => `DROP COLUMN ${quoteName(name)}`), ...changes]
}

/** A column cannot be changed to or from VIRTUAL: it is dropped and added (manual, "ALTER TABLE and Generated Columns"). */
function canModify(column: ColumnSnapshot, found: TableSnapshot): boolean {
  const present = findPart(found.columns, column.name)
  return present !== undefined && isVirtual(column) === isVirtual(present)
}

const isVirtual = ({ generated }: ColumnSnapshot): boolean => generated !== null && !generated.stored

function lowerName({ name }: PartSnapshot): string {
  return name.toLowerCase()
}

function changeOptions(wanted: TableSnapshot, found: TableSnapshot): readonly string[] {
  const [want, have] = [wanted.options, found.options]
  const charset = want['CHARSET'] !== have['CHARSET'] || want['COLLATE'] !== have['COLLATE']
  const names = [...new Set([...Object.keys(want), ...Object.keys(have)])].filter(
    (name) => name !== 'CHARSET' && name !== 'COLLATE',
  )
  const others = names.flatMap((name) => {
    const value = want[name]
    if (value === have[name]) return []
    return [value === undefined ? resetOption(name) : `${name} = ${value}`]
  })
  const collation = want['COLLATE']
  return [
    ...others,
    ...(charset
      ? [`DEFAULT CHARACTER SET = ${want['CHARSET']}${collation === undefined ? '' : ` COLLATE = ${collation}`}`]
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
