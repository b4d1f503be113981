import { describeDuration } from '../../core/duration.ts'
import { countOf, groupDigits } from '../../core/plural.ts'
import { ToolError } from '../../core/tool-error.ts'
import type { StoreLoss } from '../store-plan.ts'
import { compareCollations, declaredForm, type IndexForm, sameDocument } from './compare.ts'
import type { IndexDeclaration, JsonObject } from './declaration.ts'
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
  const before = current?.expireAfterSeconds ?? null
  // A time that is no number, as an old server took it, deletes nothing.
  return current === null || before === null || !(index.expireAfterSeconds >= before) || !expiresAlike(current, index)
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
  const before = current?.expireAfterSeconds ?? Number.NaN
  if (current === null || Number.isNaN(before)) return describeExpiryOf(null)
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
    (one.partialFilter === null || sameDocument(one.partialFilter, other.partialFilter)) &&
    !isSparser &&
    isAsStrict(one, other)
  )
}

/** Whether texts that are equal for the other index are equal for the one. Without a collation only the same bytes are equal. */
function isAsStrict({ collation: one }: IndexForm, { collation: other }: IndexForm): boolean {
  if (other === null) return true
  if (one === null) return false
  const differences = compareCollations(other, one)
  const strengthOf = (collation: JsonObject): number => Number(collation['strength'] ?? defaultStrength)
  return (
    differences.every(({ path }) => path === 'collation.strength') &&
    (differences.length === 0 || strengthOf(one) <= strengthOf(other))
  )
}

/** Letters, accents and case differ. */
const defaultStrength = 3

function firstFieldOf(form: IndexForm): string | undefined {
  return fieldsOf(form)[0]
}

function fieldsOf({ key }: IndexForm): readonly string[] {
  const fields = JSON.parse(key) as readonly (readonly [string, unknown])[]
  return fields.map(([field]) => field)
}
