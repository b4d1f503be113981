import { isZone } from '../calendar/zone.ts'
import type { ShardMapDivision, ShardMapFamily } from './shard-map.ts'

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
