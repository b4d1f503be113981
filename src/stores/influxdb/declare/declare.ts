import { resolve } from 'node:path'
import {
  aggregates,
  type BucketDeclaration,
  type DownsamplingDeclaration,
  type InfluxDeclaration,
  type MappingDeclaration,
  type TokenDeclaration,
} from '../declaration.ts'
import type { InfluxdbDocument } from './schema.ts'
import { parseTime } from './time.ts'

type Section<Key extends keyof InfluxdbDocument> = NonNullable<InfluxdbDocument[Key]>
type BucketEntry = Section<'buckets'>[string]
type TaskEntry = Section<'downsampling'>[string]
type TokenEntry = Section<'access'>[string]
type MappingEntry = Section<'mappings'>[number]

/** What checked documents declare together, defaults filled in. `folder` is where their paths begin. */
export function declareInflux(documents: readonly InfluxdbDocument[], folder: string): InfluxDeclaration {
  const organization = documents.find((document) => document.organization !== undefined)?.organization
  const entries = <Key extends 'buckets' | 'downsampling' | 'access'>(key: Key) =>
    documents.flatMap((document) => Object.entries(document[key] ?? {}) as [string, Section<Key>[string]][])
  return {
    organization: { name: organization?.name ?? '', description: organization?.description ?? null },
    buckets: entries('buckets').map(([name, entry]) => declareBucket(name, entry)),
    downsamplings: entries('downsampling').map(([name, entry]) => declareTask(name, entry)),
    tokens: entries('access').map(([name, entry]) => declareToken(name, entry, folder)),
    mappings: documents.flatMap(({ mappings = [] }) => mappings.map(declareMapping)),
  }
}

function declareBucket(name: string, { description, retention, shardGroup }: BucketEntry): BucketDeclaration {
  return {
    name,
    description: description ?? null,
    rule: {
      seconds: retention === 'forever' ? 0 : parseTime(retention),
      shardGroupSeconds: parseTime(shardGroup),
    },
  }
}

export function declareTask(name: string, entry: TaskEntry): DownsamplingDeclaration {
  const windowSeconds = parseTime(entry.window)
  const everySeconds = parseTime(entry.every ?? entry.window)
  // Whole windows for what one run must take, and two more: one for a run that failed, one for points that came late.
  const share = Math.max(1, Math.ceil(everySeconds / Math.max(1, windowSeconds)))
  return {
    name,
    description: entry.description ?? null,
    from: entry.from,
    to: entry.to,
    windowSeconds,
    everySeconds,
    offsetSeconds: parseTime(entry.offset ?? '0s'),
    lookBackSeconds: entry.lookBack === undefined ? (share + 2) * windowSeconds : parseTime(entry.lookBack),
    aggregates: entry.aggregates ?? aggregates,
    measurements: entry.measurements ?? [],
    active: entry.active ?? true,
  }
}

function declareToken(name: string, { read = [], write = [], file }: TokenEntry, folder: string): TokenDeclaration {
  return { name, read, write, file: resolve(folder, file) }
}

function declareMapping(entry: MappingEntry): MappingDeclaration {
  const { database, retentionPolicy, bucket } = entry
  return { database, retentionPolicy, bucket, isDefault: entry.default ?? false }
}
