import type { MongodbDeclaration, PrivilegeDeclaration, RoleReference } from './declaration.ts'

/** The declaration with the environment's prefix before every name that is made: databases, roles, users. */
export function withPrefix(declaration: MongodbDeclaration, prefix: string): MongodbDeclaration {
  const databases = new Set(declaration.databases.map(({ name }) => name))
  const made = new Set(declaration.roles.map(({ name, database }) => JSON.stringify([name, database])))
  const database = (name: string): string => (databases.has(name) ? prefix + name : name)
  const reference = (wanted: RoleReference): RoleReference => ({
    role: made.has(JSON.stringify([wanted.role, wanted.database])) ? prefix + wanted.role : wanted.role,
    database: database(wanted.database),
  })
  const privilege = (wanted: PrivilegeDeclaration): PrivilegeDeclaration =>
    wanted.resource.type === 'cluster'
      ? wanted
      : { ...wanted, resource: { ...wanted.resource, database: database(wanted.resource.database) } }
  return {
    replicaSet: declaration.replicaSet,
    databases: declaration.databases.map((declared) => ({ ...declared, name: prefix + declared.name })),
    roles: declaration.roles.map((role) => ({
      name: prefix + role.name,
      database: database(role.database),
      privileges: role.privileges.map(privilege),
      roles: role.roles.map(reference),
    })),
    users: declaration.users.map((user) => ({
      ...user,
      name: prefix + user.name,
      database: database(user.database),
      roles: user.roles.map(reference),
    })),
  }
}
