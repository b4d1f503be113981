import type { ErrorCode } from '../../core/error-codes.ts'
import { type Fault, ToolError } from '../../core/tool-error.ts'
import { findMember } from './configuration.ts'
import type { MemberDeclaration } from './declaration.ts'
import type { MemberOfSet, ObservedMember, ReplicaSetConfiguration } from './ports.ts'

/** What is known about a set after its members were asked. */
export interface ObservedSet {
  readonly members: readonly ObservedMember[]
  /** The newest configuration of any of them; null where none has one, or none may be read. */
  readonly configuration: ReplicaSetConfiguration | null
  /** True as soon as one of them belongs to a set. */
  readonly initiated: boolean
}

export function observeSet(members: readonly ObservedMember[]): ObservedSet {
  const known = members.flatMap(({ status }) =>
    status.type === 'member' && status.configuration !== null ? [status.configuration] : [],
  )
  return {
    members,
    configuration: known.reduce<ReplicaSetConfiguration | null>(newer, null),
    initiated: members.some(({ status }) => status.type === 'member'),
  }
}

function newer(one: ReplicaSetConfiguration | null, other: ReplicaSetConfiguration): ReplicaSetConfiguration {
  if (one === null) return other
  const [term, otherTerm] = [one.term ?? -1, other.term ?? -1]
  if (term !== otherTerm) return otherTerm > term ? other : one
  return other.version > one.version ? other : one
}

/**
 * Refuses servers that must not join: servers of another set, data that joining would wipe, servers that cannot be members.
 * @throws ToolError STORE_UNREACHABLE (69), STORE_TOO_OLD, MONGODB_OTHER_SET, MONGODB_NOT_REPLICATED, MONGODB_HAS_DATA,
 *   MONGODB_LOCALHOST_ONLY.
 */
export function checkMembers(name: string, set: ObservedSet): void {
  const faults = [
    ...set.members.flatMap((member) => judgeMember(name, member)),
    ...judgeUnity(set),
    ...judgeData(set),
    ...judgeAbsent(set),
  ]
  const [first] = faults
  if (first === undefined) return
  const same = faults.filter(({ code }) => code === first.code).map(({ fault }) => fault)
  throw new ToolError(first.code, same)
}

interface CodedFault {
  readonly code: ErrorCode
  readonly fault: Fault
}

function judgeMember(name: string, { host, address, status }: ObservedMember): readonly CodedFault[] {
  const where = { server: address }
  if (status.type === 'standalone') {
    const what = `${host} was started without a replica set.`
    return [
      {
        code: 'MONGODB_NOT_REPLICATED',
        fault: { what, where, next: `Start it with \`--replSet ${name}\` (replication.replSetName).` },
      },
    ]
  }
  if (status.type === 'router') {
    const what = `${host} is a mongos, which does not belong to a replica set.`
    return [
      { code: 'MONGODB_NOT_REPLICATED', fault: { what, where, next: 'Leave `replicaSet` out of the declaration.' } },
    ]
  }
  if (status.type === 'unreachable' || status.setName === null || status.setName === name) return []
  const what =
    status.type === 'fresh'
      ? `${host} was started for the replica set \`${status.setName}\`, not for \`${name}\`.`
      : `${host} belongs to the set \`${status.setName}\`, not to \`${name}\`.`
  const next = 'Correct `replicaSet.name` or the list of members. wwdb never takes over a server of another set.'
  return [{ code: 'MONGODB_OTHER_SET', fault: { what, where, next } }]
}

/** Two sets may have the same name: each was initiated separately. */
function judgeUnity({ members }: ObservedSet): readonly CodedFault[] {
  const identified = members.filter(isIdentified)
  const sets = [...new Set(identified.map(({ status }) => status.setId))]
  if (sets.length < 2) return []
  const parts = sets.map((id) =>
    identified
      .filter(({ status }) => status.setId === id)
      .map(({ host }) => host)
      .join(', '),
  )
  const fault: Fault = {
    what: `The members belong to ${sets.length} different sets with the same name: ${parts.join(' | ')}.`,
    why: 'They were initiated separately, and have no data in common.',
    next: 'Choose whose data to keep; empty the data directory of the others, restart them, and run the command again.',
  }
  return [{ code: 'MONGODB_OTHER_SET', fault }]
}

function isIdentified(member: ObservedMember): member is ObservedMember & { readonly status: MemberOfSet } {
  return member.status.type === 'member' && member.status.setId !== null
}

/** Joining a set begins with deleting the existing data. */
function judgeData(set: ObservedSet): readonly CodedFault[] {
  const full = set.members.filter(
    ({ status }) => status.type === 'fresh' && !status.removed && (status.collections ?? 0) > 0,
  )
  const others = set.initiated
    ? full.filter(({ host }) => set.configuration === null || !findMember(set.configuration, host))
    : full.length > 1
      ? full
      : []
  return others.map(({ host, address, status }) => ({
    code: 'MONGODB_HAS_DATA',
    fault: {
      what: `${host} has ${status.type === 'fresh' ? status.collections : 0} collections of its own, which joining would delete.`,
      where: { server: address },
      next: 'Back them up, empty its data directory, restart it, and run the command again.',
    },
  }))
}

/** A member that does not answer is not a fault where it has joined already: the set can do without it for a while. */
function judgeAbsent(set: ObservedSet): readonly CodedFault[] {
  const { configuration } = set
  return set.members.flatMap(({ host, address, status }) => {
    if (status.type !== 'unreachable') return []
    const joined = configuration !== null && findMember(configuration, host) !== undefined
    if (joined) return []
    const fault: Fault = {
      what: `MongoDB at ${host} cannot be reached.`,
      where: { server: address },
      why: status.why,
      next: 'Start it, or correct its address.',
    }
    return [{ code: 'STORE_UNREACHABLE', fault }]
  })
}

/**
 * Where a new set is initiated: the one server with data, else the first that accepts it from here.
 * @throws ToolError MONGODB_LOCALHOST_ONLY with what to type on the server's own host.
 */
export function chooseInitiator(
  set: ObservedSet,
  configuration: ReplicaSetConfiguration,
  declared: readonly MemberDeclaration[],
  user: string | null,
): ObservedMember {
  const electable = set.members.filter(({ host }) =>
    declared.some((member) => member.host === host && member.priority > 0),
  )
  const full = electable.find(({ status }) => status.type === 'fresh' && (status.collections ?? 0) > 0)
  const open = electable.filter(({ status }) => status.type === 'fresh' && !status.locked)
  const chosen = full ?? open[0]
  if (chosen !== undefined && open.includes(chosen)) return chosen
  throw onlyFromItsHost(chosen ?? electable[0] ?? null, configuration, user)
}

function onlyFromItsHost(
  member: ObservedMember | null,
  configuration: ReplicaSetConfiguration,
  user: string | null,
): ToolError {
  const port = member?.address.split(':').at(-1) ?? '27017'
  const { version: _, ...document } = configuration
  return new ToolError('MONGODB_LOCALHOST_ONLY', {
    what: `${member?.host ?? 'The first member'} has no user yet, and the first user can only be created from its own host.`,
    where: { server: member?.address ?? '' },
    why: 'Access control is on (keyFile), and MongoDB’s localhost exception is open to connections from localhost only.',
    next: [
      `On that host, run these three commands, then run this command again:`,
      `mongosh --port ${port} --eval 'rs.initiate(${JSON.stringify(document)})'`,
      `mongosh --port ${port} --eval 'while (!db.hello().isWritablePrimary) sleep(500)'`,
      `mongosh --port ${port} admin --eval 'db.createUser({ user: ${JSON.stringify(user ?? 'admin')}, pwd: passwordPrompt(), roles: ["root"] })'`,
    ].join('\n'),
  })
}
