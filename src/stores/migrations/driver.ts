import type { StoreConfig } from '../../config/config.ts'
import { ToolError } from '../../core/tool-error.ts'
import type { StoreRun } from '../contract.ts'
import { nothingDeclared } from '../mongodb/declaration.ts'
import { openMongodb } from '../mongodb/driver.ts'
import { type MongodbConnection, openClients } from '../mongodb/driver-clients.ts'
import { explainError, isElsewhere } from '../mongodb/errors.ts'
import { lockPlace } from '../mongodb/lock.ts'
import { awaitWriter, defineMembers, type MongodbContext, waitFor, waitingOf } from '../mongodb/members.ts'
import { lockPosition } from '../mongodb/ports.ts'
import { takeLease } from '../take-lease.ts'
import { adoptFiles } from './driver-adopt.ts'
import { notReplicated } from './driver-errors.ts'
import { readHistory, readJournal } from './driver-journal.ts'
import type { CodeConnection, CodePlace } from './messages.ts'
import type { MigrationDriver, StepRun } from './ports.ts'
import { describeCode, runCode } from './run-code.ts'

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
  // The members of a set that is not declared here are those of the URL, and those that they know.
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
    refuseAlone: () => refuseAlone(context),
    lock: async (wait) => {
      await before()
      const lease = await takeLease(lockPlace(context), { store: 'mongodb', server: label, wait, run })
      if (lease === null) throw notSetUp(label)
      return lease
    },
    carryOut: async ({ id, migration, direction, shape }, step) => {
      const address = await findWriter()
      const work = { id, migration, direction, connection: toSend(connection, address), place: placeOf(step) }
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
