import { isAtLeast } from '../core/version.ts'
import { readColumnType } from '../ddl/column-type.ts'
import { readAdded, readColumnDefinition, readDroppedColumn } from '../ddl/read-alterations.ts'
import { optionOf } from '../ddl/read-options.ts'
import { kindOf, partsOf, typeOf } from '../ddl/read-parts.ts'
import type { Algorithm } from '../ddl/server-answer.ts'
import { findKnownColumn, type Table } from '../ddl/table.ts'
import { type Clause, findWords, hasWords, isMark, isWord } from '../sql/clauses.ts'
import { compareStorage } from './narrowing.ts'

/** What is known where no server can be queried. */
export interface OfflineFacts {
  /** The table before the statement; null where it is unknown. */
  readonly table: Table | null
  /** `8.0.12`; the newest where none is named. */
  readonly version: string | null
}

/** The fastest algorithm for one change of an ALTER TABLE, and whether other sessions may write meanwhile. */
export interface OfflineAnswer {
  readonly algorithm: Algorithm
  readonly blocksWrites: boolean
  /** True where all rows are rewritten in place. */
  readonly rebuilds?: true
}

const instant: OfflineAnswer = { algorithm: 'INSTANT', blocksWrites: false }
const inPlace: OfflineAnswer = { algorithm: 'INPLACE', blocksWrites: false }
const rebuild: OfflineAnswer = { algorithm: 'INPLACE', blocksWrites: false, rebuilds: true }
const inPlaceShared: OfflineAnswer = { algorithm: 'INPLACE', blocksWrites: true }
const copy: OfflineAnswer = { algorithm: 'COPY', blocksWrites: true }

/**
 * The table of the manual, "Online DDL Operations", by version; measured in test/integration/mysql/algorithm-changes.test.ts. Null for a change
 * that depends on something unknown.
 */
export function offlineAlgorithm(clause: Clause, all: readonly Clause[], facts: OfflineFacts): OfflineAnswer | null {
  const since = (version: string): boolean => facts.version === null || isAtLeast(facts.version, version)
  if (isWord(clause[0], 'ADD')) return ofAddition(clause, facts, since)
  if (isWord(clause[0], 'MODIFY', 'CHANGE')) return ofDefinition(clause, facts, since)
  if (isWord(clause[0], 'DROP')) return ofDrop(clause, all, facts, since)
  if (isWord(clause[0], 'RENAME')) return ofRename(clause, since)
  if (isWord(clause[0], 'ALTER'))
    return isWord(clause[1], 'INDEX') ? inPlace : findWords(clause, 'DEFAULT') > 0 ? instant : null
  if (hasWords(clause, 0, 'CONVERT', 'TO') || hasWords(clause, 0, 'ORDER', 'BY')) return copy
  if (hasWords(clause, 0, 'PARTITION', 'BY') || hasWords(clause, 0, 'REMOVE', 'PARTITIONING')) return copy
  if (isWord(clause[0], 'FORCE')) return rebuild
  const engine = optionOf(clause, 'ENGINE')
  if (engine !== null) return engine === 'INNODB' ? rebuild : copy
  return optionOf(clause, 'ROW_FORMAT') === null ? null : rebuild
}

type Since = (version: string) => boolean

function ofAddition(clause: Clause, { table }: OfflineFacts, since: Since): OfflineAnswer | null {
  const at = isWord(clause[1], 'CONSTRAINT')
    ? clause.findIndex((token) => isWord(token, 'FOREIGN', 'CHECK', 'UNIQUE', 'PRIMARY'))
    : 1
  if (isWord(clause[at], 'FULLTEXT', 'SPATIAL')) return inPlaceShared
  if (isWord(clause[at], 'INDEX', 'KEY', 'UNIQUE', 'PRIMARY')) return inPlace
  // With foreign_key_checks off a key is added in place.
  if (isWord(clause[at], 'FOREIGN')) return null
  if (isWord(clause[at], 'CHECK')) return since('8.0.16') ? copy : null
  const added = readAdded(clause)
  if (added.length === 0) return null
  if (added.some(([, tokens]) => findWords(tokens, 'AS') >= 0 && findWords(tokens, 'STORED') >= 0)) return copy
  if (added.some(([, tokens]) => findWords(tokens, 'AUTO_INCREMENT') >= 0 || findWords(tokens, 'SERIAL') >= 0))
    return inPlaceShared
  if (
    added.some(([, tokens]) => tokens.some((token) => isWord(token, 'UNIQUE', 'PRIMARY', 'KEY', 'REFERENCES', 'CHECK')))
  )
    return null
  if (added.every(([, tokens]) => isGenerated(tokens))) return instant
  const special = ofSpecialTable(table)
  if (special !== undefined) return special
  const isMoved = added.some(([, tokens]) => findWords(tokens, 'FIRST') >= 0 || findWords(tokens, 'AFTER') >= 0)
  return isMoved && !since('8.0.29') ? inPlace : since('8.0.12') ? instant : inPlace
}

/** Not the AS of a CAST in a default. */
function isGenerated(definition: Clause): boolean {
  return definition.some((token, at) => isWord(token, 'AS') && isMark(definition[at + 1], '('))
}

/**
 * Adding or dropping a stored column, where the table itself does not allow it instantly; undefined for all other tables. The rows of a compressed
 * table have no room for columns that only the dictionary knows. With a FULLTEXT index the rebuild would also have to recreate the index.
 */
function ofSpecialTable(table: Table | null): OfflineAnswer | null | undefined {
  // With a column of that name, which the index uses, it was not measured.
  if (table?.indexes.some((index) => kindOf(index) === 'FULLTEXT'))
    return findKnownColumn(table, 'FTS_DOC_ID') === null ? copy : null
  return table?.options['ROW_FORMAT']?.toUpperCase() === 'COMPRESSED' ? rebuild : undefined
}

function ofDefinition(clause: Clause, { table }: OfflineFacts, since: Since): OfflineAnswer | null {
  const written = readColumnDefinition(clause)
  const before = written === null || table === null ? null : findKnownColumn(table, written.column)
  const after = written === null ? null : readColumnType(written.definition)
  const type = typeOf(before)
  if (written === null || type === null || after === null || before?.generated !== null) return null
  if (findWords(written.definition, 'AS') >= 0) return null
  switch (compareStorage(type, after)) {
    case 'copy':
      return copy
    case 'rebuild':
      return rebuild
    case 'nothing': {
      if (findWords(clause, 'FIRST') >= 0 || findWords(clause, 'AFTER') >= 0) return inPlace
      const grows = type.arguments.join() !== after.arguments.join() && after.base === 'varchar'
      const renames = written.renamed !== written.column
      return grows || (renames && !since('8.0.28')) ? inPlace : instant
    }
  }
}

function ofDrop(clause: Clause, all: readonly Clause[], { table }: OfflineFacts, since: Since): OfflineAnswer | null {
  if (hasWords(clause, 1, 'PRIMARY', 'KEY')) {
    const adds = all.some((each) => isWord(each[0], 'ADD') && findWords(each, 'PRIMARY') > 0)
    return adds ? rebuild : copy
  }
  if (isWord(clause[1], 'INDEX', 'KEY')) return inPlace
  const column = readDroppedColumn(clause)
  if (column === null) return null
  if (table !== null && findKnownColumn(table, column)?.generated?.stored === false)
    return all.length === 1 ? instant : null
  const special = ofSpecialTable(table)
  if (special !== undefined) return special
  if (!since('8.0.29')) return inPlace
  const isIndexed = table?.indexes.some((index) =>
    partsOf(index).some((part) => part.column?.toLowerCase() === column.toLowerCase()),
  )
  return isIndexed === false ? instant : null
}

function ofRename(clause: Clause, since: Since): OfflineAnswer | null {
  if (isWord(clause[1], 'INDEX', 'KEY')) return inPlace
  return isWord(clause[1], 'COLUMN') ? (since('8.0.28') ? instant : inPlace) : null
}
