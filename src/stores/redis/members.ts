import type { InBoth } from '../../core/in-both.ts'
import type { ClusterDeclaration } from './declaration.ts'
import { refuse } from './errors.ts'
import { type ObservedCluster, type ObservedNode, type SlotRange, slotCount } from './ports.ts'

/** A node in cluster mode. */
export interface Member extends ObservedNode {
  readonly cluster: ObservedCluster
}

/**
 * The nodes as members of one cluster.
 * @throws ToolError REDIS_NOT_IN_CLUSTER_MODE, REDIS_NODE_TWICE, REDIS_FOREIGN_NODE, REDIS_NODE_NOT_EMPTY, REDIS_SLOTS_CLAIMED_TWICE: a person
 *   must settle these before any node is changed.
 */
export function checkNodes(
  nodes: readonly ObservedNode[],
  { sharedSlots }: { readonly sharedSlots: 'refuse' | 'pass' } = { sharedSlots: 'refuse' },
): readonly Member[] {
  const members = nodes.map(toMember)
  refuseTwice(members)
  refuseForeign(members)
  refuseLoneKeys(members)
  if (sharedSlots === 'refuse') refuseSharedSlots(members)
  return members
}

function toMember(node: ObservedNode): Member {
  if (node.cluster !== null) return { ...node, cluster: node.cluster }
  throw refuse(
    'REDIS_NOT_IN_CLUSTER_MODE',
    node.node,
    `${node.node} is not in cluster mode.`,
    'Start it with `cluster-enabled yes`, or do not declare a cluster.',
  )
}

function refuseTwice(members: readonly Member[]): void {
  for (const [index, member] of members.entries()) {
    const earlier = members.slice(0, index).find((other) => other.cluster.id === member.cluster.id)
    if (earlier === undefined) continue
    const what = `${earlier.node} and ${member.node} are the same node.`
    throw refuse('REDIS_NODE_TWICE', member.node, what, 'List each node only once in stores.redis.url.')
  }
}

function refuseForeign(members: readonly Member[]): void {
  const ours = new Set(members.map((member) => member.cluster.id))
  for (const member of members) {
    const foreign = member.cluster.others.find((other) => !ours.has(other.id))
    if (foreign === undefined) continue
    const health = foreign.health === 'failed' ? ', which has failed' : ''
    throw refuse(
      'REDIS_FOREIGN_NODE',
      member.node,
      `${member.node} knows a node that is not configured: ${foreign.address} (${foreign.id.slice(0, 8)}…)${health}.`,
      'Add it to stores.redis.url if it belongs to this cluster; if it is permanently gone, run CLUSTER FORGET with its id on every node.',
    )
  }
}

function refuseLoneKeys(members: readonly Member[]): void {
  if (members.length < 2) return
  for (const member of members) {
    if (member.keys === 0 || member.cluster.others.length > 0) continue
    throw refuse(
      'REDIS_NODE_NOT_EMPTY',
      member.node,
      `${member.node} is not in a cluster yet and has ${member.keys} keys.`,
      'Use an empty node, or move its keys away first: wwdb never removes keys from a node.',
    )
  }
}

function refuseSharedSlots(members: readonly Member[]): void {
  const owners = new Map<number, Member>()
  for (const member of members) {
    const claimed = slotsOf(member.cluster.slots).filter((slot) => owners.has(slot))
    const [first] = claimed
    if (first !== undefined) {
      const other = owners.get(first)?.node ?? ''
      throw refuse(
        'REDIS_SLOTS_CLAIMED_TWICE',
        member.node,
        `${other} and ${member.node} both claim slots: ${describeSlots(rangesOf(claimed))}.`,
        'Retry in a few seconds if a primary has just restarted; otherwise remove the slots from one of them with CLUSTER DELSLOTS.',
      )
    }
    for (const slot of slotsOf(member.cluster.slots)) owners.set(slot, member)
  }
}

/** The slots of some ranges. */
export function slotsOf(ranges: readonly SlotRange[]): readonly number[] {
  return ranges.flatMap(({ first, last }) => Array.from({ length: last - first + 1 }, (_, offset) => first + offset))
}

/** Slots as ranges, in ascending order. */
export function rangesOf(slots: Iterable<number>): readonly SlotRange[] {
  const ranges: { first: number; last: number }[] = []
  for (const slot of [...slots].sort((one, other) => one - other)) {
    const latest = ranges.at(-1)
    if (latest !== undefined && slot <= latest.last + 1) latest.last = slot
    else ranges.push({ first: slot, last: slot })
  }
  return ranges
}

/** `0-5460, 5462`; `no slots` for none. */
export function describeSlots(ranges: readonly SlotRange[]): string {
  if (ranges.length === 0) return 'no slots'
  return ranges.map(({ first, last }) => (first === last ? String(first) : `${first}-${last}`)).join(', ')
}

/** All slots in as many parts of nearly the same size. */
export function evenParts(count: number): readonly SlotRange[] {
  return Array.from({ length: count }, (_, index) => ({
    first: Math.floor((slotCount * index) / count),
    last: Math.floor((slotCount * (index + 1)) / count) - 1,
  }))
}

/** One node that does not know another. */
export interface Stranger {
  readonly member: Member
  readonly unknown: Member
}

/** Nodes that do not know each other, or are only in a handshake. */
export function findStrangers(members: readonly Member[]): readonly Stranger[] {
  return members.flatMap((member) =>
    members
      .filter((other) => other !== member && !member.cluster.others.some(({ id }) => id === other.cluster.id))
      .map((unknown) => ({ member, unknown })),
  )
}

/** What keeps the nodes from being one cluster that serves every slot, as half sentences; empty when nothing does. */
export function findDisagreement(members: readonly Member[]): readonly string[] {
  return [
    ...findStrangers(members).map(({ member, unknown }) => `${member.node} does not know ${unknown.node}`),
    ...members.flatMap(findOwnTrouble),
    ...findOtherMaps(members).map(({ en }) => en),
  ]
}

/** What keeps a node from its part. */
function findOwnTrouble(member: Member): readonly string[] {
  const { node, cluster, linked } = member
  const unwell = cluster.others.filter((other) => other.health !== 'well')
  return [
    ...(cluster.state === 'ok' || missesTaken(cluster) ? [] : [`${node} reports that the cluster is down`]),
    ...unwell.map((other) => sayUnwell(node, other.address, other.health).en),
    ...(linked === false ? [`${node} has no link to its primary`] : []),
  ]
}

/** Redis 6.2 forgets who has a slot that it takes when the owner is failed over, and is down until the move goes on. */
function missesTaken(cluster: ObservedCluster): boolean {
  const served = new Set([cluster, ...cluster.others].flatMap(({ slots }) => slotsOf(slots)))
  const taken = takenSlots(cluster).filter((slot) => !served.has(slot))
  return taken.length > 0 && served.size + taken.length === slotCount
}

/** How a node sees another one that is unhealthy. */
export function sayUnwell(node: string, address: string, health: string): InBoth {
  return health === 'failed'
    ? { en: `${node} considers ${address} failed`, zh: `${node} 认为 ${address} 已失效` }
    : { en: `${node} considers ${address} gone`, zh: `${node} 认为 ${address} 已下线` }
}

/**
 * Nodes that see slots in the wrong place. While a node takes a slot, it does not hear that the slot got another owner: that difference lasts until the move is finished.
 */
export function findOtherMaps(members: readonly Member[]): readonly InBoth[] {
  const own = members.map(({ cluster }) => cluster)
  const text = describeMap(own)
  return members.flatMap(({ node, cluster }) => {
    const seen = [cluster, ...cluster.others]
    if (describeMap(seen) === text) return []
    const taking = takenSlots(cluster)
    const differing = slotsOf(findDiffering(own, seen)).filter((slot) => !taking.includes(slot))
    if (differing.length === 0) return []
    const slots = describeSlots(rangesOf(differing))
    return [{ en: `${node} has a different slot assignment: ${slots}`, zh: `${node} 的槽分布不同：${slots}` }]
  })
}

/** The slots that a node is about to take from others: `[77-<-id]`. */
export function takenSlots({ openSlots }: ObservedCluster): readonly number[] {
  return openSlots.flatMap((open) => /^\[(\d+)-<-/.exec(open)?.[1] ?? []).map(Number)
}

type Owner = Pick<Member['cluster'], 'id' | 'slots'>

function describeMap(owners: readonly Owner[]): string {
  const lines = owners.map(({ id, slots }) => `${id} ${describeSlots(slots)}`)
  return owners
    .flatMap(({ slots }, index) => (slots.length === 0 ? [] : [lines[index] ?? '']))
    .sort()
    .join('\n')
}

function findDiffering(one: readonly Owner[], other: readonly Owner[]): readonly SlotRange[] {
  const [first, second] = [slotMapOf(one), slotMapOf(other)]
  return rangesOf(
    [...new Set([...first.keys(), ...second.keys()])].filter((slot) => first.get(slot) !== second.get(slot)),
  )
}

function slotMapOf(owners: readonly Owner[]): ReadonlyMap<number, string> {
  return new Map(owners.flatMap(({ id, slots }) => slotsOf(slots).map((slot): [number, string] => [slot, id])))
}

/** Primaries that have fewer replicas than declared, as half sentences. */
export function findLackingReplicas({ replicas }: ClusterDeclaration, members: readonly Member[]): readonly InBoth[] {
  const owners = members.filter((member) => member.cluster.slots.length > 0)
  return owners.flatMap((primary) => {
    const linked = members.filter((member) => member.cluster.primary === primary.cluster.id && member.linked === true)
    if (linked.length >= replicas) return []
    const en = `${primary.node} has ${linked.length} of ${replicas} replicas`
    return [{ en, zh: `${primary.node} 应有 ${replicas} 个从节点，现有 ${linked.length} 个` }]
  })
}

/** `on 10.0.0.1:7000, 10.0.0.2:7000`; `on all 6 nodes`. */
export function describePlaces(names: readonly string[], total: number): string {
  return names.length === total && total > 1 ? `on all ${total} nodes` : `on ${names.join(', ')}`
}
