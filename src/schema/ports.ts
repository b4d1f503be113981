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
   * The columns of all rows of a table, as text; null where the table is not there. Throws ToolError `SERVER_REFUSED` where it has other columns.
   * @param order an SQL list of columns
   */
  readonly readRows: (table: string, columns: readonly string[], order: string) => Promise<readonly TextRow[] | null>
  /** What the whole server says of itself. */
  readonly readUpgradeFacts: () => Promise<UpgradeReading>
  readonly close: () => Promise<void>
}

/** A row by its columns. */
type TextRow = Readonly<Record<string, string | null>>

/** What a table holds. */
export interface TableRows {
  readonly table: string
  /** Generated ones are left out. */
  readonly columns: readonly string[]
  /** SQL literals, in the order of the columns. */
  readonly rows: readonly (readonly string[])[]
  /** The next AUTO_INCREMENT, where it is not the highest value and one; else null. */
  readonly counter: string | null
}

/** What no SHOW statement prints. */
export interface UnshownFacts {
  /** The indexes of each table that MySQL made for foreign keys, by name. Tables without any are left out. */
  readonly implicit: ReadonlyMap<string, readonly string[]>
  /** Who becomes the definer where a statement names none: `root@%`. */
  readonly user: string
}

/** Empty schemas beside the targets' own, dropped when it is closed. While they are there a lock is named after them, so that later runs drop what a killed one left. */
export interface ScratchSchemas {
  /** The same databases in schemas of their own; those whose servers were not reached have the name of one that is not made. */
  readonly databases: readonly DatabaseConfig[]
  readonly unreached: readonly { readonly database: DatabaseConfig; readonly error: ToolError }[]
  /** Runs one statement in the schema of a logical database. Throws the server's error. */
  readonly run: (database: string, text: string) => Promise<void>
  /** All that the tables of a logical database hold. */
  readonly readRows: (snapshot: SchemaSnapshot) => Promise<readonly TableRows[]>
  /**
   * What a snapshot does not show of a logical database.
   * @param isLeft whether indexes may be left of foreign keys that are gone; else only tables with foreign keys are looked at
   */
  readonly readUnshown: (snapshot: SchemaSnapshot, isLeft: boolean) => Promise<UnshownFacts>
  readonly close: () => Promise<void>
}

/** Versions, settings and users of servers, and the character sets of the schemas, as text. */
export interface ReplayFacts {
  readonly facts: readonly string[]
}

/** The servers behind the targets, as holders of schemas. Implemented by schema/servers.ts. */
export interface SchemaServers {
  /** Throws ToolError `UNREACHABLE`, `ACCESS_DENIED` (69), `SCHEMA_MISSING`. */
  readonly open: (database: DatabaseConfig, timeouts: Timeouts) => Promise<SchemaSession>
  /**
   * What decides, beside the texts of migrations, what they make in scratch schemas of these databases. Throws ToolError `UNREACHABLE`, `ACCESS_DENIED` (69).
   */
  readonly readFacts: (databases: readonly DatabaseConfig[], timeouts: Timeouts) => Promise<ReplayFacts>
  /**
   * Throws ToolError `SCRATCH_DENIED` where this user may not make a scratch schema, and where no server is reached.
   * @param begin with the character sets that the schemas had before their first migrations, or with their present ones
   */
  readonly openScratch: (
    databases: readonly DatabaseConfig[],
    timeouts: Timeouts,
    begin: 'first' | 'present',
  ) => Promise<ScratchSchemas>
  /**
   * The indexes of tables of a database that MySQL made for foreign keys, by table; tables without any are left out.
   * Throws ToolError `SCRATCH_DENIED` where this user may not make a scratch schema, in which their copies are asked.
   */
  readonly findImplicit: (
    database: DatabaseConfig,
    timeouts: Timeouts,
    tables: readonly TableSnapshot[],
  ) => Promise<ReadonlyMap<string, readonly string[]>>
}

/** The servers as holders of whole schemas, to be read as values. */
export const schemaServers = port<SchemaServers>('schema/servers')
