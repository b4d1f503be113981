import type { RedisChange } from './apply.ts'
import { refuse } from './errors.ts'
import { describeSlots, type Member, rangesOf, slotsOf, takenSlots } from './members.ts'

/** A slot whose move was begun, from its owner to the node that takes it. */
export interface BegunMove {
  readonly slot: number
  readonly source: Member
  readonly target: Member
}

/** What the markers of open slots mean, seen from all nodes together. */
export interface OpenSlots {
  /** Both nodes may have keys of the slot: only the rest of the move brings them together. */
  readonly begun: readonly BegunMove[]
  /** Markers of moves that have ended, by the primary that has them: no key depends on them, and no server removes them. */
  readonly ended: ReadonlyMap<Member, readonly string[]>
}

/** `[93->-id]` of a node whose slot is on its way to another, `[77-<-id]` of one that takes it. */
const marker = /^\[(\d+)-([<>])-([^\]]+)\]$/

/** The slot of a marker, which way it goes, and the other node. */
function readMarker(text: string): { readonly slot: number; readonly takes: boolean; readonly id: string } | null {
  const [, slot, direction, id = ''] = marker.exec(text) ?? []
  return slot === undefined ? null : { slot: Number(slot), takes: direction === '<', id }
}

/** True for a node that takes a slot: keys of it may be there already. */
export function takesSlots({ cluster }: Member): boolean {
  return takenSlots(cluster).length > 0
}

/** The primary that has each slot. */
export function ownersOf(members: readonly Member[]): Map<number, Member> {
  return new Map(members.flatMap((member) => slotsOf(member.cluster.slots).map((slot) => [slot, member] as const)))
}

/**
 * Reads the markers. The owner's own says where the keys went that it has sent, so it comes first. A primary that does not own the slot, and says that it gives it away, has given it: a run was
 * killed before it said so to this node.
 */
export function findOpenSlots(members: readonly Member[]): OpenSlots {
  const owners = ownersOf(members)
  const begun = new Map<number, BegunMove>()
  const ended = new Map<Member, string[]>()
  const markers = members.flatMap((member) =>
    member.cluster.openSlots.flatMap((text) => {
      const read = readMarker(text)
      return read === null ? [] : [{ ...read, member, text }]
    }),
  )
  for (const { slot, takes, id, member, text } of markers.toSorted((one, other) => +one.takes - +other.takes)) {
    const owner = owners.get(slot)
    const target = successorOf(takes ? member.cluster.id : id, members)
    const isGoing = takes || owner === member
    if (owner !== undefined && target !== null && owner !== target && isGoing) {
      if (!begun.has(slot)) begun.set(slot, { slot, source: owner, target })
    } else if (member.cluster.primary === null && (owner === member || !takes)) {
      ended.set(member, [...(ended.get(member) ?? []), text])
    }
  }
  return { begun: [...begun.values()].toSorted((one, other) => one.slot - other.slot), ended }
}

/** The node, or the one that took its place. */
function successorOf(id: string, members: readonly Member[]): Member | null {
  const member = members.find(({ cluster }) => cluster.id === id)
  const primary = member?.cluster.primary ?? null
  return (primary === null ? member : members.find(({ cluster }) => cluster.id === primary)) ?? null
}

/** Removes the markers of moves that have ended. A marker that stays turns clients away once the slot comes back to the node. */
export function closeEnded({ ended }: OpenSlots): readonly RedisChange[] {
  return [...ended].map(([{ node }, markers]) => {
    const slots = markers.flatMap((text) => readMarker(text)?.slot ?? [])
    const [what, whose] = slots.length === 1 ? ['1 slot', 'move has'] : [`${slots.length} slots`, 'moves have']
    return {
      change: {
        resource: { kind: 'cluster slots', name: `open on ${node}` },
        action: 'update',
        summary: `close ${what} on ${node}, whose ${whose} ended: ${describeSlots(rangesOf(slots))}`,
        differences: [],
        loss: null,
      },
      operation: { writes: [{ type: 'close-slots', node, markers }], until: 'at-once' },
    }
  })
}

/** @throws ToolError REDIS_SLOTS_OPEN where slots are on their way and nothing declares that slots move: to finish the moves or to turn them back is a person's decision. */
export function refuseOpen({ begun }: OpenSlots): void {
  const [first] = begun
  if (first === undefined) return
  const ways = [...new Set(begun.map(({ source, target }) => `from ${source.node} to ${target.node}`))]
  const slots = describeSlots(rangesOf(begun.map(({ slot }) => slot)))
  throw refuse(
    'REDIS_SLOTS_OPEN',
    first.source.node,
    `Slots are on their way ${ways.join(', ')}, and the declaration moves none: ${slots}.`,
    'Let the tool that began it finish, or finish it with `redis-cli --cluster fix`. A run of wwdb is finished by the next one that declares the same `primaries` and `remove`.',
    'Another tool moves them, or a run that declared `primaries` or `remove` was interrupted. Keys of such a slot may be on both nodes.',
  )
}
