import { type Db, type Document, MongoClient, type MongoClientOptions } from 'mongodb'
import type { StoreConfig, TlsConfig } from '../../config/config.ts'
import type { Secret } from '../../config/secret.ts'
import type { LeaseAnswer } from '../lease.ts'
import { tlsOptions } from '../tls.ts'
import { countConcerned, readCatalog } from './driver-catalog.ts'
import { changeLease } from './driver-lock.ts'
import { listDatabases, observeMember, serverDocument } from './driver-read.ts'
import { clearPrefix, performOperation, proveWriting } from './driver-write.ts'
import { explainError, hasCode, isConfigurationRace, isElsewhere, serverErrors } from './errors.ts'
import type { MongodbDriver, ReplicaSetConfiguration, WriteOutcome } from './ports.ts'

/** Milliseconds that a reconfiguration may take until a majority has it. */
const agreement = 30_000

/** The servers that the configuration names. */
export function connect({ user, password, path, secure, tls }: StoreConfig): MongodbDriver {
  return openMongodb({ user, password, authenticationDatabase: path, secure, tls })
}

/** Speaks to MongoDB's servers through the `mongodb` package, to each directly. Connects on the first request. */
export function openMongodb(connection: MongodbConnection): MongodbDriver {
  const clients = openClients(connection)
  const admin = (address: string): Db => clients.database(address, 'admin')
  const reading = <T>(address: string, work: Promise<T>): Promise<T> =>
    work.catch((error: unknown) => Promise.reject(explainError(error, address, connection.user)))
  const writing = (address: string, work: Promise<unknown>): Promise<WriteOutcome> => write(clients, address, work)
  return {
    observeMember: (address) => observeMember(clients, address),
    initiate: (address, configuration) => writing(address, initiate(clients, address, configuration)),
    createAdministrator: (address) => writing(address, createAdministrator(clients, address, connection)),
    reconfigure: (address, configuration) =>
      writing(
        address,
        admin(address).command({ replSetReconfig: configurationDocument(configuration), maxTimeMS: agreement }),
      ),
    stepDown: (address) =>
      writing(address, admin(address).command({ replSetStepDown: 60, secondaryCatchUpPeriodSecs: 30 })),
    listDatabases: (address) => reading(address, listDatabases(admin(address))),
    readCatalog: (address, declaration) => reading(address, readCatalog(clients, address, declaration)),
    count: (address, question) => reading(address, countConcerned(clients, address, question)),
    perform: (address, operation) => writing(address, performOperation(clients, address, operation)),
    proveWriting: async (address, readers, database) => {
      let missing: readonly string[] = []
      const work = proveWriting(clients, address, readers, database).then((found) => {
        missing = found
      })
      return { outcome: await writing(address, work), missing }
    },
    readAccessControl: (address) => readAccessControl(admin(address)),
    clear: (address, prefix) =>
      clearPrefix(clients, address, prefix).catch((error: unknown) =>
        Promise.reject(explainError(error, address, connection.user, 'write')),
      ),
    lease: async (address, database, request) => {
      let answer: LeaseAnswer = { type: 'no-place' }
      const work = changeLease(clients.database(address, database), request).then((given) => {
        answer = given
      })
      return { outcome: await writing(address, work), answer }
    },
    close: clients.close,
  }
}

async function write(clients: Clients, address: string, work: Promise<unknown>): Promise<WriteOutcome> {
  try {
    await work
    return 'done'
  } catch (error) {
    if (isElsewhere(error)) return 'elsewhere'
    if (isConfigurationRace(error)) return 'later'
    throw explainError(error, address, clients.user, 'write')
  }
}

/** Without credentials although a user is configured: the user does not exist yet. */
async function initiate(clients: Clients, address: string, configuration: ReplicaSetConfiguration): Promise<void> {
  const { version: _, ...document } = configuration
  try {
    await clients.anonymous(address, 'admin').command({ replSetInitiate: document })
  } catch (error) {
    if (!hasCode(error, serverErrors.alreadyInitialized)) throw error
  }
}

async function createAdministrator(clients: Clients, address: string, connection: MongodbConnection): Promise<void> {
  const { user, password, authenticationDatabase } = connection
  const database = authenticationDatabase === '' ? 'admin' : authenticationDatabase
  const command: Document = {
    createUser: user,
    pwd: password?.reveal() ?? '',
    roles: [{ role: 'root', db: 'admin' }],
    writeConcern: { w: 'majority', wtimeout: 60_000 },
  }
  try {
    await clients.anonymous(address, database).command(command)
  } catch (error) {
    // Another run was first: the next login shows whether it created the same user.
    const closed = hasCode(error, serverErrors.userExists, serverErrors.unauthorized)
    if (!closed) throw error
    await clients.database(address, 'admin').command({ ping: 1 })
  }
}

function configurationDocument(configuration: ReplicaSetConfiguration): Document {
  return serverDocument(configuration as Parameters<typeof serverDocument>[0])
}

async function readAccessControl(admin: Db): Promise<boolean | null> {
  try {
    const { parsed } = await admin.command({ getCmdLineOpts: 1 })
    const { authorization, keyFile, clusterAuthMode } = parsed?.['security'] ?? {}
    return authorization === 'enabled' || keyFile !== undefined || clusterAuthMode !== undefined
  } catch {
    return null
  }
}

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
