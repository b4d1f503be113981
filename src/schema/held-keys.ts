import type { ObjectDifference } from '../ddl/compare-snapshots.ts'
import type { ShapeDifference } from '../ddl/definitions/compare-definitions.ts'
import { beginsWith } from '../ddl/read-parts.ts'
import type { ColumnSnapshot, ForeignKeySnapshot, SchemaSnapshot, TableSnapshot } from '../ddl/snapshot.ts'

/** A foreign key and the table that has it. */
interface HeldKey {
  readonly table: string
  readonly key: ForeignKeySnapshot
}

/** What differs in several databases, by name: keys of one hold on to tables of another. */
export type DifferencesAround = ReadonlyMap<string, readonly ObjectDifference[]>

interface ChangedKeys {
  readonly dropped: readonly HeldKey[]
  readonly added: readonly HeldKey[]
}

/**
 * Foreign keys that go, those that come, and those that stay but do not let a table change: MySQL alters the type of no column that a key joins (errors
 * 1832 and 1833), and drops no index that a key needs where the same ALTER leaves no other one (1553). All others stay where they are: to add one again
 * copies the table and blocks writes. Pure.
 */
export function changeKeys(wanted: SchemaSnapshot, found: SchemaSnapshot, around: DifferencesAround): ChangedKeys {
  const tables = new Map(
    [...around].flatMap(([database, differences]) =>
      differences.flatMap((one) => (one.type === 'table' ? [[`${database} ${one.name}`, one] as const] : [])),
    ),
  )
  const lets = (database: string, table: string, columns: readonly string[]): boolean => {
    const difference = tables.get(`${database} ${table}`)
    return difference === undefined || canStay(difference, columns)
  }
  const isInTheWay = ({ table, key }: HeldKey): boolean => {
    const parent = key.parentDatabase ?? wanted.database
    const isGone = (tables.get(`${parent} ${key.parent}`)?.change ?? 'differs') !== 'differs'
    return isGone || !lets(wanted.database, table, key.columns) || !lets(parent, key.parent, key.parentColumns)
  }
  const [want, have] = [keysOf(wanted), keysOf(found)]
  const dropped = have.filter((one) => isInTheWay(one) || !want.some((other) => isSameKey(one, other)))
  const stays = (one: HeldKey): boolean =>
    have.some((other) => isSameKey(one, other)) && !dropped.some((other) => isSameKey(one, other))
  return { dropped, added: want.filter((one) => !stays(one)) }
}

function keysOf({ objects }: SchemaSnapshot): readonly HeldKey[] {
  return objects.flatMap((object) =>
    object.type === 'table' ? object.foreignKeys.map((key) => ({ table: object.name, key })) : [],
  )
}

const isSameKey = (one: HeldKey, other: HeldKey): boolean =>
  one.table === other.table && one.key.text === other.key.text

/** Whether a foreign key of these columns, of a child or of a parent, can stay while a table changes. */
function canStay({ wanted, found, parts }: ObjectDifference, columns: readonly string[]): boolean {
  if (wanted?.type !== 'table' || found?.type !== 'table') return true
  const isFree = ({ part, name, change }: ShapeDifference): boolean => {
    if (part === 'column')
      return !columns.some((column) => isSame(column, name)) || (change === 'differs' && keepsType(wanted, found, name))
    return part !== 'partitioning' && (part !== 'option' || name !== 'ENGINE')
  }
  const changesIndex = parts.some(({ part }) => part === 'index')
  return parts.every(isFree) && (!changesIndex || wanted.indexes.some((index) => beginsWith(index, columns)))
}

function isSame(one: string, other: string): boolean {
  return one.toLowerCase() === other.toLowerCase()
}

/** A comment, a default and NULL are changed under a key; what makes MySQL copy the column, or drop it and add it again, is not. */
function keepsType(wanted: TableSnapshot, found: TableSnapshot, name: string): boolean {
  const of = ({ columns }: TableSnapshot): ColumnSnapshot | undefined => columns.find((one) => isSame(one.name, name))
  const [want, have] = [of(wanted), of(found)]
  if (want === undefined || have === undefined) return false
  return (
    want.type === have.type &&
    want.collation === have.collation &&
    want.autoIncrement === have.autoIncrement &&
    want.generated === null &&
    have.generated === null &&
    (want.nullable || !have.nullable)
  )
}
