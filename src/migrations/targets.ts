import type { DatabaseConfig } from '../config/config.ts'
import { refuseChangedSession } from '../config/session.ts'
import { exitCodes } from '../core/exit-code.ts'
import { ToolError } from '../core/tool-error.ts'
import type { StatementServers } from '../uses/ports.ts'
import { type JournalState, readStates } from './journal/journal.ts'
import type { JournalFormat } from './journal/journal-format.ts'
import type { JournalSnapshot } from './journal/rows.ts'
import type { Migration } from './migration.ts'
import type { OnlineServerOf } from './online-changes.ts'
import { type Access, appliedIn, type IsApplied, lookAt, Opening, opened, type Seen, within } from './opening.ts'
import {
  type ConditionContext,
  type DatabaseState,
  findNeighbors,
  isApplicable,
  listRequired,
  platformOf,
  resolveReferences,
} from './plan/database-state.ts'
import { resolveSquash } from './plan/resolve-squash.ts'
import type { Session } from './ports.ts'
import { joinErrors, sortRejections, type Unreached } from './unreached.ts'

/** A target as its journal shows it, with its files: what a plan is made of before anything else is asked. */
export interface SeenTarget extends DatabaseState {
  readonly database: DatabaseConfig
  readonly session: Seen['session']
  readonly snapshot: JournalSnapshot
}

/** An open target, with its journal and its files. */
export interface OpenTarget extends SeenTarget {
  readonly session: Session
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

export interface OpenRequest extends Access {
  readonly migrations: ReadonlyMap<string, readonly Migration[]>
  /** Databases of which only the journals are read. */
  readonly neighbors?: readonly DatabaseConfig[]
  /** What to do about a schema that does not exist yet: `list` counts it as not reached. Default `fail`. */
  readonly missing?: 'fail' | 'skip' | 'list'
  /** The command's choice for references between databases; absent for a command that keeps what was recorded. */
  readonly references?: 'logical'
  /** What to do where some of the servers cannot be used. Default `fail`; where none can be used, it always fails. */
  readonly unreached?: 'fail' | 'skip'
}

/** The same target with its journal read again, for example under the lock. */
export async function refreshTarget(target: OpenTarget, format?: JournalFormat): Promise<OpenTarget> {
  const snapshot = await target.session.readJournal(format)
  const state = readStates(snapshot)
  const { squash: _, ...kept } = target
  return { ...kept, snapshot, state, ...target.resolve?.(state), database: target.database }
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
  const opening = new Opening(request)
  return orClose(opening, finishOpening(request, opening))
}

/** Closes the databases where the work fails, and only then rejects. */
async function orClose<T>(opening: Opening, work: Promise<T>): Promise<T> {
  try {
    return await work
  } catch (error) {
    await opening.close()
    throw error
  }
}

/** Milliseconds to wait for a server before the files are checked without its journal. */
const longestWait = 1000

/** What `openWithFiles` opens, and how it reads the files. */
export interface FilesRequest<Idle = never> extends Omit<OpenRequest, 'migrations' | 'neighbors'> {
  /** Reads the files of all databases; those that `isApplied` knows need not be split again. */
  readonly read: (isApplied: IsApplied) => Promise<ReadonlyMap<string, readonly Migration[]>>
  /** True for a command that plans: what its migrations need, or what needs them, may be outside `databases`. */
  readonly plans: boolean
  /** For a command that may have nothing to do: what it needs to end then, and null where there is something to do. Pure. */
  readonly idle?: (seen: readonly SeenTarget[]) => Idle | null
}

/** Databases with sessions of their own; or what ends a command that has nothing to do, for which the journals were enough. */
export type Begun<Idle> =
  | {
      readonly type: 'open'
      readonly open: OpenTargets
      readonly migrations: ReadonlyMap<string, readonly Migration[]>
    }
  | {
      readonly type: 'idle'
      readonly idle: Idle
      readonly targets: readonly SeenTarget[]
      readonly close: () => Promise<void>
    }

/**
 * Opens databases while it reads the files: a file that a journal has applied is not split again. A fault of a file is reported before one
 * of a server; then servers were asked at most for their journals. Where `idle` is given, each server is first asked for the journals of its databases with one
 * login; only where that shows that nothing is to be done does it stay at that. Throws like `openTargets`, and what `read` throws.
 */
export async function openWithFiles<Idle = never>(
  { read, plans, idle, ...request }: FilesRequest<Idle>,
  wait: number = longestWait,
): Promise<Begun<Idle>> {
  const opening = new Opening(request)
  const { seen, migrations } = await readFiles(opening, { read, wait, isSeen: idle !== undefined }).catch(
    (error: unknown) => {
      // A fault of a file is not kept waiting by a server that does not answer.
      void opening.close()
      throw error
    },
  )
  const begin = async (): Promise<Begun<Idle>> => {
    const { config, databases } = request
    const neighbors = plans ? findNeighbors(config.databases, databases, migrations) : []
    const described = neighbors.length > 0 || seen === null ? null : describeSeen({ ...request, migrations }, seen)
    const found = described === null ? null : (idle?.(described) ?? null)
    if (described !== null && found !== null)
      return { type: 'idle', idle: found, targets: described, close: () => opening.close() }
    return { type: 'open', open: await finishOpening({ ...request, migrations, neighbors }, opening), migrations }
  }
  return orClose(opening, begin())
}

/** Reads the files once the journals are read, or time is up. `seen` is null where databases must be opened to be known. */
async function readFiles(
  opening: Opening,
  { read, wait, isSeen }: Pick<FilesRequest, 'read'> & { readonly wait: number; readonly isSeen: boolean },
) {
  const began = performance.now()
  const left = (): number => Math.max(0, wait - (performance.now() - began))
  const seeing = isSeen && (await within(wait, opening.firsts(), false)) ? opening.seeTogether() : null
  const seen = seeing === null ? null : await within(left(), seeing, 'late' as const)
  // A server that has many journals, or much to do, is not asked by many connections for that.
  if (seen === 'late') return { migrations: await read(appliedIn([])), seen: await seeing }
  const migrations = await read(appliedIn(seen ?? opened(await within(left(), opening.all(), []))))
  return { seen, migrations }
}

/** Null where they contradict the configuration: opening them reports that. */
function describeSeen(request: OpenRequest, seen: readonly Seen[]): readonly SeenTarget[] | null {
  try {
    const { describe } = agree(request, seen, seen[0])
    return seen.map((one) => ({ ...one, ...describe(one.database, one), database: one.database }))
  } catch (error) {
    if (error instanceof ToolError) return null
    throw error
  }
}

/** A database as its journal shows it, for one among many that was read beside others. Throws ToolError where its journal contradicts the configuration. */
export function describeOne(
  request: Pick<OpenRequest, 'config' | 'migrations'>,
  seen: Pick<Seen, 'database' | 'session' | 'snapshot'>,
): SeenTarget {
  const one = { ...seen, state: readStates(seen.snapshot) }
  const { describe } = agree(request, [one], one)
  return { ...one, ...describe(one.database, one), database: one.database }
}

/** What applies to the databases together. Throws ToolError where a journal contradicts the configuration. @param first one of the command's own */
type Agreed = Pick<OpenRequest, 'config' | 'migrations' | 'references'>

function agree(request: Agreed, recorded: readonly Seen[], first: Seen | undefined) {
  for (const { database, snapshot } of recorded) refuseChangedSession(database, snapshot.settings, request.config.file)
  const references = request.references ?? resolveReferences(request.config, recorded)
  const serverVersion = first?.session.facts.version ?? '0'
  const describe = (database: DatabaseConfig, one: Pick<Seen, 'session' | 'state'> | null): DatabaseState =>
    describeState(request, references, database, one, serverVersion)
  return { references, describe }
}

/** The caller closes the databases where this rejects. */
async function finishOpening(request: OpenRequest, opening: Opening): Promise<OpenTargets> {
  const neighbors = request.neighbors ?? []
  const [settled, looked] = await Promise.all([
    opening.all(),
    Promise.allSettled(neighbors.map((database) => lookAt(request, database))),
  ])
  const reached = opened(settled)
  const required = listRequired(request.databases, request.migrations)
  const own = sortRejections(request, request.databases, settled, () => 'chosen')
  const around = sortRejections(request, neighbors, looked, ({ name }) =>
    required.has(name) ? 'required' : 'dependent',
  )
  const failed = [...own.failed, ...around.failed]
  if (failed.length > 0) throw joinErrors(failed)
  const seen = looked.map((one) => (one.status === 'fulfilled' ? one.value : null))
  const { references, describe } = agree(request, [...reached, ...seen.filter((one) => one !== null)], reached[0])
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
    close: () => opening.close(),
  }
}

const emptyJournal: JournalSnapshot = { exists: false, passes: [], rows: [], settings: new Map() }

/** @param fallback the server version to judge conditions by where the schema does not exist */
function describeState(
  request: Agreed,
  references: 'physical' | 'logical',
  database: DatabaseConfig,
  seen: Pick<Seen, 'session' | 'state'> | null,
  fallback: string,
): DatabaseState {
  const files = request.migrations.get(database.name) ?? []
  const { all, state, record, faults } = resolveSquash(files, seen?.state ?? readStates(emptyJournal))
  const context: ConditionContext = {
    environment: request.config.environment,
    references,
    platform: platformOf(database),
    serverVersion: seen?.session.facts.version ?? fallback,
  }
  return {
    database,
    state,
    all,
    migrations: all.filter((migration) => isApplicable(migration, context)),
    ...((record !== null || faults.length > 0) && { squash: { record, faults } }),
  }
}
