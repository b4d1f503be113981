import { exitCodes } from '../../core/exit-code.ts'
import { ToolError } from '../../core/tool-error.ts'
import { sameHost } from './configuration.ts'
import type { MemberDeclaration, MongodbDeclaration } from './declaration.ts'
import { observeSet } from './judge-members.ts'
import type { ObservedMember } from './observation.ts'
import type { WantedSet } from './plan-set.ts'
import type { MongodbDriver, WriteOutcome } from './ports.ts'
import { type NotYet, type Waiting, waitFor } from './waiting.ts'

/** Who the members are, and how they are asked. */
export interface Members {
  /** Null where no set is declared. */
  readonly wanted: WantedSet | null
  /** Asks each, at once, and whom else their set has. */
  readonly look: () => Promise<readonly ObservedMember[]>
}

/** @param addresses the hosts of the URL: the members, where the declaration names none. */
export function defineMembers(
  declaration: MongodbDeclaration,
  addresses: readonly string[],
  driver: MongodbDriver,
): Members {
  const { replicaSet } = declaration
  const named = replicaSet?.members ?? addresses.map(plainMember)
  return {
    wanted: replicaSet === null ? null : { name: replicaSet.name, members: named, settings: replicaSet.settings },
    look: async () => {
      const seen = await lookAtEach(named, driver)
      return [...seen, ...(await lookAtEach(undeclaredMembers(seen), driver))]
    },
  }
}

function lookAtEach(
  places: readonly Pick<MemberDeclaration, 'host' | 'address'>[],
  driver: MongodbDriver,
): Promise<readonly ObservedMember[]> {
  return Promise.all(places.map(async ({ host, address }) => ({ host, address, ...(await driver.lookAt(address)) })))
}

/** Whom the set has besides: one of them may be the primary. */
function undeclaredMembers(seen: readonly ObservedMember[]): readonly Pick<MemberDeclaration, 'host' | 'address'>[] {
  const configured = observeSet(seen).configuration?.members ?? []
  return configured
    .filter(({ host }) => !seen.some((member) => sameHost(member.host, host)))
    .map(({ host }) => ({ host, address: host }))
}

function plainMember(address: string) {
  return { host: address, address, votes: 1, priority: 1, hidden: false, tags: {} } as const
}

/** A server that takes writes: the primary, or one that stands alone or before a sharded cluster where no set is declared. */
export function findWriter(members: Members, seen: readonly ObservedMember[]): string | null {
  const primary = seen.find(({ sight }) => sight.type === 'member' && sight.writable)
  if (primary !== undefined) return primary.address
  if (members.wanted !== null) return null
  const alone = seen.find(({ sight }) => sight.type === 'standalone' || sight.type === 'router')
  if (alone !== undefined) return alone.address
  // Of a set that is somebody else's the URL may name only some: they know who is primary.
  const pointed = seen.flatMap(({ sight }) =>
    sight.type === 'member' && sight.primary !== null ? [sight.primary] : [],
  )
  return pointed.find((host) => !seen.some((member) => sameHost(member.host, host))) ?? null
}

/** The server that takes writes, as soon as there is one. */
export function awaitWriter(members: Members, waiting: Waiting): Promise<string> {
  let latest: readonly ObservedMember[] = []
  const look = async (): Promise<{ readonly result: string } | NotYet> => {
    latest = await members.look()
    const writer = findWriter(members, latest)
    return writer === null ? { why: `Waiting for a primary: ${describeStates(latest)}.` } : { result: writer }
  }
  return waitFor(waiting, look, () => noPrimary(latest))
}

/** Does it on the primary, and again on the next one where the primary changes meanwhile. */
export async function writeOnPrimary(
  members: Members,
  waiting: Waiting,
  action: (address: string) => Promise<WriteOutcome>,
): Promise<void> {
  await waitFor(
    waiting,
    async () => {
      const address = await awaitWriter(members, waiting)
      return (await action(address)) === 'done'
        ? { result: null }
        : { why: `${address} is no primary any more: looking for the next one.` }
    },
    (why) =>
      new ToolError('MONGODB_NO_PRIMARY', {
        what: 'No primary stays long enough to be written to.',
        why,
        next: 'See why they change: `wwdb setup verify`.',
      }),
  )
}

function describeStates(seen: readonly ObservedMember[]): string {
  return seen.map(({ host, sight }) => `${host} is ${describeState(sight)}`).join(', ')
}

export function describeState(sight: ObservedMember['sight']): string {
  switch (sight.type) {
    case 'member':
      return sight.state
    case 'unreachable':
      return 'not reached'
    case 'fresh':
      return sight.removed ? 'removed from its set' : 'in no set yet'
    case 'router':
      return 'a mongos'
    case 'standalone':
      return 'in no set'
    default:
      return sight satisfies never
  }
}

function noPrimary(seen: readonly ObservedMember[]): ToolError {
  const [first] = seen
  const none = seen.every(({ sight }) => sight.type === 'unreachable')
  if (none && first?.sight.type === 'unreachable') {
    return new ToolError('STORE_UNREACHABLE', {
      what: `MongoDB cannot be reached at ${seen.map(({ host }) => host).join(', ')}.`,
      where: { server: first.address },
      why: first.sight.why,
      next: 'Start it, or correct the hosts and ports in the URL.',
    })
  }
  return new ToolError(
    'MONGODB_NO_PRIMARY',
    {
      what: 'The replica set has no primary.',
      why: `${describeStates(seen)}.`,
      next: 'A majority of the members with a vote must run and reach each other: start those that are missing.',
    },
    { exitCode: exitCodes.unreachable },
  )
}
