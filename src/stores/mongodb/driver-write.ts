import { randomBytes } from 'node:crypto'
import { setTimeout as pause } from 'node:timers/promises'
import type { Db, Document } from 'mongodb'
import { assertNever, ToolError } from '../../core/tool-error.ts'
import type {
  IndexDeclaration,
  RoleDeclaration,
  RoleReference,
  UserDeclaration,
  ValidatorDeclaration,
} from './declaration.ts'
import type { Clients } from './driver-clients.ts'
import { setCompatibility } from './driver-compatibility.ts'
import { kindOptions, setDefaults, writeView } from './driver-kinds.ts'
import { serverDocument } from './driver-read.ts'
import { hasCode, isLost, serverErrors } from './errors.ts'
import type { CatalogOperation } from './operations.ts'

/** Done when a majority has it; reported after a minute without one. */
const writeConcern = { w: 'majority', wtimeout: 60_000 } as const

type Run = (database: string, command: Document) => Promise<Document>

/** Carries out one operation on the primary. Errors are the driver's own. */
export async function performOperation(clients: Clients, address: string, operation: CatalogOperation): Promise<void> {
  const run: Run = (database, command) => clients.database(address, database).command({ ...command, writeConcern })
  switch (operation.type) {
    case 'create-collection':
      return createCollection(clients.database(address, operation.database), run, operation)
    case 'set-validator':
      await run(operation.database, { collMod: operation.collection, ...validatorOptions(operation.validator) })
      return
    case 'alter-collection':
      for (const step of operation.steps) await run(operation.database, { collMod: operation.collection, ...step })
      return
    case 'write-view':
      return writeView(run, operation)
    case 'set-defaults':
      return setDefaults(run, operation)
    case 'set-compatibility':
      return setCompatibility(clients, address, { version: operation.version, writeConcern })
    case 'create-index':
      return createIndex(run, operation)
    case 'alter-index':
      return alterIndex(run, operation)
    case 'write-role':
      return writeRole(run, operation.role)
    case 'write-user':
      return writeUser(run, operation.user, operation.withPassword)
    default:
      return assertNever(operation)
  }
}

async function createCollection(
  there: Db,
  run: Run,
  { database, collection }: Extract<CatalogOperation, { type: 'create-collection' }>,
): Promise<void> {
  const { name, collation, validator } = collection
  const order = collation === null ? {} : { collation: serverDocument(collation) }
  try {
    const rule = validator === null ? {} : validatorOptions(validator)
    await run(database, { create: name, ...kindOptions(collection), ...rule, ...order })
  } catch (error) {
    if (!hasCode(error, serverErrors.namespaceExists)) throw error
    if (await hasRule(there, name, validator)) return
    throw new ToolError('STORE_REFUSED', {
      what: `\`${database}.${name}\` was created in the meantime and differs from its declaration.`,
      next: 'Run the command again to compare it.',
    })
  }
}

async function hasRule(database: Db, name: string, validator: ValidatorDeclaration | null): Promise<boolean> {
  const [found] = await database.listCollections({ name }, { nameOnly: false }).toArray()
  const rule: unknown = (found as Document | undefined)?.['options']?.['validator']
  const wanted: unknown = validator === null ? null : validatorOptions(validator)['validator']
  return JSON.stringify(rule ?? null) === JSON.stringify(wanted)
}

function validatorOptions(validator: ValidatorDeclaration | null): Document {
  if (validator === null) return { validator: {}, validationLevel: 'strict', validationAction: 'error' }
  return {
    validator: { $jsonSchema: serverDocument(validator.schema) },
    validationLevel: validator.level,
    validationAction: validator.action,
  }
}

async function createIndex(run: Run, operation: Extract<CatalogOperation, { type: 'create-index' }>): Promise<void> {
  const drop = async (names: readonly string[]): Promise<void> => {
    for (const index of names)
      await ignoring(serverErrors.indexNotFound, run(operation.database, { dropIndexes: operation.collection, index }))
  }
  await drop(operation.before)
  // Without this, a build waits for every voting member, forever where one is down.
  const commitQuorum = 'majority'
  await run(operation.database, {
    createIndexes: operation.collection,
    indexes: [indexDocument(operation.index)],
    commitQuorum,
  })
  await drop(operation.after)
}

function indexDocument(index: IndexDeclaration): Document {
  return {
    name: index.name,
    key: Object.fromEntries(index.key),
    ...(index.unique ? { unique: true } : {}),
    ...(index.sparse ? { sparse: true } : {}),
    ...(index.hidden ? { hidden: true } : {}),
    ...(index.expireAfterSeconds === null ? {} : { expireAfterSeconds: index.expireAfterSeconds }),
    ...(index.partialFilter === null ? {} : { partialFilterExpression: serverDocument(index.partialFilter) }),
    // Without one, the server takes that of the collection.
    collation: serverDocument(index.collation ?? { locale: 'simple' }),
    ...(Object.keys(index.weights).length === 0 ? {} : { weights: index.weights }),
    ...(index.defaultLanguage === null ? {} : { default_language: index.defaultLanguage }),
  }
}

async function alterIndex(run: Run, operation: Extract<CatalogOperation, { type: 'alter-index' }>): Promise<void> {
  const alter = (values: Document): Promise<Document> =>
    run(operation.database, { collMod: operation.collection, index: { name: operation.name, ...values } })
  const plain = {
    ...(operation.expireAfterSeconds === null ? {} : { expireAfterSeconds: operation.expireAfterSeconds }),
    ...(operation.hidden === null ? {} : { hidden: operation.hidden }),
  }
  if (Object.keys(plain).length > 0) await alter(plain)
  if (operation.unique === null) return
  // First no new duplicates, then none at all.
  await alter({ prepareUnique: true })
  await alter({ unique: true })
}

async function writeRole(run: Run, role: RoleDeclaration): Promise<void> {
  const privileges = role.privileges.map(({ resource, actions }) => ({
    resource:
      resource.type === 'cluster' ? { cluster: true } : { db: resource.database, collection: resource.collection },
    actions,
  }))
  const values = { privileges, roles: role.roles.map(referenceDocument) }
  try {
    await run(role.database, { updateRole: role.name, ...values })
  } catch (error) {
    if (!hasCode(error, serverErrors.roleNotFound)) throw error
    await ignoring(serverErrors.roleExists, run(role.database, { createRole: role.name, ...values }))
  }
}

async function writeUser(run: Run, user: UserDeclaration, withPassword: boolean): Promise<void> {
  const roles = user.roles.map(referenceDocument)
  const pwd = user.password
  try {
    await run(user.database, { updateUser: user.name, roles, ...(withPassword ? { pwd } : {}) })
  } catch (error) {
    if (!hasCode(error, serverErrors.userNotFound)) throw error
    await ignoring(serverErrors.userExists, run(user.database, { createUser: user.name, roles, pwd }))
  }
}

/** If two runs create or drop one thing at the same time, either did it. */
async function ignoring(code: number, work: Promise<unknown>): Promise<void> {
  try {
    await work
  } catch (error) {
    if (!hasCode(error, code)) throw error
  }
}

function referenceDocument({ role, database }: RoleReference): Document {
  return { role, db: database }
}

/** Milliseconds for a majority to have the document, and then for each reader to show it. */
const timeout = 10_000

/** Milliseconds after which the next run drops a canary that a killed run left behind. */
const stale = 3_600_000

/**
 * Writes a document that a majority must have, reads it on each of the readers, and drops its collection.
 * @returns the readers that did not show it in time.
 */
export async function proveWriting(
  clients: Clients,
  address: string,
  readers: readonly string[],
  name: string,
): Promise<readonly string[]> {
  const database = clients.database(address, name)
  await dropStale(database)
  const collection = `wwdb_proof_${Date.now()}_${randomBytes(4).toString('hex')}`
  try {
    const document = { at: new Date() }
    const writeConcern = { w: 'majority', wtimeoutMS: timeout } as const
    const { insertedId } = await database.collection(collection).insertOne(document, { writeConcern })
    const seen = await Promise.all(
      readers.map(async (reader) => {
        const there = clients.database(reader, name).collection(collection)
        return (await appears(() => there.findOne({ _id: insertedId }))) ? null : reader
      }),
    )
    return seen.filter((reader) => reader !== null)
  } finally {
    await database.dropCollection(collection)
  }
}

async function appears(look: () => Promise<unknown>): Promise<boolean> {
  const end = Date.now() + timeout
  for (;;) {
    try {
      if ((await look()) !== null) return true
    } catch (error) {
      if (isLost(error)) return false
      throw error
    }
    if (Date.now() > end) return false
    await pause(50)
  }
}

async function dropStale(database: Db): Promise<void> {
  for (const { name } of await database.listCollections({ name: /^wwdb_proof_/ }, { nameOnly: true }).toArray()) {
    const born = Number(/^wwdb_proof_(\d+)_/.exec(name)?.[1] ?? 0)
    if (born < Date.now() - stale) await database.dropCollection(name)
  }
}

/** Never dropped, even with a matching prefix. */
const own: ReadonlySet<string> = new Set(['admin', 'local', 'config'])

/** Drops users, roles and databases whose names begin with the prefix; returns what it dropped. */
export async function clearPrefix(clients: Clients, address: string, prefix: string): Promise<readonly string[]> {
  const admin = clients.database(address, 'admin')
  const writeConcern = { w: 'majority', wtimeout: 60_000 } as const
  const gone: string[] = []
  const { users } = await admin.command({ usersInfo: { forAllDBs: true } })
  for (const { user, db } of (users as readonly Document[]).filter((found) =>
    String(found['user']).startsWith(prefix),
  )) {
    await clients.database(address, String(db)).command({ dropUser: user, writeConcern })
    gone.push(`user ${db}.${user}`)
  }
  const roles = await admin.collection('system.roles').find().toArray()
  for (const { role, db } of roles.filter((found) => String(found['role']).startsWith(prefix))) {
    await clients.database(address, String(db)).command({ dropRole: role, writeConcern })
    gone.push(`role ${db}.${role}`)
  }
  const { databases } = await admin.command({ listDatabases: 1, nameOnly: true })
  for (const { name } of databases as readonly { readonly name: string }[]) {
    if (!name.startsWith(prefix) || own.has(name)) continue
    await clients.database(address, name).command({ dropDatabase: 1, writeConcern })
    gone.push(`database ${name}`)
  }
  return gone
}
