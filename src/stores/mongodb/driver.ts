import type { Db, Document } from 'mongodb'
import type { StoreConfig } from '../../config/config.ts'
import type { LeaseAnswer } from '../lease.ts'
import { countConcerned, readCatalog } from './driver-catalog.ts'
import { type Clients, type MongodbConnection, openClients } from './driver-clients.ts'
import { readCompatibility } from './driver-compatibility.ts'
import { readDefaults, readProfiling, setProfiling } from './driver-kinds.ts'
import { changeLease } from './driver-lock.ts'
import { readOplog, resizeOplog } from './driver-oplog.ts'
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
  let initiated = false
  return {
    observeMember: (address) => observeMember(clients, address),
    initiate: (address, configuration) => {
      const work = initiate(clients, address, configuration).then((made) => {
        initiated ||= made
      })
      return writing(address, work)
    },
    hasInitiated: () => initiated,
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
    readDefaults: (address) => reading(address, readDefaults(clients, address)),
    readCompatibility: (address) => reading(address, readCompatibility(clients, address)),
    readProfiling: (address, databases) => reading(address, readProfiling(clients, address, databases)),
    setProfiling: (address, operation) => writing(address, setProfiling(clients, address, operation)),
    readOplog: (address) => reading(address, readOplog(clients, address)),
    resizeOplog: (address, operation) => writing(address, resizeOplog(clients, address, operation)),
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

/** False where another run was first. Without credentials although a user is configured: the user does not exist yet. */
async function initiate(clients: Clients, address: string, configuration: ReplicaSetConfiguration): Promise<boolean> {
  const { version: _, ...document } = configuration
  try {
    await clients.anonymous(address, 'admin').command({ replSetInitiate: document })
    return true
  } catch (error) {
    if (!hasCode(error, serverErrors.alreadyInitialized)) throw error
    return false
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
