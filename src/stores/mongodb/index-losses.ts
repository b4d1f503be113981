import { describeDuration } from '../../core/duration.ts'
import { countOf, groupDigits } from '../../core/plural.ts'
import { ToolError } from '../../core/tool-error.ts'
import type { StoreLoss } from '../store-plan.ts'
import type { IndexForm } from './compare.ts'
import type { IndexDeclaration } from './declaration.ts'
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

export function expiresSooner(current: IndexForm | null, index: IndexDeclaration): boolean {
  if (index.expireAfterSeconds === null) return false
  const before = current?.expireAfterSeconds ?? null
  return before === null || index.expireAfterSeconds < before
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
  return { type: 'duplicates', database, collection, fields, filter: index.partialFilter, sparse: index.sparse }
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
    before: current?.expireAfterSeconds ?? null,
    affected: `${groupDigits(counts.get(questionKey(question)) ?? 0)} of ${groupDigits(documents)} documents at once`,
  })
}

/** Of documents that have an age from now on, or a shorter one. */
export function expireLoss({
  name,
  field,
  seconds,
  before,
  affected,
}: {
  readonly name: string
  readonly field: string
  readonly seconds: number
  /** Seconds; null where documents stay so far. */
  readonly before: number | null
  readonly affected: string
}): StoreLoss {
  const soFar = before === null ? 'they stay' : `it is ${describeDuration(before * 1000)}`
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
    why: `${groupDigits(duplicates)} values of ${fields} occur more than once.`,
    next: 'Remove the duplicates, or declare the index without `unique`.',
  })
}

/**
 * What a rebuild does to uniqueness: lost where the declaration does not have it, and off during the rebuild where the old
 * index must be dropped before the new one can be built.
 */
export function uniquenessLoss(
  { database, collection }: Place,
  index: IndexDeclaration,
  dropped: { readonly before: readonly IndexForm[]; readonly after: readonly IndexForm[] },
  documents: number,
): StoreLoss | null {
  const affected = [`${database}.${collection} (${countOf(documents, 'document')})`]
  const first = dropped.before.find(({ unique }) => unique)
  if (index.unique && first !== undefined) {
    const why = `Index \`${first.name}\` is dropped before the new one can be built, because they have the same name: meanwhile nothing refuses duplicates of ${fieldsOf(first)}, and one that is written makes the build fail. Under another name the new index is built first.`
    return { code: 'lost-uniqueness', why, affected }
  }
  const given = [...dropped.before, ...dropped.after].find(({ unique }) => unique)
  if (index.unique || given === undefined) return null
  const why = `Index \`${given.name}\` is unique, and its declaration is not: duplicates of ${fieldsOf(given)} are accepted from then on.`
  return { code: 'lost-uniqueness', why, affected }
}

function fieldsOf({ key }: IndexForm): string {
  const fields = JSON.parse(key) as readonly (readonly [string, unknown])[]
  return fields.map(([field]) => field).join(', ')
}
