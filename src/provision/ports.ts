import type { DatabaseConfig, Timeouts } from '../config/config.ts'
import { port } from '../core/port.ts'
import type { StopRequest } from '../core/stop-request.ts'
import type { EnvironmentScope, EnvironmentState } from './provision.ts'

/** One schema of a test environment. */
export interface EnvironmentSchema {
  /** The logical database. */
  readonly database: string
  readonly schema: string
  /** `host:port`; empty for the server that the registry is on, under any name. */
  readonly server: string
}

/** A row of the registry. Instants are milliseconds since the epoch by the server's clock. */
export interface EnvironmentRecord {
  /** Of a template: `template/` and its checksum; of a snapshot: `snapshot/`, its test environment, a slash and its name. No test environment can have these. */
  readonly name: string
  readonly kind: 'environment' | 'template'
  readonly prefix: string
  readonly owner: string
  readonly scope: EnvironmentScope
  readonly state: EnvironmentState
  /** The name of the template that it is cloned from. */
  readonly template: string | null
  readonly stores: readonly string[]
  readonly createdAt: number
  readonly usedAt: number
  readonly expiresAt: number | null
  readonly schemas: readonly EnvironmentSchema[]
  /** True while another connection than the reader's makes or uses it. */
  readonly held: boolean
}

/** What is written before the first schema is created. */
export interface NewEnvironment
  extends Pick<EnvironmentRecord, 'name' | 'kind' | 'prefix' | 'owner' | 'scope' | 'template' | 'stores' | 'schemas'> {
  /** Milliseconds from now; null for no end. */
  readonly lifetime: number | null
}

/**
 * The registry of the test environments on a server, in a schema of its own there. A run that creates, uses or drops a test environment holds its
 * name meanwhile, by a lock that ends with the connection: a row whose name is not held belongs to no active run.
 */
export interface ProvisionRegistry {
  /** `8.0.12`: of the server that it is on. */
  readonly serverVersion: string
  /** Rows in the order of their creation; none where no registry exists yet. */
  readonly read: () => Promise<{ readonly now: number; readonly records: readonly EnvironmentRecord[] }>
  readonly find: (name: string) => Promise<EnvironmentRecord | null>
  /** Holds a name until it is released or the connection ends; false when another connection still holds it after this number of milliseconds. */
  readonly hold: (name: string, milliseconds: number) => Promise<boolean>
  readonly release: (name: string) => Promise<void>
  /** Writes the row and those of its schemas, in the state `making`. Throws ToolError `PROVISION_TAKEN` where the name exists. */
  readonly register: (environment: NewEnvironment) => Promise<void>
  /** Writes down what clones of a template are made by, and calls it ready. */
  readonly finishTemplate: (name: string, recipe: string) => Promise<void>
  readonly readRecipe: (name: string) => Promise<string | null>
  readonly setState: (name: string, state: EnvironmentState) => Promise<void>
  readonly forget: (name: string) => Promise<void>
  /** Whether another server has its rows, and not its locks: a member of the same group, or the source of a replica that was promoted. */
  readonly isShared: () => Promise<boolean>
  readonly close: () => Promise<void>
}

/** The tables of one server's schemas of a template, with all that hangs on them, as statements that make them again. */
export interface Recipe {
  readonly schemas: readonly RecipeSchema[]
  readonly tables: readonly RecipeTable[]
  /** Created once the tables exist: routines, then views. */
  readonly programs: readonly RecipeProgram[]
  /** Created once the rows are loaded, because it would act on them: triggers, then events. */
  readonly watchers: readonly RecipeProgram[]
}

export interface RecipeSchema {
  readonly schema: string
  readonly charset: string
  readonly collation: string
}

export interface RecipeTable {
  readonly schema: string
  readonly table: string
  /** CREATE TABLE as the server writes it, the counter of AUTO_INCREMENT included. */
  readonly text: string
  /** Tables that its foreign keys name, as `schema.table`. */
  readonly parents: readonly string[]
  /** Columns that an INSERT names, in their order; null for a table without rows. */
  readonly columns: readonly string[] | null
  /** Of those, the columns of a wwdb table that may hold a schema's name: `json` as documents, `text` as texts. */
  readonly naming: Readonly<Record<string, 'json' | 'text'>>
}

/** A program in the database, with the session that it was made in, which it keeps. */
export interface RecipeProgram {
  readonly kind: 'procedure' | 'function' | 'view' | 'trigger' | 'event'
  readonly schema: string
  readonly name: string
  readonly text: string
  readonly sqlMode: string | null
  readonly charset: string
  readonly collation: string
  readonly timeZone: string | null
}

/** The sources of a clone, and how it is created. */
export interface CloneRequest {
  readonly recipe: Recipe
  /** The schema prefixes of the template and of the clone. */
  readonly from: string
  readonly to: string
  /** The largest number of connections. */
  readonly connections: number
  readonly stop: StopRequest
}

/** The schemas of one server, to be made and dropped. */
export interface SchemaStage {
  /** Which of these there are. */
  readonly findExisting: (schemas: readonly string[]) => Promise<readonly string[]>
  /** Which of these a session has selected, of those sessions that the account sees. */
  readonly findSelected: (schemas: readonly string[]) => Promise<readonly string[]>
  /** How everything in these schemas is created again. Their events are dropped: a template must not change. */
  readonly readRecipe: (schemas: readonly string[]) => Promise<Recipe>
  /** Makes the schemas of a recipe under another prefix. Throws ToolError `TEMPLATE_DAMAGED`, `STOPPED`. */
  readonly clone: (request: CloneRequest) => Promise<void>
  /** Makes these schemas under another prefix as they are now, without their events, and leaves them alone. Throws ToolError `STOPPED`. */
  readonly copy: (schemas: readonly string[], request: Omit<CloneRequest, 'recipe'>) => Promise<void>
  /** Drops the schemas that exist, in one go; foreign keys between them do not prevent it. Throws ToolError `SCHEMA_IN_USE`. */
  readonly drop: (schemas: readonly string[]) => Promise<void>
  readonly close: () => Promise<void>
}

/** The test environment that is reset, and its source. */
export interface ResetRequest {
  readonly recipe: Recipe
  readonly from: string
  readonly to: string
}

/** The objects that the reset changed, as `schema.table`. */
export interface ResetOutcome {
  /** Tables whose rows, counter, definition or triggers were not as they had been. */
  readonly restored: readonly string[]
  /** Tables and views that did not exist before. */
  readonly dropped: readonly string[]
}

/** The part of a row by which it is known whether it was made again since. */
export type Registered = Pick<EnvironmentRecord, 'template' | 'createdAt'>

/** Takes the schemas of one server back to what their template is, on connections that stay open. */
export interface Resetter {
  /**
   * Throws ToolError `TEST_ENVIRONMENT_IN_USE` where a transaction holds what must change.
   * @param confirm is called before anything is changed where definitions may be others than before; it throws where nothing may be
   */
  readonly reset: (confirm: () => Promise<void>) => Promise<ResetOutcome>
  /** What the registry on this server has under that name, if it is complete. */
  readonly findRegistered: (name: string) => Promise<Registered | null>
  readonly close: () => Promise<void>
}

/** The servers that test environments are made on. Implemented in mysql/. */
export interface ProvisionServers {
  /** Throws ToolError `UNREACHABLE`, `ACCESS_DENIED` (69), `READ_ONLY`. */
  readonly openRegistry: (database: DatabaseConfig, timeouts: Timeouts) => Promise<ProvisionRegistry>
  readonly openResetter: (database: DatabaseConfig, timeouts: Timeouts, request: ResetRequest) => Promise<Resetter>
  readonly openStage: (database: DatabaseConfig, timeouts: Timeouts) => Promise<SchemaStage>
}

/** The servers as holders of test environments. */
export const provisionServers = port<ProvisionServers>('provision/servers')
