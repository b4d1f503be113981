import { createHash, createHmac, pbkdf2Sync, timingSafeEqual } from 'node:crypto'
import type { CollationOptions, Db, Document } from 'mongodb'
import { assertNever } from '../../core/tool-error.ts'
import { type Declaration, isJsonObject, type JsonObject } from './declaration.ts'
import type { Clients } from './driver-clients.ts'
import { readCompatibility } from './driver-compatibility.ts'
import { readDefaults } from './driver-kinds.ts'
import { plainDocument, serverDocument } from './driver-read.ts'
import { hasCode, serverErrors } from './errors.ts'
import type { Catalog, CountQuestion, NamedUser, ObservedCollection, ObservedRole, ObservedUser } from './ports.ts'

/** Reads what is declared, and the names of everything else in the declared databases. */
export async function readCatalog(clients: Clients, address: string, declaration: Declaration): Promise<Catalog> {
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
    ...(await listRoles(clients, address, ['admin', ...declaration.databases.map(({ name }) => name)])),
    allUsers: await listUsers(admin),
    defaults: declaration.defaults === null ? null : await readDefaults(clients, address),
    compatibility: declaration.compatibility === null ? null : await readCompatibility(clients, address),
  }
}

/** Without built-in ones. */
async function listRoles(
  clients: Clients,
  address: string,
  databases: readonly string[],
): Promise<Pick<Catalog, 'allRoles' | 'hiddenRoles'>> {
  const lists = await Promise.all(
    [...new Set(databases)].map(async (name) => {
      const answer = await orNotAllowed(clients.database(address, name).command({ rolesInfo: 1 }))
      const found: readonly Document[] = Array.isArray(answer?.['roles']) ? answer['roles'] : []
      return {
        allRoles: found.map(({ role, db }) => ({ name: String(role), database: String(db) })),
        hiddenRoles: answer === null ? [name] : [],
      }
    }),
  )
  return {
    allRoles: lists.flatMap(({ allRoles }) => allRoles),
    hiddenRoles: lists.flatMap(({ hiddenRoles }) => hiddenRoles),
  }
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
  const looked = type !== 'view' && declared.has(name)
  const indexes: readonly Document[] = looked ? await database.collection(name).indexes() : []
  return {
    database: database.databaseName,
    name,
    type,
    options,
    // An empty rule means no validator: that is how a validator is removed.
    validator:
      isJsonObject(validator) && Object.keys(validator).length > 0
        ? { rule: validator, level: String(validationLevel ?? 'strict'), action: String(validationAction ?? 'error') }
        : null,
    indexes: indexes.map((index) => ({ name: String(index['name']), specification: plainDocument(index) })),
    // Of a time series, this would count buckets.
    documents: looked && type === 'collection' ? await database.collection(name).estimatedDocumentCount() : 0,
    bytes: looked && options['capped'] === true ? await readSize(database, name) : 0,
  }
}

async function readSize(database: Db, name: string): Promise<number> {
  const stages = [{ $collStats: { storageStats: {} } }]
  const [stats] = await database.collection(name).aggregate(stages).toArray()
  return Number(stats?.['storageStats']?.['size'] ?? 0)
}

async function readRoles(admin: Db, { roles }: Declaration): Promise<readonly ObservedRole[]> {
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

async function readUsers(admin: Db, { users }: Declaration): Promise<readonly ObservedUser[]> {
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

/**
 * Whether a password matches the stored credentials of a user (SCRAM-SHA-256, RFC 7677). There is no login, so the server's log has no entry. A user without such credentials counts as one with another password.
 * @param credentials as `usersInfo` shows them.
 */
function passwordMatches(password: string, credentials: unknown): boolean {
  const secret = readSecret(credentials)
  if (secret === null) return false
  const salted = pbkdf2Sync(
    password.normalize('NFKC'),
    Buffer.from(secret.salt, 'base64'),
    secret.iterations,
    32,
    'sha256',
  )
  const client = createHmac('sha256', salted).update('Client Key').digest()
  const stored = Buffer.from(secret.storedKey, 'base64')
  const own = createHash('sha256').update(client).digest()
  return stored.length === own.length && timingSafeEqual(stored, own)
}

function readSecret(
  credentials: unknown,
): { readonly salt: string; readonly storedKey: string; readonly iterations: number } | null {
  const all = credentials as Readonly<Record<string, Readonly<Record<string, unknown>> | undefined>> | null | undefined
  const secret = all?.['SCRAM-SHA-256']
  const { salt, storedKey, iterationCount } = secret ?? {}
  if (typeof salt !== 'string' || typeof storedKey !== 'string' || typeof iterationCount !== 'number') return null
  return { salt, storedKey, iterations: iterationCount }
}

/** Counts what a change would affect. Reads the whole collection where no index helps. */
export async function countConcerned(clients: Clients, address: string, question: CountQuestion): Promise<number> {
  const collection = clients.database(address, question.database).collection(question.collection)
  switch (question.type) {
    case 'violations':
      return collection.countDocuments({ $nor: [{ $jsonSchema: serverDocument(question.validator.schema) }] })
    case 'expiring': {
      // As the server's own TTL monitor asks; a document without a date never expires.
      const expired = { [question.field]: { $lt: new Date(Date.now() - question.seconds * 1000) } }
      return collection.countDocuments(
        question.filter === null ? expired : { $and: [serverDocument(question.filter), expired] },
        orderOf(question.collation),
      )
    }
    case 'duplicates': {
      const values = Object.fromEntries(
        question.fields.map((field, at) => [`field${at}`, { $ifNull: [`$${field}`, null] }]),
      )
      const present = { $or: question.fields.map((field) => ({ [field]: { $exists: true } })) }
      const [answer] = await collection
        .aggregate(
          [
            {
              $match: {
                $and: [question.filter === null ? {} : serverDocument(question.filter), question.sparse ? present : {}],
              },
            },
            { $group: { _id: values, count: { $sum: 1 } } },
            { $match: { count: { $gt: 1 } } },
            { $count: 'count' },
          ],
          { allowDiskUse: true, ...orderOf(question.collation) },
        )
        .toArray()
      return Number(answer?.['count'] ?? 0)
    }
    default:
      return assertNever(question)
  }
}

/** What makes two texts equal, as the server builds the index with it. Without one, a question takes that of the collection. */
function orderOf(collation: JsonObject | null): { readonly collation: CollationOptions } {
  return { collation: { ...serverDocument(collation ?? {}), locale: String(collation?.['locale'] ?? 'simple') } }
}
