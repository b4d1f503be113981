import { connect } from 'node:net'
import { type Db, MongoClient, type MongoClientOptions } from 'mongodb'
import type { MongodbConnection } from './connection.ts'
import { explainLoss } from './errors.ts'

/** Milliseconds for a connection. Members are near each other and near us, or useless as members. */
const patience = 3000

/** Connections to single servers, opened when they are first needed. */
export interface Clients {
  readonly user: string | null
  /** Signed in, where a user is configured. */
  readonly database: (address: string, name: string) => Db
  /** As nobody: for what is said to everybody, and for the localhost exception. */
  readonly anonymous: (address: string, name: string) => Db
  readonly close: () => Promise<void>
}

export function openClients(connection: MongodbConnection): Clients {
  const clients = new Map<string, MongoClient>()
  const client = (address: string, signedIn: boolean): MongoClient => {
    const key = `${signedIn} ${address}`
    const found = clients.get(key) ?? new MongoClient(`mongodb://${address}`, clientOptions(connection, signedIn))
    clients.set(key, found)
    return found
  }
  return {
    user: connection.user,
    database: (address, name) => client(address, connection.user !== null).db(name),
    anonymous: (address, name) => client(address, false).db(name),
    close: async () => {
      await Promise.all([...clients.values()].map((one) => one.close()))
      clients.clear()
    },
  }
}

function clientOptions(
  { user, password, authenticationDatabase, secure, tls }: MongodbConnection,
  signedIn: boolean,
): MongoClientOptions {
  return {
    appName: 'wwdb',
    // The members' own opinion of each other is what we are here to check.
    directConnection: true,
    serverSelectionTimeoutMS: patience,
    connectTimeoutMS: patience,
    heartbeatFrequencyMS: 2000,
    maxPoolSize: 4,
    // A write that is repeated is repeated by us, after a look at who is primary.
    retryWrites: false,
    promoteValues: true,
    ...(signedIn && user !== null
      ? {
          auth: { username: user, password: password?.reveal() ?? '' },
          authSource: authenticationDatabase === '' ? 'admin' : authenticationDatabase,
        }
      : {}),
    ...(secure
      ? {
          tls: true,
          rejectUnauthorized: tls?.verify ?? true,
          ...(tls?.ca ? { ca: tls.ca } : {}),
          ...(tls?.cert ? { cert: tls.cert } : {}),
          ...(tls?.key ? { key: tls.key.reveal() } : {}),
        }
      : {}),
  }
}

/** Why nobody answers at an address; null where somebody does. Faster than the driver, which tries until its time is up. */
export function findSilence(address: string): Promise<string | null> {
  const colon = address.lastIndexOf(':')
  const host = address.slice(0, colon).replace(/^\[(.*)\]$/, '$1')
  return new Promise((settle) => {
    const socket = connect({ host, port: Number(address.slice(colon + 1)), timeout: patience })
    const end = (why: string | null): void => {
      socket.destroy()
      settle(why)
    }
    socket.once('connect', () => end(null))
    socket.once('timeout', () => end('It did not answer in time.'))
    socket.once('error', (error) => end(explainLoss(error)))
  })
}
