import { refuse } from './refusals.ts'
import type { ClusterSight, SeenNode } from './sight.ts'
import { describeSlots, rangesOf, slotsOf } from './slots.ts'

/** A node in cluster mode. */
export interface Member extends SeenNode {
  readonly cluster: ClusterSight
}

/**
 * The nodes as members of one cluster.
 * @throws ToolError REDIS_NOT_IN_CLUSTER_MODE, REDIS_NODE_TWICE, REDIS_FOREIGN_NODE, REDIS_NODE_NOT_EMPTY, REDIS_SLOTS_CLAIMED_TWICE: what must be
 * settled by a person before anything is done to any node.
 */
export function checkNodes(
  nodes: readonly SeenNode[],
  { sharedSlots }: { readonly sharedSlots: 'refuse' | 'pass' } = { sharedSlots: 'refuse' },
): readonly Member[] {
  const members = nodes.map(toMember)
  refuseTwice(members)
  refuseForeign(members)
  refuseLoneKeys(members)
  if (sharedSlots === 'refuse') refuseSharedSlots(members)
  return members
}

function toMember(node: SeenNode): Member {
  if (node.cluster !== null) return { ...node, cluster: node.cluster }
  throw refuse(
    'REDIS_NOT_IN_CLUSTER_MODE',
    node.node,
    `${node.node} is not in cluster mode.`,
    'Start it with `cluster-enabled yes`, or declare no cluster.',
  )
}

function refuseTwice(members: readonly Member[]): void {
  for (const [index, member] of members.entries()) {
    const earlier = members.slice(0, index).find((other) => other.cluster.id === member.cluster.id)
    if (earlier === undefined) continue
    const what = `${earlier.node} and ${member.node} are the same node.`
    throw refuse('REDIS_NODE_TWICE', member.node, what, 'Name each node once in stores.redis.url.')
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
      `${member.node} knows a node that is not among those named: ${foreign.address} (${foreign.id.slice(0, 8)}…)${health}.`,
      'Name it in stores.redis.url if it belongs to this cluster; if it is gone for good, run CLUSTER FORGET with its id on every node.',
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
      `${member.node} is in no cluster yet and holds ${member.keys} keys.`,
      'Name an empty node, or move its keys away first: nothing is ever removed from a node to make it fit.',
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
        'Run again in some seconds if a primary has just come back; else take the slots from one of them by CLUSTER DELSLOTS.',
      )
    }
    for (const slot of slotsOf(member.cluster.slots)) owners.set(slot, member)
  }
}
