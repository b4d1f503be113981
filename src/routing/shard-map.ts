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
  /** The first id of a shard is its period's digits times `factor`; null where ids say nothing of the shard. */
  readonly ids: { readonly factor: number } | null
  /** Keys of the periods that have a table, in order; absent where no server was asked, and for families by key. */
  readonly live?: readonly string[]
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
 * The families of a shard map. Checked by hand: the module is part of other people's applications and brings no library.
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
  }
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
