import { describeDuration } from '../../core/duration.ts'
import { findAdditions, withAdditions } from '../find-additions.ts'
import type { StoreDifference } from '../store-plan.ts'
import {
  compareCollations,
  compareIndexes,
  declaredForm,
  type IndexForm,
  observedForm,
  sameIdentity,
} from './compare.ts'
import type { CollectionDeclaration, IndexDeclaration } from './declaration.ts'
import {
  type Counts,
  expiresSooner,
  expiryLoss,
  expiryQuestion,
  impliesUniqueness,
  type Place,
  refuseDuplicates,
  uniquenessLoss,
  uniquenessQuestion,
} from './index-losses.ts'
import { indexResource } from './index-resource.ts'
import type { MongodbChange } from './plan-set.ts'
import type { CountQuestion, ObservedCollection } from './ports.ts'

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
      ...(questions[1] !== null && !isUniqueAlready(current, index) ? [questions[1]] : []),
    ]
  })
}

function isUniqueAlready(current: IndexForm | null, index: IndexDeclaration): boolean {
  if (current === null) return false
  // Most plans change nothing: what is as declared is not read through.
  return differencesOf(current, index).length === 0 || impliesUniqueness(current, declaredForm(index))
}

/**
 * Creates the declared indexes. Others are left alone. A different name does not cause a rebuild: MongoDB cannot rename an index. @throws ToolError MONGODB_DUPLICATES where values that an index requires to be unique occur more than once.
 */
export function planIndexes(
  database: string,
  collection: CollectionDeclaration,
  observed: ObservedCollection | null,
  counts: Counts,
): readonly MongodbChange[] {
  const documents = observed?.documents ?? 0
  return collection.indexes.flatMap((index) => {
    const found = observed === null ? [] : findIndexes(index, observed)
    const situation = { place: { database, collection: collection.name }, index, documents, counts }
    const [current] = found
    if (current === undefined) return [planCreation(situation)]
    if (found.length === 1 && differencesOf(current, index).length === 0) return []
    return planAlteration(situation, current, found)
  })
}

interface Situation {
  readonly place: Place
  readonly index: IndexDeclaration
  readonly documents: number
  readonly counts: Counts
}

/**
 * Indexes with the same key, whatever their name, and one that has its name: each conflicts with it, or did before it was built beside it.
 * The one that is as declared comes first, then those with its key.
 */
function findIndexes(index: IndexDeclaration, { indexes }: ObservedCollection): readonly IndexForm[] {
  const wanted = declaredForm(index)
  const forms = indexes.map(observedForm)
  const alike = forms.filter((form) => sameIdentity(form, wanted))
  const ready = alike.filter((form) => differencesOf(form, index).length === 0)
  const named = forms.filter((form) => form.name === wanted.name && !alike.includes(form))
  // An existing index under another name gives the name up to whatever has it.
  return ready.length > 0 ? [...ready, ...alike.filter((form) => !ready.includes(form))] : [...alike, ...named]
}

function differencesOf(current: IndexForm, index: IndexDeclaration): readonly StoreDifference[] {
  return compareIndexes(current, declaredForm(index)).filter(({ path }) => path !== 'name')
}

function planCreation({ place, index, documents, counts }: Situation): MongodbChange {
  refuseDuplicates(place, index, documents, counts)
  return {
    operation: { type: 'create-index', ...place, index, before: [], after: [] },
    change: {
      resource: indexResource(place.database, place.collection, index.name),
      action: 'create',
      summary: `create index ${describeIndex(index)} on ${place.database}.${place.collection}`,
      differences: [],
      loss: expiryLoss(place, index, null, documents, counts),
    },
  }
}

function planAlteration(
  situation: Situation,
  current: IndexForm,
  found: readonly IndexForm[],
): readonly MongodbChange[] {
  const { place, index, documents, counts } = situation
  // An index that refuses the same duplicates was not counted.
  refuseDuplicates(place, index, documents, counts)
  const differences = differencesOf(current, index)
  if (differences.length === 0) return [planSurplus(situation, current, found.slice(1))]
  if (found.length === 1 && differences.every((difference) => canAlter(difference, index)))
    return [planChange(situation, current, differences)]
  return planRebuild(situation, current, found)
}

/** What `collMod` changes in the existing index. */
function planChange(
  { place, index, documents, counts }: Situation,
  current: IndexForm,
  differences: readonly StoreDifference[],
): MongodbChange {
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
    change: {
      resource: indexResource(place.database, place.collection, index.name),
      action: 'update',
      summary: `alter index ${current.name} on ${place.database}.${place.collection}`,
      differences,
      loss: expiryLoss(place, index, current, documents, counts),
    },
  }
}

/**
 * Builds an index and drops what it replaces: afterwards where MongoDB can hold both, else before. A first or shorter expiry together
 * with a lost uniqueness is a separate change, because each loss is allowed separately.
 */
function planRebuild(situation: Situation, current: IndexForm, found: readonly IndexForm[]): readonly MongodbChange[] {
  const { place, index, documents, counts } = situation
  const before = found.filter((form) => !standBeside(form, index))
  const after = found.filter((form) => !before.includes(form))
  const unique = uniquenessLoss(place, index, { before, after }, documents)
  const expiry = expiryLoss(place, index, current, documents, counts)
  const where = `${place.database}.${place.collection}`
  const how =
    before.length > 0 ? 'queries cannot use it during the rebuild' : 'the old one is dropped when the new one is built'
  const rebuilt = unique !== null && expiry !== null ? { ...index, expireAfterSeconds: null } : index
  const change: MongodbChange = {
    operation: { type: 'create-index', ...place, index: rebuilt, before: namesOf(before), after: namesOf(after) },
    change: {
      resource: indexResource(place.database, place.collection, index.name),
      action: 'replace',
      summary: `rebuild index ${index.name} on ${where}; ${how}`,
      differences: differencesOf(current, index),
      // A search no longer looks into a field that has no weight.
      loss: withAdditions(unique ?? expiry, findAdditions(declaredForm(index).weights, current.weights, 'weights')),
    },
  }
  if (rebuilt === index) return [change]
  const form = { ...declaredForm(index), expireAfterSeconds: null }
  return [change, planChange(situation, form, differencesOf(form, index))]
}

/** An index of the same key that an interrupted run left, or that is unique where the declaration is not. */
function planSurplus(
  { place, index, documents }: Situation,
  current: IndexForm,
  surplus: readonly IndexForm[],
): MongodbChange {
  const names = namesOf(surplus)
  return {
    operation: { type: 'create-index', ...place, index: { ...index, name: current.name }, before: [], after: names },
    change: {
      resource: indexResource(place.database, place.collection, index.name),
      action: 'update',
      summary: `drop index ${names.join(', ')} on ${place.database}.${place.collection}: index ${current.name} has the same key`,
      differences: [],
      loss: uniquenessLoss(place, index, { before: [], after: surplus }, documents),
    },
  }
}

function namesOf(forms: readonly IndexForm[]): readonly string[] {
  return forms.map(({ name }) => name)
}

/**
 * True where MongoDB accepts an index beside the declared one: another name, and another key, filter, collation, `unique` or
 * `sparse` (measured on 6.0.5: otherwise IndexOptionsConflict). A collection has one text index.
 */
function standBeside(form: IndexForm, index: IndexDeclaration): boolean {
  const wanted = declaredForm(index)
  if (form.name === wanted.name || form.defaultLanguage !== null) return false
  const collations = compareCollations(form.collation, wanted.collation)
  return !sameIdentity(form, wanted) || form.unique !== wanted.unique || collations.length > 0
}

/** What collMod does without building anything. */
function canAlter({ path }: StoreDifference, index: IndexDeclaration): boolean {
  if (path === 'hidden') return true
  if (path === 'unique') return index.unique
  return path === 'expireAfterSeconds' && index.expireAfterSeconds !== null && index.key.length === 1
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
  const taken = new Set(collection.indexes.flatMap((index) => namesOf(findIndexes(index, observed))))
  // Since 6.3 MongoDB itself indexes a time series by its series and time.
  const { metaField, timeField } = collection.timeSeries ?? {}
  const ownKey = JSON.stringify([
    [metaField, 1],
    [timeField, 1],
  ])
  return observed.indexes
    .map(observedForm)
    .filter(({ name, key }) => name !== '_id_' && key !== ownKey && !taken.has(name))
    .map(({ name }) => name)
}
