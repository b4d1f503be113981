import { findAdditions, judgeAdditions } from '../find-additions.ts'
import type { Undeclared } from '../find-drift.ts'
import type { StoreDifference, StoreLoss } from '../store-plan.ts'
import { canonicalText } from './compare.ts'
import type {
  Declaration,
  JsonObject,
  PrivilegeDeclaration,
  RoleDeclaration,
  RoleReference,
  UserDeclaration,
} from './declaration.ts'
import { eachCollection, findCollection } from './plan-collections.ts'
import { undeclaredIndexes } from './plan-indexes.ts'
import type { MongodbChange } from './plan-set.ts'
import { eachView } from './plan-views.ts'
import {
  type Catalog,
  historyCollection,
  journalCollection,
  lockPosition,
  type NamedUser,
  type ObservedRole,
  type ObservedUser,
} from './ports.ts'

/** Roles before those that inherit them; a circle, which the reader refuses, keeps its order. */
function orderRoles(roles: readonly RoleDeclaration[]): readonly RoleDeclaration[] {
  const ordered: RoleDeclaration[] = []
  const visit = (role: RoleDeclaration, under: readonly RoleDeclaration[]): void => {
    if (ordered.includes(role) || under.includes(role)) return
    for (const wanted of role.roles) {
      const found = roles.find(({ name, database }) => name === wanted.role && database === wanted.database)
      if (found !== undefined) visit(found, [...under, role])
    }
    ordered.push(role)
  }
  for (const role of roles) visit(role, [])
  return ordered
}

export function planRoles(declaration: Declaration, catalog: Catalog): readonly MongodbChange[] {
  return orderRoles(declaration.roles).flatMap((role): readonly MongodbChange[] => {
    const observed = catalog.roles.find(({ name, database }) => name === role.name && database === role.database)
    const differences = observed === undefined ? [] : roleDifferences(role, observed)
    if (observed !== undefined && differences.length === 0) return []
    const name = `${role.database}.${role.name}`
    const summary = observed === undefined ? `create role ${name}` : `change the privileges of role ${name}`
    const action = observed === undefined ? 'create' : 'update'
    return [
      {
        operation: { type: 'write-role', role },
        change: { resource: { kind: 'role', name }, action, summary, differences, loss: roleLoss(role, observed) },
      },
    ]
  })
}

function declaredPrivileges(role: RoleDeclaration): ReadonlyMap<string, string> {
  return mergePrivileges(role.privileges.map((privilege) => [describeResource(privilege), privilege.actions]))
}

function observedPrivileges(observed: ObservedRole): ReadonlyMap<string, string> {
  return mergePrivileges(
    observed.privileges.map((privilege) => [
      describeObserved(privilege['resource'] as JsonObject),
      privilege['actions'] as readonly string[],
    ]),
  )
}

/** A role and a user have no place for a mark: nobody can say who gave a right. */
function roleLoss(role: RoleDeclaration, observed: ObservedRole | undefined): StoreLoss | null {
  if (observed === undefined) return null
  const list = (merged: ReadonlyMap<string, string>) =>
    Object.fromEntries(
      [...merged].map(([resource, actions]) => [resource, actions.split(', ').filter((action) => action !== '')]),
    )
  const [declared, actual] = [list(declaredPrivileges(role)), list(observedPrivileges(observed))]
  const additions = findAdditions(
    { privileges: declared, roles: namesOf(role.roles) },
    { privileges: actual, roles: namesOf(observed.roles) },
  )
  return judgeAdditions(additions, 'removed-access')
}

function userLoss(user: UserDeclaration, observed: ObservedUser | undefined): StoreLoss | null {
  const additions = findAdditions({ roles: namesOf(user.roles) }, { roles: namesOf(observed?.roles ?? []) })
  return judgeAdditions(additions, 'removed-access')
}

function roleDifferences(role: RoleDeclaration, observed: ObservedRole): readonly StoreDifference[] {
  const [declared, actual] = [declaredPrivileges(role), observedPrivileges(observed)]
  const resources = [...new Set([...declared.keys(), ...actual.keys()])]
  return [
    ...resources
      .filter((resource) => declared.get(resource) !== actual.get(resource))
      .map((resource) => ({
        path: `privileges on ${resource}`,
        actual: actual.get(resource) ?? null,
        declared: declared.get(resource) ?? null,
      })),
    ...referenceDifferences(observed.roles, role.roles),
  ]
}

function mergePrivileges(pairs: readonly (readonly [string, readonly string[]])[]): ReadonlyMap<string, string> {
  const merged = new Map<string, Set<string>>()
  for (const [resource, actions] of pairs) merged.set(resource, new Set([...(merged.get(resource) ?? []), ...actions]))
  return new Map([...merged].map(([resource, actions]) => [resource, [...actions].sort().join(', ')]))
}

function describeResource({ resource }: PrivilegeDeclaration): string {
  return resource.type === 'cluster' ? 'the cluster' : describePlace(resource.database, resource.collection)
}

function describeObserved(resource: JsonObject): string {
  if (resource['cluster'] === true) return 'the cluster'
  const { db, collection } = resource
  return typeof db === 'string' && typeof collection === 'string'
    ? describePlace(db, collection)
    : canonicalText(resource)
}

function describePlace(database: string, collection: string): string {
  return `${database === '' ? 'every database' : database}.${collection === '' ? '*' : collection}`
}

function referenceDifferences(
  actual: readonly RoleReference[],
  declared: readonly RoleReference[],
): readonly StoreDifference[] {
  const [is, shall] = [describeReferences(actual), describeReferences(declared)]
  return is === shall ? [] : [{ path: 'roles', actual: is === '' ? null : is, declared: shall === '' ? null : shall }]
}

function describeReferences(roles: readonly RoleReference[]): string {
  return namesOf(roles).join(', ')
}

function namesOf(roles: readonly RoleReference[]): readonly string[] {
  return [...new Set(roles.map(({ role, database }) => `${database}.${role}`))].sort()
}

/** Users come last: then everything that their roles name exists. */
export function planUsers(declaration: Declaration, catalog: Catalog): readonly MongodbChange[] {
  return declaration.users.flatMap((user): readonly MongodbChange[] => {
    const observed = catalog.users.find(({ name, database }) => name === user.name && database === user.database)
    const differences = observed === undefined ? [] : userDifferences(user, observed)
    if (observed !== undefined && differences.length === 0) return []
    const name = `${user.database}.${user.name}`
    const what = differences.map(({ path }) => path).join(' and ')
    const summary = observed === undefined ? `create user ${name}` : `set the ${what} of user ${name}`
    const withPassword = observed?.passwordMatches !== true
    const action = observed === undefined ? 'create' : 'update'
    return [
      {
        operation: { type: 'write-user', user, withPassword },
        change: { resource: { kind: 'user', name }, action, summary, differences, loss: userLoss(user, observed) },
      },
    ]
  })
}

function userDifferences(user: UserDeclaration, observed: ObservedUser): readonly StoreDifference[] {
  const password = { path: 'password', actual: 'another', declared: 'as declared' }
  return [...(observed.passwordMatches ? [] : [password]), ...referenceDifferences(observed.roles, user.roles)]
}

interface Search {
  /** The declaration with the prefix in its names, including users whose password is not configured here. */
  readonly declaration: Declaration
  readonly prefix: string
  /** The user that logs in must exist. */
  readonly self: string | null
}

/** What else the declared databases contain, and which undeclared users have access. It is left alone. */
export function findUndeclared(search: Search, catalog: Catalog): readonly Undeclared[] {
  const { declaration } = search
  const declared = eachCollection(declaration)
  const views = eachView(declaration)
  const others = catalog.collections.filter(
    (found) =>
      !isOwn(search.prefix, found) &&
      !declared.some(({ database, collection }) => database === found.database && collection.name === found.name) &&
      !views.some(({ database, view }) => database === found.database && view.name === found.name),
  )
  const indexes = declared.flatMap(({ database, collection }) => {
    const observed = findCollection(catalog, database, collection.name)
    const names = observed === null ? [] : undeclaredIndexes(collection, observed)
    return names.map((name) => `${database}.${collection.name}.${name}`)
  })
  return [
    ...others.map(({ database, name, type }) =>
      known(type === 'collection' ? 'collection' : type, `${database}.${name}`, 'databases'),
    ),
    ...indexes.map((name) => known('index', name, 'indexes')),
    ...findRoles(search, catalog),
    ...findUsers(search, catalog.allUsers ?? []),
    ...(catalog.allUsers === null ? [unlisted] : []),
  ]
}

/** The lock of setup and the journal of migrations are no resources. */
function isOwn(prefix: string, { database, name }: { readonly database: string; readonly name: string }): boolean {
  if (name === journalCollection || name === historyCollection) return true
  return database === `${prefix}${lockPosition.database}` && name === lockPosition.collection
}

function known(kind: string, name: string, place: 'databases' | 'indexes' | 'roles'): Undeclared {
  const ofCollection = place === 'indexes'
  const next = {
    en: `Declare it under \`${place}\`${ofCollection ? ' of its collection' : ''}, or drop it, if it is not in use.`,
    zh: `请在${ofCollection ? '其集合的' : ''} \`${place}\` 下声明它；若已不使用，请删除它。`,
  }
  return { resource: { kind, name }, detail: null, severity: 'warning', next }
}

const unlisted: Undeclared = {
  resource: { kind: 'user list', name: 'admin' },
  detail: {
    en: 'the user of this run cannot list users, so undeclared users are not known',
    zh: '本次运行的用户不能列出用户，因此不知道有哪些未声明的用户',
  },
  severity: 'warning',
  next: { en: 'Give it the role userAdminAnyDatabase.', zh: '请授予它角色 userAdminAnyDatabase。' },
}

function findRoles({ declaration, prefix }: Search, { allRoles }: Catalog): readonly Undeclared[] {
  return allRoles
    .filter(({ name, database }) => !declaration.roles.some((one) => one.name === name && one.database === database))
    .filter(({ name }) => name.startsWith(prefix))
    .map(({ name, database }) => known('role', `${database}.${name}`, 'roles'))
}

/** An undeclared user with all rights is an error, because it would stay unnoticed; of other environments, only these are named. */
function findUsers({ declaration, prefix, self }: Search, all: readonly NamedUser[]): readonly Undeclared[] {
  return all
    .filter(({ name, database }) => !declaration.users.some((one) => one.name === name && one.database === database))
    .filter(({ name }) => name !== self)
    .flatMap(({ name, database, roles }) => {
      const own = name.startsWith(prefix)
      const mighty = roles.some(isMighty)
      if (!own && !mighty) return []
      const removal = `db.getSiblingDB(${JSON.stringify(database)}).dropUser(${JSON.stringify(name)})`
      const list = roles.map((role) => `${role.database}.${role.role}`).toSorted()
      return [
        {
          resource: { kind: 'user', name: `${database}.${name}` },
          detail: {
            en: `its roles: ${list.length === 0 ? 'none' : list.join(', ')}`,
            zh: `其角色：${list.length === 0 ? '无' : list.join('、')}`,
          },
          severity: own && mighty ? 'error' : 'warning',
          next: {
            en: `Declare it under \`users\` (with an empty password it is not changed), or run ${removal}.`,
            zh: `请在 \`users\` 下声明它（密码为空则不改动它），或执行 ${removal}。`,
          },
        },
      ]
    })
}

/** Built-in roles that give access to every database, directly or indirectly. */
const mightyRoles: ReadonlySet<string> = new Set([
  '__system',
  'root',
  'restore',
  'clusterAdmin',
  'dbAdminAnyDatabase',
  'readAnyDatabase',
  'readWriteAnyDatabase',
  'userAdminAnyDatabase',
])

function isMighty({ role, database }: RoleReference): boolean {
  return database === 'admin' && (mightyRoles.has(role) || role === 'dbOwner' || role === 'userAdmin')
}
