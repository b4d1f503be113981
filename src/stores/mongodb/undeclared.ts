import type { Undeclared } from '../find-drift.ts'
import type { MongodbDeclaration, RoleReference } from './declaration.ts'
import type { MongodbCatalogue, NamedUser } from './observation.ts'
import { eachCollection, findCollection } from './plan-collections.ts'
import { undeclaredIndexes } from './plan-indexes.ts'

interface Search {
  /** With the prefix before its names, and with the users whose password is not given here. */
  readonly declaration: MongodbDeclaration
  readonly prefix: string
  /** Who signs in: that one has to exist. */
  readonly self: string | null
}

/** What the declared databases hold besides, and who has access beside the users that are declared. It is left alone. */
export function findUndeclared(search: Search, catalogue: MongodbCatalogue): readonly Undeclared[] {
  const { declaration } = search
  const declared = eachCollection(declaration)
  const others = catalogue.collections.filter(
    (found) =>
      !declared.some(({ database, collection }) => database === found.database && collection.name === found.name),
  )
  const indexes = declared.flatMap(({ database, collection }) => {
    const observed = findCollection(catalogue, database, collection.name)
    const names = observed === null ? [] : undeclaredIndexes(collection, observed)
    return names.map((name) => `${database}.${collection.name}.${name}`)
  })
  return [
    ...others.map(({ database, name, type }) =>
      known(
        type === 'collection' ? 'collection' : type,
        `${database}.${name}`,
        'Declare it under "databases", or drop it',
      ),
    ),
    ...indexes.map((name) => known('index', name, 'Declare it under "indexes" of its collection, or drop it')),
    ...findRoles(search, catalogue),
    ...findUsers(search, catalogue.allUsers ?? []),
    ...(catalogue.allUsers === null ? [unlisted] : []),
  ]
}

function known(kind: string, name: string, what: string): Undeclared {
  return { resource: { kind, name }, detail: null, severity: 'warning', next: `${what}, once nobody uses it.` }
}

const unlisted: Undeclared = {
  resource: { kind: 'user list', name: 'admin' },
  detail: 'the user of this run may not list the users, so that those whom nobody declared are not known',
  severity: 'warning',
  next: 'Give it the role userAdminAnyDatabase.',
}

function findRoles({ declaration, prefix }: Search, { allRoles }: MongodbCatalogue): readonly Undeclared[] {
  return allRoles
    .filter(({ name, database }) => !declaration.roles.some((one) => one.name === name && one.database === database))
    .filter(({ name }) => name.startsWith(prefix))
    .map(({ name, database }) => known('role', `${database}.${name}`, 'Declare it under "roles", or drop it'))
}

/** One who may do anything is an error, as nobody would see it otherwise; of other environments none but these is named. */
function findUsers({ declaration, prefix, self }: Search, all: readonly NamedUser[]): readonly Undeclared[] {
  return all
    .filter(({ name, database }) => !declaration.users.some((one) => one.name === name && one.database === database))
    .filter(({ name }) => name !== self)
    .flatMap(({ name, database, roles }) => {
      const own = name.startsWith(prefix)
      const mighty = roles.some(isMighty)
      if (!own && !mighty) return []
      const list = roles.map((role) => `${role.database}.${role.role}`).toSorted()
      return [
        {
          resource: { kind: 'user', name: `${database}.${name}` },
          detail: `its roles: ${list.length === 0 ? 'none' : list.join(', ')}`,
          severity: own && mighty ? 'error' : 'warning',
          next: `Declare it under "users" (with an empty password it is left as it is), or run db.getSiblingDB(${JSON.stringify(database)}).dropUser(${JSON.stringify(name)}).`,
        },
      ]
    })
}

/** Built-in roles that reach every database, or that lead there. */
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
