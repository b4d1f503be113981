import type { Member } from './check-nodes.ts'
import type { ClusterDeclaration } from './declaration.ts'
import { refuse } from './refusals.ts'

/** A node and the primary it is to follow. */
export interface Assignment {
  readonly replica: Member
  readonly primary: Member
}

/**
 * Which nodes are to follow which primary from now on. Replicas that follow rightly are left where they are; the others are spread so that each
 * primary has as many as declared, on other hosts where that can be.
 * @throws ToolError REDIS_HOSTS where separate hosts are declared and there are too few.
 */
export function assignReplicas(
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

/** As many pairs as there can be, each place taken once (augmenting paths). */
function match(
  loose: readonly Member[],
  places: readonly Member[],
  fits: (replica: Member, primary: Member) => boolean,
): readonly Assignment[] {
  const taken = new Map<number, Member>()
  const place = (replica: Member, tried: Set<number>): boolean => {
    const fitting = [...places.keys()].filter((index) => fits(replica, places[index] ?? replica))
    // Free places first: nobody is displaced without need.
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
    `No primary on another host is left for ${left.join(', ')}.`,
    'Name nodes on more hosts in stores.redis.url, or declare `separateHosts: false`.',
  )
}
