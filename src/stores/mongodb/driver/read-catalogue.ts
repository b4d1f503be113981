import type { Db, Document } from 'mongodb'
import type { MongodbDeclaration } from '../declaration.ts'
import { isJsonObject } from '../json.ts'
import type { MongodbCatalogue, NamedUser, ObservedCollection, ObservedRole, ObservedUser } from '../observation.ts'
import type { Clients } from './clients.ts'
import { plainDocument } from './documents.ts'
import { hasCode, serverErrors } from './errors.ts'
import { passwordMatches } from './password.ts'

/** Reads what is declared, and the names of what else the declared databases hold. */
export async function readCatalogue(
  clients: Clients,
  address: string,
  declaration: MongodbDeclaration,
): Promise<MongodbCatalogue> {
  const collections = await Promise.all(
    declaration.databases.map(({ name, collections: declared }) =>
      readCollections(clients.database(address, name), new Set(declared.map((collection) => collection.name))),
    ),
  )
  const admin = clients.database(address, 'admin')
  return {
    collections: collections.flat(),
    roles: await readRoles(admin, declaration),
    users: await readUsers(admin, declaration),
    allRoles: await listRoles(clients, address, ['admin', ...declaration.databases.map(({ name }) => name)]),
    allUsers: await listUsers(admin),
  }
}

/** Without the built-in ones. Where they may not be listed there are none to be named. */
async function listRoles(
  clients: Clients,
  address: string,
  databases: readonly string[],
): Promise<MongodbCatalogue['allRoles']> {
  const lists = await Promise.all(
    [...new Set(databases)].map(async (name) => {
      const answer = await orNotAllowed(clients.database(address, name).command({ rolesInfo: 1 }))
      const found: readonly Document[] = Array.isArray(answer?.['roles']) ? answer['roles'] : []
      return found.map(({ role, db }) => ({ name: String(role), database: String(db) }))
    }),
  )
  return lists.flat()
}

async function listUsers(admin: Db): Promise<readonly NamedUser[] | null> {
  const answer = await orNotAllowed(admin.command({ usersInfo: { forAllDBs: true } }))
  if (answer === null) return null
  const found: readonly Document[] = Array.isArray(answer['users']) ? answer['users'] : []
  return found.map(({ user, db, roles }) => ({
    name: String(user),
    database: String(db),
    roles: readReferences(roles),
  }))
}

async function orNotAllowed(answer: Promise<Document>): Promise<Document | null> {
  try {
    return await answer
  } catch (error) {
    if (hasCode(error, serverErrors.unauthorized)) return null
    throw error
  }
}

async function readCollections(database: Db, declared: ReadonlySet<string>): Promise<readonly ObservedCollection[]> {
  const found: readonly Document[] = await database.listCollections({}, { nameOnly: false }).toArray()
  const own = found.filter(({ name }) => !String(name).startsWith('system.'))
  return Promise.all(own.map((document) => readCollection(database, document, declared)))
}

async function readCollection(
  database: Db,
  document: Document,
  declared: ReadonlySet<string>,
): Promise<ObservedCollection> {
  const name = String(document['name'])
  const type = document['type'] === 'view' || document['type'] === 'timeseries' ? document['type'] : 'collection'
  const options = plainDocument(document['options'] ?? {})
  const { validator, validationLevel, validationAction } = options
  const looked = type === 'collection' && declared.has(name)
  const indexes: readonly Document[] = looked ? await database.collection(name).indexes() : []
  return {
    database: database.databaseName,
    name,
    type,
    options,
    // An empty rule is none: that is how a validator is taken off.
    validator:
      isJsonObject(validator) && Object.keys(validator).length > 0
        ? { rule: validator, level: String(validationLevel ?? 'strict'), action: String(validationAction ?? 'error') }
        : null,
    indexes: indexes.map((index) => ({ name: String(index['name']), specification: plainDocument(index) })),
    documents: looked ? await database.collection(name).estimatedDocumentCount() : 0,
  }
}

async function readRoles(admin: Db, { roles }: MongodbDeclaration): Promise<readonly ObservedRole[]> {
  if (roles.length === 0) return []
  const wanted = roles.map(({ name, database }) => ({ role: name, db: database }))
  const answer = await admin.command({ rolesInfo: wanted, showPrivileges: true })
  const found: readonly Document[] = Array.isArray(answer['roles']) ? answer['roles'] : []
  return found.map((role) => ({
    name: String(role['role']),
    database: String(role['db']),
    privileges: (Array.isArray(role['privileges']) ? role['privileges'] : []).map(plainDocument),
    roles: readReferences(role['roles']),
  }))
}

async function readUsers(admin: Db, { users }: MongodbDeclaration): Promise<readonly ObservedUser[]> {
  if (users.length === 0) return []
  const wanted = users.map(({ name, database }) => ({ user: name, db: database }))
  const answer = await admin.command({ usersInfo: wanted, showCredentials: true })
  const found: readonly Document[] = Array.isArray(answer['users']) ? answer['users'] : []
  return found.map((document) => {
    const [name, database] = [String(document['user']), String(document['db'])]
    const declared = users.find((user) => user.name === name && user.database === database)
    return {
      name,
      database,
      passwordMatches: declared !== undefined && passwordMatches(declared.password, document['credentials']),
      roles: readReferences(document['roles']),
    }
  })
}

function readReferences(roles: unknown): readonly { readonly role: string; readonly database: string }[] {
  const documents: readonly Document[] = Array.isArray(roles) ? roles : []
  return documents.map(({ role, db }) => ({ role: String(role), database: String(db) }))
}
