import type { ClusterDeclaration } from './declaration.ts'
import { refuse } from './errors.ts'
import type { Member } from './members.ts'
import { evenParts, rangesOf, slotsOf } from './members.ts'
import { holdsSlots, type Sides } from './plan-moves.ts'
import { type SlotRange, slotCount } from './ports.ts'

/** The primaries that own slots, and the unserved slots that each will get. */
export interface Primaries {
  readonly primaries: readonly Member[]
  readonly missing: ReadonlyMap<Member, readonly SlotRange[]>
}

/**
 * The primaries: nodes with slots stay primaries, and keep them; where there are too few, nodes without slots and without a primary become primaries.
 * @throws ToolError REDIS_CLUSTER_SHAPE for an impossible number of nodes, or where slots would have to be moved; REDIS_SLOTS_LOST; REDIS_NODE_NOT_EMPTY.
 */
export function choosePrimaries(declaration: ClusterDeclaration, { kept: members, leaving }: Sides): Primaries {
  const count = countPrimaries(declaration, members)
  const isEven = (declaration.primaries ?? null) !== null
  const holding = members.filter(holdsSlots)
  if (holding.length > count && !isEven)
    throw shape(members, count, `${holding.length} nodes have slots, but ${count} primaries are declared.`)
  const owners = holding.toSorted((one, other) => countSlots(other) - countSlots(one)).slice(0, count)
  const primaries = [...owners, ...chooseNew(count - owners.length, owners, members)]
  if (primaries.length < count) {
    throw refuse(
      'REDIS_CLUSTER_SHAPE',
      members[0]?.node ?? '',
      `${count} primaries are declared, but only ${primaries.length} of the nodes can become primary.`,
      'Replicas stay what they are: let one take over with CLUSTER FAILOVER first, or configure other nodes.',
    )
  }
  const inOrder = members.filter((member) => primaries.includes(member))
  const missing = shareMissing(inOrder, [...members, ...leaving])
  const idle = inOrder.find((member) => !holdsSlots(member) && !missing.has(member))
  if (idle !== undefined && !isEven && !leaving.some(holdsSlots))
    throw shape(
      members,
      count,
      `${idle.node} should become a primary, but all slots are already assigned to other nodes.`,
    )
  refuseLostSlots([...members, ...leaving], missing)
  refuseStranded([...members, ...leaving], leaving)
  return { primaries: inOrder, missing }
}

function countSlots({ cluster }: Member): number {
  return slotsOf(cluster.slots).length
}

function countPrimaries({ replicas, primaries = null }: ClusterDeclaration, members: readonly Member[]): number {
  const count = members.length / (1 + replicas)
  const [first] = members
  const each = replicas === 1 ? '1 replica' : `${replicas} replicas`
  if (primaries !== null && primaries !== count) {
    throw refuse(
      'REDIS_CLUSTER_SHAPE',
      first?.node ?? '',
      `${primaries} primaries with ${each} each are declared, which are ${primaries * (1 + replicas)} nodes, but ${members.length} are to be in the cluster.`,
      'List all nodes in stores.redis.url, or change `primaries`, `replicas` or `remove`.',
    )
  }
  if (Number.isInteger(count) && count >= 3) return count
  throw refuse(
    'REDIS_CLUSTER_SHAPE',
    first?.node ?? '',
    `${members.length} nodes are configured; at least three primaries with ${each} each need a multiple of ${1 + replicas}, and ${3 * (1 + replicas)} at least.`,
    'List all nodes in stores.redis.url, or change `replicas`.',
  )
}

/** Hosts with the fewest primaries come first. */
function chooseNew(count: number, owners: readonly Member[], members: readonly Member[]): readonly Member[] {
  const chosen: Member[] = []
  const free = members.filter((member) => !holdsSlots(member) && member.role === 'primary')
  while (chosen.length < count && free.length > 0) {
    const crowd = (member: Member): number =>
      [...owners, ...chosen].filter((primary) => primary.host === member.host).length
    const least = Math.min(...free.map(crowd))
    const next = free.findIndex((member) => crowd(member) === least)
    chosen.push(...free.splice(next, 1))
  }
  return chosen
}

/** Slots that no node serves, each for the primary whose range it belongs to. */
function shareMissing(
  primaries: readonly Member[],
  members: readonly Member[],
): ReadonlyMap<Member, readonly SlotRange[]> {
  const served = new Set(members.flatMap((member) => slotsOf(member.cluster.slots)))
  const missing = new Map<Member, readonly SlotRange[]>()
  if (served.size === slotCount) return missing
  for (const [member, part] of shareParts(primaries)) {
    const slots = slotsOf([part]).filter((slot) => !served.has(slot))
    if (slots.length > 0) missing.set(member, rangesOf(slots))
  }
  return missing
}

/** Equal ranges: a node with slots gets the range of which it has the most, the others get the rest, in their order. */
function shareParts(primaries: readonly Member[]): ReadonlyMap<Member, SlotRange> {
  const parts = [...evenParts(primaries.length)]
  const shares = new Map<Member, SlotRange>()
  const owners = primaries.filter((member) => member.cluster.slots.length > 0)
  for (const member of [...owners, ...primaries.filter((other) => !owners.includes(other))]) {
    const own = slotsOf(member.cluster.slots)
    const overlap = (part: SlotRange): number => own.filter((slot) => slot >= part.first && slot <= part.last).length
    const best = parts.reduce(
      (one, other) => (overlap(other) > overlap(one) ? other : one),
      parts[0] ?? { first: 0, last: -1 },
    )
    parts.splice(parts.indexOf(best), 1)
    shares.set(member, best)
  }
  return shares
}

function refuseLostSlots(members: readonly Member[], missing: Primaries['missing']): void {
  const holder = members.find((member) => member.keys > 0)
  if (holder === undefined || missing.size === 0) return
  const count = [...missing.values()].flatMap(slotsOf).length
  throw refuse(
    'REDIS_SLOTS_LOST',
    holder.node,
    `No node serves ${count} slots of a cluster that holds keys.`,
    'Restart the node that served them. If its data is permanently lost, assign the slots with CLUSTER ADDSLOTS yourself.',
  )
}

/**
 * A primary with keys and without slots: no client reaches them. As a replica, or once it has left, the node would lose them; as an owner of slots it would answer with what they were long ago.
 */
function refuseStranded(members: readonly Member[], leaving: Sides['leaving']): void {
  const node = members.find((one) => one.role === 'primary' && one.keys > 0 && !holdsSlots(one))
  if (node === undefined) return
  const keys = node.keys === 1 ? '1 key' : `${node.keys} keys`
  throw refuse(
    'REDIS_NODE_NOT_EMPTY',
    node.node,
    `${node.node} ${leaving.includes(node) ? 'is to leave the cluster' : 'serves no slot'}, and has ${keys} of its own.`,
    'Look at them on this node (SCAN): copy what is still needed, remove the rest with FLUSHALL there, and run the command again. wwdb never removes keys from a node.',
    'It owns no slot and takes none, so no client of the cluster reaches them. A move by other means may have left them.',
  )
}

function shape(members: readonly Member[], count: number, what: string): Error {
  const [first] = members
  const next = `Slots stay where they are unless \`primaries\` is declared: with \`primaries: ${count}\` each primary gets its equal share. Or configure other nodes.`
  return refuse('REDIS_CLUSTER_SHAPE', first?.node ?? '', what, next)
}
