import { parseSize } from '../../core/size.ts'
import type {
  CappedDeclaration,
  DefaultsDeclaration,
  JsonObject,
  OplogDeclaration,
  ProfilingDeclaration,
  TimeSeriesDeclaration,
  ViewDeclaration,
} from './declaration.ts'
import { type MongodbDocument, parseSpan } from './document.ts'

type DatabasePart = NonNullable<MongodbDocument['databases']>[string]
type CollectionPart = NonNullable<DatabasePart['collections']>[string]

/** MongoDB rounds the size up to this many bytes (measured on 6.0.5), and reports it so. */
const unit = 256

export function declareCapped({ size, documents }: NonNullable<CollectionPart['capped']>): CappedDeclaration {
  return { bytes: Math.ceil((parseSize(size) ?? 0) / unit) * unit, documents: documents ?? null }
}

export function declareTimeSeries(part: NonNullable<CollectionPart['timeSeries']>): TimeSeriesDeclaration {
  const { timeField, metaField = null, granularity = null, expireAfter } = part
  const expireAfterSeconds = expireAfter === undefined ? null : Math.round(parseSpan(expireAfter) / 1000)
  return { timeField, metaField, granularity, expireAfterSeconds }
}

export function declareView(
  name: string,
  { on, pipeline, collation }: NonNullable<DatabasePart['views']>[string],
): ViewDeclaration {
  return {
    name,
    on,
    pipeline: pipeline as readonly JsonObject[],
    collation: declareCollation(collation),
  }
}

export function declareDefaults(part: NonNullable<MongodbDocument['defaults']>): DefaultsDeclaration {
  const readConcern = part.readConcern ?? null
  if (part.writeConcern === undefined) return { readConcern, writeConcern: null }
  const { w, timeout } = part.writeConcern
  return { readConcern, writeConcern: { w, timeoutMillis: timeout === undefined ? 0 : parseSpan(timeout) } }
}

export function declareProfiling({
  slowerThan,
  sampleRate,
  databases = {},
}: NonNullable<MongodbDocument['profiling']>): ProfilingDeclaration {
  return {
    slowMillis: slowerThan === undefined ? null : parseSpan(slowerThan),
    sampleRate: sampleRate ?? null,
    databases: Object.entries(databases).map(([name, level]) => ({ name, level })),
  }
}

export function declareOplog({ size, minRetention }: NonNullable<MongodbDocument['oplog']>): OplogDeclaration {
  return {
    megabytes: size === undefined ? null : (parseSize(size) ?? 0) / 1024 ** 2,
    minRetentionHours: minRetention === undefined ? null : parseSpan(minRetention) / 3_600_000,
  }
}

/** Null where texts are compared by their bytes, which the server tells as no collation at all. @param collation as a file has it */
export function declareCollation(collation: object | undefined): JsonObject | null {
  const given = (collation as JsonObject | undefined) ?? null
  return given?.['locale'] === 'simple' ? null : given
}
