import type { Document } from 'mongodb'
import type { Clients } from './clients.ts'

/** Never dropped, whatever a prefix says. */
const own: ReadonlySet<string> = new Set(['admin', 'local', 'config'])

/** Drops users, roles and databases whose names begin with the prefix; says what. */
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
