import { groupDigits } from '../../core/plural.ts'
import type { VerifyDepth } from '../contract.ts'
import type { StoreCheck } from '../outcome.ts'
import { hasVote, sameHost } from './configuration.ts'
import type { Declaration } from './declaration.ts'
import { defineMembers, describeState, findWriter, type Members, type MongodbContext, membersOfSet } from './members.ts'
import type { MongodbDriver, ObservedMember } from './ports.ts'

/** Milliseconds that a secondary may lag behind before a person should look. */
const lagLimit = 10_000

/** Reads once, waits for nothing: what is true now is the answer. */
export async function verify(context: MongodbContext, depth: VerifyDepth): Promise<readonly StoreCheck[]> {
  const { declaration, driver, prefix } = context
  const members = defineMembers(context)
  const seen = await members.observe()
  const writer = findWriter(members, seen)
  return [
    ...seen.map((member) => checkMember(members, member)),
    ...(members.wanted === null ? [] : [checkPrimary(seen), checkAgreement(seen), checkMajority(seen)]),
    ...(depth === 'look' ? [] : [await checkWriting(declaration, driver, seen, writer, prefix)]),
    ...(await checkAccess(driver, seen)),
  ]
}

function checkMember({ wanted }: Members, { host, status, version }: ObservedMember): StoreCheck {
  const name = `${host} answers`
  if (status.type === 'unreachable') return bad(name, status.why, 'Start it; it catches up automatically.')
  if (wanted === null) return good(name, `${describeState(status)}, MongoDB ${version}`)
  if (status.type !== 'member') return bad(name, describeState(status), 'Run `wwdb setup plan`.')
  if (status.setName !== wanted.name)
    return bad(name, `belongs to the set ${status.setName}`, 'Correct the list of members.')
  const well = status.state === 'PRIMARY' || status.state === 'SECONDARY'
  if (!well) return bad(name, status.state, 'Wait until it has caught up; otherwise check its log.')
  const lag = lagOf(status.peers, host)
  if (lag > lagLimit) {
    return {
      name,
      state: 'warning',
      seen: `SECONDARY, ${groupDigits(Math.round(lag / 1000))} s behind`,
      next: 'Find out what slows it down.',
    }
  }
  return good(
    name,
    `${status.state}, MongoDB ${version}${status.state === 'SECONDARY' ? `, ${groupDigits(lag)} ms behind` : ''}`,
  )
}

/** Milliseconds by which the newest write of this member is older than that of the primary. */
function lagOf(
  peers: readonly { readonly host: string; readonly state: string; readonly lastWrite: number | null }[],
  host: string,
): number {
  const own = peers.find((peer) => sameHost(peer.host, host))?.lastWrite ?? null
  const primary = peers.find(({ state }) => state === 'PRIMARY')?.lastWrite ?? null
  return own === null || primary === null ? 0 : Math.max(0, primary - own)
}

function checkPrimary(seen: readonly ObservedMember[]): StoreCheck {
  const name = 'there is one primary'
  const primaries = membersOfSet(seen)
    .filter(({ status }) => status.writable)
    .map(({ host }) => host)
  const [first] = primaries
  if (first === undefined)
    return bad(name, 'there is no primary', 'A majority of the voting members must run and reach each other.')
  if (primaries.length > 1)
    return bad(
      name,
      `${primaries.join(' and ')} both accept writes`,
      'Wait a few seconds and retry; if it persists, check whether the members reach each other.',
    )
  return good(name, first)
}

function checkAgreement(seen: readonly ObservedMember[]): StoreCheck {
  const name = 'all members have the same configuration'
  const joined = membersOfSet(seen)
  const kinds = [...new Set(joined.map(({ status }) => `version ${status.version}, term ${status.term}`))]
  if (kinds.length === 1) return good(name, kinds.join(''))
  const each = joined.map(({ host, status }) => `${host} has version ${status.version}, term ${status.term}`)
  return bad(
    name,
    each.length === 0 ? 'no member has one' : each.join('; '),
    'Wait a few seconds and retry; if it persists, check whether the members reach each other.',
  )
}

/** How many more may fail before no member accepts writes. */
function checkMajority(seen: readonly ObservedMember[]): StoreCheck {
  const name = 'one more member may fail'
  const joined = membersOfSet(seen)
  const configuration = joined.find(({ status }) => status.configuration !== null)?.status.configuration ?? null
  const voters = configuration?.members.filter(hasVote) ?? []
  const well = voters.filter(({ host }) =>
    joined.some((member) => sameHost(member.host, host) && isWell(member.status.state)),
  )
  const majority = Math.floor(voters.length / 2) + 1
  const counted = `${well.length} of ${voters.length} voting members are healthy, ${majority} are needed`
  if (voters.length === 0 || well.length < majority) return bad(name, counted, 'Start the missing members.')
  if (well.length === majority) return { name, state: 'warning', seen: counted, next: 'Start the missing members.' }
  return good(name, counted)
}

function isWell(state: string): boolean {
  return state === 'PRIMARY' || state === 'SECONDARY'
}

async function checkWriting(
  declaration: Declaration,
  driver: MongodbDriver,
  seen: readonly ObservedMember[],
  writer: string | null,
  prefix: string,
): Promise<StoreCheck> {
  const name = 'a document written with majority is read everywhere'
  if (writer === null) return bad(name, 'no member accepts writes', 'Bring the members online first.')
  const database = declaration.databases[0]?.name ?? `${prefix}wwdb`
  const readers = membersOfSet(seen)
    .filter(({ status }) => isWell(status.state))
    .map(({ address }) => address)
  const places = readers.length === 0 ? [writer] : readers
  try {
    const { outcome, missing } = await driver.proveWriting(writer, places, database)
    if (outcome !== 'done') return bad(name, `${writer} is no longer the primary`, 'Retry in a few seconds.')
    if (missing.length > 0)
      return bad(name, `not seen on ${missing.join(', ')}`, 'Find out why these members lag behind.')
    return good(name, `seen on ${places.join(', ')}, and removed`)
  } catch (error) {
    return bad(name, error instanceof Error ? reasonOf(error) : String(error), 'Fix the cause that the reason names.')
  }
}

function reasonOf(error: Error & { readonly faults?: readonly { readonly why?: string }[] }): string {
  return error.faults?.[0]?.why ?? error.message
}

async function checkAccess(driver: MongodbDriver, seen: readonly ObservedMember[]): Promise<readonly StoreCheck[]> {
  const name = 'access control is on'
  const reached = seen.filter(({ status }) => status.type !== 'unreachable')
  const answers = await Promise.all(
    reached.map(async ({ host, address }) => ({ host, on: await driver.readAccessControl(address) })),
  )
  const open = answers.filter(({ on }) => on === false).map(({ host }) => host)
  if (open.length > 0) {
    const next = 'Start every member with the same keyFile; not needed on your own machine.'
    return [{ name, state: 'warning', seen: `any client can do anything on ${open.join(', ')}`, next }]
  }
  return answers.some(({ on }) => on === true) ? [good(name, 'on every member that reports it')] : []
}

function good(name: string, seen: string): StoreCheck {
  return { name, state: 'good', seen, next: null }
}

function bad(name: string, seen: string, next: string): StoreCheck {
  return { name, state: 'bad', seen, next }
}
