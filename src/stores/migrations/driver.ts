import type { Document } from 'mongodb'
import type { StoreConfig } from '../../config/config.ts'
import { ToolError } from '../../core/tool-error.ts'
import type { StoreRun } from '../contract.ts'
import type { Declaration } from '../mongodb/declaration.ts'
import { type Clients, type MongodbConnection, openClients, openMongodb } from '../mongodb/driver.ts'
import { explainError, isElsewhere } from '../mongodb/errors.ts'
import { lockPlace } from '../mongodb/lock.ts'
import { awaitWriter, defineMembers, type MongodbContext, waitFor, waitingOf } from '../mongodb/members.ts'
import { historyCollection, journalCollection, lockPosition } from '../mongodb/ports.ts'
import { takeLease } from '../take-lease.ts'
import { adoptFiles } from './driver-adopt.ts'
import { adoptedId, fenceId } from './driver-fence.ts'
import { notReplicated } from './driver-record.ts'
import type { CodeConnection, CodePlace } from './messages.ts'
import { byVersion } from './plan-migrations.ts'
import {
  type CodeHistoryEntry,
  changelog,
  type Journal,
  type JournalEntry,
  type MigrationDriver,
  type StepRun,
} from './ports.ts'
import { describeCode, runCode } from './run-code.ts'

/** The members of a set that is not declared here are those of the URL, and those that they know. */
const nothingDeclared: Declaration = { replicaSet: null, databases: [], roles: [], users: [] }

export interface MigrationOutside {
  readonly run: StoreRun
  /** Records the run before its first change; throws where a hook forbids it. */
  readonly before: () => Promise<void>
}

/** The migrations of the MongoDB that the configuration names. */
export function openMigrations(config: StoreConfig, { run, before }: MigrationOutside): MigrationDriver {
  const { user, password, path, secure, tls, label, prefix } = config
  const connection: MongodbConnection = { user, password, authenticationDatabase: path, secure, tls }
  const driver = openMongodb(connection)
  const clients = openClients(connection)
  const context: MongodbContext = { declaration: nothingDeclared, prefix, server: label, user, driver, run }
  const findWriter = (): Promise<string> => awaitWriter(defineMembers(context), waitingOf(context))
  const reading = <T>(read: (address: string) => Promise<T>): Promise<T> => readOnWriter(context, findWriter, read)
  const placeOf = ({ database, owner }: StepRun): CodePlace => ({
    database,
    lockDatabase: `${prefix}${lockPosition.database}`,
    owner,
    by: run.holder,
  })
  return {
    shapes: describeCode,
    journal: (database) => reading((address) => readJournal(clients, address, database)),
    history: (database) => reading((address) => readHistory(clients, address, database)),
    lock: async (wait) => {
      await before()
      await refuseAlone(context)
      const lease = await takeLease(lockPlace(context), { store: 'mongodb', server: label, wait, run })
      if (lease === null) throw notSetUp(label)
      return lease
    },
    carryOut: async ({ migration, direction, shape }, step) => {
      const address = await findWriter()
      const work = { migration, direction, connection: toSend(connection, address), place: placeOf(step) }
      return runCode({ type: 'carry-out', work }, shape.manner, step)
    },
    adopt: async (migrations, step) => {
      const address = await findWriter()
      return adoptFiles(toSend(connection, address), placeOf(step), migrations)
    },
    close: async () => {
      await Promise.all([driver.close(), clients.close()])
    },
  }
}

function toSend(connection: MongodbConnection, address: string): CodeConnection {
  const { user, password, authenticationDatabase, secure, tls } = connection
  return {
    address,
    user,
    password: password?.reveal() ?? null,
    authenticationDatabase,
    secure,
    tls: tls === null ? null : { ...tls, key: tls.key?.reveal() ?? null },
  }
}

/** Reads on the primary, and on the next one where it changes meanwhile. */
async function readOnWriter<T>(
  context: MongodbContext,
  findWriter: () => Promise<string>,
  read: (address: string) => Promise<T>,
): Promise<T> {
  return waitFor(
    waitingOf(context),
    async () => {
      const address = await findWriter()
      try {
        return { result: await read(address) }
      } catch (error) {
        if (isElsewhere(error)) return { why: `${address} was lost: waiting for the next primary.` }
        throw explainError(error, address, context.user)
      }
    },
    (why) =>
      new ToolError('MONGODB_NO_PRIMARY', { what: 'No primary answers.', why, next: 'Run `wwdb setup verify`.' }),
  )
}

async function readJournal(clients: Clients, address: string, name: string): Promise<Journal> {
  const database = clients.database(address, name)
  const documents = await database
    .collection<{ readonly _id: string } & Document>(journalCollection)
    .find({}, { readConcern: 'majority' })
    .toArray()
  const own = documents.filter(({ _id }) => _id !== fenceId && _id !== adoptedId)
  const adopted: unknown = documents.find(({ _id }) => _id === adoptedId)?.['versions']
  const taken = new Set<unknown>(Array.isArray(adopted) ? adopted : [])
  const applied = await database
    .collection(changelog.applied)
    .find({ fileName: { $type: 'string' } })
    .toArray()
  return {
    entries: own.map(toEntry).toSorted(byVersion),
    changelog: applied
      .map(({ fileName, appliedAt }) => ({ fileName: String(fileName), at: toTime(appliedAt) }))
      .filter(({ fileName }) => !taken.has(/^\d+/.exec(fileName)?.[0])),
    changelogLocked: (await database.collection(changelog.lock).findOne({})) !== null,
  }
}

function toEntry(document: { readonly _id: string } & Document): JournalEntry {
  const { _id, name, file, checksum, state, direction, at, by, documents } = document
  return {
    version: _id,
    name: String(name),
    file: String(file),
    checksum: typeof checksum === 'string' ? checksum : null,
    state: state === 'open' ? 'open' : 'applied',
    direction: direction === 'down' ? 'down' : 'up',
    at: toTime(at),
    by: String(by),
    documents: Number(documents ?? 0),
  }
}

async function readHistory(clients: Clients, address: string, name: string): Promise<readonly CodeHistoryEntry[]> {
  const lines = await clients
    .database(address, name)
    .collection(historyCollection)
    .find({}, { readConcern: 'majority' })
    .sort({ at: 1, _id: 1 })
    .toArray()
  return lines.map(({ version, name: called, direction, manner, at, milliseconds, by, documents }) => ({
    version: String(version),
    name: String(called),
    direction: direction === 'down' ? 'down' : 'up',
    manner: ['batches', 'outside', 'adopted'].includes(manner) ? manner : 'transaction',
    at: toTime(at),
    milliseconds: Number(milliseconds),
    by: String(by),
    documents: Number(documents ?? 0),
  }))
}

function toTime(value: unknown): string {
  return value instanceof Date ? value.toISOString() : ''
}

/** A server alone has no transactions. */
async function refuseAlone(context: MongodbContext): Promise<void> {
  const seen = await defineMembers(context).observe()
  const alone = seen.find(({ status }) => status.type === 'standalone')
  if (alone !== undefined) throw notReplicated(alone.address)
}

function notSetUp(server: string): ToolError {
  return new ToolError('MONGODB_NOT_REPLICATED', {
    what: `The replica set at ${server} is not initiated, or has no user yet.`,
    where: { server },
    next: 'Run `wwdb setup apply --only mongodb` first.',
  })
}
