import type { StoreDifference } from '../../core/store.ts'
import type { MappingDeclaration } from './declaration.ts'
import type { ObservedContent, ObservedMapping } from './observation.ts'
import type { InfluxDeed } from './ports.ts'
import { asDeclared, difference, type Planned, step, together } from './steps.ts'

export function planMappings(declared: readonly MappingDeclaration[], content: ObservedContent): Planned {
  return together(declared.map((mapping) => planMapping(mapping, content)))
}

function planMapping(mapping: MappingDeclaration, content: ObservedContent): Planned {
  const name = `${mapping.database}/${mapping.retentionPolicy}`
  const resource = { kind: 'DBRP mapping', name }
  const found = findMapping(mapping, content.mappings)
  const differences = found === undefined ? [] : differencesOf(mapping, found, content)
  if (found !== undefined && differences.length === 0) return asDeclared(resource)
  const create = creation(mapping, content)
  // The server's own mappings cannot be changed; one that is written goes before them.
  if (found === undefined || found.isVirtual) {
    return step({ resource, action: 'create', summary: `map ${name} to bucket ${mapping.bucket}`, differences }, create)
  }
  const place = { organizationId: content.organization.id, id: found.id }
  if (differences.every(({ path }) => path === 'default')) {
    const summary = `make ${name} the default of ${mapping.database}`
    const deed: InfluxDeed = { type: 'update-mapping', ...place, policy: mapping.retentionPolicy }
    return step({ resource, action: 'update', summary, differences }, deed)
  }
  const summary = `map ${name} to bucket ${mapping.bucket} instead; the points of both buckets stay`
  return step({ resource, action: 'replace', summary, differences }, { type: 'remove-mapping', ...place }, create)
}

/** One that somebody wrote, else the server's own. */
function findMapping(
  { database, retentionPolicy }: MappingDeclaration,
  observed: readonly ObservedMapping[],
): ObservedMapping | undefined {
  const named = observed.filter((one) => one.database === database && one.retentionPolicy === retentionPolicy)
  return named.find(({ isVirtual }) => !isVirtual) ?? named[0]
}

function differencesOf(
  mapping: MappingDeclaration,
  found: ObservedMapping,
  content: ObservedContent,
): readonly StoreDifference[] {
  const bucket = content.buckets.find(({ id }) => id === found.bucketId)?.name ?? found.bucketId
  return [
    ...difference('bucket', bucket, mapping.bucket),
    // The first mapping of a database is its default whether asked or not, so only a missing "default" counts.
    ...(mapping.isDefault ? difference('default', String(found.isDefault), 'true') : []),
  ]
}

function creation(mapping: MappingDeclaration, content: ObservedContent): InfluxDeed {
  const { bucket, ...rest } = mapping
  const bucketId = content.buckets.find(({ name }) => name === bucket)?.id ?? ''
  return { type: 'create-mapping', organizationId: content.organization.id, mapping: { ...rest, bucketId } }
}
