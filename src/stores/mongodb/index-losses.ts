import { describeDuration } from '../../core/duration.ts'
import { countOf, groupDigits } from '../../core/plural.ts'
import { ToolError } from '../../core/tool-error.ts'
import type { StoreLoss } from '../store-plan.ts'
import { collationDefaults, compareCollations, declaredForm, type IndexForm, sameDocument } from './compare.ts'
import { type IndexDeclaration, isJsonObject, type JsonObject } from './declaration.ts'
import type { CountQuestion } from './ports.ts'

/** The answers to the counting questions; a question is its own key. */
export type Counts = ReadonlyMap<string, number>

export function questionKey(question: CountQuestion): string {
  return JSON.stringify(question)
}

/** The place of an index. */
export interface Place {
  readonly database: string
  readonly collection: string
}

/** Whether documents go that stayed so far, or earlier than so far: the server deletes those that an index has and whose time in its field is over. */
export function expiresSooner(current: IndexForm | null, index: IndexDeclaration): boolean {
  if (index.expireAfterSeconds === null) return false
  const before = expiryOf(current)
  return current === null || before === null || index.expireAfterSeconds < before || !expiresAlike(current, index)
}

/** Seconds; null where it deletes nothing: without a time, with one that is no number, as an old server took it, and where the server needs one plain field and it has others. */
function expiryOf(current: IndexForm | null): number | null {
  const fields = current === null ? [] : keyOf(current)
  const seconds = current?.expireAfterSeconds ?? Number.NaN
  return fields.length !== 1 || typeof fields[0]?.[1] !== 'number' || Number.isNaN(seconds) ? null : seconds
}

/** Whether what the declared index would delete has that field and passes the filter of the current one. */
function expiresAlike(current: IndexForm, index: IndexDeclaration): boolean {
  if (firstFieldOf(current) !== index.key[0]?.[0]) return false
  if (current.partialFilter === null) return true
  return (
    sameDocument(current.partialFilter, index.partialFilter) &&
    compareCollations(current.collation, index.collation).length === 0
  )
}

/** What deletes documents so far, for people. */
function describeExpiry(current: IndexForm | null, index: IndexDeclaration): string {
  const before = expiryOf(current)
  if (current === null || before === null) return describeExpiryOf(null)
  const field = firstFieldOf(current)
  const after = field === index.key[0]?.[0] ? '' : ` after ${field}`
  const narrowed = current.partialFilter !== null && !sameDocument(current.partialFilter, index.partialFilter)
  const only = narrowed ? ', and only for those that pass the filter of the index' : ''
  return `${describeExpiryOf(before)}${after}${only}`
}

/** @param seconds null where documents stay */
export function describeExpiryOf(seconds: number | null): string {
  return seconds === null ? 'they stay' : `it is ${describeDuration(seconds * 1000)}`
}

export function expiryQuestion(database: string, collection: string, index: IndexDeclaration): CountQuestion | null {
  const field = index.key[0]?.[0]
  if (index.expireAfterSeconds === null || field === undefined) return null
  return {
    type: 'expiring',
    database,
    collection,
    field,
    seconds: index.expireAfterSeconds,
    filter: index.partialFilter,
    collation: index.collation,
  }
}

export function uniquenessQuestion(
  database: string,
  collection: string,
  index: IndexDeclaration,
): CountQuestion | null {
  if (!index.unique) return null
  const fields = index.key.map(([field]) => field)
  const { partialFilter: filter, sparse, collation } = index
  return { type: 'duplicates', database, collection, fields, filter, sparse, collation }
}

export function expiryLoss(
  place: Place,
  index: IndexDeclaration,
  current: IndexForm | null,
  documents: number,
  counts: Counts,
): StoreLoss | null {
  const question = expiryQuestion(place.database, place.collection, index)
  if (question === null || documents === 0 || !expiresSooner(current, index)) return null
  return expireLoss({
    name: `${place.database}.${place.collection}`,
    field: index.key[0]?.[0] ?? '',
    seconds: index.expireAfterSeconds ?? 0,
    soFar: describeExpiry(current, index),
    affected: `${groupDigits(counts.get(questionKey(question)) ?? 0)} of ${groupDigits(documents)} documents at once`,
  })
}

/** Of documents that have an age from now on, or a shorter one. */
export function expireLoss({
  name,
  field,
  seconds,
  soFar,
  affected,
}: {
  readonly name: string
  readonly field: string
  readonly seconds: number
  /** Half a sentence: what is deleted until then. */
  readonly soFar: string
  readonly affected: string
}): StoreLoss {
  return {
    code: 'expire-documents',
    why: `Documents are deleted ${describeDuration(seconds * 1000)} after ${field}; so far ${soFar}. Older documents are deleted within a minute.`,
    affected: [`${name} (${affected})`],
  }
}

export function refuseDuplicates(place: Place, index: IndexDeclaration, documents: number, counts: Counts): void {
  const question = uniquenessQuestion(place.database, place.collection, index)
  const duplicates = question === null || documents === 0 ? 0 : (counts.get(questionKey(question)) ?? 0)
  if (duplicates === 0) return
  const fields = index.key.map(([field]) => field).join(', ')
  throw new ToolError('MONGODB_DUPLICATES', {
    what: `Index \`${index.name}\` of \`${place.database}.${place.collection}\` cannot be unique.`,
    why: `${countOf(duplicates, 'value')} of ${fields} ${duplicates === 1 ? 'occurs' : 'occur'} more than once.`,
    next: 'Remove the duplicates, or declare the index without `unique`.',
  })
}

/**
 * What a rebuild does to uniqueness: lost where the declaration refuses less than a dropped index did, and off during the rebuild where an
 * index must be dropped before the new one can be built.
 */
export function uniquenessLoss(
  { database, collection }: Place,
  index: IndexDeclaration,
  dropped: { readonly before: readonly IndexForm[]; readonly after: readonly IndexForm[] },
  documents: number,
): StoreLoss | null {
  const whys = [givenUp(index, [...dropped.before, ...dropped.after]), interrupted(index, dropped.before)]
  const why = whys.filter((one) => one !== null).join(' ')
  if (why === '') return null
  return { code: 'lost-uniqueness', why, affected: [`${database}.${collection} (${countOf(documents, 'document')})`] }
}

/** What is accepted from then on. */
function givenUp(index: IndexDeclaration, dropped: readonly IndexForm[]): string | null {
  const wanted = declaredForm(index)
  const given = dropped.find((form) => form.unique && !impliesUniqueness(wanted, form))
  if (given === undefined) return null
  return index.unique
    ? `Index \`${given.name}\` is unique for more than its declaration (${differencesOf(given, wanted).join(', ')}): some duplicates of ${fieldsOf(given).join(', ')} are accepted from then on.`
    : `Index \`${given.name}\` is unique, and its declaration is not: duplicates of ${fieldsOf(given).join(', ')} are accepted from then on.`
}

function interrupted(index: IndexDeclaration, before: readonly IndexForm[]): string | null {
  const first = before.find(({ unique }) => unique)
  if (!index.unique || first === undefined) return null
  return `Index \`${first.name}\` is dropped before the new one can be built, because they have the same name: meanwhile nothing refuses duplicates of ${fieldsOf(first).join(', ')}, and one that is written makes the build fail. Under another name the new index is built first.`
}

function differencesOf(given: IndexForm, wanted: IndexForm): readonly string[] {
  return [
    ...(given.key === wanted.key ? [] : ['other fields']),
    ...(sameDocument(given.partialFilter, wanted.partialFilter) ? [] : ['another filter']),
    ...(given.sparse === wanted.sparse ? [] : ['`sparse`']),
    ...(compareCollations(given.collation, wanted.collation).length === 0 ? [] : ['another collation']),
  ]
}

/** Whether documents that the one index accepts beside each other are accepted by the other one, too. */
export function impliesUniqueness(one: IndexForm, other: IndexForm): boolean {
  const [fields, others] = [fieldsOf(one), fieldsOf(other)]
  const isSparser = one.sparse && !(other.sparse && fields.length === others.length)
  return (
    one.unique &&
    fields.every((field) => others.includes(field)) &&
    holdsAll(one, other) &&
    !isSparser &&
    isAsStrict(one, other)
  )
}

/** Whether what passes the filter of the other index passes that of the one. Where they compare texts otherwise, what is equal stays equal, but may be ordered otherwise. */
function holdsAll(one: IndexForm, other: IndexForm): boolean {
  if (one.partialFilter === null) return true
  if (!sameDocument(one.partialFilter, other.partialFilter)) return false
  return sameDocument(textOrderOf(one), textOrderOf(other)) || isOfEquals(one.partialFilter)
}

/** True for a filter that asks for equal and present values alone. */
function isOfEquals(filter: JsonObject): boolean {
  return Object.entries(filter).every(([key, value]) => {
    if (key === '$and') return Array.isArray(value) && value.every((part) => isJsonObject(part) && isOfEquals(part))
    if (key.startsWith('$')) return false
    if (!isJsonObject(value)) return true
    const operators = Object.keys(value).filter((name) => name.startsWith('$'))
    return operators.every((name) => name === '$eq' || (name === '$exists' && value[name] === true))
  })
}

/** Whether texts that are equal for the other index are equal for the one. Without a collation only the same bytes are equal. */
function isAsStrict(one: IndexForm, other: IndexForm): boolean {
  const [wanted, given] = [equalityOf(one), equalityOf(other)]
  if (given === null) return true
  if (wanted === null) return false
  const { strength, ...rest } = wanted
  const { strength: before, ...others } = given
  return sameDocument(rest, others) && Number(strength) <= Number(before)
}

/** What of a collation makes two texts equal; null where only the same bytes are. */
function equalityOf(form: IndexForm): JsonObject | null {
  const order = textOrderOf(form)
  if (order === null) return null
  const { caseFirst: _, backwards: _backwards, ...equality } = order
  return equality
}

/** With what the server fills in for most languages: where it fills in something else, the two are taken to differ. */
function textOrderOf({ collation }: IndexForm): JsonObject | null {
  if (collation === null) return null
  const { version: _, ...given } = collation
  const most = { alternate: 'non-ignorable', normalization: false, caseFirst: 'off', backwards: false }
  return { ...most, ...collationDefaults, ...given }
}

function firstFieldOf(form: IndexForm): string | undefined {
  return fieldsOf(form)[0]
}

function fieldsOf(form: IndexForm): readonly string[] {
  return keyOf(form).map(([field]) => field)
}

function keyOf({ key }: IndexForm): readonly (readonly [field: string, direction: unknown])[] {
  return JSON.parse(key) as readonly (readonly [string, unknown])[]
}
