import { findAdditions, withAdditions } from '../find-additions.ts'
import type { StoreDifference, StoreLoss, StoreResource } from '../store-plan.ts'
import type { ElasticsearchChange } from './apply.ts'
import { signature } from './bodies.ts'
import { childOf, compareTrees, extraBranches, isObject } from './compare-trees.ts'
import type { JsonObject, SnapshotPolicyDeclaration, SnapshotsDeclaration } from './declaration.ts'
import { isSealed, sealOf, splitMark } from './mark.ts'
import { planRepository } from './plan-repositories.ts'
import { findEarlier, findSnapshotLosses } from './snapshot-losses.ts'
import type { ObservedSnapshots } from './snapshot-ports.ts'

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
    ...declared.policies.map((one) => planPolicy(one, observed, prefix)),
  ]
}

/** The whole of a policy is compared: what was added by hand changes what is in a snapshot. */
function planPolicy(
  { name, repository, content }: SnapshotPolicyDeclaration,
  { policies, earlier }: ObservedSnapshots,
  prefix: string,
): SnapshotPlan {
  const resource = { kind: 'snapshot policy', name }
  const observed = policies.get(name)
  const declared = { ...withoutNothing(content), repository }
  const { config, retention, ...head } = { config: {}, retention: {}, ...declared }
  const mark = { ...signature(prefix), ...sealOf('snapshot policy', name, declared) }
  const body = {
    ...head,
    config: { ...config, metadata: { ...childOf(config, 'metadata'), ...mark } },
    // The server refuses an empty one.
    ...(Object.keys(retention).length === 0 ? {} : { retention }),
  }
  const write = { type: 'put-snapshot-policy', name, body } as const
  const others = earlier.has(name) ? findEarlier(repository, retention, earlier.get(name) ?? null) : []
  if (observed === undefined) {
    const summary = `create snapshot policy ${name}, into ${repository}`
    const change = { resource, action: 'create', summary, differences: [], loss: toLoss(others) } as const
    return { resource, changes: [{ change, operation: { write, affected: [] } }] }
  }
  const { content: found, mark: seal } = contentOfPolicy(observed)
  const differences = [...compareTrees(declared, found, ''), ...extraBranches(declared, found, '')].filter(
    ({ actual, declared: wanted }) => actual !== wanted && !isNothing(actual, wanted),
  )
  if (differences.length === 0) return { resource, changes: [] }
  const isOurs = isSealed('snapshot policy', name, found, seal)
  // What its snapshots have in them is judged by itself.
  const added = findAdditions({ config, retention, ...declared }, found).filter(
    ({ path }) => path.startsWith('retention') || path.startsWith('config.metadata'),
  )
  const loss = withAdditions(toLoss([...findSnapshotLosses(declared, found), ...others]), isOurs ? [] : added)
  const summary = `change snapshot policy ${name}: ${shorten(differences)}`
  const change = { resource, action: 'update', summary, differences, loss } as const
  return { resource, changes: [{ change, operation: { write, affected: [] } }] }
}

function toLoss(reasons: readonly string[]): StoreLoss | null {
  return reasons.length === 0 ? null : { code: 'weaker-snapshots', why: reasons.join(' '), affected: [] }
}

/** `null` is the same as what is not there. */
function withoutNothing(content: JsonObject): JsonObject {
  const entries = Object.entries(content).filter(([, value]) => value !== null)
  return Object.fromEntries(entries.map(([key, value]) => [key, isObject(value) ? withoutNothing(value) : value]))
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
