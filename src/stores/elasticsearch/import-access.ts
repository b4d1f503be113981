import { nameVariable, type StoreContents, toItem } from '../import-items.ts'
import type { ObservedAccess } from './access-ports.ts'
import type { JsonObject } from './declaration.ts'
import { namedByOthers } from './mark.ts'

type Imported = Omit<StoreContents, 'version'>

/** Every role that is not the server's; none where it has no security. What a file cannot declare of one, a plan finds. */
export function importRoles(access: ObservedAccess): Imported {
  const roles = access?.type === 'on' ? [...access.roles] : []
  const items = roles.map(([name, { cluster, indices, metadata }]) => ({
    ...toItem({ kind: 'role', name }, 'access', ['roles', name], {
      ...descriptionOf(metadata),
      ...(cluster.length === 0 ? {} : { cluster }),
      ...(indices.length === 0
        ? {}
        : { indices: indices.map((one) => ({ names: one['names'], privileges: one['privileges'] })) }),
    }),
    undeclarable: namedByOthers(metadata),
  }))
  return { items, notDeclarable: [] }
}

/** Every user but that of the run: its password is in the configuration. */
export function importUsers(access: ObservedAccess, self: string | null): Imported {
  const users = access?.type === 'on' ? [...access.users].filter(([name]) => name !== self) : []
  const items = users.map(([name, { roles, enabled, metadata, fullName, email }]) => ({
    ...toItem({ kind: 'user', name }, 'access', ['users', name], {
      ...descriptionOf(metadata),
      password: '',
      roles,
      ...(enabled ? {} : { enabled }),
    }),
    undeclarable: [
      ...(isSaid(fullName) ? ['its full name'] : []),
      ...(isSaid(email) ? ['its mail address'] : []),
      ...namedByOthers(metadata),
    ],
    secrets: { password: nameVariable('elasticsearch', name, 'password') },
  }))
  return { items, notDeclarable: [] }
}

/** Those that name roles by a template cannot be declared: a plan finds it. */
export function importMappings(access: ObservedAccess): Imported {
  const mappings = access?.type === 'on' ? [...access.mappings] : []
  const items = mappings.map(([name, { roles, rules, enabled, metadata }]) => ({
    ...toItem({ kind: 'role mapping', name }, 'access', ['role_mappings', name], {
      ...descriptionOf(metadata),
      roles,
      rules,
      ...(enabled ? {} : { enabled }),
    }),
    undeclarable: namedByOthers(metadata),
  }))
  return { items, notDeclarable: [] }
}

function isSaid(text: string | null): boolean {
  return text !== null && text !== ''
}

function descriptionOf({ description }: JsonObject): JsonObject {
  return typeof description === 'string' ? { description } : {}
}
