import { countOf, groupDigits } from '../../core/plural.ts'
import { formatSize } from '../../core/size.ts'
import type { Fault } from '../../core/tool-error.ts'
import type { StoreDifference, StoreLoss } from '../store-plan.ts'
import { compareDocuments } from './compare.ts'
import {
  type CappedDeclaration,
  type CollectionDeclaration,
  granularities,
  isJsonObject,
  type JsonObject,
  type TimeSeriesDeclaration,
} from './declaration.ts'
import { type Counts, describeExpiryOf, expireLoss, questionKey } from './index-losses.ts'
import type { MongodbChange } from './plan-set.ts'
import type { CountQuestion, ObservedCollection } from './ports.ts'

/** `collection app.notes`, `time series collection app.values by at`. */
export function describeKind({ capped, timeSeries }: CollectionDeclaration, name: string): string {
  if (timeSeries !== null) return `time series collection ${name} by ${timeSeries.timeField}`
  if (capped === null) return `collection ${name}`
  const documents = capped.documents === null ? '' : `, ${countOf(capped.documents, 'document')}`
  return `capped collection ${name} of ${formatSize(capped.bytes)}${documents}`
}

type Fixed = Pick<Fault, 'why'> & Partial<Pick<Fault, 'next'>>

const kinds = { collection: 'plain collection', view: 'view', timeseries: 'time series collection' } as const

/** Why a collection cannot become one of the declared kind; null where it is one. */
export function findFixed(
  database: string,
  { name, capped, timeSeries }: CollectionDeclaration,
  { type, options }: ObservedCollection,
): Fixed | null {
  if (type !== (timeSeries === null ? 'collection' : 'timeseries')) return { why: `It is a ${kinds[type]}.` }
  if (timeSeries !== null) return findFixedSeries(timeSeries, readSeries(options))
  const isCapped = options['capped'] === true
  if (isCapped === (capped !== null)) return null
  if (capped === null) return { why: 'It is capped.', next: 'Declare `capped` with its size, or copy its documents.' }
  const command = JSON.stringify({ convertToCapped: name, size: capped.bytes })
  return {
    why: 'It is not capped.',
    next: `Copy its documents into a new collection; \`db.getSiblingDB(${JSON.stringify(database)}).runCommand(${command})\` caps it where it is, but removes what does not fit and drops its indexes.`,
  }
}

function findFixedSeries(declared: TimeSeriesDeclaration, current: ObservedSeries): Fixed | null {
  for (const key of ['timeField', 'metaField'] as const) {
    const [is, wanted] = [current[key], declared[key]]
    if (is !== wanted) return { why: `Its \`${key}\` is ${is ?? 'not set'}, but ${wanted ?? 'none'} is declared.` }
  }
  const [is, wanted] = [rankOf(current.granularity), rankOf(declared.granularity)]
  if (wanted === -1 || is <= wanted) return null
  return {
    why: `Its granularity is ${current.granularity}, which is coarser than ${declared.granularity}.`,
    next: `Declare ${current.granularity}, or copy its documents into a new collection.`,
  }
}

function rankOf(granularity: string | null): number {
  const names: readonly (string | null)[] = granularities
  return names.indexOf(granularity)
}

interface ObservedSeries extends Omit<TimeSeriesDeclaration, 'granularity'> {
  readonly granularity: string | null
}

function readSeries({ timeseries, expireAfterSeconds }: JsonObject): ObservedSeries {
  const { timeField, metaField, granularity } = isJsonObject(timeseries) ? timeseries : {}
  return {
    timeField: String(timeField),
    metaField: typeof metaField === 'string' ? metaField : null,
    granularity: typeof granularity === 'string' ? granularity : null,
    expireAfterSeconds: typeof expireAfterSeconds === 'number' ? expireAfterSeconds : null,
  }
}

/** What must be counted before a time series keeps its documents for less long. */
export function kindQuestions(
  database: string,
  { name, timeSeries }: CollectionDeclaration,
  observed: ObservedCollection | null,
): readonly CountQuestion[] {
  if (timeSeries === null || observed === null || observed.type !== 'timeseries') return []
  const seconds = timeSeries.expireAfterSeconds
  const before = readSeries(observed.options).expireAfterSeconds
  if (seconds === null || (before !== null && before <= seconds)) return []
  const { timeField: field } = timeSeries
  return [{ type: 'expiring', database, collection: name, field, seconds, filter: null, collation: null }]
}

/** What `collMod` changes of an existing collection of the declared kind. */
export function planKinds(
  database: string,
  collection: CollectionDeclaration,
  observed: ObservedCollection,
  counts: Counts,
): readonly MongodbChange[] {
  const { capped, timeSeries } = collection
  return [
    ...(capped === null ? [] : planCapped(database, capped, observed)),
    ...(timeSeries === null ? [] : planSeries(database, collection, timeSeries, observed, counts)),
    ...planPreImages(database, collection, observed),
  ]
}

function changeOf(
  { database, name }: ObservedCollection,
  how: Pick<MongodbChange['change'], 'summary' | 'differences' | 'loss'>,
  steps: readonly JsonObject[],
): MongodbChange {
  return {
    operation: { type: 'alter-collection', database, collection: name, steps },
    change: { resource: { kind: 'collection', name: `${database}.${name}` }, action: 'update', ...how },
  }
}

/** The server shows no limit of documents as none, as 0 or less, or as the largest number. */
function readCapped({ size, max }: JsonObject): CappedDeclaration {
  const limit = typeof max === 'number' && max > 0 && max < 2 ** 31 - 1 ? max : null
  return { bytes: typeof size === 'number' ? size : 0, documents: limit }
}

function planCapped(
  database: string,
  declared: CappedDeclaration,
  observed: ObservedCollection,
): readonly MongodbChange[] {
  const current = readCapped(observed.options)
  const differences = [
    ...compareDocuments('size', current.bytes, declared.bytes),
    ...compareDocuments('documents', current.documents, declared.documents),
  ]
  if (differences.length === 0) return []
  const name = `${database}.${observed.name}`
  const documents = declared.documents === null ? 'any number of documents' : countOf(declared.documents, 'document')
  const summary = `cap ${name} at ${formatSize(declared.bytes)} and ${documents}`
  const step = { cappedSize: declared.bytes, cappedMax: declared.documents ?? 0 }
  return [changeOf(observed, { summary, differences, loss: capLoss(name, current, declared, observed) }, [step])]
}

function capLoss(
  name: string,
  current: CappedDeclaration,
  declared: CappedDeclaration,
  { documents, bytes }: ObservedCollection,
): StoreLoss | null {
  const fewer = (declared.documents ?? Number.POSITIVE_INFINITY) < (current.documents ?? Number.POSITIVE_INFINITY)
  if (documents === 0 || !(fewer || declared.bytes < current.bytes)) return null
  const surplus = Math.max(0, documents - (declared.documents ?? documents))
  const room = bytes > declared.bytes ? `, ${formatSize(bytes)} in ${formatSize(declared.bytes)}` : ''
  return {
    code: 'smaller-cap',
    why: 'It keeps fewer documents: the next write removes the oldest that no longer fit.',
    affected: [`${name} (${groupDigits(surplus)} of ${groupDigits(documents)} documents over the limit${room})`],
  }
}

function planSeries(
  database: string,
  collection: CollectionDeclaration,
  declared: TimeSeriesDeclaration,
  observed: ObservedCollection,
  counts: Counts,
): readonly MongodbChange[] {
  const current = readSeries(observed.options)
  const granularity =
    declared.granularity === null ? [] : compareDocuments('granularity', current.granularity, declared.granularity)
  const expiry = compareDocuments('expireAfterSeconds', current.expireAfterSeconds, declared.expireAfterSeconds)
  const differences = [...granularity, ...expiry]
  if (differences.length === 0) return []
  // The server takes one step of granularity at a time.
  const coarser = granularities.slice(rankOf(current.granularity) + 1, rankOf(declared.granularity) + 1)
  const steps = [
    ...(granularity.length === 0 ? [] : coarser.map((one) => ({ timeseries: { granularity: one } }))),
    ...(expiry.length === 0 ? [] : [{ expireAfterSeconds: declared.expireAfterSeconds ?? 'off' }]),
  ]
  const name = `${database}.${observed.name}`
  const [question] = kindQuestions(database, collection, observed)
  const expiring = question === undefined ? 0 : (counts.get(questionKey(question)) ?? 0)
  const loss =
    question === undefined
      ? null
      : expireLoss({
          name,
          field: declared.timeField,
          seconds: declared.expireAfterSeconds ?? 0,
          soFar: describeExpiryOf(current.expireAfterSeconds),
          affected: `${countOf(expiring, 'document')} at once`,
        })
  return [changeOf(observed, { summary: `alter time series collection ${name}`, differences, loss }, steps)]
}

export function keepsPreImages(options: ObservedCollection['options']): boolean {
  const setting = options['changeStreamPreAndPostImages']
  return isJsonObject(setting) && setting['enabled'] === true
}

function planPreImages(
  database: string,
  { preImages }: CollectionDeclaration,
  observed: ObservedCollection,
): readonly MongodbChange[] {
  const current = keepsPreImages(observed.options)
  if (preImages === null || current === preImages) return []
  const name = `${database}.${observed.name}`
  const differences: readonly StoreDifference[] = compareDocuments('preImages', current, preImages)
  const loss: StoreLoss | null = preImages
    ? null
    : {
        code: 'removed-pre-images',
        why: 'Change streams no longer show documents as they were before a change; those that require it fail.',
        affected: [name],
      }
  const verb = preImages ? 'keep' : 'stop keeping'
  const summary = `${verb} pre-images of the changes to ${name}`
  return [
    changeOf(observed, { summary, differences, loss }, [{ changeStreamPreAndPostImages: { enabled: preImages } }]),
  ]
}
