import { describeDuration } from '../../core/duration.ts'
import type { StoreContents } from '../import-items.ts'
import { toItem } from '../import-items.ts'
import { observeSet } from './check-members.ts'
import { sameHost } from './configuration.ts'
import type { JsonObject } from './declaration.ts'
import type { ConfiguredMember, ObservedMember, ReplicaSetConfiguration } from './ports.ts'

type Imported = Omit<StoreContents, 'version'>

/** The replica set of the servers; nothing where they are none. */
export function importSet(members: readonly ObservedMember[], server: string): Imported {
  const { configuration } = observeSet(members)
  if (configuration === null) return { items: [], notDeclarable: [] }
  const resource = { kind: 'replica set', name: configuration._id }
  const special = configuration.members.find((member) => specialty(member) !== null)
  if (special !== undefined) {
    return { items: [], notDeclarable: [{ resource, why: `${special.host} ${specialty(special) ?? ''}.` }] }
  }
  const settings = toSettings(configuration)
  const value = {
    name: configuration._id,
    ...(isAsInUrl(configuration, server) ? {} : { members: configuration.members.map(toMember) }),
    ...(Object.keys(settings).length === 0 ? {} : { settings }),
  }
  const covers = configuration.members.map(({ host }) => ({ kind: 'replica set member', name: host }))
  return { items: [{ ...toItem(resource, 'replica-set', ['replicaSet'], value), covers }], notDeclarable: [] }
}

/** What a member is that no file can declare; null for the others. */
function specialty(member: ConfiguredMember): string | null {
  if (member['arbiterOnly'] === true) return 'is an arbiter, which holds no data'
  if (member['buildIndexes'] === false) return 'builds no indexes'
  const delay = member['secondaryDelaySecs'] ?? member['slaveDelay'] ?? 0
  return typeof delay === 'number' && delay > 0 ? 'is a delayed member' : null
}

/** The members are those of the URL, each as MongoDB makes it: then no file needs to name them. */
function isAsInUrl({ members }: ReplicaSetConfiguration, server: string): boolean {
  const hosts = server.split(',')
  const plain = members.every((member) => Object.keys(toMember(member)).length === 1)
  return (
    plain && hosts.length === members.length && members.every(({ host }) => hosts.some((one) => sameHost(one, host)))
  )
}

function toMember(member: ConfiguredMember): JsonObject {
  const { host, votes = 1, priority = 1, hidden = false, tags = {} } = member
  const own = votes === 0 || hidden === true ? 0 : 1
  return {
    host,
    ...(votes === 1 ? {} : { votes }),
    ...(priority === own ? {} : { priority }),
    ...(hidden === true ? { hidden } : {}),
    ...(Object.keys(tags as JsonObject).length === 0 ? {} : { tags }),
  } as JsonObject
}

/** A time that is not positive, such as -1 for no limit, cannot be declared and is what MongoDB has without one. */
function toSettings({ settings = {} }: ReplicaSetConfiguration): JsonObject {
  const spans = {
    electionTimeout: settings['electionTimeoutMillis'],
    heartbeatInterval: settings['heartbeatIntervalMillis'],
    catchUpTimeout: settings['catchUpTimeoutMillis'],
  }
  return Object.fromEntries(
    Object.entries(spans).flatMap(([key, value]) =>
      typeof value === 'number' && value > 0 ? [[key, describeDuration(value)]] : [],
    ),
  )
}
