import { assertNever } from '../../core/tool-error.ts'
import type { PlannedChange } from '../contract.ts'
import { findAdditions, judgeAdditions } from '../find-additions.ts'
import type { StoreDifference } from '../store-plan.ts'
import { checkMembers, chooseInitiator, type ObservedSet } from './check-members.ts'
import { canonicalText } from './compare.ts'
import { configurationSteps, findMember, firstConfiguration, hasVote, settingsDocument } from './configuration.ts'
import type { MemberDeclaration, ReplicaSetSettings } from './declaration.ts'
import type { ConfigurationOperation, Operation } from './operations.ts'
import type { ReplicaSetConfiguration } from './ports.ts'

/** A change for people with its operation. */
export type MongodbChange = PlannedChange<Operation>

/** A set with its members and settings, as it should be. */
export interface WantedSet {
  readonly name: string
  readonly members: readonly MemberDeclaration[]
  readonly settings: ReplicaSetSettings
}

/**
 * The changes that make the set as declared, one reconfiguration each. Nothing is ever forced.
 * @param user who will log in; null for servers without access control.
 * @throws ToolError like checkMembers and chooseInitiator.
 */
export function planSet(wanted: WantedSet, set: ObservedSet, user: string | null): readonly MongodbChange[] {
  checkMembers(wanted.name, set)
  const administrator = set.members.some(({ status }) => status.type === 'member' && status.withoutUsers)
  if (!set.initiated) return [...planInitiation(wanted, set, user), ...(user === null ? [] : [planAdministrator(user)])]
  const { configuration } = set
  const steps = configuration === null ? [] : configurationSteps(configuration, wanted.members, wanted.settings)
  return [
    ...(administrator && user !== null ? [planAdministrator(user)] : []),
    ...steps.map((operation) => describeStep(wanted.name, configuration, operation)),
  ]
}

function planInitiation(wanted: WantedSet, set: ObservedSet, user: string | null): readonly MongodbChange[] {
  const configuration = firstConfiguration(wanted.name, wanted.members, wanted.settings)
  const initiator = chooseInitiator(set, configuration, wanted.members, user)
  const hosts = wanted.members.map(({ host }) => host).join(', ')
  const summary = `initiate replica set ${wanted.name} from ${initiator.host} with ${hosts}`
  return [
    {
      operation: { type: 'initiate', address: initiator.address, configuration },
      change: {
        resource: { kind: 'replica set', name: wanted.name },
        action: 'create',
        summary,
        differences: [],
        loss: null,
      },
    },
  ]
}

function planAdministrator(user: string): MongodbChange {
  return {
    operation: { type: 'create-administrator' },
    change: {
      resource: { kind: 'user', name: `admin.${user}` },
      action: 'create',
      summary: `create ${user}, the first user, with the role root (localhost exception)`,
      differences: [],
      loss: null,
    },
  }
}

function describeStep(
  name: string,
  configuration: ReplicaSetConfiguration | null,
  operation: ConfigurationOperation,
): MongodbChange {
  if (operation.type === 'alter-settings') {
    const resource = { kind: 'replica set', name }
    const differences = settingsDifferences(configuration, operation.settings)
    const summary = `set ${differences.map(({ path, declared }) => `${path} to ${declared}`).join(', ')}`
    return { operation, change: { resource, action: 'update', summary, differences, loss: null } }
  }
  const host = operation.type === 'remove-member' ? operation.host : operation.member.host
  const resource = { kind: 'replica set member', name: host }
  if (operation.type === 'remove-member') {
    const voter = configuration !== null && hasVote(findMember(configuration, host) ?? { _id: 0, host })
    const loss = {
      code: 'remove-member' as const,
      why: `${host} leaves the replica set: there is one copy of the data less${voter ? ', and one vote' : ''}.`,
      affected: [host],
    }
    return {
      operation,
      change: { resource, action: 'remove', summary: `remove member ${host}`, differences: [], loss },
    }
  }
  const differences =
    operation.type === 'add-member' ? [] : memberDifferences(configuration, operation.member, operation.type)
  const action = operation.type === 'add-member' ? 'create' : 'update'
  const tags = configuration === null ? undefined : findMember(configuration, host)?.['tags']
  // A read preference or a write concern can name them.
  const loss = judgeAdditions(findAdditions(operation.member.tags, tags, 'tags'))
  return { operation, change: { resource, action, summary: summarize(operation), differences, loss } }
}

function summarize(
  operation: Exclude<ConfigurationOperation, { readonly type: 'alter-settings' | 'remove-member' }>,
): string {
  const { host, priority } = operation.member
  switch (operation.type) {
    case 'add-member':
      return `add member ${host}, without a vote for now`
    case 'give-vote':
      return `give ${host} its vote and priority ${priority}, once it is a secondary`
    case 'take-vote':
      return `take the vote of ${host}`
    case 'alter-member':
      return `alter member ${host}`
    default:
      return assertNever(operation)
  }
}

function memberDifferences(
  configuration: ReplicaSetConfiguration | null,
  member: MemberDeclaration,
  type: ConfigurationOperation['type'],
): readonly StoreDifference[] {
  const found = configuration === null ? undefined : findMember(configuration, member.host)
  // What a member that does not exist yet gets with its addition.
  const actual = found ?? { _id: 0, host: member.host, votes: 0, priority: 0 }
  const pairs = [
    ['votes', actual['votes'] ?? 1, member.votes],
    ['priority', actual['priority'] ?? 1, member.priority],
    ['hidden', actual['hidden'] ?? false, member.hidden],
    ['tags', canonicalText(actual['tags'] ?? {}), canonicalText(member.tags)],
  ] as const
  return pairs
    .filter(([path, is, shall]) => is !== shall && !(type === 'alter-member' && path === 'votes'))
    .map(([path, is, shall]) => ({ path, actual: String(is), declared: String(shall) }))
}

function settingsDifferences(
  configuration: ReplicaSetConfiguration | null,
  settings: ReplicaSetSettings,
): readonly StoreDifference[] {
  return Object.entries(settingsDocument(settings))
    .filter(([key, value]) => configuration?.settings?.[key] !== value)
    .map(([key, value]) => ({
      path: key,
      actual: configuration?.settings?.[key] === undefined ? null : String(configuration.settings[key]),
      declared: String(value),
    }))
}
