import { compareServerVersions } from '../../core/version.ts'
import type { Declared, Plan, Purpose } from '../contract.ts'
import { type SaidFinding, toNotComparedFinding, toUndeclaredFinding } from '../find-drift.ts'
import { refuseOwnUser } from '../own-user.ts'
import { isSameResource, type StoreResource } from '../store-plan.ts'
import { observeSet } from './check-members.ts'
import { findMember } from './configuration.ts'
import { type Declaration, nothingDeclared, splitUsers, type UserDeclaration } from './declaration.ts'
import { indexResource } from './index-resource.ts'
import { wantedSet } from './members.ts'
import { isUnborn, nothing, type Observation, planMembers } from './observe.ts'
import type { Operation } from './operations.ts'
import { findUndeclared } from './plan-access.ts'
import { attempt, type CatalogComparison, compareCatalog, planCatalog } from './plan-catalog.ts'
import { eachCollection } from './plan-collections.ts'
import { compatibilityResource } from './plan-compatibility.ts'
import { defaultsResource } from './plan-defaults.ts'
import { joiningMembers, oplogResource } from './plan-oplog.ts'
import { profilingNames } from './plan-profiling.ts'
import type { MongodbChange, WantedSet } from './plan-set.ts'
import { eachView } from './plan-views.ts'
import type { Catalog, ObservedMember } from './ports.ts'

/** What a plan is made of. */
interface Parts {
  readonly changes: readonly MongodbChange[]
  /** Null where it cannot be read: then nothing is known about collections, roles and users. */
  readonly catalog: Catalog | null
  readonly findings: readonly SaidFinding[]
}

/**
 * The changes that bring a set and its contents to their declaration.
 * @throws ToolError of its parts, to apply; to compare, they are findings.
 */
export function plan(declared: Declared<Declaration>, observation: Observation, purpose: Purpose): Plan<Operation> {
  const { declaration, prefix, server, user } = declared
  const { compared, passwordless } = splitUsers(declaration)
  const wanted = wantedSet(declaration, server)
  const one = { ...declared, declaration: compared }
  const { changes, catalog, findings } =
    purpose === 'apply' ? planParts(one, wanted, observation) : compareParts(one, wanted, observation)
  const { members } = observation
  const place = { store: 'mongodb', server } as const
  const known = catalog === null ? { ...nothingDeclared, replicaSet: compared.replicaSet } : compared
  const hosts = wanted?.members.map(({ host }) => host) ?? []
  const undeclared = findUndeclared({ declaration, prefix, self: user }, catalog ?? nothing)
  return {
    version: oldest(members),
    changes,
    unchanged: unchangedResources(declaredResources(onlyRead(known, observation), hosts), changes).filter(
      (one) => !findings.some(({ resource }) => isSameResource(resource, one)),
    ),
    notes: [
      ...describeUnseen(members),
      ...describeAbsent(members),
      ...describePasswordless(passwordless.map(({ name }) => name)),
    ],
    findings: [
      ...findings,
      ...undeclared.map((found) => toUndeclaredFinding(place, found)),
      ...passwordless.map((found) => notCompared(place, found)),
    ],
  }
}

/** A set that does not exist yet, or refuses every login, counts as empty; what it contains after all is found when it is created. */
function planParts(
  { declaration, user, server }: Declared<Declaration>,
  wanted: WantedSet | null,
  observation: Observation,
): Parts {
  const { members, catalog } = observation
  const setChanges = planMembers(wanted, members, user)
  const known = catalog ?? nothing
  const joining = joiningMembers(setChanges, wanted?.members ?? [])
  const changes = planCatalog(declaration, known, { ...observation, joining })
  if (user !== null) keepOwnUser(user, changes, known, server)
  return { changes: [...setChanges, ...changes], catalog: known, findings: [] }
}

/** A user with that name in another database also counts: the configuration does not say in which database the user logs in. */
function keepOwnUser(user: string, changes: readonly MongodbChange[], catalog: Catalog, server: string): void {
  const place = { kind: 'mongodb', product: 'MongoDB', server } as const
  const roles = [...catalog.users, ...(catalog.allUsers ?? [])]
    .filter(({ name }) => name === user)
    .flatMap((one) => one.roles)
  for (const { operation, change } of changes) {
    const concerns =
      operation.type === 'write-user'
        ? operation.user.name === user
        : operation.type === 'write-role' &&
          roles.some(({ role, database }) => role === operation.role.name && database === operation.role.database)
    if (concerns) refuseOwnUser(place, user, `${change.resource.kind} \`${change.resource.name}\``, change.differences)
  }
}

/** What a plan refuses is a finding among the others. */
function compareParts(declared: Declared<Declaration>, wanted: WantedSet | null, observation: Observation): Parts {
  const { declaration, user, server } = declared
  const { members, catalog } = observation
  const set = attemptSet(wanted, members, user, server)
  const others = [...set.findings, ...silentMembers(members, server)]
  if (catalog === null) {
    const isFresh = members.every(({ status }) => status.type === 'fresh' && status.collections === 0)
    if (isFresh && isUnborn(set.changes)) return planParts(declared, wanted, observation)
    return { changes: set.changes, catalog: null, findings: [...others, unreadCatalog(server)] }
  }
  const { changes, findings } = compareCatalog(
    declaration,
    catalog,
    { ...observation, joining: joiningMembers(set.changes, wanted?.members ?? []) },
    server,
  )
  return { changes: [...set.changes, ...changes], catalog, findings: [...others, ...findings] }
}

/** The set does without these members for a while, so a plan does, too; their state is unknown. */
function silentMembers(seen: readonly ObservedMember[], server: string): readonly SaidFinding[] {
  return seen.flatMap(({ host, status }) => {
    if (status.type !== 'unreachable') return []
    const why = { en: `It could not be reached: ${status.why}`, zh: `无法连接：${status.why}` }
    const next = {
      en: 'Start it, and run `wwdb setup verify` again.',
      zh: '请启动它，然后再次执行 `wwdb setup verify`。',
    }
    return [
      toNotComparedFinding({ store: 'mongodb', server }, { kind: 'replica set member', name: host }, { why, next }),
    ]
  })
}

function attemptSet(
  wanted: WantedSet | null,
  members: readonly ObservedMember[],
  user: string | null,
  server: string,
): CatalogComparison {
  return attempt(() => planMembers(wanted, members, user), server)
}

/** What a plan treats as missing may exist: the localhost exception does not allow reads. */
function unreadCatalog(server: string): SaidFinding {
  return toNotComparedFinding(
    { store: 'mongodb', server },
    { kind: 'catalog', name: 'of collections, roles and users' },
    {
      why: {
        en: 'This replica set cannot be read until it has a user.',
        zh: '该副本集在有用户之前无法读取。',
      },
      next: {
        en: 'Run `wwdb setup apply --only mongodb`: it creates the first user and what is missing.',
        zh: '请执行 `wwdb setup apply --only mongodb`：它会创建第一个用户以及缺少的内容。',
      },
    },
  )
}

function notCompared(
  place: { readonly store: 'mongodb'; readonly server: string },
  { database, name }: UserDeclaration,
): SaidFinding {
  const why = { en: 'No password is configured for it here.', zh: '此处没有为它配置密码。' }
  const next = {
    en: 'Set the variable of its password, and run the command again.',
    zh: '请设置其密码的变量，然后再次执行该命令。',
  }
  return toNotComparedFinding(place, { kind: 'user', name: `${database}.${name}` }, { why, next })
}

/** The oldest version among the members. */
function oldest(seen: readonly ObservedMember[]): string | null {
  const versions = seen.flatMap(({ version }) => (version === null ? [] : [version.replace(/[^\d.].*$/, '')]))
  return versions.toSorted(compareServerVersions)[0] ?? null
}

/** Behind the localhost exception nothing can be read, so the plan cannot know what exists. */
function describeUnseen(seen: readonly ObservedMember[]): readonly string[] {
  if (!seen.some(({ status }) => status.type === 'member' && status.withoutUsers)) return []
  return [
    'This replica set cannot be read until it has a user: existing resources are then compared, not created again.',
  ]
}

/** The set does without a member for a while; its own files are compared when it is back. */
function describeAbsent(seen: readonly ObservedMember[]): readonly string[] {
  const { configuration } = observeSet(seen)
  return seen.flatMap(({ host, status }) =>
    status.type === 'unreachable' && configuration !== null && findMember(configuration, host) !== undefined
      ? [
          `${host} is not reached (${status.why.replace(/\.$/, '')}); it is a member of the set and rejoins when it is up.`,
        ]
      : [],
  )
}

function describePasswordless(names: readonly string[]): readonly string[] {
  return names.length === 0
    ? []
    : [`Not changed, because no password is configured for them: \`${names.join('`, `')}\`.`]
}

/** Everything that is declared, in the order of the plan. */
function declaredResources(declaration: Declaration, hosts: readonly string[]): readonly StoreResource[] {
  const { replicaSet, roles, users } = declaration
  return [
    ...(replicaSet === null ? [] : [{ kind: 'replica set', name: replicaSet.name }]),
    ...(replicaSet === null ? [] : hosts.map((name) => ({ kind: 'replica set member', name }))),
    ...eachCollection(declaration).flatMap(({ database, collection }) => [
      { kind: 'collection', name: `${database}.${collection.name}` },
      ...(collection.validator === null ? [] : [{ kind: 'validator', name: `${database}.${collection.name}` }]),
      ...collection.indexes.map(({ name }) => indexResource(database, collection.name, name)),
    ]),
    ...eachView(declaration).map(({ database, view }) => ({ kind: 'view', name: `${database}.${view.name}` })),
    ...roles.map(({ name, database }) => ({ kind: 'role', name: `${database}.${name}` })),
    ...users.map(({ name, database }) => ({ kind: 'user', name: `${database}.${name}` })),
    ...(declaration.defaults === null ? [] : [defaultsResource]),
    ...profilingNames(declaration.profiling).map((name) => ({ kind: 'profiling', name })),
    ...(declaration.oplog === null ? [] : [oplogResource]),
    ...(declaration.compatibility === null ? [] : [compatibilityResource]),
  ]
}

/** What belongs to each server counts as unchanged only where some server was asked. */
function onlyRead(declaration: Declaration, { profiling, oplogs }: Observation): Declaration {
  return {
    ...declaration,
    profiling: profiling.length === 0 ? null : declaration.profiling,
    oplog: oplogs.length === 0 ? null : declaration.oplog,
  }
}

/** Resources without a change. A new collection comes with its validator, a new set with its members. */
function unchangedResources(
  all: readonly StoreResource[],
  changes: readonly MongodbChange[],
): readonly StoreResource[] {
  const key = ({ kind, name }: StoreResource): string => JSON.stringify([kind, name])
  const changed = new Set(changes.map(({ change }) => key(change.resource)))
  const initiated = changes.some(({ operation }) => operation.type === 'initiate')
  return all.filter((resource) => {
    if (changed.has(key(resource))) return false
    if (resource.kind === 'replica set member') return !initiated
    return !(resource.kind === 'validator' && changed.has(key({ kind: 'collection', name: resource.name })))
  })
}
