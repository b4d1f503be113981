import type { Member } from './check-nodes.ts'
import type { ClusterDeclaration } from './declaration.ts'
import type { SlotRange } from './sight.ts'
import { describeSlots, rangesOf, slotsOf } from './slots.ts'

/** One node that does not know another. */
export interface Stranger {
  readonly member: Member
  readonly unknown: Member
}

/** Who does not know whom, or only shakes hands with it. */
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
    ...findOtherMaps(members),
  ]
}

/** What keeps a node from its part. */
function findOwnTrouble(member: Member): readonly string[] {
  const { node, cluster, linked } = member
  const unwell = cluster.others.filter((other) => other.health !== 'well')
  return [
    ...(cluster.state === 'ok' ? [] : [`${node} says that the cluster is down`]),
    ...unwell.map((other) => `${node} takes ${other.address} for ${other.health === 'failed' ? 'failed' : 'gone'}`),
    ...(linked === false ? [`${node} has no link to its primary`] : []),
  ]
}

/** Nodes that see slots elsewhere than they are. */
export function findOtherMaps(members: readonly Member[]): readonly string[] {
  const own = members.map(({ cluster }) => cluster)
  const text = describeMap(own)
  return members.flatMap(({ node, cluster }) => {
    const seen = [cluster, ...cluster.others]
    if (describeMap(seen) === text) return []
    return [`${node} sees slots with another node than they are: ${describeSlots(findDiffering(own, seen))}`]
  })
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
export function findLackingReplicas({ replicas }: ClusterDeclaration, members: readonly Member[]): readonly string[] {
  const owners = members.filter((member) => member.cluster.slots.length > 0)
  return owners.flatMap((primary) => {
    const linked = members.filter((member) => member.cluster.primary === primary.cluster.id && member.linked === true)
    return linked.length >= replicas ? [] : [`${primary.node} has ${linked.length} of ${replicas} replicas`]
  })
}
