import { setTimeout as pause } from 'node:timers/promises'
import { exitCodes } from '../../core/exit-code.ts'
import { asSaid, type InBoth } from '../../core/in-both.ts'
import { ToolError } from '../../core/tool-error.ts'
import type { StoreContext, StoreRun } from '../contract.ts'
import { observeSet } from './check-members.ts'
import { sameHost } from './configuration.ts'
import type { Declaration, MemberDeclaration } from './declaration.ts'
import type { WantedSet } from './plan-set.ts'
import type { MemberOfSet, MongodbDriver, ObservedMember, WriteOutcome } from './ports.ts'

export type MongodbContext = StoreContext<Declaration, MongodbDriver>

/** The members of a set, and how they are observed. */
export interface Members {
  /** Null where no set is declared. */
  readonly wanted: WantedSet | null
  /** Observes each of them in parallel, and the other members of their set. */
  readonly observe: () => Promise<readonly ObservedMember[]>
}

/** The hosts of the URL are the members where the declaration names none. */
export function defineMembers({ declaration, server, driver }: MongodbContext): Members {
  const wanted = wantedSet(declaration, server)
  const named = wanted?.members ?? server.split(',').map(plainMember)
  return {
    wanted,
    observe: async () => {
      const seen = await observeEach(named, driver)
      return [...seen, ...(await observeEach(undeclaredMembers(seen), driver))]
    },
  }
}

/** The set that is declared; null where none is. */
export function wantedSet({ replicaSet }: Declaration, server: string): WantedSet | null {
  if (replicaSet === null) return null
  const members = replicaSet.members ?? server.split(',').map(plainMember)
  return { name: replicaSet.name, members, settings: replicaSet.settings }
}

function observeEach(
  places: readonly Pick<MemberDeclaration, 'host' | 'address'>[],
  driver: MongodbDriver,
): Promise<readonly ObservedMember[]> {
  return Promise.all(
    places.map(async ({ host, address }) => ({ host, address, ...(await driver.observeMember(address)) })),
  )
}

/** Undeclared members of the set: one of them may be the primary. */
function undeclaredMembers(seen: readonly ObservedMember[]): readonly Pick<MemberDeclaration, 'host' | 'address'>[] {
  const configured = observeSet(seen).configuration?.members ?? []
  return configured
    .filter(({ host }) => !seen.some((member) => sameHost(member.host, host)))
    .map(({ host }) => ({ host, address: host }))
}

function plainMember(address: string) {
  return { host: address, address, votes: 1, priority: 1, hidden: false, tags: {} } as const
}

/** A server that accepts writes: the primary, or, where no set is declared, a standalone server or a mongos. */
export function findWriter(members: Members, seen: readonly ObservedMember[]): string | null {
  const primary = seen.find(({ status }) => status.type === 'member' && status.writable)
  if (primary !== undefined) return primary.address
  if (members.wanted !== null) return null
  const alone = seen.find(({ status }) => status.type === 'standalone' || status.type === 'router')
  if (alone !== undefined) return alone.address
  // For a set that is not declared, the URL may name only some members: they know the primary.
  const pointed = seen.flatMap(({ status }) =>
    status.type === 'member' && status.primary !== null ? [status.primary] : [],
  )
  return pointed.find((host) => !seen.some((member) => sameHost(member.host, host))) ?? null
}

/** The server that accepts writes, as soon as there is one. */
export function awaitWriter(members: Members, waiting: Waiting): Promise<string> {
  let latest: readonly ObservedMember[] = []
  const read = async (): Promise<{ readonly result: string } | NotYet> => {
    latest = await members.observe()
    const writer = findWriter(members, latest)
    return writer === null ? { why: `Waiting for a primary: ${describeStates(latest)}.` } : { result: writer }
  }
  return waitFor(waiting, read, () => noPrimary(latest))
}

/** Writes on the primary, and again on the next one where the primary changes meanwhile. */
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
        : { why: `${address} is no longer the primary: waiting for the next one.` }
    },
    (why) =>
      new ToolError('MONGODB_NO_PRIMARY', {
        what: 'No member stays primary long enough for the writes.',
        why,
        next: 'Find out why they change: run `wwdb setup verify`.',
      }),
  )
}

function describeStates(seen: readonly ObservedMember[]): string {
  return seen.map(({ host, status }) => `${host} is ${sayState(status).en}`).join(', ')
}

export function sayState(status: ObservedMember['status']): InBoth {
  switch (status.type) {
    case 'member':
      return asSaid(status.state)
    case 'unreachable':
      return { en: 'not reached', zh: '无法连接' }
    case 'fresh':
      return status.removed
        ? { en: 'removed from its replica set', zh: '已从其副本集中移除' }
        : { en: 'not in a replica set yet', zh: '尚未加入副本集' }
    case 'router':
      return { en: 'a mongos', zh: '是 mongos' }
    case 'standalone':
      return { en: 'not in a replica set', zh: '不在副本集中' }
    default:
      return status satisfies never
  }
}

function noPrimary(seen: readonly ObservedMember[]): ToolError {
  const [first] = seen
  const none = seen.every(({ status }) => status.type === 'unreachable')
  if (none && first?.status.type === 'unreachable') {
    return new ToolError('STORE_UNREACHABLE', {
      what: `MongoDB at ${seen.map(({ host }) => host).join(', ')} cannot be reached.`,
      where: { server: first.address },
      why: first.status.why,
      next: 'Start it, or correct the hosts and ports in the URL.',
    })
  }
  return new ToolError(
    'MONGODB_NO_PRIMARY',
    {
      what: 'The replica set has no primary.',
      why: `${describeStates(seen)}.`,
      next: 'A majority of the members with a vote must run and reach each other: start the missing ones.',
    },
    { exitCode: exitCodes.unreachable },
  )
}

/** What a wait needs from its run. */
export type Waiting = StoreRun & {
  /** Milliseconds that a wait may take without progress. */
  readonly timeout: number
}

/** An election takes 10 to 15 s with MongoDB's own settings. */
const defaultTimeout = 60_000

/** A wait with the timeout of the run. */
export function waitingOf({ run }: MongodbContext): Waiting {
  return { ...run, timeout: run.waitTimeout ?? defaultTimeout }
}

/** Not yet, and why: a sentence that is reported when it changes. */
export interface NotYet {
  readonly why: string
  /** True while it progresses, however slowly, as in an initial sync: then the time starts again. */
  readonly alive?: boolean
}

/** Milliseconds between two observations. */
const interval = 100

/**
 * Reads until there is a result, and reports what it waits for.
 * @throws ToolError STOPPED when a stop is requested; the error that `giveUp` makes of the last reason after the timeout.
 */
export async function waitFor<T>(
  { report, stop, now, timeout }: Waiting,
  read: () => Promise<{ readonly result: T } | NotYet>,
  giveUp: (why: string) => ToolError,
): Promise<T> {
  let end = now() + timeout
  let reported = ''
  for (;;) {
    const seen = await read()
    if ('result' in seen) return seen.result
    if (stop.requested) throw stopped(seen.why)
    if (seen.alive === true) end = now() + timeout
    if (now() >= end) throw giveUp(seen.why)
    // A wait of a second is not worth a line.
    if (seen.why !== reported && now() > end - timeout + 1000) {
      report(seen.why)
      reported = seen.why
    }
    await pause(interval)
  }
}

function stopped(why: string): ToolError {
  return new ToolError(
    'STOPPED',
    {
      what: 'Stopped while waiting for MongoDB.',
      why,
      next: 'Run the command again: it continues where this run ended.',
    },
    { exitCode: exitCodes.interrupted },
  )
}

export function membersOfSet(
  seen: readonly ObservedMember[],
): readonly (ObservedMember & { readonly status: MemberOfSet })[] {
  return seen.filter(
    (member): member is ObservedMember & { readonly status: MemberOfSet } => member.status.type === 'member',
  )
}
