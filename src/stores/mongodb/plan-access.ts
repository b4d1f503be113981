import type { StoreDifference } from '../../core/store.ts'
import { canonicalText } from './compare.ts'
import type {
  MongodbDeclaration,
  PrivilegeDeclaration,
  RoleDeclaration,
  RoleReference,
  UserDeclaration,
} from './declaration.ts'
import type { JsonObject } from './json.ts'
import type { MongodbCatalogue, ObservedRole, ObservedUser } from './observation.ts'
import type { PlannedChange } from './planned.ts'

/** Roles before those that inherit them; a ring, which the reader refuses, is left in its order. */
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

export function planRoles(declaration: MongodbDeclaration, catalogue: MongodbCatalogue): readonly PlannedChange[] {
  return orderRoles(declaration.roles).flatMap((role): readonly PlannedChange[] => {
    const observed = catalogue.roles.find(({ name, database }) => name === role.name && database === role.database)
    const differences = observed === undefined ? [] : roleDifferences(role, observed)
    if (observed !== undefined && differences.length === 0) return []
    const name = `${role.database}.${role.name}`
    const summary = observed === undefined ? `create role ${name}` : `set what role ${name} may do`
    const action = observed === undefined ? 'create' : 'update'
    return [
      {
        act: { type: 'write-role', role },
        change: { resource: { kind: 'role', name }, action, summary, differences, loss: null },
      },
    ]
  })
}

function roleDifferences(role: RoleDeclaration, observed: ObservedRole): readonly StoreDifference[] {
  const declared = mergePrivileges(role.privileges.map((privilege) => [describeResource(privilege), privilege.actions]))
  const actual = mergePrivileges(
    observed.privileges.map((privilege) => [
      describeObserved(privilege['resource'] as JsonObject),
      privilege['actions'] as readonly string[],
    ]),
  )
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
  return [...new Set(roles.map(({ role, database }) => `${database}.${role}`))].sort().join(', ')
}

/** The users come last: what their roles name is there by then. */
export function planUsers(declaration: MongodbDeclaration, catalogue: MongodbCatalogue): readonly PlannedChange[] {
  return declaration.users.flatMap((user): readonly PlannedChange[] => {
    const observed = catalogue.users.find(({ name, database }) => name === user.name && database === user.database)
    const differences = observed === undefined ? [] : userDifferences(user, observed)
    if (observed !== undefined && differences.length === 0) return []
    const name = `${user.database}.${user.name}`
    const what = differences.map(({ path }) => path).join(' and ')
    const summary = observed === undefined ? `create user ${name}` : `set the ${what} of user ${name}`
    const withPassword = observed?.passwordMatches !== true
    const action = observed === undefined ? 'create' : 'update'
    return [
      {
        act: { type: 'write-user', user, withPassword },
        change: { resource: { kind: 'user', name }, action, summary, differences, loss: null },
      },
    ]
  })
}

function userDifferences(user: UserDeclaration, observed: ObservedUser): readonly StoreDifference[] {
  const password = { path: 'password', actual: 'another', declared: 'as declared' }
  return [...(observed.passwordMatches ? [] : [password]), ...referenceDifferences(observed.roles, user.roles)]
}
