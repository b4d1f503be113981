import { afterAll, beforeAll } from 'vitest'
import { describeMongodb, startMongodbs, type TestMongodb } from '../helpers/mongodb/mongodb.ts'
import { collectionOf, emptyDeclaration, indexOn, openTestSession } from '../helpers/mongodb/mongodb-session.ts'
import { describeSetupLock } from './setup-lock.contract.ts'

describeMongodb('the lock of setup in MongoDB', () => {
  let servers: readonly TestMongodb[] = []
  beforeAll(async () => {
    servers = await startMongodbs(3)
  })
  afterAll(async () => {
    for (const server of servers) await server.stop()
  })
  // Everything in the database that holds the lock: it is no undeclared resource there.
  const withIndexes = (indexes: readonly ReturnType<typeof indexOn>[]) => ({
    ...emptyDeclaration(),
    databases: [{ name: 'wwdb', collections: [collectionOf('callbacks', { indexes })], views: [] }],
  })
  const first = withIndexes([indexOn({ received_at: 1 })])
  const more = withIndexes([indexOn({ received_at: 1 }), indexOn({ message_id: 1 })])

  describeSetupLock(() => ({
    open: (declared, lease) =>
      openTestSession({
        addresses: servers.map(({ address }) => address),
        declaration: declared === 'first' ? first : more,
        ...(lease === undefined ? {} : { lease }),
      }),
  }))
})
