import { isZone } from '../calendar/zone.ts'
import type { CatalogueDivision, CatalogueFamily } from './catalogue.ts'

/** Something of a document, whatever it may be. */
type Fields = Readonly<Record<string, unknown>>

/**
 * The families of a catalogue. Checked by hand: the module is part of other people's applications and brings no library.
 * @throws TypeError that says what is wrong, and where.
 */
export function readCatalogue(document: unknown): readonly CatalogueFamily[] {
  const { version, families } = fieldsOf(document, 'The catalogue')
  if (version !== 1) throw new TypeError(`The catalogue is of version ${JSON.stringify(version)}; this module reads 1.`)
  if (!Array.isArray(families)) throw new TypeError('The catalogue has no list of families.')
  return families.map((family: unknown, place) => readFamily(family, `families[${place}]`))
}

function readFamily(value: unknown, where: string): CatalogueFamily {
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

function readDivision(value: unknown, where: string): CatalogueDivision {
  const { type, kind, zone } = fieldsOf(value, where)
  if (type === 'key') return { type }
  if (type !== 'period') throw new TypeError(`${where}.type is neither "period" nor "key".`)
  if (typeof zone !== 'string' || !isZone(zone)) throw new TypeError(`${where}.zone is no zone that is known here.`)
  switch (kind) {
    case 'day':
    case 'week':
    case 'month':
    case 'quarter':
    case 'year':
      return { type, kind, zone }
    default:
      throw new TypeError(`${where}.kind is none of day, week, month, quarter and year.`)
  }
}

function readIds(value: unknown, where: string): CatalogueFamily['ids'] {
  if (value === null) return null
  const { factor } = fieldsOf(value, where)
  if (typeof factor === 'number' && Number.isSafeInteger(factor) && factor > 0) return { factor }
  throw new TypeError(`${where}.factor is no whole number from 1.`)
}

function textOf(value: unknown, where: string): string {
  if (typeof value === 'string' && value !== '') return value
  throw new TypeError(`${where} is no text.`)
}

function fieldsOf(value: unknown, where: string): Fields {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return { ...value }
  throw new TypeError(`${where} is no object.`)
}
