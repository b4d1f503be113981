import type { StoreConfig } from '../../config/config.ts'
import { port } from '../../core/port.ts'
import type { StopRequest } from '../../core/stop-request.ts'
import type { Lease } from '../take-lease.ts'

/** The collections of migrate-mongo, as it calls them unless its configuration names others. */
export const changelog = { applied: 'changelog', lock: 'changelog_lock' } as const

export type CodeDirection = 'up' | 'down'

/**
 * How code is carried out.
 * - `transaction` all of it is one transaction, in which it is recorded: it takes effect once, or not at all.
 * - `batches` documents are walked by `_id`; each batch is one transaction, which also records how far the walk is.
 * - `outside` it runs outside a transaction: one that was interrupted is run again from its start, so it must be idempotent.
 */
export type CodeManner = 'transaction' | 'batches' | 'outside'

/** A migration in code, as its file was checked. */
export interface CodeMigration {
  /** Digits as written in the name of its file. */
  readonly version: string
  readonly name: string
  /** As a person would type it. */
  readonly file: string
  readonly path: string
  readonly checksum: string
}

/** A file that migrate-mongo has applied, and its name there. */
export interface AdoptedMigration extends CodeMigration {
  readonly fileName: string
}

/** The folder `migrations/<name>.mongodb`. */
export interface CodeFolder {
  /** The name of the database, without the prefix. */
  readonly name: string
  /** In the order of their versions. */
  readonly migrations: readonly CodeMigration[]
}

/** What a file exports for one direction; null where it exports nothing. */
export interface CodeShape {
  readonly manner: CodeManner
  /** The collections that are walked, in their order. */
  readonly collections: readonly string[]
}

export type CodeShapes = Readonly<Record<CodeDirection, CodeShape | null>>

/** What the journal says of one version. */
export interface JournalEntry {
  readonly version: string
  readonly name: string
  readonly file: string
  /** Null where it was adopted: migrate-mongo keeps none. */
  readonly checksum: string | null
  /** `open` was begun and not finished, in its direction. */
  readonly state: 'applied' | 'open'
  readonly direction: CodeDirection
  /** ISO 8601; of an open one, when it was begun. */
  readonly at: string
  readonly by: string
  /** How many documents its walk has passed. */
  readonly documents: number
  /** The collections of a walk that is not finished; null for everything else. */
  readonly collections: readonly string[] | null
}

/** One migration that ran, or was adopted. */
export interface CodeHistoryEntry {
  readonly version: string
  readonly name: string
  readonly direction: CodeDirection
  readonly manner: CodeManner | 'adopted'
  /** ISO 8601. */
  readonly at: string
  readonly milliseconds: number
  readonly by: string
  readonly documents: number
}

/** What a database says of its migrations. */
export interface Journal {
  /** In the order of their versions. */
  readonly entries: readonly JournalEntry[]
  /** The collection in which migrate-mongo names them. */
  readonly changelogName: string
  /** Files that migrate-mongo has applied and nobody has taken over yet. */
  readonly changelog: readonly { readonly fileName: string; readonly at: string }[]
  /** Whether migrate-mongo holds its lock, or left it. */
  readonly changelogLocked: boolean
}

/** One migration to be carried out in one direction. */
export interface CodeStep {
  /** The version as the journal has it, where it has it: a renamed file may write it otherwise. */
  readonly id: string
  readonly migration: CodeMigration
  readonly direction: CodeDirection
  readonly shape: CodeShape
  /** Where it was begun and not finished: how many documents its walk has passed. */
  readonly continued: number | null
}

/**
 * - `elsewhere` the server is no longer the primary or was lost: what was done is to be read again.
 * - `moved` the journal is not as this step expects it: what is there is to be read again.
 * - `stopped` the walk ended behind a batch, or silent code was ended, as a stop was requested.
 */
export type StepEnd = 'done' | 'elsewhere' | 'moved' | 'stopped'

/** What a step needs beside itself. */
export interface StepRun {
  /** The database, with the prefix. */
  readonly database: string
  /** What the lease is held by: each transaction is refused once another run has taken over. */
  readonly owner: string
  readonly stop: StopRequest
  /** Hears how many documents a walk has passed. */
  readonly progress: (documents: number) => void
}

/** What one run does with the migrations of a MongoDB. */
export interface MigrationDriver {
  /** Reads what a file exports, in a process of its own. @throws ToolError MODULE_FAULTY, MODULE_INCOMPLETE, FILE_CHANGED. */
  readonly shapes: (migrations: readonly CodeMigration[]) => Promise<readonly CodeShapes[]>
  /** @param database with the prefix */
  readonly journal: (database: string) => Promise<Journal>
  readonly history: (database: string) => Promise<readonly CodeHistoryEntry[]>
  /** @throws ToolError MONGODB_NOT_REPLICATED where it has no transactions. */
  readonly refuseAlone: () => Promise<void>
  /** @throws ToolError LOCK_HELD (75), STOPPED. */
  readonly lock: (wait: number) => Promise<Lease>
  readonly carryOut: (step: CodeStep, run: StepRun) => Promise<StepEnd>
  /** Records files as applied, in one transaction. */
  readonly adopt: (migrations: readonly AdoptedMigration[], run: StepRun) => Promise<StepEnd>
  readonly close: () => Promise<void>
}

/** Opens the MongoDB of the configuration; it connects when it is first needed. */
type OpenMigrations = (store: StoreConfig) => Promise<MigrationDriver>

export const migrationDriver = port<OpenMigrations>('stores/migrations')
