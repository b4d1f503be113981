import type { Config } from './config.ts'

/**
 * What the command line may set; texts as typed, which are checked here like every other source. Null and undefined mean not
 * given.
 */
export interface FlagSettings {
  readonly url: string
  readonly prefix: string
  readonly references: string
  readonly outOfOrder: string
  readonly trial: string
  readonly concurrency: string | number
  readonly connectTimeout: string
  readonly lockTimeout: string
  readonly lockWaitTimeout: string
  readonly statementTimeout: string
  readonly logFile: string
  readonly throttle: string
  readonly maxLag: string
  readonly maxThreads: string | number
  readonly throttleLimit: string
  readonly stopAt: string
}

/** Everything that the configuration is made from, besides the files it names. */
export interface ConfigRequest {
  /** Absolute. */
  readonly cwd: string
  /** `--config`; null to search for the file, from `cwd` upward. */
  readonly file: string | null
  /** `--env`. */
  readonly environmentName: string | null
  readonly flags: { readonly [Name in keyof FlagSettings]?: FlagSettings[Name] | null | undefined }
  readonly environment: Readonly<Record<string, string | undefined>>
  /**
   * False for commands that open no connection (`new`, `validate`, `config show`): then a missing URL or variable of a URL is
   * not a fault, certificates and password files are not read, and a database without a URL gets `noServer`. Default true.
   */
  readonly serversNeeded?: boolean
  /** The same for stores other than MySQL: true for commands that open them. Default false. */
  readonly storesNeeded?: boolean
}

/**
 * The request for another environment of the same file. Flags and variables that choose a server or a schema belong to the current environment and do
 * not apply there.
 */
export function requestEnvironment(request: ConfigRequest, present: Config, environmentName: string): ConfigRequest {
  const own = present.databases.flatMap(({ name }) => [
    `WWDB_${name.toUpperCase()}_URL`,
    `WWDB_${name.toUpperCase()}_SCHEMA`,
  ])
  const dropped = new Set(['WWDB_URL', 'WWDB_PREFIX', ...own])
  const environment = Object.fromEntries(Object.entries(request.environment).filter(([name]) => !dropped.has(name)))
  const flags = { ...request.flags, url: null, prefix: null }
  return { ...request, file: present.file, environmentName, flags, environment }
}
