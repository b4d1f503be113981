import type { StoreDifference, StoreLoss } from '../store-plan.ts'
import { compareDocuments } from './compare.ts'
import type { OplogDeclaration } from './declaration.ts'
import type { MongodbChange } from './plan-set.ts'
import type { ObservedOplog } from './ports.ts'

export const oplogResource = { kind: 'oplog', name: 'of each member' } as const

/** Of one member that answers. */
export interface MemberOplog extends ObservedOplog {
  readonly host: string
  readonly address: string
}

/** The server counts in these. */
const megabyte = 1024 ** 2

/** What is known of the members. */
export interface ObservedOplogs {
  readonly oplogs: readonly MemberOplog[]
  /** Members that other changes of this plan make or add: each begins with the default, in a new oplog. */
  readonly joining: readonly Place[]
  /** Whether this run has initiated the set: then no oplog holds anything that could be lost. */
  readonly isNew: boolean
}

type Place = Pick<MemberOplog, 'host' | 'address'>

/** The members that the changes of a set make or add. */
export function joiningMembers(changes: readonly MongodbChange[], members: readonly Place[]): readonly Place[] {
  return changes.flatMap(({ operation }) => {
    if (operation.type === 'initiate') return members
    return operation.type === 'add-member' ? [operation.member] : []
  })
}

/** Each member has an oplog of its own size, and a new member takes the default. */
export function planOplog(
  declared: OplogDeclaration | null,
  { oplogs: observed, joining, isNew }: ObservedOplogs,
): readonly MongodbChange[] {
  if (declared === null) return []
  const differing = observed
    .map((member) => ({ member, differences: differencesOf(declared, member) }))
    .filter(({ differences }) => differences.length > 0)
  const known = differing.map(({ member }) => member)
  const members: readonly Place[] = [...known, ...joining]
  if (members.length === 0) return []
  return [
    {
      operation: { type: 'resize-oplog', addresses: members.map(({ address }) => address), ...declared },
      change: {
        resource: oplogResource,
        action: 'update',
        summary: `set the oplog ${describe(declared)} on ${members.map(({ host }) => host).join(', ')}`,
        differences: differing[0]?.differences ?? [],
        loss: isNew ? null : shorterReach(declared, known),
      },
    },
  ]
}

function describe({ megabytes, minRetentionHours }: OplogDeclaration): string {
  const parts = [
    ...(megabytes === null ? [] : [`to ${megabytes} MB`]),
    ...(minRetentionHours === null ? [] : [`to keep at least ${minRetentionHours} hours`]),
  ]
  return parts.join(' and ')
}

function differencesOf(declared: OplogDeclaration, observed: MemberOplog): readonly StoreDifference[] {
  const { megabytes, minRetentionHours } = declared
  return [
    ...(megabytes === null ? [] : compareDocuments('megabytes', observed.bytes / megabyte, megabytes)),
    ...(minRetentionHours === null
      ? []
      : compareDocuments('minRetentionHours', observed.minRetentionHours, minRetentionHours)),
  ]
}

function shorterReach(declared: OplogDeclaration, members: readonly MemberOplog[]): StoreLoss | null {
  const { megabytes, minRetentionHours } = declared
  const shorter = members.filter(
    (member) =>
      (megabytes !== null && megabytes * megabyte < member.bytes) ||
      (minRetentionHours !== null && minRetentionHours < member.minRetentionHours),
  )
  if (shorter.length === 0) return null
  return {
    code: 'smaller-cap',
    why: 'The oldest entries are removed: a member or a change stream that is further behind than the rest cannot go on, and the member has to be copied whole.',
    affected: shorter.map(({ host, bytes }) => `${host} (${Math.round(bytes / megabyte)} MB)`),
  }
}
