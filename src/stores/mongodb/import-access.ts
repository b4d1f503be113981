import { type ImportedItem, type NotDeclarable, nameVariable, type StoreContents, toItem } from '../import-items.ts'
import type { JsonObject } from './declaration.ts'
import type { NamedUser, ObservedRole } from './ports.ts'

type Imported = Omit<StoreContents, 'version'>

/** Every role that somebody made. @param hidden databases whose roles may not be listed */
export function importRoles(roles: readonly ObservedRole[], hidden: readonly string[]): Imported {
  const found = roles.map((role): ImportedItem | NotDeclarable => {
    const resource = { kind: 'role', name: `${role.database}.${role.name}` }
    const privileges = role.privileges.map(toPrivilege)
    const unknown = role.privileges[privileges.indexOf(null)]
    if (unknown !== undefined) {
      return {
        resource,
        why: `It has privileges on ${JSON.stringify(unknown['resource'])}, which no file can declare.`,
      }
    }
    return toItem(resource, 'access', ['roles', role.name], {
      ...inDatabase(role.database),
      ...(privileges.length === 0 ? {} : { privileges }),
      ...(role.roles.length === 0 ? {} : { roles: role.roles }),
    })
  })
  const unseen = hidden.map((name) => ({
    resource: { kind: 'role list', name },
    why: `The user of this run cannot list roles of \`${name}\`.`,
    unread: true as const,
  }))
  return divide([...found, ...unseen])
}

/** Every user but that of the run: its password is in the configuration. */
export function importUsers(users: readonly NamedUser[] | null, self: string | null): Imported {
  if (users === null) {
    const resource = { kind: 'user list', name: 'admin' }
    return { items: [], notDeclarable: [{ resource, why: 'The user of this run cannot list users.', unread: true }] }
  }
  const found = users
    .filter(({ name }) => name !== self)
    .map(({ name, database, roles }): ImportedItem | NotDeclarable => {
      const resource = { kind: 'user', name: `${database}.${name}` }
      if (database === '$external')
        return { resource, why: 'It is authenticated outside of MongoDB, without a password.' }
      return {
        ...toItem(resource, 'access', ['users', name], { ...inDatabase(database), password: '', roles }),
        secrets: { password: nameVariable('mongodb', name, 'password') },
      }
    })
  return divide(found)
}

function divide(found: readonly (ImportedItem | NotDeclarable)[]): Imported {
  return {
    items: found.filter((one) => 'value' in one),
    notDeclarable: found.filter((one) => 'why' in one),
  }
}

function inDatabase(database: string): JsonObject {
  return database === 'admin' ? {} : { database }
}

/** Null where its resource is neither the cluster nor in a database. */
function toPrivilege({ resource, actions }: JsonObject): JsonObject | null {
  const { cluster, db, collection } = resource as JsonObject
  if (cluster === true) return { cluster, actions: actions ?? [] }
  if (typeof db !== 'string' || typeof collection !== 'string') return null
  return { database: db, ...(collection === '' ? {} : { collection }), actions: actions ?? [] }
}
