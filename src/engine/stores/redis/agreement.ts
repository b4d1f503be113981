import type { ClusterDeclaration } from '../../../domain/stores/redis/declaration.ts'
import { slotCount } from '../../../domain/stores/redis/sight.ts'
import { describeSlots, rangesOf, slotsOf } from '../../../domain/stores/redis/slots.ts'
import type { Member } from './check-nodes.ts'

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

/** Nodes that see slots elsewhere than most of them are. */
export function findOtherMaps(members: readonly Member[]): readonly string[] {
  const owners = new Map(
    members.flatMap((member) => slotsOf(member.cluster.slots).map((slot) => [slot, member.cluster.id])),
  )
  return members.flatMap((member) => {
    const seen = slotMapOf(member)
    const differing = rangesOf(
      Array.from({ length: slotCount }, (_, slot) => slot).filter((slot) => seen.get(slot) !== owners.get(slot)),
    )
    return differing.length === 0
      ? []
      : [`${member.node} sees slots with another node than the others do: ${describeSlots(differing)}`]
  })
}

/** Which node serves a slot, as a member sees it. */
function slotMapOf({ cluster }: Member): ReadonlyMap<number, string> {
  const all = [{ id: cluster.id, slots: cluster.slots }, ...cluster.others]
  return new Map(all.flatMap(({ id, slots }) => slotsOf(slots).map((slot): [number, string] => [slot, id])))
}

/** Primaries that have fewer replicas than declared, as half sentences. */
export function findLackingReplicas({ replicas }: ClusterDeclaration, members: readonly Member[]): readonly string[] {
  const owners = members.filter((member) => member.cluster.slots.length > 0)
  return owners.flatMap((primary) => {
    const linked = members.filter((member) => member.cluster.primary === primary.cluster.id && member.linked === true)
    return linked.length >= replicas ? [] : [`${primary.node} has ${linked.length} of ${replicas} replicas`]
  })
}
