/** Where the server of a test environment comes from. */
export type ServerSource =
  /** The one that the configuration, WWDB_URL or `url` names where it answers; else a container; else the sandbox. */
  | 'auto'
  /** The one that is named, and no other. */
  | 'given'
  /** A container of the official image, which goes with this process. */
  | 'testcontainers'
  /** wwdb's sandbox: a container, an installed server or a portable one, which stays. */
  | 'sandbox'

export interface ProvisionOptions {
  /** The project's folder, or one below it. Default: the working directory. */
  readonly cwd?: string
  /** The configuration file, relative to `cwd`. Default: searched upward from there. */
  readonly config?: string
  /** The environment of the configuration. Default: WWDB_ENV, else none. */
  readonly environment?: string
  /** One server for all databases: `mysql://user:password@host:port`. */
  readonly url?: string
  /** Default `auto`. */
  readonly server?: ServerSource
  /** Stores of the configuration that get what is declared for them, under the test environment's prefix. Default: none. */
  readonly stores?: readonly ('elasticsearch' | 'influxdb' | 'mongodb' | 'redis')[]
  /** What the test environment is called: 1 to 32 of a-z, 0-9 and _. Default: a new name. */
  readonly name?: string
  /** When gc may drop it although this process lives, like `2h`. Default `24h`. */
  readonly expires?: string
}

/** What `reset` changed, as `schema.table`. */
export interface ResetReport {
  /** Tables whose rows, counter or definition were not as seeded. */
  readonly restored: readonly string[]
  /** Tables and views that the seeded state does not have. */
  readonly dropped: readonly string[]
}

/** A test environment that is there. */
export interface AttachedEnvironment {
  readonly name: string
  /** What the name of each of its schemas, and of each thing in a store, begins with. */
  readonly prefix: string
  /** By logical database: `mysql://user:password@host:port/schema`. */
  readonly urls: Readonly<Record<string, string>>
  /** Variables that make programs use the test environment: WWDB_URL, WWDB_PREFIX, WWDB_SET, and USER_DB_URL for each database. */
  readonly environment: Readonly<Record<string, string>>
  /**
   * Takes every table back to the seeded state: rows, AUTO_INCREMENT, definition. Tables that are as they were are left alone. No
   * transaction of the program under test may be open meanwhile.
   */
  readonly reset: () => Promise<ResetReport>
  /** Closes the connections of `reset`. The test environment stays. */
  readonly close: () => Promise<void>
}

/** A test environment that this process made. */
export interface ProvisionedEnvironment extends Omit<AttachedEnvironment, 'close'> {
  /** Drops the test environment. A process that ends without it leaves the test environment to `wwdb provision gc`. */
  readonly dispose: () => Promise<void>
}
