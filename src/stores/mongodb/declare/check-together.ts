import type { MongodbDeclaration, RoleReference } from '../declaration.ts'
import { type Objection, suggest } from './objections.ts'
import type { MongodbDocument } from './schema.ts'

/** Roles that MongoDB has in every database. */
const everywhere = ['read', 'readWrite', 'dbAdmin', 'dbOwner', 'userAdmin'] as const

/** Roles that only `admin` has. */
const adminOnly = [
  'root',
  'clusterAdmin',
  'clusterManager',
  'clusterMonitor',
  'hostManager',
  'backup',
  'restore',
  'readAnyDatabase',
  'readWriteAnyDatabase',
  'userAdminAnyDatabase',
  'dbAdminAnyDatabase',
  'enableSharding',
] as const

/** What can only be told of one document when all of the folder are known. @param all put together. */
export function checkReferences(document: MongodbDocument, all: MongodbDeclaration): readonly Objection[] {
  const { roles = {}, users = {} } = document
  return [
    ...Object.entries(roles).flatMap(([name, role]) => [
      ...(role.roles ?? []).flatMap((wanted, at) => checkReference(wanted, ['roles', name, 'roles', at], all)),
      ...checkRing(name, role.database ?? 'admin', all),
      ...(role.privileges ?? []).flatMap(({ database, collection }, at) =>
        checkPlace(database ?? '', collection ?? '', ['roles', name, 'privileges', at], all),
      ),
    ]),
    ...Object.entries(users).flatMap(([name, user]) =>
      user.roles.flatMap((wanted, at) => checkReference(wanted, ['users', name, 'roles', at], all)),
    ),
  ]
}

function checkReference(
  { role, database }: RoleReference,
  path: readonly PropertyKey[],
  { roles }: MongodbDeclaration,
): readonly Objection[] {
  const builtIn: readonly string[] = database === 'admin' ? [...everywhere, ...adminOnly] : everywhere
  const declared = roles.filter((one) => one.database === database).map(({ name }) => name)
  if (builtIn.includes(role) || declared.includes(role)) return []
  return [
    {
      path: [...path, 'role'],
      says: `names ${role}, which is neither built in nor declared in ${database}`,
      ...suggest(role, [...declared, ...builtIn]),
    },
  ]
}

function checkRing(name: string, database: string, { roles }: MongodbDeclaration): readonly Objection[] {
  const same = (one: RoleReference, other: RoleReference): boolean =>
    one.role === other.role && one.database === other.database
  const start = { role: name, database }
  const seen: RoleReference[] = []
  const open: RoleReference[] = [start]
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const here = next
    const inherited = roles.find((one) => one.name === here.role && one.database === here.database)?.roles ?? []
    if (inherited.some((one) => same(one, start)))
      return [{ path: ['roles', name, 'roles'], says: 'inherits itself in the end' }]
    const fresh = inherited.filter((one) => !seen.some((other) => same(one, other)))
    seen.push(...fresh)
    open.push(...fresh)
  }
  return []
}

/** Of databases that the files declare, collections must be declared, too. */
function checkPlace(
  database: string,
  collection: string,
  path: readonly PropertyKey[],
  { databases }: MongodbDeclaration,
): readonly Objection[] {
  const found = databases.find(({ name }) => name === database)
  if (found === undefined || collection === '') return []
  const names = found.collections.map(({ name }) => name)
  if (names.includes(collection)) return []
  return [
    {
      path: [...path, 'collection'],
      says: `names ${collection}, which ${database} does not declare`,
      ...suggest(collection, names),
    },
  ]
}
