import type { Config, DatabaseConfig } from '../config/config.ts'
import { refuseChangedSession } from '../config/session.ts'
import { exitCodes } from '../core/exit-code.ts'
import { type Fault, ToolError } from '../core/tool-error.ts'
import type { StatementServers } from '../uses/ports.ts'
import { type JournalState, readStates } from './journal/journal.ts'
import type { JournalFormat } from './journal/journal-format.ts'
import type { JournalSnapshot } from './journal/rows.ts'
import type { Migration } from './migration.ts'
import type { OnlineServerOf } from './online-changes.ts'
import {
  type ConditionContext,
  type DatabaseState,
  findNeighbors,
  isApplicable,
  listRequired,
  resolveReferences,
} from './plan/database-state.ts'
import { resolveSquash } from './plan/resolve-squash.ts'
import type { ServerPort, Session } from './ports.ts'
import { isMissing, sortRejections, type Unreached } from './unreached.ts'

/** An open target, with its journal and its files. */
export interface OpenTarget extends DatabaseState {
  readonly database: DatabaseConfig
  readonly session: Session
  readonly snapshot: JournalSnapshot
  /** Which files apply, and which part of the journal, as of now. */
  readonly resolve?: (state: JournalState) => DatabaseState
}

/** All targets of a run, with what applies to them together. */
export interface OpenTargets {
  readonly targets: readonly OpenTarget[]
  /** Databases whose schema does not exist, where the request tolerates that. */
  readonly missing: readonly DatabaseConfig[]
  /** Databases and neighbors whose servers could not be used, where the request tolerates that. */
  readonly unreached: readonly Unreached[]
  /** True where the request tolerates that: a server that is lost later is also tolerated. */
  readonly skipsUnreached: boolean
  /** The journals of the request's neighbors; their connections are closed again. */
  readonly neighbors: readonly DatabaseState[]
  readonly references: 'physical' | 'logical'
  readonly close: () => Promise<void>
  /** What live statements are read by; absent where nobody looks at them. */
  readonly live?: () => Promise<StatementServers>
  /** What leftovers of online changes are read by; absent where nobody looks at them. */
  readonly online?: () => Promise<OnlineServerOf>
}

export interface OpenRequest {
  readonly config: Config
  readonly databases: readonly DatabaseConfig[]
  readonly migrations: ReadonlyMap<string, readonly Migration[]>
  readonly servers: ServerPort
  readonly writable: boolean
  /** Databases of which only the journals are read. */
  readonly neighbors?: readonly DatabaseConfig[]
  /** What to do about a schema that does not exist yet: `list` counts it as not reached. Default `fail`. */
  readonly missing?: 'fail' | 'skip' | 'list'
  /** The command's choice for references between databases; absent for a command that keeps what was recorded. */
  readonly references?: 'logical'
  /** What to do where some of the servers cannot be used. Default `fail`; where none can be used, it always fails. */
  readonly unreached?: 'fail' | 'skip'
}

/** Databases that are being opened, in the request's order. Never rejects. */
type Opening = Promise<readonly PromiseSettledResult<Opened>[]>

interface Opened {
  readonly database: DatabaseConfig
  readonly session: Session
  readonly snapshot: JournalSnapshot
  readonly state: JournalState
}

type Access = Pick<OpenRequest, 'config' | 'databases' | 'servers' | 'writable'>

function beginOpening(request: Access): Opening {
  return Promise.allSettled(request.databases.map((database) => openOne(request, database)))
}

/** Closes what was opened, without waiting for it. */
function abandonOpening(opening: Opening): void {
  void opening.then((settled) => Promise.allSettled(opened(settled).map(({ session }) => session.close())))
}

const opened = (settled: readonly PromiseSettledResult<Opened>[]): readonly Opened[] =>
  settled.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []))

/** Whether a migration was applied from a file with this checksum: then the file was split and checked before it ran. */
export type IsApplied = (database: string, version: string, checksum: string) => boolean

/** Asks the journals that are read within the given milliseconds; a server that takes longer, or is not reached, knows no file. */
async function askJournals(opening: Opening, milliseconds: number): Promise<IsApplied> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<readonly []>((resolve) => {
    timer = setTimeout(resolve, milliseconds, [])
  })
  const settled = await Promise.race([opening, late])
  clearTimeout(timer)
  const states = new Map(opened(settled).map(({ database, state }) => [database.name, state.states]))
  return (database, version, checksum) => {
    const state = states.get(database)?.get(version)
    return state?.type === 'applied' && state.pass.checksum === checksum
  }
}

async function openOne(request: Access, database: DatabaseConfig): Promise<Opened> {
  const session = await request.servers.open(database, request.config.timeouts, request.writable)
  try {
    const snapshot = await session.readJournal()
    return { database, session, snapshot, state: readStates(snapshot) }
  } catch (error) {
    await session.close()
    throw error
  }
}

/** One error with the faults of all; a defect among them is rethrown. */
export function joinErrors(errors: readonly unknown[]): unknown {
  const reported = errors.filter((error): error is ToolError => error instanceof ToolError)
  const first = reported[0]
  if (first === undefined || reported.length < errors.length)
    return errors.find((error) => !(error instanceof ToolError))
  // Databases that share a server share one fault when it does not answer.
  const faults: readonly Fault[] = [
    ...new Map(reported.flatMap((error) => error.faults).map((fault) => [JSON.stringify(fault), fault])).values(),
  ]
  const worst = reported.map((error) => error.exitCode).toSorted((a, b) => b - a)[0] ?? first.exitCode
  return new ToolError(first.code, faults, { exitCode: worst, cause: first })
}

/** The same target with its journal read again, for example under the lock. */
export async function refreshTarget(target: OpenTarget, format?: JournalFormat): Promise<OpenTarget> {
  const snapshot = await target.session.readJournal(format)
  const state = readStates(snapshot)
  const { squash: _, ...kept } = target
  return { ...kept, snapshot, state, ...target.resolve?.(state), database: target.database }
}

/** A neighbor's journal; null where its schema does not exist. The connection is closed again. */
async function lookAt(request: OpenRequest, database: DatabaseConfig): Promise<Opened | null> {
  try {
    const opened = await openOne({ ...request, writable: false }, database)
    await opened.session.close()
    return opened
  } catch (error) {
    if (isMissing(error)) return null
    throw error
  }
}

/** The server of a target was lost during a query. */
export class TargetLost extends Error {
  override readonly cause: ToolError
  readonly target: OpenTarget

  constructor(target: OpenTarget, cause: ToolError) {
    super(cause.message)
    this.target = target
    this.cause = cause
  }
}

/**
 * The databases without those whose servers were lost since they were opened, before anything was done there: they count as not reached.
 * Throws the first error where the request does not tolerate that, or where no database is left.
 */
export function dropLost<T extends Pick<OpenTargets, 'targets' | 'unreached' | 'skipsUnreached'>>(
  open: T,
  lost: ReadonlyMap<OpenTarget, ToolError>,
): T {
  const [first] = lost.values()
  if (first === undefined) return open
  const targets = open.targets.filter((target) => !lost.has(target))
  if (!open.skipsUnreached || targets.length === 0) throw first
  const gone = [...lost].map(([{ database, all }, cause]): Unreached => {
    const error = new ToolError(cause.code, cause.faults, { exitCode: exitCodes.unreachable, cause })
    return { database, error, relation: 'chosen', all }
  })
  return { ...open, targets, unreached: [...open.unreached, ...gone] }
}

/**
 * Opens all databases in parallel and reads their journals. When one cannot be opened, and the request does not tolerate
 * that, nothing is done to any. Throws ToolError with the faults of every database that could not be opened.
 */
export function openTargets(request: OpenRequest): Promise<OpenTargets> {
  return finishOpening(request, beginOpening(request))
}

/** Milliseconds to wait for a server before the files are checked without its journal. */
const longestWait = 1000

/** What `openWithFiles` opens, and how it reads the files. */
export interface FilesRequest extends Omit<OpenRequest, 'migrations' | 'neighbors'> {
  /** Reads the files of all databases; those that `isApplied` knows need not be split again. */
  readonly read: (isApplied: IsApplied) => Promise<ReadonlyMap<string, readonly Migration[]>>
  /** True for a command that plans: what its migrations need, or what needs them, may be outside `databases`. */
  readonly plans: boolean
}

/**
 * Opens databases while it reads the files: a file that a journal has applied is not split again. A fault of a file is reported before one
 * of a server; then servers were asked at most for their journals. Throws like `openTargets`, and what `read` throws.
 */
export async function openWithFiles(
  { read, plans, ...request }: FilesRequest,
  wait: number = longestWait,
): Promise<{ readonly open: OpenTargets; readonly migrations: ReadonlyMap<string, readonly Migration[]> }> {
  const opening = beginOpening(request)
  const migrations = await askJournals(opening, wait)
    .then(read)
    .catch((error: unknown) => {
      abandonOpening(opening)
      throw error
    })
  const { config, databases } = request
  const neighbors = plans ? findNeighbors(config.databases, databases, migrations) : []
  return { open: await finishOpening({ ...request, migrations, neighbors }, opening), migrations }
}

async function finishOpening(request: OpenRequest, opening: Opening): Promise<OpenTargets> {
  const neighbors = request.neighbors ?? []
  const [settled, looked] = await Promise.all([
    opening,
    Promise.allSettled(neighbors.map((database) => lookAt(request, database))),
  ])
  const reached = opened(settled)
  const close = async (): Promise<void> => {
    await Promise.allSettled(reached.map((one) => one.session.close()))
  }
  const required = listRequired(request.databases, request.migrations)
  const own = sortRejections(request, request.databases, settled, () => 'chosen')
  const around = sortRejections(request, neighbors, looked, ({ name }) =>
    required.has(name) ? 'required' : 'dependent',
  )
  const failed = [...own.failed, ...around.failed]
  try {
    if (failed.length > 0) throw joinErrors(failed)
    const seen = looked.map((one) => (one.status === 'fulfilled' ? one.value : null))
    const recorded = [...reached, ...seen.filter((one) => one !== null)]
    for (const { database, snapshot } of recorded)
      refuseChangedSession(database, snapshot.settings, request.config.file)
    const references = request.references ?? resolveReferences(request.config, recorded)
    const serverVersion = reached[0]?.session.facts.version ?? '0'
    const describe = (database: DatabaseConfig, one: Opened | null): DatabaseState =>
      describeState(request, references, database, one, serverVersion)
    const targets = reached.map((one) => ({
      ...one,
      ...describe(one.database, one),
      database: one.database,
      resolve: (state: JournalState) => describe(one.database, { ...one, state }),
    }))
    return {
      targets,
      missing: own.missing,
      unreached: [...own.unreached, ...around.unreached],
      skipsUnreached: request.unreached === 'skip',
      neighbors: neighbors.flatMap((one, index) =>
        looked[index]?.status === 'fulfilled' ? [describe(one, seen[index] ?? null)] : [],
      ),
      references,
      close,
    }
  } catch (error) {
    await close()
    throw error
  }
}

const emptyJournal: JournalSnapshot = { exists: false, passes: [], rows: [], settings: new Map() }

/** @param fallback the server version to judge conditions by where the schema does not exist */
function describeState(
  request: OpenRequest,
  references: 'physical' | 'logical',
  database: DatabaseConfig,
  opened: Opened | null,
  fallback: string,
): DatabaseState {
  const files = request.migrations.get(database.name) ?? []
  const { all, state, record, faults } = resolveSquash(files, opened?.state ?? readStates(emptyJournal))
  const context: ConditionContext = {
    environment: request.config.environment,
    references,
    serverVersion: opened?.session.facts.version ?? fallback,
  }
  return {
    database,
    state,
    all,
    migrations: all.filter((migration) => isApplicable(migration, context)),
    ...((record !== null || faults.length > 0) && { squash: { record, faults } }),
  }
}
