import { ToolError } from '../../core/tool-error.ts'
import { sameHost } from './configuration.ts'
import type { Members } from './members.ts'
import type { MemberOfSet, ObservedMember } from './observation.ts'
import { type NotYet, type Waiting, waitFor } from './waiting.ts'

/** States in which a member gets on, if slowly. */
const working: ReadonlySet<string> = new Set(['STARTUP', 'STARTUP2', 'RECOVERING', 'ROLLBACK'])

export function membersOfSet(
  seen: readonly ObservedMember[],
): readonly (ObservedMember & { readonly sight: MemberOfSet })[] {
  return seen.filter(
    (member): member is ObservedMember & { readonly sight: MemberOfSet } => member.sight.type === 'member',
  )
}

/**
 * Why a set is not whole yet; null when it is: one primary, the others healthy secondaries by its judgement and their own, and all of
 * them with one version and term of the configuration.
 * @param hosts the members that it must have.
 */
function findAilment(seen: readonly ObservedMember[], hosts: readonly string[]): NotYet | null {
  const joined = membersOfSet(seen)
  const primaries = joined.filter(({ sight }) => sight.writable)
  const [primary] = primaries
  if (primary === undefined) return { why: 'Waiting for a primary.' }
  if (primaries.length > 1)
    return { why: `${primaries.map(({ host }) => host).join(' and ')} both take writes; waiting for one to notice.` }
  for (const host of hosts) {
    const own = joined.find((member) => sameHost(member.host, host))?.sight ?? null
    const peer = primary.sight.peers.find((one) => sameHost(one.host, host))
    const good = own !== null && ['PRIMARY', 'SECONDARY'].includes(own.state) && (peer?.healthy ?? own.writable)
    if (!good) {
      const state = own?.state ?? 'not in the set yet'
      return { why: `Waiting for ${host}, which is ${state}.`, alive: own !== null && working.has(own.state) }
    }
  }
  const late = joined.find(({ sight }) => sight.version !== primary.sight.version || sight.term !== primary.sight.term)
  if (late === undefined) return null
  return { why: `Waiting for ${late.host} to have the configuration of ${primary.host}.` }
}

/** Returns when the set is whole. @throws ToolError MONGODB_NOT_HEALTHY. */
export function awaitHealth(members: Members, hosts: readonly string[], waiting: Waiting): Promise<null> {
  const look = async (): Promise<{ readonly result: null } | NotYet> =>
    findAilment(await members.look(), hosts) ?? { result: null }
  return waitFor(waiting, look, (why) => notHealthy(why))
}

/** Returns when one member is a secondary (or the primary) that has caught up. */
export function awaitSecondary(members: Members, host: string, waiting: Waiting): Promise<null> {
  const look = async (): Promise<{ readonly result: null } | NotYet> => {
    const seen = membersOfSet(await members.look())
    const state = seen.find((member) => sameHost(member.host, host))?.sight.state ?? 'not in the set yet'
    if (state === 'SECONDARY' || state === 'PRIMARY') return { result: null }
    return { why: `Waiting for ${host} to be a secondary; it is ${state}.`, alive: working.has(state) }
  }
  return waitFor(waiting, look, notHealthy)
}

function notHealthy(why: string): ToolError {
  return new ToolError('MONGODB_NOT_HEALTHY', {
    what: 'The replica set does not become whole.',
    why,
    next: 'See the logs of the members. Each must reach every other, and itself, by the names that stand in the configuration.',
  })
}
