import type { ObjectDifference } from '../ddl/compare-snapshots.ts'
import type { ShapeDifference } from '../ddl/definitions/compare-definitions.ts'
import { beginsWith } from '../ddl/read-parts.ts'
import type { ColumnSnapshot, ForeignKeySnapshot, SchemaSnapshot, TableSnapshot } from '../ddl/snapshot.ts'

/** A foreign key and the table that has it. */
interface HeldKey {
  readonly table: string
  readonly key: ForeignKeySnapshot
}

/** The differences of several databases, by name: keys of one reference tables of another. */
export type DifferencesAround = ReadonlyMap<string, readonly ObjectDifference[]>

interface ChangedKeys {
  readonly dropped: readonly HeldKey[]
  readonly added: readonly HeldKey[]
}

/**
 * Foreign keys that are dropped or added, and unchanged ones that prevent a change of a table: MySQL does not change the type of a column in a key
 * (errors 1832 and 1833), and does not drop an index that a key needs where the same ALTER leaves no other one (1553). All others are left alone:
 * adding one again copies the table and blocks writes. Pure.
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

/** Whether a foreign key on these columns, of a child or of a parent, can stay while a table changes. */
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

/** A comment, a default and NULL can be changed under a key; changes that copy the column, or drop and add it again, cannot. */
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
