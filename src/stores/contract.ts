import type { StoreConfig } from '../config/config.ts'
import { port } from '../core/port.ts'
import type { StopRequest } from '../core/stop-request.ts'
import type { StoreKind } from '../core/store.ts'
import type { Fault } from '../core/tool-error.ts'
import type { LocalServer, ServerPlace, ServerStart } from '../sandbox/local-server.ts'
import type { ProgramSearch, ServerProgram } from '../sandbox/programs.ts'
import type { DeclarationDocument } from './declare/read-declarations.ts'
import type { RemovedDeclarations } from './declare-removed.ts'
import type { SaidFinding } from './find-drift.ts'
import type { StoreContents } from './import-items.ts'
import type { ImportRequest, StoreImport } from './import-store.ts'
import type { LeaseHolder, LeasePlace } from './lease.ts'
import type { StoreProof } from './outcome.ts'
import type { ComparedPlan, StoreChange, StorePlan, StoreResource } from './store-plan.ts'

/** A range of the past that a declared task is to be run over. */
export interface BackfillRequest {
  /** As it is declared: without the prefix. */
  readonly task: string
  /** Milliseconds since the epoch; `to` null for all that has ended. */
  readonly from: number
  readonly to: number | null
  readonly dryRun: boolean
}

/** What was run of it. */
export interface BackfillOutcome {
  /** With the prefix. */
  readonly task: string
  /** Whole windows, in ISO 8601. */
  readonly from: string
  readonly to: string
  /** Where the first run begins to write: before `from`, where the range is shorter than what one run covers. */
  readonly writesFrom: string
  /** How many runs of the task cover the range. */
  readonly runs: number
  /** How many of them earlier commands have done. */
  readonly doneBefore: number
  /** How many of them this command has done. */
  readonly done: number
  /** The end of what earlier commands have done; null where that is nothing. */
  readonly continuedAt: string | null
  readonly state: 'planned' | 'done' | 'stopped'
}

/** The run that a store takes part in. */
export interface StoreRun {
  /** Reports what a long step waits for, as a sentence; must not throw. */
  readonly report: (message: string) => void
  /** Read between requests and while waiting: a wait ends when a stop is requested. */
  readonly stop: StopRequest
  /** Milliseconds since the epoch by this machine's clock. */
  readonly now: () => number
  /** Milliseconds that servers may take to agree or recover. Default: the store's own. */
  readonly waitTimeout?: number
  /** Who runs, for those who wait: `deploy@host, process 4711`. */
  readonly holder: string
  /** Milliseconds after which another run may take over the lock of this one, if it is not renewed. Default: 15 s. */
  readonly lease?: number
}

/** What a folder of files declares, or all of its faults. */
export type Reading<Declaration> =
  | { readonly type: 'declaration'; readonly declaration: Declaration }
  | { readonly type: 'faults'; readonly faults: readonly Fault[] }

/** What a person asked for beyond the declarations. */
export interface PlanOptions {
  /** Documents move into a new index where theirs cannot be changed. */
  readonly reindex: boolean
  /** Documents per second that move; null for as many as the server can. */
  readonly rate: number | null
  /** What is no longer needed is removed. */
  readonly prune: boolean
}

export const noOptions: PlanOptions = { reindex: false, rate: null, prune: false }

/** What is declared for one server or cluster, as a store's pure functions see it. */
export interface Declared<Declaration> {
  /** Every name that is created has the prefix. */
  readonly declaration: Declaration
  /** Of the test environment; empty for none. */
  readonly prefix: string
  /** `host:port`, several with commas; never a URL. */
  readonly server: string
  /** The user that logs in; null where the configuration names none. */
  readonly user: string | null
  /** Default: none. */
  readonly options?: PlanOptions
}

/** The same with the connection, for functions that read and write. */
export interface StoreContext<Declaration, Driver> extends Declared<Declaration> {
  readonly driver: Driver
  readonly run: StoreRun
}

/**
 * The purpose of an observation and its plan.
 * - `apply` waits until the store can be written to, and throws where anything cannot be compared.
 * - `compare` reads once, waits for nothing, and lists what cannot be compared in the plan's findings.
 */
export type Purpose = 'apply' | 'compare'

/** How a store is verified: `prove` writes a test value, finds it and removes it; `look` writes nothing. */
export type VerifyDepth = 'prove' | 'look'

/** One change for people, and the operation that makes it. */
export interface PlannedChange<Operation> {
  readonly change: Omit<StoreChange, 'number'>
  readonly operation: Operation
}

/** The changes that bring a store to its declaration. */
export interface Plan<Operation> extends Pick<StorePlan, 'version' | 'notes' | 'left'> {
  /** In the order in which they are applied. */
  readonly changes: readonly PlannedChange<Operation>[]
  readonly unchanged: readonly StoreResource[]
  /** What no file declares, and what could not be compared. */
  readonly findings: readonly SaidFinding[]
}

/**
 * The parts of a store: what its twelve files export under these names, tied together in its `index.ts`. Functions that talk to the server throw ToolErrors:
 * `STORE_UNREACHABLE` and `STORE_ACCESS_DENIED` (69), `STORE_TOO_OLD`, `STORE_REFUSED` (the server's own words are the reason) and what each store
 * adds.
 * @typeParam Driver the connection; its interface is in `ports.ts` of the store, its implementation in `driver.ts`.
 */
export interface StoreParts<
  Declaration,
  Observation,
  Operation,
  Driver extends { readonly close: () => Promise<void> },
> {
  readonly kind: StoreKind
  /** Checks the documents of a folder and reads them as one declaration, without the prefix. Pure. */
  readonly readDeclaration: (documents: readonly DeclarationDocument[], config: StoreConfig) => Reading<Declaration>
  /** Adds the prefix to every name that is created. Pure; never called with an empty prefix. */
  readonly prefixNames: (declaration: Declaration, prefix: string) => Declaration
  /** Loads the client library; it connects when the first request needs it. */
  readonly connect: (config: StoreConfig) => Promise<Driver>
  /** Reads what the server has; writes nothing. */
  readonly observe: (context: StoreContext<Declaration, Driver>, purpose: Purpose) => Promise<Observation>
  /** Compares. Pure: the same observation gives the same plan. Throws where the declaration cannot be reached from there. */
  readonly plan: (declared: Declared<Declaration>, observation: Observation, purpose: Purpose) => Plan<Operation>
  /** Where the store holds the lock of its appliers. */
  readonly lockPlace: (context: StoreContext<Declaration, Driver>) => LeasePlace
  /** The same driver, which calls `check` immediately before each write and does not write where that throws. */
  readonly guardWrites: (driver: Driver, check: () => Promise<void>) => Driver
  /**
   * Carries out one change of a plan, and returns when the store has it. Repeatable: it is not an error if another run, or a killed run, has already made the change. @param observation what the plan was made from.
   */
  readonly applyOperation: (
    context: StoreContext<Declaration, Driver>,
    planned: PlannedChange<Operation>,
    observation: Observation,
  ) => Promise<void>
  /**
   * Reads all that the store has, declared or not, as files would declare it; leaves out what belongs to the server and to wwdb. Writes nothing.
   * @param kinds of resources that are asked for, for a user who may not read others; all by default. More may be read.
   */
  readonly readContents: (
    context: StoreContext<Declaration, Driver>,
    kinds?: ReadonlySet<string>,
  ) => Promise<StoreContents>
  /** Proves that the store works for its purpose. It removes what it writes for that; with `look` it only reads. */
  readonly verify: (context: StoreContext<Declaration, Driver>, depth: VerifyDepth) => Promise<readonly StoreProof[]>
  /**
   * Removes everything whose name begins with the prefix, declared or not, and returns the names. Never called with an empty
   * prefix.
   */
  readonly clear: (context: StoreContext<Declaration, Driver>) => Promise<readonly string[]>
  /** Only where a store has tasks that compute from what it keeps: runs one of them over a range of the past. */
  readonly backfill?: (context: StoreContext<Declaration, Driver>, request: BackfillRequest) => Promise<BackfillOutcome>
  /**
   * Returns a ToolError for an error of the client library or the network; everything else is returned unchanged. The driver calls it. It recognizes
   * the library's errors by their names, because it is loaded without the library.
   */
  readonly explainError: (error: unknown, server: string) => Error
  /** The local servers of `wwdb sandbox up --with`. */
  readonly sandbox: () => Promise<StoreSandbox>
}

/** A store as the loop sees it: its own types are hidden. `defineStore` creates it. */
export interface Store extends Pick<StoreParts<never, never, never, never>, 'kind' | 'explainError' | 'sandbox'> {
  /** Reads the declarations without connecting. Throws ToolError `DECLARATIONS_INVALID` (78) with every fault. */
  readonly prepare: (config: StoreConfig, documents: readonly DeclarationDocument[], run: StoreRun) => PreparedStore
  /** Declares what the server has, beside what a folder declares already. Writes nothing. */
  readonly readImport: (config: StoreConfig, run: StoreRun, request: ImportRequest) => Promise<StoreImport>
}

/** A store with valid declarations that is not connected yet. */
export interface PreparedStore {
  readonly store: StoreKind
  /** `host:port`, several with commas. */
  readonly server: string
  /** @param options for all plans of the session. */
  readonly open: (options?: PlanOptions) => Promise<StoreSession>
}

/** Declares what a store has, beside what the folder declares already. */
type ReadImport = (store: StoreConfig, only: readonly string[]) => Promise<StoreImport>

export const storeImporter = port<ReadImport>('stores/importer')

/**
 * Reads a store's declarations; its driver is loaded when it is opened. With the path of a file, the store plans and changes nothing but what that file declares.
 * @throws ToolError `DECLARATIONS_INVALID` (78) with every fault.
 */
type ReadStore = (store: StoreConfig, restored?: string) => Promise<PreparedStore>

/** The stores beside MySQL. */
export const storeReader = port<ReadStore>('stores/reader')

/** One open store with its declarations. */
export interface StoreSession {
  readonly store: StoreKind
  /** `host:port`, several with commas; never a URL. */
  readonly server: string
  /** Reads and compares; writes nothing. */
  readonly plan: () => Promise<StorePlan>
  /** The same for `setup verify`: waits for nothing, and lists what cannot be compared. Its changes are not meant to be applied. */
  readonly compare: () => Promise<ComparedPlan>
  /**
   * Takes the lock, waiting at most so many milliseconds for another applier, and holds it until the session is closed or the lock is given back; false where the
   * store has no place for it yet, until its first change is applied.
   * @throws ToolError LOCK_HELD (75), STOPPED.
   */
  readonly lock: (wait: number) => Promise<boolean>
  /** Never throws. */
  readonly unlock: () => Promise<void>
  /** Who holds the lock; null where nobody does. Writes nothing. */
  readonly readLock: () => Promise<LeaseHolder | null>
  /** Carries out one change of the plan that was made last. Repeatable. */
  readonly apply: (change: StoreChange) => Promise<void>
  /** Declares what is there, as a file would, before it is removed. Writes nothing. */
  readonly declareRemoved: (resources: readonly StoreResource[]) => Promise<RemovedDeclarations>
  /** Absent where the store has no tasks. */
  readonly backfill?: (request: BackfillRequest) => Promise<BackfillOutcome>
  /** Default: `prove`. */
  readonly verify: (depth?: VerifyDepth) => Promise<readonly StoreProof[]>
  /** Throws ToolError `STORE_PREFIX_MISSING` without a prefix: a store is never emptied as a whole. */
  readonly clear: () => Promise<readonly string[]>
  readonly close: () => Promise<void>
}

/** The files with a store's start options, whose content is never printed. */
interface StoreAccess {
  readonly passwordFile: string
  readonly tokenFile: string
}

/** A store's official image, for machines without an installed program. */
interface StoreContainer {
  /** With its tag. */
  readonly image: string
  /** The port of the server in the container. */
  readonly port: number
  readonly environment: Readonly<Record<string, string>>
  /** Instead of the image's own command. */
  readonly command?: readonly string[]
  /** True when the server answers on this port of 127.0.0.1. */
  readonly isReady: (port: number) => Promise<boolean>
}

/** How the sandbox starts one store. */
export interface StoreSandbox {
  /** How many servers it has. */
  readonly count: number
  /** How far their ports are above the sandbox's port. */
  readonly distance: number
  /** Obtains the program. @throws ToolError SANDBOX_UNAVAILABLE where there is none. */
  readonly find: (search: ProgramSearch) => Promise<ServerProgram>
  readonly start: (start: ServerStart, secret: string) => Promise<LocalServer>
  /** Stops one and waits for its end; false when it is still running. */
  readonly end: (node: LocalServer) => Promise<boolean>
  /** Used where there is no program but a Docker engine answers; only for stores with one server. */
  readonly container?: StoreContainer
  /** The variables that make wwdb use it. */
  readonly variables: (ports: readonly number[], access: StoreAccess) => Readonly<Record<string, string>>
}

/** One server of a store: a process, a container, or neither while it is stopped. */
export interface StoreNode extends ServerPlace {
  readonly pid: number | null
  /** Docker's id of the container. */
  readonly container: string | null
}
