import { closestName } from '../../core/closest-name.ts'
import type {
  CalendarSpan,
  FamilyPolicy,
  FamilySequence,
  FamilyVindex,
  KeySource,
  PeriodKind,
  ShardTemplate,
} from '../../core/shard-family.ts'
import type { Fault } from '../../core/tool-error.ts'
import {
  type HeaderObjection,
  readCap,
  readChoice,
  readDelay,
  readFormerNames,
  readIds,
  readKeep,
  readKeys,
  readPeriod,
  readPremake,
  readReference,
  readSequence,
  readShare,
  readTime,
  readView,
  readVindex,
  type ValueOutcome,
  type WrittenPremake,
  type WrittenReference,
  type WrittenTime,
} from './header-values.ts'

/** What each header of a template says, by its name. */
export interface HeaderValues {
  readonly period: { readonly kind: PeriodKind; readonly zone: string }
  readonly keys: KeySource
  readonly shards: 'table' | 'partition'
  readonly name: string
  readonly ids: ShardTemplate['idBase']
  readonly time: WrittenTime
  readonly premake: WrittenPremake
  /** Milliseconds. */
  readonly late: number
  readonly keep: CalendarSpan | null
  /** Milliseconds. */
  readonly grace: number
  readonly archive: FamilyPolicy['archive']
  readonly reference: WrittenReference
  readonly references: FamilyPolicy['references']
  readonly view: FamilyPolicy['view']
  readonly cap: number
  readonly share: number
  readonly vindex: FamilyVindex
  readonly sequence: FamilySequence
  /** Former names of the family. */
  readonly formerly: readonly string[]
}

export type HeaderName = keyof HeaderValues

const readers: { readonly [Name in HeaderName]: (text: string) => ValueOutcome<HeaderValues[Name]> } = {
  period: readPeriod,
  keys: readKeys,
  shards: (text) => readChoice(text, ['table', 'partition']),
  // The valid patterns depend on the division: it is compiled when that is known.
  name: (text) => ({ type: 'value', value: text }),
  ids: readIds,
  time: readTime,
  premake: readPremake,
  late: readDelay,
  keep: readKeep,
  grace: readDelay,
  archive: (text) => readChoice(text, ['directory', 'none']),
  reference: readReference,
  references: (text) => readChoice(text, ['logical', 'physical']),
  view: readView,
  cap: readCap,
  share: readShare,
  vindex: readVindex,
  sequence: readSequence,
  formerly: readFormerNames,
}

const headerNames: readonly string[] = Object.keys(readers)

function isHeaderName(name: string): name is HeaderName {
  return Object.hasOwn(readers, name)
}

/** Keeps the value together with the name that determines its type. */
type ShardHeader = {
  readonly [Name in HeaderName]: { readonly name: Name; readonly value: HeaderValues[Name] }
}[HeaderName]

export type HeaderOutcome = { readonly type: 'header'; readonly header: ShardHeader } | HeaderObjection

/** Reads one header of a template: its name and its value. The configuration's overrides are read in the same way. */
export function readShardHeader(name: string, argument: string): HeaderOutcome {
  if (!isHeaderName(name)) return unknownHeader(name)
  const text = argument.trim()
  if (text === '') return { says: 'has no value', next: 'Write its value, or remove the line.' }
  return readValue(name, text)
}

function readValue<Name extends HeaderName>(name: Name, text: string): HeaderOutcome {
  const outcome: ValueOutcome<HeaderValues[Name]> = readers[name](text)
  if (!('type' in outcome)) return outcome
  // The compiler cannot see that a reader's value belongs to its name.
  return { type: 'header', header: { name, value: outcome.value } as ShardHeader }
}

function unknownHeader(name: string): HeaderObjection {
  const close = closestName(name, headerNames)
  const known = `The headers are \`${headerNames.join('`, `')}\`.`
  return {
    says: 'is not a header of templates',
    next: close === null ? known : `Did you mean \`${close}\`? ${known}`,
  }
}

/** The name of a header in a sentence, and its position: in a template or in the configuration. */
export interface HeaderPlace extends Pick<Fault, 'where' | 'excerpt'> {
  readonly subject: string
}

export interface PlacedHeader {
  readonly header: ShardHeader
  readonly place: HeaderPlace
}

export function headerFault(place: HeaderPlace, { says, why, next }: HeaderObjection): Fault {
  const { subject, ...where } = place
  return { what: `${subject} ${says}.`, ...where, ...(why === undefined ? {} : { why }), next }
}

/** A value with the header that states it. */
interface Placed<Value> {
  readonly value: Value
  readonly place: HeaderPlace
}

/** The headers in force for a family: its template's, or the configuration's overrides. */
export class HeaderSet {
  readonly #headers: readonly PlacedHeader[]

  constructor(own: readonly PlacedHeader[], overrides: readonly PlacedHeader[]) {
    const replaced = new Set(overrides.map(({ header }) => header.name))
    this.#headers = [...own.filter(({ header }) => !replaced.has(header.name)), ...overrides]
  }

  get<Name extends HeaderName>(name: Name): Placed<HeaderValues[Name]> | null {
    return this.all(name)[0] ?? null
  }

  all<Name extends HeaderName>(name: Name): readonly Placed<HeaderValues[Name]>[] {
    return this.#headers.flatMap(({ header, place }) => {
      if (header.name !== name) return []
      // A header is kept together with the name that determines its type.
      return [{ value: header.value as HeaderValues[Name], place }]
    })
  }
}
