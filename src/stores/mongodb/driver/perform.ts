import type { Db, Document } from 'mongodb'
import { assertNever, ToolError } from '../../../core/tool-error.ts'
import type {
  IndexDeclaration,
  RoleDeclaration,
  RoleReference,
  UserDeclaration,
  ValidatorDeclaration,
} from '../declaration.ts'
import type { CatalogueAct } from '../ports.ts'
import type { Clients } from './clients.ts'
import { serverDocument } from './documents.ts'
import { hasCode, serverErrors } from './errors.ts'

/** Done when a majority has it; said after a minute in which it has not. */
const writeConcern = { w: 'majority', wtimeout: 60_000 } as const

type Run = (database: string, command: Document) => Promise<Document>

/** Carries out one act on the primary. Errors are the driver's own. */
export async function performAct(clients: Clients, address: string, act: CatalogueAct): Promise<void> {
  const run: Run = (database, command) => clients.database(address, database).command({ ...command, writeConcern })
  switch (act.type) {
    case 'create-collection':
      return createCollection(clients.database(address, act.database), run, act)
    case 'set-validator':
      await run(act.database, { collMod: act.collection, ...validatorOptions(act.validator) })
      return
    case 'create-index':
      return createIndex(run, act)
    case 'alter-index':
      return alterIndex(run, act)
    case 'write-role':
      return writeRole(run, act.role)
    case 'write-user':
      return writeUser(run, act.user, act.withPassword)
    default:
      return assertNever(act)
  }
}

async function createCollection(
  there: Db,
  run: Run,
  { database, collection }: Extract<CatalogueAct, { type: 'create-collection' }>,
): Promise<void> {
  const { name, collation, validator } = collection
  const order = collation === null ? {} : { collation: serverDocument(collation) }
  try {
    await run(database, { create: name, ...(validator === null ? {} : validatorOptions(validator)), ...order })
  } catch (error) {
    if (!hasCode(error, serverErrors.namespaceExists)) throw error
    if (await hasRule(there, name, validator)) return
    throw new ToolError('STORE_REFUSED', {
      what: `${database}.${name} was made meanwhile, otherwise than declared.`,
      next: 'Run this again: it is compared then.',
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

async function createIndex(run: Run, act: Extract<CatalogueAct, { type: 'create-index' }>): Promise<void> {
  for (const index of act.instead) {
    try {
      await run(act.database, { dropIndexes: act.collection, index })
    } catch (error) {
      if (!hasCode(error, serverErrors.indexNotFound)) throw error
    }
  }
  // Without this a build waits for every member with a vote, for ever where one is down.
  const commitQuorum = 'majority'
  await run(act.database, { createIndexes: act.collection, indexes: [indexDocument(act.index)], commitQuorum })
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
    ...(index.collation === null ? {} : { collation: serverDocument(index.collation) }),
    ...(Object.keys(index.weights).length === 0 ? {} : { weights: index.weights }),
    ...(index.defaultLanguage === null ? {} : { default_language: index.defaultLanguage }),
  }
}

async function alterIndex(run: Run, act: Extract<CatalogueAct, { type: 'alter-index' }>): Promise<void> {
  const alter = (values: Document): Promise<Document> =>
    run(act.database, { collMod: act.collection, index: { name: act.name, ...values } })
  const plain = {
    ...(act.expireAfterSeconds === null ? {} : { expireAfterSeconds: act.expireAfterSeconds }),
    ...(act.hidden === null ? {} : { hidden: act.hidden }),
  }
  if (Object.keys(plain).length > 0) await alter(plain)
  if (act.unique === null) return
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

/** Two runs that make one thing at once: either made it. */
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
