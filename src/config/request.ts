/** What the command line may set; texts as typed, checked here like every other source. Null and undefined mean not given. */
export interface FlagSettings {
  readonly url: string
  readonly prefix: string
  readonly references: string
  readonly outOfOrder: string
  readonly concurrency: string | number
  readonly connectTimeout: string
  readonly lockTimeout: string
  readonly lockWaitTimeout: string
  readonly statementTimeout: string
}

/** All that the configuration is made from, besides the files it names. */
export interface ConfigRequest {
  /** Absolute. */
  readonly cwd: string
  /** `--config`; null to look for the file, from `cwd` upward. */
  readonly file: string | null
  /** `--env`. */
  readonly environmentName: string | null
  readonly flags: { readonly [Name in keyof FlagSettings]?: FlagSettings[Name] | null | undefined }
  readonly environment: Readonly<Record<string, string | undefined>>
  /**
   * False for commands that open no connection (`new`, `validate`, `config show`): then a missing URL or variable of a
   * URL is no fault, certificates and password files are not read, and a database without a URL gets `noServer`. Default true.
   */
  readonly serversNeeded?: boolean
  /** The same for the stores beside MySQL: true for commands that open them. Default false. */
  readonly storesNeeded?: boolean
}
