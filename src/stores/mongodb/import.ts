import type { StoreContents } from '../import-items.ts'
import { type CollectionDeclaration, type Declaration, nothingDeclared } from './declaration.ts'
import { importRoles, importUsers } from './import-access.ts'
import { importCollections } from './import-collections.ts'
import { importCompatibility, importDefaults, unreadCompatibility } from './import-kinds.ts'
import { importSet } from './import-set.ts'
import { awaitWriter, defineMembers, type MongodbContext, membersOfSet, waitingOf } from './members.ts'
import type { Catalog } from './ports.ts'

/** All that a set or a server has, besides what belongs to MongoDB and to wwdb. */
export async function readContents(context: MongodbContext): Promise<StoreContents> {
  const { driver, server, user, run } = context
  // What the files declare of the set does not matter here: its members are those that the URL names.
  const set = defineMembers({ ...context, declaration: declareNames([], []) })
  const members = await set.observe()
  const writer = await awaitWriter(set, { ...waitingOf(context), timeout: run.waitTimeout ?? 0 })
  const names = await driver.listDatabases(writer)
  const listed = await driver.readCatalog(writer, declareNames(names, []))
  const catalog = await driver.readCatalog(writer, declareNames(names, listed.collections, listed.allRoles))
  const isSet = membersOfSet(members).length > 0
  const defaults = isSet ? await driver.readDefaults(writer) : null
  const version = members.find(({ address }) => address === writer)?.version ?? null
  const compatibility = await driver
    .readCompatibility(writer)
    .then((observed) => importCompatibility(observed, version), unreadCompatibility)
  const parts = [
    importSet(members, server),
    importCollections(catalog.collections),
    importRoles(catalog.roles, catalog.hiddenRoles),
    importUsers(catalog.allUsers, user),
    { items: importDefaults(defaults), notDeclarable: [] },
    compatibility,
  ]
  return {
    version,
    items: parts.flatMap(({ items }) => items),
    notDeclarable: parts.flatMap(({ notDeclarable }) => notDeclarable),
  }
}

/** A declaration of names alone: what of the catalog is read whole. */
function declareNames(
  databases: readonly string[],
  collections: Catalog['collections'],
  roles: Catalog['allRoles'] = [],
): Declaration {
  return {
    ...nothingDeclared,
    databases: databases.map((database) => ({
      name: database,
      collections: collections.filter((found) => found.database === database).map(declareName),
      views: [],
    })),
    roles: roles.map((role) => ({ ...role, privileges: [], roles: [] })),
  }
}

function declareName({ name }: { readonly name: string }): CollectionDeclaration {
  const plain = { collation: null, validator: null, indexes: [], capped: null, timeSeries: null, preImages: null }
  return { name, ...plain }
}
