import type { StoreDifference } from '../../core/store.ts'
import { assertNever } from '../../core/tool-error.ts'
import type { ConfigurationAct } from './acts.ts'
import { canonicalText } from './compare.ts'
import { configurationSteps, findMember, firstConfiguration, hasVote, settingsDocument } from './configuration.ts'
import type { MemberDeclaration, ReplicaSetSettings } from './declaration.ts'
import { chooseInitiator, judgeMembers, type ObservedSet } from './judge-members.ts'
import type { ReplicaSetConfiguration } from './observation.ts'
import type { PlannedChange } from './planned.ts'

/** A set with its members and settings, as it shall be. */
export interface WantedSet {
  readonly name: string
  readonly members: readonly MemberDeclaration[]
  readonly settings: ReplicaSetSettings
}

/**
 * What makes the set as declared, one reconfiguration a change. Nothing is ever forced.
 * @param user who will sign in; null for servers without access control.
 * @throws ToolError as judgeMembers and chooseInitiator.
 */
export function planSet(wanted: WantedSet, set: ObservedSet, user: string | null): readonly PlannedChange[] {
  judgeMembers(wanted.name, set)
  const administrator = set.members.some(({ sight }) => sight.type === 'member' && sight.withoutUsers)
  if (!set.initiated) return [...planInitiation(wanted, set, user), ...(user === null ? [] : [planAdministrator(user)])]
  const { configuration } = set
  const steps = configuration === null ? [] : configurationSteps(configuration, wanted.members, wanted.settings)
  return [
    ...(administrator && user !== null ? [planAdministrator(user)] : []),
    ...steps.map((act) => describeStep(wanted.name, configuration, act)),
  ]
}

function planInitiation(wanted: WantedSet, set: ObservedSet, user: string | null): readonly PlannedChange[] {
  const configuration = firstConfiguration(wanted.name, wanted.members, wanted.settings)
  const initiator = chooseInitiator(set, configuration, wanted.members, user)
  const hosts = wanted.members.map(({ host }) => host).join(', ')
  const summary = `initiate replica set ${wanted.name} from ${initiator.host} with ${hosts}`
  return [
    {
      act: { type: 'initiate', address: initiator.address, configuration },
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

function planAdministrator(user: string): PlannedChange {
  return {
    act: { type: 'create-administrator' },
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
  act: ConfigurationAct,
): PlannedChange {
  if (act.type === 'alter-settings') {
    const resource = { kind: 'replica set', name }
    const differences = settingsDifferences(configuration, act.settings)
    const summary = `set ${differences.map(({ path, declared }) => `${path} to ${declared}`).join(', ')}`
    return { act, change: { resource, action: 'update', summary, differences, loss: null } }
  }
  const host = act.type === 'remove-member' ? act.host : act.member.host
  const resource = { kind: 'replica set member', name: host }
  if (act.type === 'remove-member') {
    const voter = configuration !== null && hasVote(findMember(configuration, host) ?? { _id: 0, host })
    const loss = {
      code: 'remove-member',
      why: `${host} leaves the set: there is one copy of the data less${voter ? ', and one vote' : ''}.`,
      affected: [host],
    }
    return { act, change: { resource, action: 'remove', summary: `remove member ${host}`, differences: [], loss } }
  }
  const differences = act.type === 'add-member' ? [] : memberDifferences(configuration, act.member, act.type)
  const action = act.type === 'add-member' ? 'create' : 'update'
  return { act, change: { resource, action, summary: summarise(act), differences, loss: null } }
}

function summarise(act: Exclude<ConfigurationAct, { readonly type: 'alter-settings' | 'remove-member' }>): string {
  const { host, priority } = act.member
  switch (act.type) {
    case 'add-member':
      return `add member ${host}, without a vote for now`
    case 'give-vote':
      return `give ${host} its vote and priority ${priority}, once it is a secondary`
    case 'take-vote':
      return `take the vote of ${host}`
    case 'alter-member':
      return `alter member ${host}`
    default:
      return assertNever(act)
  }
}

function memberDifferences(
  configuration: ReplicaSetConfiguration | null,
  member: MemberDeclaration,
  type: ConfigurationAct['type'],
): readonly StoreDifference[] {
  const found = configuration === null ? undefined : findMember(configuration, member.host)
  // What a member that is not there yet gets with its addition.
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
