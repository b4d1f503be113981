/** Where the server of a test environment comes from. */
export type ServerSource =
  /** The one that the configuration, WWDB_URL or `url` names, if it answers; else a container; else the sandbox. */
  | 'auto'
  /** The named server, and no other. */
  | 'given'
  /** A container of the official image, which is removed when this process ends. */
  | 'testcontainers'
  /** wwdb's sandbox: a container, an installed server or a portable one; it keeps running. */
  | 'sandbox'

export interface ProvisionOptions {
  /** The project's folder, or a folder inside it. Default: the working directory. */
  readonly cwd?: string
  /** The configuration file, relative to `cwd`. Default: searched upward from there. */
  readonly config?: string
  /** The environment of the configuration. Default: WWDB_ENV, else none. */
  readonly environment?: string
  /** One server for all databases: `mysql://user:password@host:port`. */
  readonly url?: string
  /** Default `auto`. */
  readonly server?: ServerSource
  /** Stores of the configuration that are set up as declared, under the test environment's prefix. Default: none. */
  readonly stores?: readonly ('elasticsearch' | 'influxdb' | 'mongodb' | 'redis')[]
  /** The name of the test environment: 1 to 32 characters of a-z, 0-9 and _. Default: a new name. */
  readonly name?: string
  /** When gc may drop it even if this process is alive, such as `2h`. Default `24h`. */
  readonly expires?: string
}

/** What `reset` or `restore` changed, as `schema.table`. */
export interface ResetReport {
  /** Tables whose rows, counter, definition or triggers were not as seeded or in the snapshot, and views that were dropped. */
  readonly restored: readonly string[]
  /** Tables and views that the seeded state or the snapshot does not have. */
  readonly dropped: readonly string[]
}

/** An existing test environment. */
export interface AttachedEnvironment {
  readonly name: string
  /** The prefix of the names of its schemas and of its resources in stores. */
  readonly prefix: string
  /** By logical database: `mysql://user:password@host:port/schema`. */
  readonly urls: Readonly<Record<string, string>>
  /** Variables that make programs use the test environment: WWDB_URL, WWDB_PREFIX, WWDB_SET, and USER_DB_URL for each database. */
  readonly environment: Readonly<Record<string, string>>
  /**
   * Resets every table to the seeded state: rows, AUTO_INCREMENT, definition, triggers. Unchanged tables are not touched. The program under
   * test must not have an open transaction meanwhile. The first call opens three connections to each server, and one after they were lost
   * opens others. Rejected with `TEST_ENVIRONMENT_REPLACED` where the test environment was created again from other files since.
   */
  readonly reset: () => Promise<ResetReport>
  /**
   * Copies the test environment as it is now, for `restore` of that name: a-z, 0-9, _ and -, at most 45 characters together with the name of the test environment. An earlier snapshot
   * of the name is replaced. The program under test must not write meanwhile. Snapshots are dropped with the test environment, and when it is created again.
   */
  readonly snapshot: (name: string) => Promise<void>
  /**
   * Takes every table back to the snapshot, as `reset` does to the seeded state, any number of times. The first restore of a snapshot opens three connections to each server.
   * Rejected with `TEST_SNAPSHOT_UNKNOWN` where there is no complete one.
   */
  readonly restore: (name: string) => Promise<ResetReport>
  /** Closes the connections of `reset` and `restore`. The test environment and its snapshots remain. */
  readonly close: () => Promise<void>
}

/** A test environment that this process created. */
export interface ProvisionedEnvironment extends Omit<AttachedEnvironment, 'close'> {
  /**
   * Creates it again, under the same name, where migrations, templates or seeds have changed since: for runners that watch. False where nothing has. Whoever is attached
   * attaches again.
   */
  readonly refresh: () => Promise<boolean>
  /** Drops the test environment. If a process ends without it, `wwdb provision gc` drops the test environment later. */
  readonly dispose: () => Promise<void>
}

/** Test environments for the workers of a test runner, one for each. */
export interface ProvisionedPool {
  readonly environments: readonly Pick<AttachedEnvironment, 'name' | 'prefix' | 'urls' | 'environment'>[]
  /** Variables by which `attach()` finds the test environment of its worker: WWDB_SETS, and the URL of the server. */
  readonly environment: Readonly<Record<string, string>>
  /** As that of one test environment, for all of them. */
  readonly refresh: () => Promise<boolean>
  /** Drops all of them. */
  readonly dispose: () => Promise<void>
}
