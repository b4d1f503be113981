import { ToolError } from '../../core/tool-error.ts'
import type { PlannedChange } from '../contract.ts'
import { findMember, nextConfiguration, sameHost } from './configuration.ts'
import {
  awaitWriter,
  defineMembers,
  type Members,
  type MongodbContext,
  membersOfSet,
  type NotYet,
  type Waiting,
  waitFor,
  waitingOf,
  writeOnPrimary,
} from './members.ts'
import type { ConfigurationOperation, Operation } from './operations.ts'
import type { MongodbDriver, ObservedMember, ReplicaSetConfiguration } from './ports.ts'

export type { Operation } from './operations.ts'

/** Carries out one operation and returns when the store has it. Completed operations are not repeated. */
export async function applyOperation(context: MongodbContext, { operation }: PlannedChange<Operation>): Promise<void> {
  const { driver } = context
  const members = defineMembers(context)
  const waiting = waitingOf(context)
  switch (operation.type) {
    case 'initiate': {
      const fresh = !(await members.observe()).some(({ status }) => status.type === 'member')
      if (fresh) await driver.initiate(operation.address, operation.configuration)
      await awaitHealth(
        members,
        operation.configuration.members.map(({ host }) => host),
        waiting,
      )
      return
    }
    case 'create-administrator':
      return writeOnPrimary(members, waiting, driver.createAdministrator)
    case 'add-member':
    case 'give-vote':
    case 'take-vote':
    case 'alter-member':
    case 'remove-member':
    case 'alter-settings':
      return reconfigure(operation, members, driver, waiting)
    case 'set-profiling':
      for (const address of operation.addresses)
        await writeOnMember(address, waiting, () => driver.setProfiling(address, operation))
      return
    case 'resize-oplog':
      for (const address of operation.addresses)
        await writeOnMember(address, waiting, () => driver.resizeOplog(address, operation))
      return
    default:
      return writeOnPrimary(members, waiting, (address) => driver.perform(address, operation))
  }
}

/** Where it restarts meanwhile, what it has forgotten is found by the plan that follows. */
async function writeOnMember(
  address: string,
  waiting: Waiting,
  request: () => ReturnType<MongodbDriver['setProfiling']>,
): Promise<void> {
  const write = async (): Promise<{ readonly result: null } | NotYet> =>
    (await request()) === 'done' ? { result: null } : { why: `Waiting for ${address}, which does not answer.` }
  await waitFor(waiting, write, notHealthy)
}

/** One step of the configuration: read, changed, sent, and awaited until the reachable members agree. */
async function reconfigure(
  operation: ConfigurationOperation,
  members: Members,
  driver: MongodbDriver,
  waiting: Waiting,
): Promise<void> {
  if (operation.type === 'give-vote') await awaitSecondary(members, operation.member.host, waiting)
  const read = async (): Promise<{ readonly result: null } | NotYet> => {
    const address = await awaitWriter(members, waiting)
    const primary = membersOfSet(await members.observe()).find((member) => member.address === address)
    if (primary === undefined || primary.status.configuration === null)
      return { why: 'Waiting for the configuration of the primary.' }
    const next = nextConfiguration(primary.status.configuration, operation)
    if (next === null) return { result: null }
    if (unseats(next, primary.host)) {
      await driver.stepDown(address)
      return { why: `${primary.host} steps down first: it cannot be primary afterwards.` }
    }
    const outcome = await driver.reconfigure(address, next)
    return outcome === 'done'
      ? { result: null }
      : { why: 'Waiting for another change of the configuration.', alive: false }
  }
  await waitFor(waiting, read, refused)
  await awaitHealth(members, await joinedHosts(members), waiting)
}

/** True where a primary could not stay primary: removed, or without priority. The server refuses such a configuration. */
function unseats(next: ReplicaSetConfiguration, host: string): boolean {
  const member = findMember(next, host)
  return member === undefined || (member['priority'] ?? 1) === 0
}

/** Members that must be healthy after a change: those that answer now. A member that is down is not waited for. */
async function joinedHosts(members: Members): Promise<readonly string[]> {
  const seen = membersOfSet(await members.observe())
  const configuration = seen.find(({ status }) => status.writable)?.status.configuration ?? null
  return seen
    .map(({ host }) => host)
    .filter((host) => configuration?.members.some((member) => sameHost(member.host, host)))
}

function refused(why: string): ToolError {
  return new ToolError('MONGODB_NOT_HEALTHY', {
    what: 'The configuration of the replica set could not be changed.',
    why,
    next: 'Find out whether something else changes it, then run the command again.',
  })
}

/** States in which a member makes progress, if slowly. */
const working: ReadonlySet<string> = new Set(['STARTUP', 'STARTUP2', 'RECOVERING', 'ROLLBACK'])

/**
 * Why a set is not healthy yet; null when it is: one primary, the others healthy secondaries in its report and their own, and all of
 * them with one version and term of the configuration.
 * @param hosts the members that it must have.
 */
function findProblem(seen: readonly ObservedMember[], hosts: readonly string[]): NotYet | null {
  const joined = membersOfSet(seen)
  const primaries = joined.filter(({ status }) => status.writable)
  const [primary] = primaries
  if (primary === undefined) return { why: 'Waiting for a primary.' }
  if (primaries.length > 1)
    return {
      why: `${primaries.map(({ host }) => host).join(' and ')} both accept writes; waiting for one to step down.`,
    }
  for (const host of hosts) {
    const own = joined.find((member) => sameHost(member.host, host))?.status ?? null
    const peer = primary.status.peers.find((one) => sameHost(one.host, host))
    const good = own !== null && ['PRIMARY', 'SECONDARY'].includes(own.state) && (peer?.healthy ?? own.writable)
    if (!good) {
      const state = own?.state ?? 'not in the set yet'
      return { why: `Waiting for ${host}, which is ${state}.`, alive: own !== null && working.has(own.state) }
    }
  }
  const late = joined.find(
    ({ status }) => status.version !== primary.status.version || status.term !== primary.status.term,
  )
  if (late === undefined) return null
  return { why: `Waiting for ${late.host} to have the configuration of ${primary.host}.` }
}

/** Returns when the set is healthy. @throws ToolError MONGODB_NOT_HEALTHY. */
function awaitHealth(members: Members, hosts: readonly string[], waiting: Waiting): Promise<null> {
  const read = async (): Promise<{ readonly result: null } | NotYet> =>
    findProblem(await members.observe(), hosts) ?? { result: null }
  return waitFor(waiting, read, (why) => notHealthy(why))
}

/** Returns when one member is a secondary (or the primary) that has caught up. */
function awaitSecondary(members: Members, host: string, waiting: Waiting): Promise<null> {
  const read = async (): Promise<{ readonly result: null } | NotYet> => {
    const seen = membersOfSet(await members.observe())
    const state = seen.find((member) => sameHost(member.host, host))?.status.state ?? 'not in the set yet'
    if (state === 'SECONDARY' || state === 'PRIMARY') return { result: null }
    return { why: `Waiting for ${host} to be a secondary; it is ${state}.`, alive: working.has(state) }
  }
  return waitFor(waiting, read, notHealthy)
}

function notHealthy(why: string): ToolError {
  return new ToolError('MONGODB_NOT_HEALTHY', {
    what: 'The replica set did not become healthy.',
    why,
    next: 'Check the logs of the members. Each must reach every other member, and itself, by the names in the configuration.',
  })
}
