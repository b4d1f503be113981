import { resolve } from 'node:path'
import type { StoreConfig } from '../../config/config.ts'
import type { Fault } from '../../core/tool-error.ts'
import type { Reading } from '../contract.ts'
import {
  type CheckedDocument,
  checkDocuments,
  type DeclaredThing,
  declarationJsonSchema,
  findDoubles,
  toFault,
} from '../declare/check-documents.ts'
import type { DeclarationDocument } from '../declare/read-declarations.ts'
import { declareCheck, declareEndpoint, declareRule } from './alert-document.ts'
import { checkAlerts } from './check-alerts.ts'
import { checkDocument } from './check-declaration.ts'
import type { BucketDeclaration, Declaration, MappingDeclaration, TokenDeclaration } from './declaration.ts'
import { declareLabel, declareOwnTask, declareTask, type InfluxdbDocument, influxdbSchema } from './document.ts'
import { labelKey } from './labels.ts'
import { parseTime } from './time.ts'

/**
 * The declaration of all files of a folder, or all of their faults with their positions. Paths of token files are relative to the folder.
 */
export function readDeclaration(
  documents: readonly DeclarationDocument[],
  { declarations: folder }: Pick<StoreConfig, 'declarations'>,
): Reading<Declaration> {
  const outcome = checkDocuments(documents, influxdbSchema)
  if (outcome.type === 'faults') return outcome
  const { checked } = outcome
  const declaration = toDeclaration(
    checked.map(({ value }) => value),
    folder,
  )
  const types = endpointTypes(checked.map(({ value }) => value))
  const faults = [
    ...checked.flatMap(({ document, value }) =>
      [...checkDocument(value, declaration), ...checkAlerts(value, types)].map((objection) =>
        toFault(document, objection),
      ),
    ),
    ...findDoubles(checked, declaredThings),
    ...findGaps(checked, declaration),
  ]
  return faults.length > 0 ? { type: 'faults', faults } : { type: 'declaration', declaration }
}

/** The JSON Schema of a file of `migrations/influxdb`, for editors. */
export function jsonSchema(): object {
  return declarationJsonSchema(influxdbSchema, 'InfluxDB')
}

function declaredThings(document: InfluxdbDocument): readonly DeclaredThing[] {
  const { organization, buckets = {}, downsampling = {}, tasks = {}, access = {}, mappings = [] } = document
  const { checks = {}, notificationEndpoints = {}, notificationRules = {}, labels = {} } = document
  const named = (section: string, names: object): readonly DeclaredThing[] =>
    Object.keys(names).map((name) => ({ key: `${section} ${name}`, path: [section, name] }))
  return [
    ...(organization === undefined ? [] : [{ key: 'organization', path: ['organization'] }]),
    ...named('buckets', buckets),
    // Both make tasks, which are told apart by their names alone.
    ...[...named('downsampling', downsampling), ...named('tasks', tasks)].map(({ path }) => ({
      key: `task ${String(path.at(-1))}`,
      path,
    })),
    ...named('checks', checks),
    ...named('notificationEndpoints', notificationEndpoints),
    ...named('notificationRules', notificationRules),
    ...Object.keys(labels).map((name) => ({ key: `label ${labelKey(name)}`, path: ['labels', name] })),
    ...named('access', access),
    ...Object.entries(access).map(([name, { file }]) => ({ key: `file ${file}`, path: ['access', name, 'file'] })),
    ...mappings.flatMap((mapping, index) => [
      { key: `mapping ${mapping.database}/${mapping.retentionPolicy}`, path: ['mappings', index] },
      ...(mapping.default === true
        ? [{ key: `default ${mapping.database}`, path: ['mappings', index, 'default'] }]
        : []),
    ]),
  ]
}

/** What must be declared in some file; reported for the first one. A server that is not set up needs a bucket at once. */
function findGaps(read: readonly CheckedDocument<InfluxdbDocument>[], declaration: Declaration): readonly Fault[] {
  const [first] = read
  if (first === undefined) return []
  const where = { file: first.document.file }
  return [
    ...(declaration.organization.name === ''
      ? [{ what: 'No file declares the organization.', where, next: 'Add: organization: {name: ...}.' }]
      : []),
    ...(declaration.buckets.length === 0
      ? [{ what: 'No file declares a bucket.', where, next: 'Add one under `buckets`.' }]
      : []),
  ]
}

type Section<Key extends keyof InfluxdbDocument> = NonNullable<InfluxdbDocument[Key]>
type Named = Exclude<keyof InfluxdbDocument, '$schema' | 'organization' | 'mappings'>
type BucketEntry = Section<'buckets'>[string]
type TokenEntry = Section<'access'>[string]
type MappingEntry = Section<'mappings'>[number]

/** A rule is of the type of its endpoint. */
function endpointTypes(documents: readonly InfluxdbDocument[]): ReadonlyMap<string, string> {
  return new Map(
    documents.flatMap(({ notificationEndpoints = {} }) =>
      Object.entries(notificationEndpoints).map(([name, { type }]) => [name, type] as const),
    ),
  )
}

/** The declaration of all documents, with defaults filled in. Paths are relative to `folder`. */
function toDeclaration(documents: readonly InfluxdbDocument[], folder: string): Declaration {
  const organization = documents.find((document) => document.organization !== undefined)?.organization
  const entries = <Key extends Named>(key: Key) =>
    documents.flatMap((document) => Object.entries(document[key] ?? {}) as [string, Section<Key>[string]][])
  const types = endpointTypes(documents)
  return {
    organization: { name: organization?.name ?? '', description: organization?.description ?? null },
    buckets: entries('buckets').map(([name, entry]) => declareBucket(name, entry)),
    downsamplings: entries('downsampling').map(([name, entry]) => declareTask(name, entry)),
    tasks: entries('tasks').map(([name, entry]) => declareOwnTask(name, entry)),
    checks: entries('checks').map(([name, entry]) => declareCheck(name, entry)),
    endpoints: entries('notificationEndpoints').map(([name, entry]) => declareEndpoint(name, entry)),
    rules: entries('notificationRules').map(([name, entry]) =>
      declareRule(name, entry, types.get(entry.endpoint) ?? ''),
    ),
    labels: entries('labels').map(([name, entry]) => declareLabel(name, entry)),
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

function declareToken(name: string, { read = [], write = [], file }: TokenEntry, folder: string): TokenDeclaration {
  return { name, read, write, file: resolve(folder, file) }
}

function declareMapping(entry: MappingEntry): MappingDeclaration {
  const { database, retentionPolicy, bucket } = entry
  return { database, retentionPolicy, bucket, isDefault: entry.default ?? false }
}
