import type { RedisChange } from './apply.ts'
import type { ClusterDeclaration } from './declaration.ts'
import { describeSlots, type Member, rangesOf, slotsOf } from './members.ts'
import { type BegunMove, type OpenSlots, ownersOf, takesSlots } from './plan-open-slots.ts'
import { type SlotRange, slotCount } from './ports.ts'

/** The nodes of a cluster that stay, and those that are declared to leave it. */
export interface Sides {
  readonly kept: readonly Member[]
  readonly leaving: readonly Member[]
}

export function divideMembers({ remove = [] }: ClusterDeclaration, members: readonly Member[]): Sides {
  const isLeaving = ({ node }: Member): boolean => remove.includes(node)
  return { kept: members.filter((member) => !isLeaving(member)), leaving: members.filter(isLeaving) }
}

/** The nodes that serve: one that leaves does so as long as it has slots. */
export function servingMembers(declaration: ClusterDeclaration, members: readonly Member[]): readonly Member[] {
  const { leaving } = divideMembers(declaration, members)
  return members.filter((member) => !leaving.includes(member) || holdsSlots(member))
}

/** Has slots, or keys of one that is on its way to it. */
export function holdsSlots(member: Member): boolean {
  return member.cluster.slots.length > 0 || takesSlots(member)
}

interface Move extends BegunMove {
  /** An earlier run was interrupted in it: both nodes may have keys of the slot. */
  readonly begun: boolean
}

export interface MoveInput {
  readonly declaration: ClusterDeclaration
  readonly members: readonly Member[]
  /** The nodes that have the slots in the end. */
  readonly primaries: readonly Member[]
  /** Slots that no node serves yet, with the primary that gets them. */
  readonly missing: ReadonlyMap<Member, readonly SlotRange[]>
  readonly open: OpenSlots
}

/** The moves of slots, each pair of nodes as one step. What was begun is finished first, in its direction: the keys of such a slot are on both nodes. */
export function planMoves(input: MoveInput): readonly RedisChange[] {
  const moves = findMoves(input)
  const pairs = new Map<string, Move[]>()
  for (const move of moves) {
    const pair = JSON.stringify([move.begun, move.source.node, move.target.node])
    const same = pairs.get(pair)
    if (same === undefined) pairs.set(pair, [move])
    else same.push(move)
  }
  return [...pairs.values()].flatMap((pair) => toChange(pair))
}

function toChange(moves: readonly Move[]): readonly RedisChange[] {
  const [first] = moves
  if (first === undefined) return []
  const { source, target, begun } = first
  const slots = rangesOf(moves.map(({ slot }) => slot))
  const count = moves.length === 1 ? '1 slot' : `${moves.length} slots`
  const work = begun ? `finish moving ${count}` : `move ${count}`
  return [
    {
      change: {
        resource: { kind: 'cluster slots', name: `${source.node} to ${target.node}${begun ? ', begun' : ''}` },
        action: 'update',
        summary: `${work} from ${source.node} to ${target.node}: ${shorten(slots)}`,
        differences: [],
        loss: null,
      },
      operation: {
        writes: [{ type: 'move-slots', node: source.node, target: target.node, slots }],
        until: 'at-once',
      },
    },
  ]
}

const mostRanges = 6

function shorten(slots: readonly SlotRange[]): string {
  const more = slots.length > mostRanges ? ` and ${slots.length - mostRanges} more ranges` : ''
  return `${describeSlots(slots.slice(0, mostRanges))}${more}`
}

/** Whether the number of primaries or a node that leaves is declared: else every slot stays where it is. */
export function movesSlots(declaration: ClusterDeclaration, { leaving }: Sides): boolean {
  return (declaration.primaries ?? null) !== null || leaving.length > 0
}

function findMoves({ declaration, members, primaries, missing, open }: MoveInput): readonly Move[] {
  if (!movesSlots(declaration, divideMembers(declaration, members))) return []
  const isEven = (declaration.primaries ?? null) !== null
  const owners = ownersOf(members)
  const begun = open.begun.map((move) => ({ ...move, begun: true }))
  for (const { slot, target } of begun) owners.set(slot, target)
  for (const [member, ranges] of missing) for (const slot of slotsOf(ranges)) owners.set(slot, member)
  const held = new Map<Member, number[]>()
  for (const [slot, owner] of owners) {
    const same = held.get(owner)
    if (same === undefined) held.set(owner, [slot])
    else same.push(slot)
  }
  return [...begun, ...deal(primaries, held, isEven)]
}

/** Who gives slots, and who takes them: each primary has its share in the end. */
function deal(
  primaries: readonly Member[],
  held: ReadonlyMap<Member, readonly number[]>,
  isEven: boolean,
): readonly Move[] {
  const shares = isEven ? evenShares(primaries, held) : filledShares(primaries, held)
  const slotsHeld = (member: Member): readonly number[] => (held.get(member) ?? []).toSorted((a, b) => a - b)
  const given = [...held.keys()].flatMap((source) =>
    slotsHeld(source)
      .slice(primaries.includes(source) ? (shares.get(source) ?? 0) : 0)
      .map((slot) => ({ slot, source })),
  )
  const places = primaries.flatMap((target) =>
    Array.from({ length: Math.max(0, (shares.get(target) ?? 0) - slotsHeld(target).length) }, () => target),
  )
  return given.flatMap(({ slot, source }, index) => {
    const target = places[index]
    return target === undefined ? [] : [{ slot, source, target, begun: false }]
  })
}

/** The larger shares go to those that have the most already, so that no slot moves without need. */
function evenShares(
  primaries: readonly Member[],
  held: ReadonlyMap<Member, readonly number[]>,
): ReadonlyMap<Member, number> {
  const size = (member: Member): number => held.get(member)?.length ?? 0
  const least = Math.floor(slotCount / primaries.length)
  const larger = primaries.toSorted((one, other) => size(other) - size(one)).slice(0, slotCount % primaries.length)
  return new Map(primaries.map((member) => [member, least + (larger.includes(member) ? 1 : 0)]))
}

/** Each slot of a node that leaves goes to the primary that has the fewest by then; what the others have stays. */
function filledShares(
  primaries: readonly Member[],
  held: ReadonlyMap<Member, readonly number[]>,
): ReadonlyMap<Member, number> {
  const shares = new Map(primaries.map((member) => [member, held.get(member)?.length ?? 0]))
  const free = [...held].reduce((sum, [member, slots]) => (primaries.includes(member) ? sum : sum + slots.length), 0)
  for (let left = free; left > 0; left--) {
    const [first] = [...shares].toSorted(([, one], [, other]) => one - other)
    if (first !== undefined) shares.set(first[0], first[1] + 1)
  }
  return shares
}
