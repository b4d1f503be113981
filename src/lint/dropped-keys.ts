import { type DroppedKey, readAddedKeys, readDroppedKeys } from '../ddl/read-alterations.ts'
import { indexColumns, kindOf } from '../ddl/read-parts.ts'
import { findPresentTable } from '../ddl/schema.ts'
import type { IndexReading, Table } from '../ddl/table.ts'
import type { Statement } from '../sql/statement.ts'
import type { Token } from '../sql/tokens.ts'
import { isFirstTableOccupied } from './existing-data.ts'
import type { HazardContext } from './rule.ts'

/** An index, foreign key or check, as far as a drop needs it. */
interface Key {
  readonly name: string
  readonly kind: IndexReading['kind'] | 'FOREIGN KEY' | 'CHECK'
  /** In order; empty for a check. */
  readonly columns: readonly string[]
  readonly isMade: boolean
}

function listKeys({ indexes, foreignKeys, checks }: Pick<Table, 'indexes' | 'foreignKeys' | 'checks'>): readonly Key[] {
  const named = (one: { readonly name: string | null; readonly made?: true }): Pick<Key, 'name' | 'isMade'> => ({
    name: one.name ?? '',
    isMade: one.made === true,
  })
  return [
    ...indexes.map((index) => ({ ...named(index), kind: kindOf(index), columns: indexColumns(index) })),
    ...foreignKeys.map((key) => ({ ...named(key), kind: 'FOREIGN KEY' as const, columns: key.columns })),
    ...checks.map((check) => ({ ...named(check), kind: 'CHECK' as const, columns: [] })),
  ]
}

/** The names of dropped keys that existed before the plan. */
export function findDropped(
  tokens: readonly Token[],
  statement: Statement,
  context: HazardContext,
  kinds: readonly DroppedKey['kind'][],
): readonly string[] {
  const all = readDroppedKeys(tokens)
  const dropped = all.filter(({ kind }) => kinds.includes(kind))
  if (dropped.length === 0 || !isFirstTableOccupied(statement, context)) return []
  const table = findPresentTable(statement, context.tables)
  const keys = table === null || table.partial === true ? null : listKeys(table)
  const added = listKeys(readAddedKeys(tokens))
  const others = (keys ?? []).filter((key) => !all.some((drop) => isMeant(key, drop)))
  return dropped.filter((drop) => isMissed(drop, keys, [...others, ...added], added)).map(({ name }) => name)
}

/** Indexes and foreign keys have separate names; DROP CONSTRAINT matches either. */
function isMeant(key: Key, { kind, name }: DroppedKey): boolean {
  if (!isSameName(key.name, name)) return false
  if (kind === 'CONSTRAINT') return isConstraint(key)
  return kind === 'INDEX' ? isIndex(key) : key.kind === kind
}

const isIndex = ({ kind }: Key): boolean => kind !== 'FOREIGN KEY' && kind !== 'CHECK'

const isConstraint = ({ kind }: Key): boolean => ['PRIMARY', 'UNIQUE', 'FOREIGN KEY', 'CHECK'].includes(kind)

/** @param keys null where they are unknown */
function isMissed(drop: DroppedKey, keys: readonly Key[] | null, left: readonly Key[], added: readonly Key[]): boolean {
  const key = keys?.find((each) => isMeant(each, drop))
  if (keys !== null && key === undefined) return false
  if (key?.isMade === true) return false
  if (drop.kind === 'PRIMARY' || drop.kind === 'INDEX') {
    if (added.some(({ kind, name }) => (drop.kind === 'PRIMARY' ? kind === 'PRIMARY' : isSameName(name, drop.name))))
      return false
    return key === undefined || !left.some((other) => canReplace(other, key))
  }
  if (drop.kind === 'CONSTRAINT') return !added.some((key) => isConstraint(key) && isSameName(key.name, drop.name))
  return !added.some(({ kind }) => kind === drop.kind)
}

function isSameName(left: string, right: string): boolean {
  return left.toLowerCase() === right.toLowerCase()
}

/** An index that begins with the same columns serves the same queries; to replace a unique one it must have the same columns and be unique. */
function canReplace(other: Key, key: Key): boolean {
  if (!isIndex(other) || key.columns.length === 0) return false
  const begins = key.columns.every((column, at) => isSameName(column, other.columns[at] ?? ''))
  if (!isConstraint(key)) return begins
  return begins && isConstraint(other) && other.columns.length === key.columns.length
}
