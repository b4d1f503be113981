import { type Db, MongoClient, type MongoClientOptions } from 'mongodb'
import type { TlsConfig } from '../../config/config.ts'
import type { Secret } from '../../config/secret.ts'
import { tlsOptions } from '../tls.ts'

/** Milliseconds for a connection. Members are close to each other and to this machine, or useless as members. */
const timeout = 3000

/** Connections to single servers, opened when they are first needed. */
export interface Clients {
  readonly user: string | null
  /** Signed in, where a user is configured. */
  readonly database: (address: string, name: string) => Db
  /** Without credentials: for commands that need none, and for the localhost exception. */
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

export function clientOptions(
  { user, password, authenticationDatabase, secure, tls }: MongodbConnection,
  signedIn: boolean,
): MongoClientOptions {
  return {
    appName: 'wwdb',
    // The members' own opinion of each other is what is to be checked here.
    directConnection: true,
    serverSelectionTimeoutMS: timeout,
    connectTimeoutMS: timeout,
    heartbeatFrequencyMS: 2000,
    maxPoolSize: 4,
    // wwdb itself repeats writes, after checking which member is primary.
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
          ...tlsOptions(tls),
        }
      : {}),
  }
}

/** How to log in to the members of a set: the same for all. */
export interface MongodbConnection {
  /** Null for servers without access control. */
  readonly user: string | null
  readonly password: Secret | null
  /** The database that authenticates the user; empty means `admin`. */
  readonly authenticationDatabase: string
  readonly secure: boolean
  readonly tls: TlsConfig | null
}
