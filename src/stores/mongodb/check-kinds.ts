import type { Objection } from '../declare/check-documents.ts'
import type { Declaration } from './declaration.ts'
import type { MongodbDocument } from './document.ts'

type DatabasePart = NonNullable<MongodbDocument['databases']>[string]
type CollectionPart = NonNullable<DatabasePart['collections']>[string]

/** What MongoDB does not allow of capped and time series collections, and of views. @param all the merged documents. */
export function checkKinds({ databases = {} }: MongodbDocument, all: Declaration): readonly Objection[] {
  return Object.entries(databases).flatMap(([database, { collections = {}, views = {} }]) => [
    ...Object.entries(collections).flatMap(([name, part]) =>
      checkCollection(part, ['databases', database, 'collections', name]),
    ),
    ...checkViews(database, views, all),
  ])
}

function checkCollection(part: CollectionPart, path: readonly PropertyKey[]): readonly Objection[] {
  const { capped, timeSeries, validator, preImages, indexes = [] } = part
  if (capped !== undefined && indexes.some(({ expireAfter }) => expireAfter !== undefined)) {
    const says = 'cannot be combined with an index with `expireAfter`'
    return [{ path: [...path, 'capped'], says, next: 'Keep one of them.' }]
  }
  if (timeSeries === undefined) return []
  const refused: readonly (readonly [key: string, given: boolean])[] = [
    ['capped', capped !== undefined],
    ['validator', validator !== undefined],
    ['preImages', preImages === true],
  ]
  return [
    ...refused.flatMap(([key, given]): readonly Objection[] =>
      given
        ? [{ path: [...path, key], says: 'is not allowed for a time series collection', next: 'Leave it out.' }]
        : [],
    ),
    ...(timeSeries.metaField === timeSeries.timeField
      ? [{ path: [...path, 'timeSeries', 'metaField'], says: 'is the field with the time', next: 'Name another one.' }]
      : []),
    ...indexes.flatMap((index, at) => checkSeriesIndex(index, [...path, 'indexes', at])),
  ]
}

/** MongoDB refuses these on a time series collection. */
function checkSeriesIndex(
  index: NonNullable<CollectionPart['indexes']>[number],
  path: readonly PropertyKey[],
): readonly Objection[] {
  const [wrong] = [
    ...(index.unique === true ? ['unique'] : []),
    ...(index.sparse === true ? ['sparse'] : []),
    ...(index.expireAfter === undefined ? [] : ['expireAfter']),
    ...Object.entries(index.key).flatMap(([field, way]) =>
      way === 'text' || way === 'hashed' ? [`key.${field}`] : [],
    ),
  ]
  if (wrong === undefined) return []
  const next =
    wrong === 'expireAfter' ? 'Declare `expireAfter` under `timeSeries`.' : 'Declare a plain index, with 1 or -1.'
  return [{ path: [...path, ...wrong.split(/\.(.*)/s, 2)], says: 'is not allowed for a time series collection', next }]
}

function checkViews(
  database: string,
  views: NonNullable<DatabasePart['views']>,
  { databases }: Declaration,
): readonly Objection[] {
  const collections = new Set(
    databases.flatMap((one) => (one.name === database ? one.collections.map(({ name }) => name) : [])),
  )
  return Object.entries(views).flatMap(([name, { on, pipeline }]): readonly Objection[] => {
    const path = ['databases', database, 'views', name]
    const writing = pipeline.findIndex((stage) => Object.hasOwn(stage, '$out') || Object.hasOwn(stage, '$merge'))
    return [
      ...(collections.has(name)
        ? [{ path, says: 'has the name of a collection', next: 'Give one of them another name.' }]
        : []),
      ...(on === name ? [{ path: [...path, 'on'], says: 'names the view itself', next: 'Name its source.' }] : []),
      ...(writing === -1
        ? []
        : [{ path: [...path, 'pipeline', writing], says: 'writes, which a view cannot', next: 'Leave it out.' }]),
    ]
  })
}
