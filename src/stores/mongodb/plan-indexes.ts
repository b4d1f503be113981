import { describeDuration } from '../../core/duration.ts'
import { groupDigits } from '../../core/plural.ts'
import { ToolError } from '../../core/tool-error.ts'
import type { StoreDifference, StoreLoss } from '../store-plan.ts'
import { compareIndexes, declaredForm, type IndexForm, observedForm, sameIdentity } from './compare.ts'
import type { CollectionDeclaration, IndexDeclaration } from './declaration.ts'
import type { MongodbChange } from './plan-set.ts'
import type { CountQuestion, ObservedCollection } from './ports.ts'

/** The answers to what was asked; a question is its own key. */
export type Counts = ReadonlyMap<string, number>

export function questionKey(question: CountQuestion): string {
  return JSON.stringify(question)
}

/** What must be counted before the indexes of a collection are changed. */
export function indexQuestions(
  database: string,
  collection: CollectionDeclaration,
  observed: ObservedCollection | null,
): readonly CountQuestion[] {
  if (observed === null || observed.documents === 0) return []
  return collection.indexes.flatMap((index) => {
    const current = findIndexes(index, observed)[0] ?? null
    const questions = [
      expiryQuestion(database, collection.name, index),
      uniquenessQuestion(database, collection.name, index),
    ] as const
    return [
      ...(questions[0] !== null && expiresSooner(current, index) ? [questions[0]] : []),
      ...(questions[1] !== null && current?.unique !== true ? [questions[1]] : []),
    ]
  })
}

/**
 * Brings the declared indexes about. Others are left alone.
 * @throws ToolError MONGODB_DUPLICATES where values are there more than once that an index wants unique.
 */
export function planIndexes(
  database: string,
  collection: CollectionDeclaration,
  observed: ObservedCollection | null,
  counts: Counts,
): readonly MongodbChange[] {
  return collection.indexes.flatMap((index) => {
    const found = observed === null ? [] : findIndexes(index, observed)
    const place = { database, collection: collection.name }
    if (found.length > 1 || (found[0] !== undefined && compareIndexes(found[0], declaredForm(index)).length > 0)) {
      return [planAlteration(place, index, found, observed?.documents ?? 0, counts)]
    }
    return found.length === 1 ? [] : [planCreation(place, index, observed?.documents ?? 0, counts)]
  })
}

interface Place {
  readonly database: string
  readonly collection: string
}

/** Indexes with the same name or the same key: each conflicts with it. The one with its key comes first. */
function findIndexes(index: IndexDeclaration, { indexes }: ObservedCollection): readonly IndexForm[] {
  const wanted = declaredForm(index)
  const forms = indexes.map(observedForm)
  const alike = forms.filter((form) => sameIdentity(form, wanted))
  return [...alike, ...forms.filter((form) => form.name === wanted.name && !alike.includes(form))]
}

function planCreation(place: Place, index: IndexDeclaration, documents: number, counts: Counts): MongodbChange {
  refuseDuplicates(place, index, documents, counts)
  return {
    operation: { type: 'create-index', ...place, index, instead: [] },
    change: {
      resource: resourceOf(place, index),
      action: 'create',
      summary: `create index ${describeIndex(index)} on ${place.database}.${place.collection}`,
      differences: [],
      loss: expiryLoss(place, index, null, documents, counts),
    },
  }
}

function planAlteration(
  place: Place,
  index: IndexDeclaration,
  found: readonly IndexForm[],
  documents: number,
  counts: Counts,
): MongodbChange {
  const [current] = found
  if (current === undefined) return planCreation(place, index, documents, counts)
  if (!current.unique) refuseDuplicates(place, index, documents, counts)
  const differences = compareIndexes(current, declaredForm(index))
  const loss = expiryLoss(place, index, current, documents, counts)
  const resource = resourceOf(place, index)
  const where = `${place.database}.${place.collection}`
  if (found.length === 1 && differences.every((difference) => canAlter(difference, current, index))) {
    const changed = new Set(differences.map(({ path }) => path))
    return {
      operation: {
        type: 'alter-index',
        ...place,
        name: current.name,
        expireAfterSeconds: changed.has('expireAfterSeconds') ? index.expireAfterSeconds : null,
        hidden: changed.has('hidden') ? index.hidden : null,
        unique: changed.has('unique') ? true : null,
      },
      change: { resource, action: 'update', summary: `alter index ${index.name} on ${where}`, differences, loss },
    }
  }
  const instead = found.map(({ name }) => name)
  const summary = `rebuild index ${index.name} on ${where}; queries cannot use it during the rebuild`
  return {
    operation: { type: 'create-index', ...place, index, instead },
    change: { resource, action: 'replace', summary, differences, loss },
  }
}

/** What collMod does without building anything. */
function canAlter({ path }: StoreDifference, current: IndexForm, index: IndexDeclaration): boolean {
  if (path === 'hidden') return true
  if (path === 'unique') return index.unique
  return (
    path === 'expireAfterSeconds' &&
    index.expireAfterSeconds !== null &&
    index.key.length === 1 &&
    current.name === index.name
  )
}

function expiresSooner(current: IndexForm | null, index: IndexDeclaration): boolean {
  if (index.expireAfterSeconds === null) return false
  const before = current?.expireAfterSeconds ?? null
  return before === null || index.expireAfterSeconds < before
}

function expiryQuestion(database: string, collection: string, index: IndexDeclaration): CountQuestion | null {
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

function uniquenessQuestion(database: string, collection: string, index: IndexDeclaration): CountQuestion | null {
  if (!index.unique) return null
  const fields = index.key.map(([field]) => field)
  return { type: 'duplicates', database, collection, fields, filter: index.partialFilter, sparse: index.sparse }
}

function expiryLoss(
  place: Place,
  index: IndexDeclaration,
  current: IndexForm | null,
  documents: number,
  counts: Counts,
): StoreLoss | null {
  const question = expiryQuestion(place.database, place.collection, index)
  if (question === null || documents === 0 || !expiresSooner(current, index)) return null
  const expiring = counts.get(questionKey(question)) ?? 0
  const age = describeDuration((index.expireAfterSeconds ?? 0) * 1000)
  return {
    code: 'expire-documents',
    why: `Documents are deleted ${age} after ${index.key[0]?.[0]}; so far ${current === null || current.expireAfterSeconds === null ? 'they stay' : `it is ${describeDuration(current.expireAfterSeconds * 1000)}`}. Older documents are deleted within a minute.`,
    affected: [
      `${place.database}.${place.collection} (${groupDigits(expiring)} of ${groupDigits(documents)} documents at once)`,
    ],
  }
}

function refuseDuplicates(place: Place, index: IndexDeclaration, documents: number, counts: Counts): void {
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

function resourceOf(
  { database, collection }: Place,
  { name }: IndexDeclaration,
): { readonly kind: string; readonly name: string } {
  return { kind: 'index', name: `${database}.${collection}.${name}` }
}

function describeIndex(index: IndexDeclaration): string {
  const marks = [
    ...(index.unique ? ['unique'] : []),
    ...(index.sparse ? ['sparse'] : []),
    ...(index.hidden ? ['hidden'] : []),
    ...(index.partialFilter === null ? [] : ['partial']),
    ...(index.expireAfterSeconds === null
      ? []
      : [`documents kept ${describeDuration(index.expireAfterSeconds * 1000)}`]),
  ]
  return marks.length === 0 ? index.name : `${index.name} (${marks.join(', ')})`
}

/** Indexes that no file declares, without MongoDB's own. */
export function undeclaredIndexes(collection: CollectionDeclaration, observed: ObservedCollection): readonly string[] {
  const taken = new Set(collection.indexes.flatMap((index) => findIndexes(index, observed).map(({ name }) => name)))
  return observed.indexes.map(({ name }) => name).filter((name) => name !== '_id_' && !taken.has(name))
}
