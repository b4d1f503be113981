import { ToolError } from '../../core/tool-error.ts'
import type { ConfigurationAct, MongodbAct } from './acts.ts'
import { findMember, nextConfiguration, sameHost } from './configuration.ts'
import { awaitHealth, awaitSecondary, membersOfSet } from './health.ts'
import { awaitWriter, type Members, writeOnPrimary } from './members.ts'
import type { ReplicaSetConfiguration } from './observation.ts'
import type { MongodbDriver } from './ports.ts'
import { type NotYet, type Waiting, waitFor } from './waiting.ts'

/** Carries out one act and returns when the store has it. What is done already is not done again. */
export async function carryOut(
  act: MongodbAct,
  members: Members,
  driver: MongodbDriver,
  waiting: Waiting,
): Promise<void> {
  switch (act.type) {
    case 'initiate': {
      const fresh = !(await members.look()).some(({ sight }) => sight.type === 'member')
      if (fresh) await driver.initiate(act.address, act.configuration)
      await awaitHealth(
        members,
        act.configuration.members.map(({ host }) => host),
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
      return reconfigure(act, members, driver, waiting)
    default:
      return writeOnPrimary(members, waiting, (address) => driver.perform(address, act))
  }
}

/** One step of the configuration: read, changed, sent, and waited for until those that are there agree. */
async function reconfigure(
  act: ConfigurationAct,
  members: Members,
  driver: MongodbDriver,
  waiting: Waiting,
): Promise<void> {
  if (act.type === 'give-vote') await awaitSecondary(members, act.member.host, waiting)
  const look = async (): Promise<{ readonly result: null } | NotYet> => {
    const address = await awaitWriter(members, waiting)
    const primary = membersOfSet(await members.look()).find((member) => member.address === address)
    if (primary === undefined || primary.sight.configuration === null)
      return { why: 'Waiting for the primary’s configuration.' }
    const next = nextConfiguration(primary.sight.configuration, act)
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
  await waitFor(waiting, look, refused)
  await awaitHealth(members, await joinedHosts(members), waiting)
}

/** True where a primary could not stay one: removed, or without priority. Such a configuration is refused by the server. */
function unseats(next: ReplicaSetConfiguration, host: string): boolean {
  const member = findMember(next, host)
  return member === undefined || (member['priority'] ?? 1) === 0
}

/** Those that must be well after a change: what answers now. A member that is down is no reason to wait. */
async function joinedHosts(members: Members): Promise<readonly string[]> {
  const seen = membersOfSet(await members.look())
  const configuration = seen.find(({ sight }) => sight.writable)?.sight.configuration ?? null
  return seen
    .map(({ host }) => host)
    .filter((host) => configuration?.members.some((member) => sameHost(member.host, host)))
}

function refused(why: string): ToolError {
  return new ToolError('MONGODB_NOT_HEALTHY', {
    what: 'The configuration of the replica set could not be changed.',
    why,
    next: 'See whether something else changes it; then run this again.',
  })
}
