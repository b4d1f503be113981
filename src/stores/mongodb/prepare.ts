import type { StoreConfig } from '../../config/config.ts'
import type { StoreSession } from '../contract.ts'
import type { Prepare } from '../not-yet.ts'
import type { StoreSurroundings } from '../ports.ts'
import type { MongodbDeclaration } from './declaration.ts'
import { readMongodbDeclaration } from './declare/read-declaration.ts'
import { openMongodbSession } from './session.ts'

export const prepare: Prepare = (store, documents) => {
  const reading = readMongodbDeclaration(documents)
  if (reading.type === 'faults') return reading
  return { type: 'ready', open: (surroundings) => open(store, reading.declaration, surroundings) }
}

async function open(
  store: StoreConfig,
  declaration: MongodbDeclaration,
  surroundings: StoreSurroundings,
): Promise<StoreSession> {
  const { openMongodb } = await import('./driver/driver.ts')
  const { endpoints, user, password, path, secure, tls, prefix } = store
  const driver = openMongodb({ user, password, authenticationDatabase: path, secure, tls })
  const addresses = endpoints.map(({ host, port }) => `${host.includes(':') ? `[${host}]` : host}:${port}`)
  return openMongodbSession({ declaration, prefix, addresses, user, driver }, surroundings)
}
