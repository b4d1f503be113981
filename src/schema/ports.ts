import type { DatabaseConfig, Timeouts } from '../config/config.ts'
import { port } from '../core/port.ts'
import type { Target } from '../core/target.ts'
import type { ToolError } from '../core/tool-error.ts'
import type { SchemaSnapshot, SnapshotOptions, SnapshotReading, TableSnapshot } from '../ddl/snapshot.ts'
import type { UpgradeReading } from '../lint/upgrade-facts.ts'

/** A connection that reads the schema of one target and writes nothing. */
export interface SchemaSession {
  readonly target: Target
  readonly read: (options: SnapshotOptions) => Promise<SnapshotReading>
  /**
   * The columns of all rows of a table, as text; null where the table does not exist. Throws ToolError `SERVER_REFUSED` where it has other columns.
   * @param order an SQL list of columns
   */
  readonly readRows: (table: string, columns: readonly string[], order: string) => Promise<readonly TextRow[] | null>
  /** What the whole server reports about itself. */
  readonly readUpgradeFacts: () => Promise<UpgradeReading>
  readonly close: () => Promise<void>
}

/** A row by its columns. */
type TextRow = Readonly<Record<string, string | null>>

/** The content of a table. */
export interface TableRows {
  readonly table: string
  /** Generated ones are left out. */
  readonly columns: readonly string[]
  /** SQL literals, in the order of the columns. */
  readonly rows: readonly (readonly string[])[]
  /** The next AUTO_INCREMENT value where it is not the highest value plus one; else null. */
  readonly counter: string | null
}

/** What no SHOW statement prints. */
export interface UnshownFacts {
  /** The indexes of each table that MySQL created for foreign keys, by name. Tables without any are left out. */
  readonly implicit: ReadonlyMap<string, readonly string[]>
  /** The definer where a statement names none: `root@%`. */
  readonly user: string
}

/**
 * Empty schemas beside the targets' own, dropped when it is closed. While they exist, a lock is named after them, so that later runs can drop what a killed run left.
 */
export interface ScratchSchemas {
  /**
   * The same databases in scratch schemas; databases whose servers were not reached get the name of a schema that is not
   * created.
   */
  readonly databases: readonly DatabaseConfig[]
  readonly unreached: readonly { readonly database: DatabaseConfig; readonly error: ToolError }[]
  /** Runs one statement in the schema of a logical database. Throws the server's error. */
  readonly run: (database: string, text: string) => Promise<void>
  /** Everything in the tables of a logical database. */
  readonly readRows: (snapshot: SchemaSnapshot) => Promise<readonly TableRows[]>
  /**
   * What a snapshot of a logical database does not show. @param isLeft whether indexes of dropped foreign keys may remain; else only tables with foreign keys are checked
   */
  readonly readUnshown: (snapshot: SchemaSnapshot, isLeft: boolean) => Promise<UnshownFacts>
  readonly close: () => Promise<void>
}

/** Versions, settings and users of servers, and the character sets of the schemas, as text. */
export interface ReplayFacts {
  readonly facts: readonly string[]
}

/** The servers behind the targets, which hold the schemas. Implemented by schema/servers.ts. */
export interface SchemaServers {
  /** Throws ToolError `UNREACHABLE`, `ACCESS_DENIED` (69), `SCHEMA_MISSING`. */
  readonly open: (database: DatabaseConfig, timeouts: Timeouts) => Promise<SchemaSession>
  /**
   * What determines, besides the texts of migrations, what they create in scratch schemas of these databases. Throws ToolError `UNREACHABLE`, `ACCESS_DENIED`
   * (69).
   */
  readonly readFacts: (databases: readonly DatabaseConfig[], timeouts: Timeouts) => Promise<ReplayFacts>
  /**
   * Throws ToolError `SCRATCH_DENIED` where this user may not make a scratch schema, and where no server is reached.
   * @param begin with the character sets that the schemas had before their first migrations, or with their current ones
   */
  readonly openScratch: (
    databases: readonly DatabaseConfig[],
    timeouts: Timeouts,
    begin: 'first' | 'present',
  ) => Promise<ScratchSchemas>
  /**
   * The indexes of a database's tables that MySQL created for foreign keys, by table; tables without any are left out.
   * Throws ToolError `SCRATCH_DENIED` where this user may not create a scratch schema, in which their copies are
   * tested.
   */
  readonly findImplicit: (
    database: DatabaseConfig,
    timeouts: Timeouts,
    tables: readonly TableSnapshot[],
  ) => Promise<ReadonlyMap<string, readonly string[]>>
}

/** Reads whole schemas of servers as values. */
export const schemaServers = port<SchemaServers>('schema/servers')
