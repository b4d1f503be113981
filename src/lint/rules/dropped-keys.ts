import { listNames } from '../../sql/clauses.ts'
import type { Statement } from '../../sql/statement.ts'
import type { KeyState } from '../../sql/table-state.ts'
import type { Token } from '../../sql/tokens.ts'
import { findPresentTable } from '../column-changes.ts'
import { isFirstTableOccupied } from '../existing-data.ts'
import { type DroppedKey, isIndex, isSameKey, readAddedKeys, readDroppedKeys } from '../follow-alteration.ts'
import type { HazardContext, HazardRule } from '../rule.ts'

export const dropIndex: HazardRule = {
  code: 'DROP_INDEX',
  kind: 'advisory',
  title: '`DROP INDEX`, `DROP KEY` or `DROP PRIMARY KEY` that no other index replaces',
  find: (tokens, statement, context) => {
    const names = findDropped(tokens, statement, context, ['INDEX', 'PRIMARY'])
    if (names.length === 0) return []
    return [
      {
        why: `Queries that use ${listNames(names)} will scan the whole table, and where it is unique, duplicates can be stored.`,
        instead: 'Make the index INVISIBLE for a while, and drop it when no query has become slow.',
      },
    ]
  },
}

export const dropConstraint: HazardRule = {
  code: 'DROP_CONSTRAINT',
  kind: 'advisory',
  title: '`DROP FOREIGN KEY`, `DROP CONSTRAINT` or `DROP CHECK`, unless the same statement adds one of the same kind',
  find: (tokens, statement, context) => {
    const names = findDropped(tokens, statement, context, ['FOREIGN KEY', 'CONSTRAINT', 'CHECK'])
    if (names.length === 0) return []
    return [
      {
        why: `The server no longer checks ${listNames(names)}: rows that violate it may be stored, and then it cannot be added again.`,
        instead: 'Add the new constraint in the same ALTER TABLE, or explain in the file why it is no longer needed.',
      },
    ]
  },
}

/** The names of dropped keys that existed before the plan. */
function findDropped(
  tokens: readonly Token[],
  statement: Statement,
  context: HazardContext,
  kinds: readonly DroppedKey['kind'][],
): readonly string[] {
  const dropped = readDroppedKeys(tokens).filter(({ kind }) => kinds.includes(kind))
  if (dropped.length === 0 || !isFirstTableOccupied(statement, context)) return []
  const keys = findPresentTable(statement, context.tables)?.keys
  const added = readAddedKeys(tokens)
  const others = (keys ?? []).filter((key) => !readDroppedKeys(tokens).some((drop) => isSameKey(key, drop)))
  return dropped.filter((drop) => isMissed(drop, keys, [...others, ...added], added)).map(({ name }) => name)
}

function isMissed(
  drop: DroppedKey,
  keys: readonly KeyState[] | undefined,
  left: readonly KeyState[],
  added: readonly KeyState[],
): boolean {
  const key = keys?.find((each) => isSameKey(each, drop))
  if (keys !== undefined && key === undefined) return false
  if (key?.made === true) return false
  if (drop.kind === 'PRIMARY' || drop.kind === 'INDEX') {
    if (added.some(({ kind, name }) => (drop.kind === 'PRIMARY' ? kind === 'PRIMARY' : isSameName(name, drop.name))))
      return false
    return key === undefined || !left.some((other) => canReplace(other, key))
  }
  if (drop.kind === 'CONSTRAINT')
    return !added.some(({ kind, name }) => !['INDEX'].includes(kind) && isSameName(name, drop.name))
  return !added.some(({ kind }) => kind === drop.kind)
}

function isSameName(left: string, right: string): boolean {
  return left.toLowerCase() === right.toLowerCase()
}

/** An index that begins with the same columns serves the same queries; to replace a unique one it must have the same columns and be unique. */
function canReplace(other: KeyState, key: KeyState): boolean {
  if (!isIndex(other) || key.columns.length === 0) return false
  const begins = key.columns.every((column, at) => isSameName(column, other.columns[at] ?? ''))
  if (key.kind === 'INDEX') return begins
  return begins && other.kind !== 'INDEX' && other.columns.length === key.columns.length
}
