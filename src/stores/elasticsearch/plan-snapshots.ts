import type { StoreDifference, StoreLoss, StoreResource } from '../store-plan.ts'
import { type ElasticsearchChange, harmless } from './apply.ts'
import { signature } from './bodies.ts'
import { childOf, compareTrees, extraBranches, normalText } from './compare-trees.ts'
import type {
  JsonObject,
  RepositoryDeclaration,
  SnapshotPolicyDeclaration,
  SnapshotsDeclaration,
} from './declaration.ts'
import { sealOf, splitMark } from './mark.ts'
import { parseAge } from './policies.ts'
import type { ObservedRepository, ObservedSnapshots } from './snapshot-ports.ts'

interface SnapshotPlan {
  readonly resource: StoreResource
  readonly changes: readonly ElasticsearchChange[]
}

/** Repositories come before the policies that name them. */
export function planSnapshots(
  declared: SnapshotsDeclaration,
  observed: ObservedSnapshots,
  prefix: string,
): readonly SnapshotPlan[] {
  return [
    ...declared.repositories.map((one) => planRepository(one, observed.repositories.get(one.name))),
    ...declared.policies.map((one) => planPolicy(one, observed.policies.get(one.name), prefix)),
  ]
}

/** Settings that change how a repository is written and read, and not where it is. */
const tuning: ReadonlySet<string> = new Set([
  'buffer_size',
  'canned_acl',
  'chunk_size',
  'compress',
  'disable_chunked_encoding',
  'max_number_of_snapshots',
  'max_restore_bytes_per_sec',
  'max_retries',
  'max_snapshot_bytes_per_sec',
  'readonly',
  'server_side_encryption',
  'storage_class',
])

/** A PUT replaces all settings: those that no file declares are sent again. */
function planRepository(
  { name, type, settings }: RepositoryDeclaration,
  observed: ObservedRepository | undefined,
): SnapshotPlan {
  const resource = { kind: 'snapshot repository', name }
  const write = (kept: JsonObject) =>
    ({ type: 'put-repository', name, body: { type, settings: { ...kept, ...settings } } }) as const
  if (observed === undefined) {
    const summary = `create snapshot repository ${name} of type ${type}`
    return { resource, changes: [harmless({ resource, action: 'create', summary, differences: [] }, write({}))] }
  }
  const isOther = type !== observed.type
  const differences = [
    ...(isOther ? [{ path: 'type', actual: observed.type, declared: type }] : []),
    ...compareTrees(settings, observed.settings, 'settings'),
  ]
  if (differences.length === 0) return { resource, changes: [] }
  const moves = differences.some(({ path }) => !tuning.has(path.replace(/^settings\./, '')))
  const loss: StoreLoss | null = moves
    ? {
        code: 'changed-repository',
        why: 'Snapshots at the former place are no longer listed, restored or removed through it; their files stay.',
        affected: [],
      }
    : null
  const summary = `change snapshot repository ${name}: ${differences.map(({ path }) => path).join(', ')}`
  const change = { resource, action: 'update', summary, differences, loss } as const
  return {
    resource,
    changes: [{ change, operation: { write: write(isOther ? {} : observed.settings), affected: [] } }],
  }
}

/** The whole of a policy is compared: what was added by hand changes what is in a snapshot. */
function planPolicy(
  { name, repository, content }: SnapshotPolicyDeclaration,
  observed: JsonObject | undefined,
  prefix: string,
): SnapshotPlan {
  const resource = { kind: 'snapshot policy', name }
  const declared = { ...content, repository }
  const { config, retention, ...head } = { config: {}, retention: {}, ...declared }
  const mark = { ...signature(prefix), ...sealOf('snapshot policy', name, declared) }
  const body = {
    ...head,
    config: { ...config, metadata: { ...childOf(config, 'metadata'), ...mark } },
    // The server refuses an empty one.
    ...(Object.keys(retention).length === 0 ? {} : { retention }),
  }
  const write = { type: 'put-snapshot-policy', name, body } as const
  if (observed === undefined) {
    const summary = `create snapshot policy ${name}, into ${repository}`
    return { resource, changes: [harmless({ resource, action: 'create', summary, differences: [] }, write)] }
  }
  const found = contentOfPolicy(observed).content
  const differences = [...compareTrees(declared, found, ''), ...extraBranches(declared, found, '')].filter(
    ({ actual, declared: wanted }) => actual !== wanted && !isNothing(actual, wanted),
  )
  if (differences.length === 0) return { resource, changes: [] }
  const reasons = findLosses(declared, found)
  const loss: StoreLoss | null =
    reasons.length === 0 ? null : { code: 'weaker-snapshots', why: reasons.join(' '), affected: [] }
  const summary = `change snapshot policy ${name}: ${shorten(differences)}`
  const change = { resource, action: 'update', summary, differences, loss } as const
  return { resource, changes: [{ change, operation: { write, affected: [] } }] }
}

function shorten(differences: readonly StoreDifference[]): string {
  return differences.map(({ path, declared }) => `${path} to ${declared ?? 'nothing'}`).join(', ')
}

/** An empty part is the same as none. */
function isNothing(actual: string | null, declared: string | null): boolean {
  return [actual, declared].every((one) => one === null || one === '{}')
}

/** What somebody declared of a policy, and what wwdb noted in the metadata of its snapshots. */
export function contentOfPolicy(policy: JsonObject): { readonly content: JsonObject; readonly mark: JsonObject } {
  const config = childOf(policy, 'config')
  const { mark, rest } = splitMark(childOf(config, 'metadata'))
  const { metadata: _, ...others } = config
  return {
    content: {
      ...policy,
      config: Object.keys(rest).length === 0 ? others : { ...others, metadata: rest },
      retention: childOf(policy, 'retention'),
    },
    mark,
  }
}

/** What later snapshots have no longer, and what is removed sooner, as sentences. */
function findLosses(declared: JsonObject, found: JsonObject): readonly string[] {
  const [config, before] = [childOf(declared, 'config'), childOf(found, 'config')]
  const isNarrower =
    isLeftOut(indicesOf(before), indicesOf(config)) ||
    (isOn(before['include_global_state']) && !isOn(config['include_global_state'])) ||
    (config['feature_states'] !== undefined &&
      normalText(config['feature_states']) !== normalText(before['feature_states']))
  return [
    ...(isNarrower ? ['Some of what its snapshots have so far is in none of the later ones.'] : []),
    ...(isShorter(childOf(declared, 'retention'), childOf(found, 'retention'))
      ? ['Snapshots that it took are removed sooner.']
      : []),
  ]
}

/** On where nothing is said. */
function isOn(value: unknown): boolean {
  return value === undefined || String(value) === 'true'
}

function indicesOf({ indices = '*' }: JsonObject): readonly string[] {
  return Array.isArray(indices) ? indices.map(String) : String(indices).split(',')
}

/** A pattern that is gone, or one with a minus that is new; `*` has everything. */
function isLeftOut(before: readonly string[], now: readonly string[]): boolean {
  const isTakenOut = now.some((one) => one.startsWith('-') && !before.includes(one))
  return isTakenOut || (!now.includes('*') && before.some((one) => !one.startsWith('-') && !now.includes(one)))
}

function isShorter(now: JsonObject, before: JsonObject): boolean {
  const [age, aged] = [parseAge(now['expire_after']), parseAge(before['expire_after'])]
  const [most, mostBefore] = [countOf(now['max_count']), countOf(before['max_count'])]
  const [least, leastBefore] = [countOf(now['min_count']), countOf(before['min_count'])]
  return (
    (age !== null && (aged === null || age < aged)) ||
    (most !== null && (mostBefore === null || most < mostBefore)) ||
    ((age !== null || most !== null) && leastBefore !== null && (least === null || least < leastBefore))
  )
}

function countOf(value: unknown): number | null {
  return typeof value === 'number' ? value : null
}
