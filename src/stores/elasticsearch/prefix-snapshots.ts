import type { JsonObject, RepositoryDeclaration, SnapshotsDeclaration } from './declaration.ts'
import { isReadOnly } from './snapshot-places.ts'

/** Settings that say where in its storage a repository is. */
const placeKeys = ['location', 'base_path', 'path']

/** Kinds of storage in which a repository without a path has all of a bucket. */
const wholeBuckets = ['azure', 'gcs', 's3']

/** Two environments never write into one place of a declared repository, and no snapshot of one has indices of another. */
export function prefixSnapshots(
  { repositories, policies }: SnapshotsDeclaration,
  prefix: string,
): SnapshotsDeclaration {
  return {
    repositories: repositories.map((repository) => ({
      ...repository,
      name: `${prefix}${repository.name}`,
      settings: prefixPlace(repository, prefix),
    })),
    policies: policies.map((policy) => ({
      ...policy,
      name: `${prefix}${policy.name}`,
      repository: policy.isElsewhere ? policy.repository : `${prefix}${policy.repository}`,
      content: { ...policy.content, config: prefixIndices(policy.content['config'], prefix) },
    })),
  }
}

/** False where a prefix has nothing to stand before. */
export function hasOwnFolder({ type, settings }: RepositoryDeclaration): boolean {
  return wholeBuckets.includes(type) || placeKeys.some((key) => isNamed(settings[key]))
}

function isNamed(value: unknown): boolean {
  return value !== undefined && value !== null
}

/** What is only read can be read by several. */
function prefixPlace(repository: RepositoryDeclaration, prefix: string): JsonObject {
  const { type, settings } = repository
  if (isReadOnly(repository)) return settings
  const key = placeKeys.find((one) => isNamed(settings[one]))
  if (key !== undefined) {
    const place = String(settings[key]).replace(/\/+$/, '')
    const start = place.lastIndexOf('/') + 1
    return { ...settings, [key]: `${place.slice(0, start)}${prefix}${place.slice(start)}` }
  }
  const folder = prefix.replace(/[_.-]+$/, '')
  return wholeBuckets.includes(type) ? { ...settings, base_path: folder } : settings
}

function prefixIndices(config: unknown, prefix: string): JsonObject {
  const known = typeof config === 'object' && config !== null ? (config as JsonObject) : {}
  const { indices = '*' } = known
  const patterns = Array.isArray(indices) ? indices.map(String) : String(indices).split(',')
  return { ...known, indices: patterns.map((pattern) => prefixPattern(pattern, prefix)) }
}

/** A minus before a pattern takes out what matches it. */
function prefixPattern(pattern: string, prefix: string): string {
  return pattern.startsWith('-') ? `-${prefix}${pattern.slice(1)}` : `${prefix}${pattern}`
}

/** Where the phases of a lifecycle name a declared policy of snapshots or a declared repository, they get its prefix. */
export function referToSnapshots(
  phases: JsonObject,
  { repositories, policies }: SnapshotsDeclaration,
  named: (name: string) => string,
): JsonObject {
  const known: Readonly<Record<string, readonly string[]>> = {
    policy: policies.map(({ name }) => name),
    snapshot_repository: repositories.map(({ name }) => name),
  }
  const walk = (value: unknown, key: string): unknown => {
    if (typeof value === 'string') return known[key]?.includes(value) === true ? named(value) : value
    if (Array.isArray(value) || typeof value !== 'object' || value === null) return value
    return Object.fromEntries(Object.entries(value).map(([name, part]) => [name, walk(part, name)]))
  }
  return walk(phases, '') as JsonObject
}
