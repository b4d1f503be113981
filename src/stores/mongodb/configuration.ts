import { assertNever } from '../../core/tool-error.ts'
import type { JsonObject, MemberDeclaration, ReplicaSetSettings } from './declaration.ts'
import type { ConfigurationOperation } from './operations.ts'
import type { ConfiguredMember, ReplicaSetConfiguration } from './ports.ts'

/** Largest number of voting members that MongoDB allows. */
const mostVoters = 7

/** `HOST` means `host:27017`: a configuration and a person may write the same server differently. */
export function sameHost(one: string, other: string): boolean {
  return fullHost(one) === fullHost(other)
}

function fullHost(host: string): string {
  return (/:\d+$/.test(host) ? host : `${host}:27017`).toLowerCase()
}

export function findMember(configuration: ReplicaSetConfiguration, host: string): ConfiguredMember | undefined {
  return configuration.members.find((member) => sameHost(member.host, host))
}

export function hasVote(member: ConfiguredMember): boolean {
  return (member['votes'] ?? 1) === 1
}

/** The configuration of a set of new servers: all of them at once, each as declared. */
export function firstConfiguration(
  name: string,
  members: readonly MemberDeclaration[],
  settings: ReplicaSetSettings,
): ReplicaSetConfiguration {
  const chosen = settingsDocument(settings)
  return {
    _id: name,
    version: 1,
    members: members.map((member, index) => ({ _id: index, host: member.host, ...memberValues(member) })),
    ...(Object.keys(chosen).length === 0 ? {} : { settings: chosen }),
  }
}

/** The steps from one configuration to the declared one, a `replSetReconfig` each; at most one vote changes in any of them. */
export function configurationSteps(
  configuration: ReplicaSetConfiguration,
  members: readonly MemberDeclaration[],
  settings: ReplicaSetSettings,
): readonly ConfigurationOperation[] {
  const present = members.filter((member) => findMember(configuration, member.host) !== undefined)
  const absent = members.filter((member) => !present.includes(member))
  const votes = present.filter((member) => votesOf(configuration, member.host) !== member.votes)
  const altered = present.filter((member) => !votes.includes(member) && memberDiffers(configuration, member))
  const gone = configuration.members.filter((member) => !members.some(({ host }) => sameHost(host, member.host)))
  const giving = [...absent, ...votes].filter((member) => member.votes === 1)
  const taking: readonly ConfigurationOperation[] = [
    ...votes.filter((member) => member.votes === 0).map((member) => ({ type: 'take-vote', member }) as const),
    ...gone.map(({ host }) => ({ type: 'remove-member', host }) as const),
  ]
  const alone = absent.filter((member) => member.votes === 0 && needsMoreThanAddition(member))
  return [
    ...(settingsDiffer(configuration, settings) ? [{ type: 'alter-settings', settings } as const] : []),
    ...absent.map((member) => ({ type: 'add-member', member }) as const),
    ...[...altered, ...alone].map((member) => ({ type: 'alter-member', member }) as const),
    ...orderVotes(configuration, giving, taking),
  ]
}

/** Votes are given before any is removed, so that there are never fewer copies than before, except where seven have one already. */
function orderVotes(
  configuration: ReplicaSetConfiguration,
  giving: readonly MemberDeclaration[],
  taking: readonly ConfigurationOperation[],
): readonly ConfigurationOperation[] {
  const steps: ConfigurationOperation[] = []
  const left = [...taking]
  let voters = configuration.members.filter(hasVote).length
  const takeOne = (step: ConfigurationOperation): void => {
    steps.push(step)
    const member = step.type === 'remove-member' ? findMember(configuration, step.host) : undefined
    if (step.type === 'take-vote' || (member !== undefined && hasVote(member))) voters -= 1
  }
  for (const member of giving) {
    while (voters >= mostVoters && left.length > 0) takeOne(left.shift() as ConfigurationOperation)
    steps.push({ type: 'give-vote', member })
    voters += 1
  }
  return [...steps, ...left]
}

/** The configuration after one step; null where it is so already. The version is the next one; the server sets the term. */
export function nextConfiguration(
  configuration: ReplicaSetConfiguration,
  operation: ConfigurationOperation,
): ReplicaSetConfiguration | null {
  const changed = change(configuration, operation)
  return changed === null ? null : { ...changed, version: configuration.version + 1 }
}

function change(
  configuration: ReplicaSetConfiguration,
  operation: ConfigurationOperation,
): ReplicaSetConfiguration | null {
  switch (operation.type) {
    case 'add-member': {
      if (findMember(configuration, operation.member.host) !== undefined) return null
      const number = Math.max(-1, ...configuration.members.map(({ _id }) => _id)) + 1
      const member: ConfiguredMember = { _id: number, host: operation.member.host, votes: 0, priority: 0 }
      return { ...configuration, members: [...configuration.members, member] }
    }
    case 'remove-member': {
      if (findMember(configuration, operation.host) === undefined) return null
      return { ...configuration, members: configuration.members.filter(({ host }) => !sameHost(host, operation.host)) }
    }
    case 'give-vote':
    case 'take-vote':
      return setMember(configuration, operation.member, memberValues(operation.member))
    case 'alter-member': {
      const { votes: _, ...values } = memberValues(operation.member)
      return setMember(configuration, operation.member, values)
    }
    case 'alter-settings':
      if (!settingsDiffer(configuration, operation.settings)) return null
      return { ...configuration, settings: { ...configuration.settings, ...settingsDocument(operation.settings) } }
    default:
      return assertNever(operation)
  }
}

function setMember(
  configuration: ReplicaSetConfiguration,
  { host }: MemberDeclaration,
  values: JsonObject,
): ReplicaSetConfiguration | null {
  const found = findMember(configuration, host)
  if (found === undefined || sameValues(found, values)) return null
  const members = configuration.members.map((member) => (member === found ? { ...member, ...values } : member))
  return { ...configuration, members }
}

function memberValues(member: MemberDeclaration): JsonObject {
  return { votes: member.votes, priority: member.priority, hidden: member.hidden, tags: member.tags }
}

function votesOf(configuration: ReplicaSetConfiguration, host: string): 0 | 1 {
  const found = findMember(configuration, host)
  return found !== undefined && hasVote(found) ? 1 : 0
}

/** An added member gets neither vote nor priority; this one has other settings, too. */
function needsMoreThanAddition(member: MemberDeclaration): boolean {
  return member.priority !== 0 || member.hidden || Object.keys(member.tags).length > 0
}

function memberDiffers(configuration: ReplicaSetConfiguration, member: MemberDeclaration): boolean {
  const found = findMember(configuration, member.host)
  return found !== undefined && !sameValues(found, memberValues(member))
}

const memberDefaults: JsonObject = { votes: 1, priority: 1, hidden: false, tags: {} }

function sameValues(member: ConfiguredMember, values: JsonObject): boolean {
  return Object.entries(values).every(
    ([key, value]) => sortedText(member[key] ?? memberDefaults[key]) === sortedText(value),
  )
}

function sortedText(value: unknown): string {
  const isObject = typeof value === 'object' && value !== null && !Array.isArray(value)
  return JSON.stringify(isObject ? Object.entries(value).sort(([one], [other]) => (one < other ? -1 : 1)) : value)
}

export function settingsDocument(settings: ReplicaSetSettings): JsonObject {
  const chosen = Object.entries(settings).filter(([, value]) => value !== null)
  return Object.fromEntries(chosen)
}

function settingsDiffer(configuration: ReplicaSetConfiguration, settings: ReplicaSetSettings): boolean {
  return Object.entries(settingsDocument(settings)).some(([key, value]) => configuration.settings?.[key] !== value)
}
