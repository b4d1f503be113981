import type { RedisChange } from './apply.ts'
import type { ClusterDeclaration } from './declaration.ts'
import { refuse } from './errors.ts'
import { describeSlots, findDisagreement, findStrangers, type Member, type Stranger } from './members.ts'
import { divideMembers, holdsSlots, movesSlots, planMoves, servingMembers } from './plan-moves.ts'
import { closeEnded, findOpenSlots, refuseOpen } from './plan-open-slots.ts'
import { choosePrimaries } from './plan-primaries.ts'
import type { SlotRange } from './ports.ts'

/** The steps before clients are sent to new nodes, and those after these nodes have their settings, functions and users. */
export interface ClusterSteps {
  readonly joining: readonly RedisChange[]
  readonly moving: readonly RedisChange[]
}

/**
 * The steps that turn the nodes into one cluster, in their required order: slots, epochs, meeting, replicas, and waiting until all agree; then slots that move, replicas of nodes that
 * had some, and nodes that leave. It is computed from the state of each node, so that every intermediate state leads to the same end.
 * @throws ToolError like choosePrimaries and assignReplicas; REDIS_SLOTS_OPEN.
 */
export function planCluster(declaration: ClusterDeclaration, members: readonly Member[]): ClusterSteps {
  const { kept, leaving } = divideMembers(declaration, members)
  const serving = servingMembers(declaration, members)
  const open = findOpenSlots(members)
  if (!movesSlots(declaration, { kept, leaving })) refuseOpen(open)
  const { primaries, missing } = choosePrimaries(declaration, { kept, leaving })
  const emptied = members.filter((member) => holdsSlots(member) && !primaries.includes(member))
  const assignments = assignReplicas(declaration, kept, primaries)
  // Until its slots are elsewhere, a node stays primary and keeps its replicas.
  const isLate = ({ replica }: Assignment): boolean =>
    emptied.some((member) => member === replica || member.cluster.id === replica.cluster.primary)
  const early = assignments.filter((one) => !isLate(one))
  const late = assignments.filter(isLate)
  const moves = planMoves({ declaration, members, primaries, missing, open })
  const steps = [
    ...[...missing].map(([member, slots]) => giveSlots(member, slots)),
    ...setEpochs(kept),
    ...introduce(serving),
    ...early.map(follow),
  ]
  const apart = findDisagreement(serving)
  const isChanging = moves.length + late.length > 0
  const agreement = steps.length === 0 && apart.length === 0 ? [] : [settle(apart, steps.length > 0, isChanging)]
  const after = [...closeEnded(open), ...moves, ...late.map(follow)]
  return {
    joining: [...steps, ...agreement],
    moving: [...after, ...(isChanging ? [settle([], true, false)] : []), ...leaving.flatMap((one) => leave(one, kept))],
  }
}

/** A node that nobody knows any more, and that knows nobody, has left. */
function leave(member: Member, kept: readonly Member[]): readonly RedisChange[] {
  const { node, cluster, keys } = member
  const knowing = kept.filter((other) => other.cluster.others.some(({ id }) => id === cluster.id))
  const reset = cluster.others.length > 0 ? [{ type: 'reset', node } as const] : []
  if (knowing.length + reset.length === 0) return []
  const counted = `${keys} ${keys === 1 ? 'key' : 'keys'}`
  const why =
    cluster.primary === null
      ? 'It serves no key from then on. All of its slots and keys are on other nodes before that, or it stays.'
      : 'It serves no key from then on, and the copy that it has of those of its primary is removed from it.'
  return [
    {
      change: {
        resource: { kind: 'cluster node', name: node },
        action: 'remove',
        summary: `remove ${node} from the cluster`,
        differences: [],
        loss: {
          code: 'removed-node',
          why,
          affected: [`${node} (${cluster.primary === null ? `${counted}, which move` : `a replica with ${counted}`})`],
        },
      },
      operation: {
        writes: [...knowing.map((other) => ({ type: 'forget', node: other.node, other: node }) as const), ...reset],
        until: 'at-once',
      },
    },
  ]
}

function giveSlots(member: Member, slots: readonly SlotRange[]): RedisChange {
  const actual = member.cluster.slots
  const summary = `give ${member.node} the slots ${describeSlots(slots)}`
  return {
    change: {
      resource: { kind: 'cluster node', name: member.node },
      action: actual.length === 0 ? 'create' : 'update',
      summary,
      differences:
        actual.length === 0 ? [] : [{ path: 'slots', actual: describeSlots(actual), declared: 'its share of them' }],
      loss: null,
    },
    operation: { writes: [{ type: 'add-slots', node: member.node, slots }], until: 'at-once' },
  }
}

/** A node that knows no other node gets its own epoch, so that nodes need not resolve equal epochs later. */
function setEpochs(members: readonly Member[]): readonly RedisChange[] {
  const lone = members.filter((member) => member.cluster.others.length === 0 && member.cluster.epoch === 0)
  if (lone.length === 0 || members.length === 1) return []
  const taken = new Set(members.map((member) => member.cluster.epoch))
  let epoch = 0
  const writes = lone.map((member) => {
    do epoch += 1
    while (taken.has(epoch))
    return { type: 'set-epoch', node: member.node, epoch } as const
  })
  const summary = `give ${lone.length === 1 ? lone[0]?.node : `each of ${lone.length} nodes`} an epoch of its own`
  const resource = { kind: 'cluster', name: 'epochs' }
  return [
    {
      change: { resource, action: 'update', summary, differences: [], loss: null },
      operation: { writes, until: 'at-once' },
    },
  ]
}

/** Nodes meet the one that knows the most; nodes known to it meet each other where one of them has forgotten the other. */
function introduce(members: readonly Member[]): readonly RedisChange[] {
  const strangers = findStrangers(members)
  const [first, ...others] = members
  if (first === undefined || strangers.length === 0) return []
  const host = others.reduce(
    (best, other) => (other.cluster.others.length > best.cluster.others.length ? other : best),
    first,
  )
  const apart = new Set(strangers.flatMap((pair) => otherOf(pair, host)))
  const forgotten = strangers.filter(
    ({ member, unknown }) => ![member, unknown].some((one) => one === host || apart.has(one)),
  )
  const writes = [
    ...members
      .filter((member) => apart.has(member))
      .map((other) => ({ type: 'meet', node: host.node, other: other.node }) as const),
    ...forgotten.map(({ member, unknown }) => ({ type: 'meet', node: member.node, other: unknown.node }) as const),
  ]
  const met = [...new Set(writes.map(({ other }) => other))]
  const summary = `introduce ${met.join(', ')} to ${apart.size > 0 ? host.node : 'the nodes that have forgotten it'}`
  const resource = { kind: 'cluster', name: 'members' }
  const differences = strangers.length === members.length * (members.length - 1) ? [] : [describeStrangers(strangers)]
  return [
    {
      change: { resource, action: 'update', summary, differences, loss: null },
      operation: { writes, until: 'acquainted' },
    },
  ]
}

function otherOf({ member, unknown }: Stranger, host: Member): readonly Member[] {
  if (member === host) return [unknown]
  return unknown === host ? [member] : []
}

function describeStrangers(strangers: readonly Stranger[]): RedisChange['change']['differences'][number] {
  const pairs = strangers.map(({ member, unknown }) => `${member.node} does not know ${unknown.node}`)
  return { path: 'members', actual: pairs.join('; '), declared: 'each node knows all others' }
}

function follow({ replica, primary }: Assignment): RedisChange {
  const before = replica.cluster.primary === null ? 'a primary without slots' : 'a replica of another'
  const declared = `a replica of ${primary.node}`
  return {
    change: {
      resource: { kind: 'cluster node', name: replica.node },
      action: 'update',
      summary: `make ${replica.node} a replica of ${primary.node}`,
      differences: [{ path: 'role', actual: before, declared }],
      loss: null,
    },
    operation: { writes: [{ type: 'replicate', node: replica.node, primary: primary.cluster.id }], until: 'at-once' },
  }
}

function settle(open: readonly string[], changed: boolean, isBetween: boolean): RedisChange {
  const differences = changed ? [] : open.map((actual) => ({ path: '', actual, declared: null }))
  return {
    change: {
      resource: { kind: 'cluster', name: 'agreement' },
      action: 'update',
      summary: isBetween
        ? 'wait until every node agrees'
        : 'wait until every node agrees and every replica has its primary’s data',
      differences,
      loss: null,
    },
    operation: { writes: [], until: isBetween ? 'agreed' : 'settled' },
  }
}

/** A node and the primary that it should follow. */
interface Assignment {
  readonly replica: Member
  readonly primary: Member
}

/**
 * Which nodes should follow which primary. Correct replicas stay; the others are distributed so that each primary has as many as declared, on other hosts where that is possible.
 * @throws ToolError REDIS_HOSTS where separate hosts are declared and there are too few.
 */
function assignReplicas(
  declaration: ClusterDeclaration,
  members: readonly Member[],
  primaries: readonly Member[],
): readonly Assignment[] {
  const kept = keepRightOnes(declaration, members, primaries)
  const loose = members.filter((member) => !primaries.includes(member) && !kept.has(member))
  const places = primaries.flatMap((primary) => {
    const taken = [...kept.values()].filter((one) => one === primary).length
    return Array.from({ length: Math.max(0, declaration.replicas - taken) }, () => primary)
  })
  const apart = match(loose, places, (replica, primary) => replica.host !== primary.host)
  if (apart.length === loose.length) return apart
  if (declaration.separateHosts) throw tooFewHosts(loose, apart)
  return match(loose, places, () => true)
}

/** The replicas that stay, with their primaries. Those on another host come first. */
function keepRightOnes(
  { replicas, separateHosts }: ClusterDeclaration,
  members: readonly Member[],
  primaries: readonly Member[],
): ReadonlyMap<Member, Member> {
  const kept = new Map<Member, Member>()
  for (const primary of primaries) {
    const followers = members.filter((member) => member.cluster.primary === primary.cluster.id)
    const apart = followers.filter((member) => member.host !== primary.host)
    const beside = separateHosts ? [] : followers.filter((member) => member.host === primary.host)
    for (const member of [...apart, ...beside].slice(0, replicas)) kept.set(member, primary)
  }
  return kept
}

/** The largest number of pairs, each place used once (augmenting paths). */
function match(
  loose: readonly Member[],
  places: readonly Member[],
  fits: (replica: Member, primary: Member) => boolean,
): readonly Assignment[] {
  const taken = new Map<number, Member>()
  const place = (replica: Member, tried: Set<number>): boolean => {
    const fitting = [...places.keys()].filter((index) => fits(replica, places[index] ?? replica))
    // Free places first: no replica is moved without need.
    for (const index of [...fitting.filter((one) => !taken.has(one)), ...fitting.filter((one) => taken.has(one))]) {
      if (tried.has(index)) continue
      tried.add(index)
      const holder = taken.get(index)
      if (holder !== undefined && !place(holder, tried)) continue
      taken.set(index, replica)
      return true
    }
    return false
  }
  for (const replica of loose) place(replica, new Set())
  return [...taken].flatMap(([index, replica]) => {
    const primary = places[index]
    return primary === undefined ? [] : [{ replica, primary }]
  })
}

function tooFewHosts(loose: readonly Member[], apart: readonly Assignment[]): Error {
  const left = loose.filter((member) => !apart.some(({ replica }) => replica === member)).map(({ node }) => node)
  const [first = ''] = left
  return refuse(
    'REDIS_HOSTS',
    first,
    `There is no primary on another host for ${left.join(', ')}.`,
    'Add nodes on more hosts to stores.redis.url, or declare `separateHosts: false`.',
  )
}
