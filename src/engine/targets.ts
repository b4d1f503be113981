import type { Config, DatabaseConfig } from '../config/config.ts'
import type { Migration } from '../domain/migration.ts'
import { type Fault, ToolError } from '../domain/tool-error.ts'
import { type Circumstances, isApplicable } from './applicable.ts'
import { type JournalState, readStates } from './journal-state.ts'
import type { JournalSnapshot, ServerPort, Session } from './ports.ts'
import { resolveReferences } from './reference-mode.ts'

/** A target that is open, with what its journal and its files say. */
export interface OpenTarget {
  readonly database: DatabaseConfig
  readonly session: Session
  readonly snapshot: JournalSnapshot
  readonly state: JournalState
  /** Every file of the logical database. */
  readonly all: readonly Migration[]
  /** Those whose conditions hold here. */
  readonly migrations: readonly Migration[]
}

/** All targets of a run, with what holds for them together. */
export interface OpenTargets {
  readonly targets: readonly OpenTarget[]
  /** Databases whose schema does not exist, where the request tolerates that. */
  readonly missing: readonly DatabaseConfig[]
  readonly references: 'physical' | 'logical'
  readonly close: () => Promise<void>
}

export interface OpenRequest {
  readonly config: Config
  readonly databases: readonly DatabaseConfig[]
  readonly migrations: ReadonlyMap<string, readonly Migration[]>
  readonly servers: ServerPort
  readonly writable: boolean
  /** What to do about a schema that does not exist yet. Default `fail`. */
  readonly missing?: 'fail' | 'skip'
}

interface Opened {
  readonly database: DatabaseConfig
  readonly session: Session
  readonly snapshot: JournalSnapshot
}

async function openOne(request: OpenRequest, database: DatabaseConfig): Promise<Opened> {
  const session = await request.servers.open(database, request.config.timeouts, request.writable)
  return { database, session, snapshot: await session.readJournal() }
}

/** One error with the faults of all; a defect among them is thrown as it is. */
function joinErrors(errors: readonly unknown[]): unknown {
  const told = errors.filter((error): error is ToolError => error instanceof ToolError)
  const first = told[0]
  if (first === undefined || told.length < errors.length) return errors.find((error) => !(error instanceof ToolError))
  // Databases that share a server have one fault between them when it does not answer.
  const faults: readonly Fault[] = [
    ...new Map(told.flatMap((error) => error.faults).map((fault) => [JSON.stringify(fault), fault])).values(),
  ]
  const worst = told.map((error) => error.exitCode).toSorted((a, b) => b - a)[0] ?? first.exitCode
  return new ToolError(first.code, faults, { exitCode: worst, cause: first })
}

/** The same target with its journal read again, e.g. under the lock. */
export async function refreshTarget(target: OpenTarget): Promise<OpenTarget> {
  const snapshot = await target.session.readJournal()
  return { ...target, snapshot, state: readStates(snapshot) }
}

/**
 * Opens all databases at once and reads their journals. When one cannot be opened nothing is done to any.
 * Throws ToolError with the faults of every database that could not be opened.
 */
export async function openTargets(request: OpenRequest): Promise<OpenTargets> {
  const settled = await Promise.allSettled(request.databases.map((database) => openOne(request, database)))
  const opened = settled.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []))
  const close = async (): Promise<void> => {
    await Promise.allSettled(opened.map((one) => one.session.close()))
  }
  const isMissing = (error: unknown): boolean =>
    request.missing === 'skip' && error instanceof ToolError && error.code === 'SCHEMA_MISSING'
  const missing = request.databases.filter((_, index) => {
    const one = settled[index]
    return one?.status === 'rejected' && isMissing(one.reason)
  })
  const failed = settled.flatMap((one) =>
    one.status === 'rejected' && !isMissing(one.reason) ? [one.reason as unknown] : [],
  )
  try {
    if (failed.length > 0) throw joinErrors(failed)
    const references = resolveReferences(request.config, opened)
    return { targets: opened.map((one) => describeTarget(one, request, references)), missing, references, close }
  } catch (error) {
    await close()
    throw error
  }
}

function describeTarget(opened: Opened, request: OpenRequest, references: 'physical' | 'logical'): OpenTarget {
  const all = request.migrations.get(opened.database.name) ?? []
  const circumstances: Circumstances = {
    environment: request.config.environment,
    references,
    serverVersion: opened.session.facts.version,
  }
  return {
    ...opened,
    state: readStates(opened.snapshot),
    all,
    migrations: all.filter((migration) => isApplicable(migration, circumstances)),
  }
}
