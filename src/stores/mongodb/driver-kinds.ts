import type { Document } from 'mongodb'
import { type CollectionDeclaration, profilingLevels } from './declaration.ts'
import type { Clients } from './driver-clients.ts'
import { plainDocument, serverDocument } from './driver-read.ts'
import { hasCode, serverErrors } from './errors.ts'
import type { CatalogOperation, ProfilingOperation } from './operations.ts'
import type { ObservedDefaults, ObservedProfiling } from './ports.ts'

type Run = (database: string, command: Document) => Promise<Document>

/** The options of `create` that make a collection of its kind. */
export function kindOptions({ capped, timeSeries, preImages }: CollectionDeclaration): Document {
  if (timeSeries !== null) {
    const { expireAfterSeconds, metaField, granularity, timeField } = timeSeries
    const series = {
      timeField,
      ...(metaField === null ? {} : { metaField }),
      ...(granularity === null ? {} : { granularity }),
    }
    return { timeseries: series, ...(expireAfterSeconds === null ? {} : { expireAfterSeconds }) }
  }
  return {
    ...(capped === null ? {} : { capped: true, size: capped.bytes }),
    ...(capped === null || capped.documents === null ? {} : { max: capped.documents }),
    ...(preImages === true ? { changeStreamPreAndPostImages: { enabled: true } } : {}),
  }
}

/** A view that another run has made meanwhile becomes the declared one. */
export async function writeView(
  run: Run,
  { database, view }: Extract<CatalogOperation, { type: 'write-view' }>,
): Promise<void> {
  const { name, on, collation } = view
  const pipeline = view.pipeline.map(serverDocument)
  try {
    await run(database, { collMod: name, viewOn: on, pipeline })
  } catch (error) {
    if (!hasCode(error, serverErrors.namespaceNotFound)) throw error
    const order = collation === null ? {} : { collation: serverDocument(collation) }
    await run(database, { create: name, viewOn: on, pipeline, ...order })
  }
}

export async function setDefaults(
  run: Run,
  { readConcern, writeConcern }: Extract<CatalogOperation, { type: 'set-defaults' }>,
): Promise<void> {
  await run('admin', {
    setDefaultRWConcern: 1,
    ...(readConcern === null ? {} : { defaultReadConcern: readConcern }),
    ...(writeConcern === null ? {} : { defaultWriteConcern: writeConcern }),
  })
}

export async function readDefaults(clients: Clients, address: string): Promise<ObservedDefaults> {
  const answer = plainDocument(await clients.database(address, 'admin').command({ getDefaultRWConcern: 1 }))
  const documentOf = (value: unknown) => (typeof value === 'object' && value !== null ? plainDocument(value) : null)
  return {
    readConcern: documentOf(answer['defaultReadConcern']),
    writeConcern: documentOf(answer['defaultWriteConcern']),
    chosen: [
      ...(answer['defaultReadConcernSource'] === 'global' ? (['read'] as const) : []),
      ...(answer['defaultWriteConcernSource'] === 'global' ? (['write'] as const) : []),
    ],
  }
}

export async function readProfiling(
  clients: Clients,
  address: string,
  databases: readonly string[],
): Promise<ObservedProfiling> {
  const ask = (name: string): Promise<Document> => clients.database(address, name).command({ profile: -1 })
  const { slowms, sampleRate } = await ask('admin')
  const levels = new Map<string, (typeof profilingLevels)[number]>()
  for (const name of databases) levels.set(name, profilingLevels[Number((await ask(name))['was'])] ?? 'off')
  return { slowMillis: Number(slowms), sampleRate: Number(sampleRate), levels }
}

/** The profiler is of one server alone, so there is no write concern. */
export async function setProfiling(clients: Clients, address: string, operation: ProfilingOperation): Promise<void> {
  const { database, level, slowMillis, sampleRate } = operation
  await clients.database(address, database).command({
    profile: level === null ? -1 : profilingLevels.indexOf(level),
    ...(slowMillis === null ? {} : { slowms: slowMillis }),
    ...(sampleRate === null ? {} : { sampleRate }),
  })
}
