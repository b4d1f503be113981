import type { Db, Document } from 'mongodb'
import type { ReplicaSetConfiguration } from '../observation.ts'
import type { MongodbDriver, WriteOutcome } from '../ports.ts'
import { passCanary } from './canary.ts'
import { clearPrefix } from './clear.ts'
import { type Clients, openClients } from './clients.ts'
import type { MongodbConnection } from './connection.ts'
import { countConcerned } from './count.ts'
import { serverDocument } from './documents.ts'
import { explain, hasCode, isConfigurationRace, isElsewhere, serverErrors } from './errors.ts'
import { lookAt } from './look-at.ts'
import { performAct } from './perform.ts'
import { readCatalogue } from './read-catalogue.ts'

/** Milliseconds that a reconfiguration may take until a majority has it. */
const agreement = 30_000

/** Speaks to MongoDB's servers through the `mongodb` package, to each directly. Connects when it is first asked something. */
export function openMongodb(connection: MongodbConnection): MongodbDriver {
  const clients = openClients(connection)
  const admin = (address: string): Db => clients.database(address, 'admin')
  const reading = <T>(address: string, work: Promise<T>): Promise<T> =>
    work.catch((error: unknown) => Promise.reject(explain(error, address, connection.user)))
  const writing = (address: string, work: Promise<unknown>): Promise<WriteOutcome> => write(clients, address, work)
  return {
    lookAt: (address) => lookAt(clients, address),
    initiate: (address, configuration) => writing(address, initiate(clients, address, configuration)),
    createAdministrator: (address) => writing(address, createAdministrator(clients, address, connection)),
    reconfigure: (address, configuration) =>
      writing(
        address,
        admin(address).command({ replSetReconfig: configurationDocument(configuration), maxTimeMS: agreement }),
      ),
    stepDown: (address) =>
      writing(address, admin(address).command({ replSetStepDown: 60, secondaryCatchUpPeriodSecs: 30 })),
    readCatalogue: (address, declaration) => reading(address, readCatalogue(clients, address, declaration)),
    count: (address, question) => reading(address, countConcerned(clients, address, question)),
    perform: (address, act) => writing(address, performAct(clients, address, act)),
    passCanary: async (address, readers, database) => {
      let missing: readonly string[] = []
      const work = passCanary(clients, address, readers, database).then((found) => {
        missing = found
      })
      return { outcome: await writing(address, work), missing }
    },
    readAccessControl: (address) => readAccessControl(admin(address)),
    clear: (address, prefix) =>
      clearPrefix(clients, address, prefix).catch((error: unknown) =>
        Promise.reject(explain(error, address, connection.user, 'change')),
      ),
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
    throw explain(error, address, clients.user, 'change')
  }
}

/** As nobody where a user is configured: there is none yet. */
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
    // Another run was first: whether it made the same user shows when that one signs in.
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
