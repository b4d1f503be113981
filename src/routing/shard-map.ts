import { isZone } from '../calendar/zone.ts'

/**
 * What an application must know of the sharded tables, as plain JSON: `wwdb shards map` writes it. Readers ignore
 * fields that they don't know; `version` grows when a field that is here changes its meaning.
 */
export interface ShardMap {
  readonly version: 1
  readonly families: readonly ShardMapFamily[]
}

/** A table that exists many times. */
export interface ShardMapFamily {
  /** Unique in its database; `database.name` is unique in the shard map. */
  readonly name: string
  /** The logical database. */
  readonly database: string
  /** The name of that database's schema on the server. */
  readonly schema: string
  /** How a shard is called: `messages_{YYYYMM}`, `contacts_{key}`. */
  readonly pattern: string
  readonly division: ShardMapDivision
  /** The first id of a shard is its period's digits times `factor`; null where ids do not show the shard. */
  readonly ids: { readonly factor: number } | null
  /** The column that places a row; absent where the template names none, and for families by key. */
  readonly time?: ShardMapTime
  /** Keys of the periods that have a table, in order; absent where no server was asked, and for families by key. */
  readonly live?: readonly string[]
  /** The table of which shards are partitions, under their names; absent where each shard is a table. */
  readonly partitions?: ShardMapPartitions
}

/** Which shards of a family are partitions of one table. A family that was moved has both for a while. */
export interface ShardMapPartitions {
  readonly table: string
  /** True where shards are partitions of it, and false where they are tables, but for `except`. */
  readonly rule: boolean
  /** Keys of the periods for which the opposite is true. */
  readonly except: readonly string[]
}

/** The column of a row that says when it was made. */
export interface ShardMapTime {
  readonly column: string
  readonly type: 'datetime' | 'timestamp'
  /** Decimals of a second, 0 to 6, to which the server rounds what is written. */
  readonly precision: number
  /** Whose clocks a DATETIME shows: `UTC` or an IANA name. */
  readonly zone: string
}

/** By period, on the clocks of `zone`, or by key. A week is an ISO week. */
export type ShardMapDivision =
  | {
      readonly type: 'period'
      readonly kind: 'day' | 'week' | 'month' | 'quarter' | 'year'
      /** `UTC` or an IANA name. */
      readonly zone: string
    }
  | { readonly type: 'key' }

/** A part of a document of unknown shape. */
type Fields = Readonly<Record<string, unknown>>

/**
 * The families of a shard map. Checked by hand: the module becomes part of applications and must have no dependencies.
 * @throws TypeError that says what is wrong, and where.
 */
export function readShardMap(document: unknown): readonly ShardMapFamily[] {
  const { version, families } = fieldsOf(document, 'The shard map')
  if (version !== 1) throw new TypeError(`The shard map is of version ${JSON.stringify(version)}; this module reads 1.`)
  if (!Array.isArray(families)) throw new TypeError('The shard map has no list of families.')
  return families.map((family: unknown, place) => readFamily(family, `families[${place}]`))
}

function readFamily(value: unknown, where: string): ShardMapFamily {
  const fields = fieldsOf(value, where)
  const text = (name: string): string => textOf(fields[name], `${where}.${name}`)
  return {
    name: text('name'),
    database: text('database'),
    schema: text('schema'),
    pattern: text('pattern'),
    division: readDivision(fields['division'], `${where}.division`),
    ids: readIds(fields['ids'], `${where}.ids`),
    ...(fields['time'] === undefined ? {} : { time: readTime(fields['time'], `${where}.time`) }),
    ...(fields['live'] === undefined ? {} : { live: readLive(fields['live'], `${where}.live`) }),
    ...(fields['partitions'] === undefined
      ? {}
      : { partitions: readPartitions(fields['partitions'], `${where}.partitions`) }),
  }
}

function readTime(value: unknown, where: string): ShardMapTime {
  const { column, type, precision, zone } = fieldsOf(value, where)
  if (type !== 'datetime' && type !== 'timestamp') throw new TypeError(`${where}.type is not datetime or timestamp.`)
  if (typeof precision !== 'number' || !Number.isInteger(precision) || precision < 0 || precision > 6)
    throw new TypeError(`${where}.precision is not a whole number from 0 to 6.`)
  if (typeof zone !== 'string' || !isZone(zone)) throw new TypeError(`${where}.zone is not a known time zone.`)
  return { column: textOf(column, `${where}.column`), type, precision, zone }
}

function readPartitions(value: unknown, where: string): ShardMapPartitions {
  const { table, rule, except } = fieldsOf(value, where)
  if (typeof rule !== 'boolean') throw new TypeError(`${where}.rule is neither true nor false.`)
  return { table: textOf(table, `${where}.table`), rule, except: readLive(except, `${where}.except`) }
}

function readLive(value: unknown, where: string): readonly string[] {
  if (!Array.isArray(value)) throw new TypeError(`${where} is not a list.`)
  return value.map((key: unknown, place) => textOf(key, `${where}[${place}]`))
}

function readDivision(value: unknown, where: string): ShardMapDivision {
  const { type, kind, zone } = fieldsOf(value, where)
  if (type === 'key') return { type }
  if (type !== 'period') throw new TypeError(`${where}.type is neither "period" nor "key".`)
  if (typeof zone !== 'string' || !isZone(zone)) throw new TypeError(`${where}.zone is not a known time zone.`)
  switch (kind) {
    case 'day':
    case 'week':
    case 'month':
    case 'quarter':
    case 'year':
      return { type, kind, zone }
    default:
      throw new TypeError(`${where}.kind is not day, week, month, quarter or year.`)
  }
}

function readIds(value: unknown, where: string): ShardMapFamily['ids'] {
  if (value === null) return null
  const { factor } = fieldsOf(value, where)
  if (typeof factor === 'number' && Number.isSafeInteger(factor) && factor > 0) return { factor }
  throw new TypeError(`${where}.factor is not a whole number from 1.`)
}

function textOf(value: unknown, where: string): string {
  if (typeof value === 'string' && value !== '') return value
  throw new TypeError(`${where} is not a string.`)
}

function fieldsOf(value: unknown, where: string): Fields {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return { ...value }
  throw new TypeError(`${where} is not an object.`)
}
