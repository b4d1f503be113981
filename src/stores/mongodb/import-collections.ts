import { describeDuration } from '../../core/duration.ts'
import { type ImportedItem, type NotDeclarable, type StoreContents, toItem } from '../import-items.ts'
import { isJsonObject, type Json, type JsonObject } from './declaration.ts'
import { importView, toKind } from './import-kinds.ts'
import { indexResource } from './index-resource.ts'
import {
  historyCollection,
  journalCollection,
  lockPosition,
  type ObservedCollection,
  type ObservedIndex,
} from './ports.ts'

type Imported = Omit<StoreContents, 'version'>

/** Options of a collection that a file declares. */
const knownOptions: ReadonlySet<string> = new Set([
  'validator',
  'validationLevel',
  'validationAction',
  'collation',
  'capped',
  'size',
  'max',
  'timeseries',
  'changeStreamPreAndPostImages',
])

/** Every collection that is not wwdb's own, with its validator, and its indexes. */
export function importCollections(collections: readonly ObservedCollection[]): Imported {
  const parts = collections.filter((collection) => !isOwn(collection)).map(importCollection)
  return {
    items: parts.flatMap(({ items }) => items),
    notDeclarable: parts.flatMap(({ notDeclarable }) => notDeclarable),
  }
}

function isOwn({ database, name }: ObservedCollection): boolean {
  if (name === journalCollection || name === historyCollection) return true
  return database === lockPosition.database && name === lockPosition.collection
}

function importCollection(collection: ObservedCollection): Imported {
  const { database, name, validator, options } = collection
  const resource = { kind: 'collection', name: `${database}.${name}` }
  const { collation } = options
  const order = isJsonObject(collation) ? { collation: withoutVersion(collation) } : {}
  if (collection.type === 'view') return { items: [importView(collection, order)], notDeclarable: [] }
  const why = obstacle(collection)
  if (why !== null) return { items: [], notDeclarable: [{ resource, why }] }
  const path = ['databases', database, 'collections', name] as const
  const item = toItem(resource, 'collections', path, {
    ...(validator === null ? {} : { validator: toValidator(validator) }),
    ...order,
    ...toKind(collection),
  })
  const indexes = collection.indexes
    .filter((index) => index.name !== '_id_')
    .map((index) => importIndex(collection, path, index))
  return {
    items: [
      { ...item, covers: [{ kind: 'validator', name: resource.name }] },
      ...indexes.filter((index) => 'value' in index),
    ],
    notDeclarable: indexes.filter((index) => 'why' in index),
  }
}

/** The span of a bucket follows from the granularity, unless somebody has chosen the rounding, too. */
const knownSeries: ReadonlySet<string> = new Set(['timeField', 'metaField', 'granularity', 'bucketMaxSpanSeconds'])

/** Why a collection cannot be declared; null where it can. */
function obstacle({ type, options, validator }: ObservedCollection): string | null {
  const isKnown = (option: string): boolean =>
    knownOptions.has(option) || (type === 'timeseries' && option === 'expireAfterSeconds')
  const other = Object.keys(options).find((option) => !isKnown(option))
  if (other !== undefined) return `It has the option \`${other}\`, which no file can declare.`
  const { timeseries } = options
  const series = isJsonObject(timeseries) ? Object.keys(timeseries).find((key) => !knownSeries.has(key)) : undefined
  if (series !== undefined) return `Its time series has \`${series}\`, which no file can declare.`
  const rules = Object.keys(validator?.rule ?? {}).filter((rule) => rule !== '$jsonSchema')
  return rules.length === 0
    ? null
    : `Its validator has ${rules.map((rule) => `\`${rule}\``).join(', ')} beside or instead of a \`$jsonSchema\`.`
}

function toValidator({ rule, level, action }: NonNullable<ObservedCollection['validator']>): JsonObject {
  return {
    schema: rule['$jsonSchema'] ?? {},
    ...(level === 'strict' ? {} : { level }),
    ...(action === 'error' ? {} : { action }),
  }
}

/** The version belongs to the server that sorts. */
function withoutVersion({ version: _, ...collation }: JsonObject): JsonObject {
  return collation
}

/** What `listIndexes` says of an index that is declared, derived, or the server's own. */
const knownKeys: ReadonlySet<string> = new Set([
  'v',
  'key',
  'name',
  'ns',
  'background',
  'unique',
  'sparse',
  'hidden',
  'expireAfterSeconds',
  'partialFilterExpression',
  'collation',
  'weights',
  'default_language',
  'language_override',
  'textIndexVersion',
  '2dsphereIndexVersion',
])

function importIndex(
  { database, name: collection, options }: ObservedCollection,
  path: readonly [string, ...string[]],
  { name, specification }: ObservedIndex,
): ImportedItem | NotDeclarable {
  const resource = indexResource(database, collection, name)
  const other = Object.keys(specification).find((key) => !knownKeys.has(key))
  const override = specification['language_override'] ?? 'language'
  const strange = other ?? (override === 'language' ? undefined : 'language_override')
  if (strange !== undefined) return { resource, why: `It has \`${strange}\`, which no file can declare.` }
  return {
    ...toItem(resource, 'collections', path, toIndex(name, specification, isJsonObject(options['collation']))),
    path: [...path, 'indexes'],
    key: null,
  }
}

/** @param isCollated true where the collection has a collation, which an index takes that declares none */
function toIndex(name: string, specification: JsonObject, isCollated: boolean): JsonObject {
  const key = toKey(specification)
  const derived = key.map(([field, direction]) => `${field}_${String(direction)}`).join('_')
  const { expireAfterSeconds, partialFilterExpression, collation, weights } = specification
  const heavy = Object.entries(isJsonObject(weights) ? weights : {}).filter(([, weight]) => weight !== 1)
  const language = specification['default_language'] ?? 'english'
  return {
    key: Object.fromEntries(key),
    ...(name === derived ? {} : { name }),
    ...Object.fromEntries(
      ['unique', 'sparse', 'hidden'].flatMap((mark) => (specification[mark] === true ? [[mark, true]] : [])),
    ),
    ...(typeof expireAfterSeconds === 'number' ? { expireAfter: describeDuration(expireAfterSeconds * 1000) } : {}),
    ...(partialFilterExpression === undefined ? {} : { partialFilter: partialFilterExpression }),
    ...(isJsonObject(collation) ? { collation: withoutVersion(collation) } : {}),
    ...(isCollated && collation === undefined ? { collation: { locale: 'simple' } } : {}),
    ...(heavy.length === 0 ? {} : { weights: Object.fromEntries(heavy) }),
    ...(language === 'english' ? {} : { defaultLanguage: language }),
  }
}

/** The server keeps the fields of a text index as weights, and two fields of its own in the key. */
function toKey({ key, weights }: JsonObject): readonly (readonly [field: string, direction: Json])[] {
  const fields = Object.entries(isJsonObject(key) ? key : {})
  const texts = Object.keys(isJsonObject(weights) ? weights : {})
  return fields.flatMap(([field, direction]): readonly (readonly [string, Json])[] => {
    if (field === '_fts') return texts.map((text) => [text, 'text'])
    return field === '_ftsx' ? [] : [[field, direction]]
  })
}
