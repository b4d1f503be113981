// Made by `npm run generate` from the files of the commands; a test compares it. Do not edit it.

/** What `wwdb migrate` can be told by its flags. */
export interface MigrateOptions {
  /** Stop after this version. */
  readonly to?: string | undefined
  /** At most this many migrations, in the order of their versions. */
  readonly steps?: number | undefined
  /** Exactly the plan that `wwdb plan --out` wrote; refused if its inputs have changed. */
  readonly plan?: string | undefined
  /** What to do with a pending file that sorts before an applied one. */
  readonly outOfOrder?: 'fail' | 'warn' | 'allow' | undefined
  /** Show the plan, without writing anything. */
  readonly dryRun?: boolean | undefined
  /** Accept this hazard for this run, for example drop-table; may be repeated. */
  readonly allow?: readonly string[] | undefined
  /** What to do if the plan changes an object that was changed by hand. */
  readonly drift?: 'fail' | 'warn' | 'off' | undefined
  /** Do not ask the server how it would execute ALTER TABLE statements (on empty copies in a scratch schema). */
  readonly noProbe?: boolean | undefined
  /** Try pending definitions in a scratch schema first. */
  readonly trial?: 'auto' | 'off' | 'required' | undefined
  /** Whether the bounds of `throttle` apply to this run. */
  readonly throttle?: 'on' | 'off' | undefined
  /** How far a replica may be behind before heavy work pauses; `none` for no bound. */
  readonly maxLag?: string | undefined
  /** The number of Threads_running above which heavy work pauses. */
  readonly maxThreads?: number | undefined
  /** How long one pause lasts before the run stops; `none` for no limit. */
  readonly throttleLimit?: string | undefined
  /** When heavy work stops, however much is left: `"05:00 Asia/Shanghai"`, or an instant. */
  readonly stopAt?: string | undefined
  /** Kill sessions of `guard.kill.users` whose old transactions keep a definition waiting, at most `guard.kill.most`. */
  readonly killBlockers?: boolean | undefined
  /** How many shards, or targets of a database that has many, may fail before no further one is started. */
  readonly errorBudget?: number | undefined
  /** Only shards, or targets of a database that has many, whose last attempt failed. */
  readonly failedOnly?: boolean | undefined
}

/** What `wwdb plan` can be told by its flags. */
export interface PlanOptions {
  /** Stop after this version. */
  readonly to?: string | undefined
  /** At most this many migrations, in the order of their versions. */
  readonly steps?: number | undefined
  /** Up applies, down reverts. */
  readonly direction?: 'up' | 'down' | undefined
  /** What to do with a pending file that sorts before an applied one. */
  readonly outOfOrder?: 'fail' | 'warn' | 'allow' | undefined
  /** Write the plan to this file. */
  readonly out?: string | undefined
  /** Try the statements that servers have seen within `--within` and that name what is changed, before and after the migrations, in scratch schemas, without rows and with rows that are made there; exit code 1 if one breaks or has another result, 2 if a server was not looked at, or if none was tried and the servers could not show that none is sent. */
  readonly live?: boolean | undefined
  /** With --live: only statements that were seen within this time, for which servers must have counted. */
  readonly within?: string | undefined
  /** Do not ask the server how it would execute ALTER TABLE statements (on empty copies in a scratch schema). */
  readonly noProbe?: boolean | undefined
  /** Try pending definitions in a scratch schema first. */
  readonly trial?: 'auto' | 'off' | 'required' | undefined
  /** Exit with 1 if anything would run. */
  readonly exitCode?: boolean | undefined
}

/** What `wwdb rollback` can be told by its flags. */
export interface RollbackOptions {
  /** Revert everything after this version, which stays applied. */
  readonly to?: string | undefined
  /** Number of migrations, last applied first, over all databases. */
  readonly steps?: number | undefined
  /** On a keyspace: let Vitess take the migrations back with `REVERT`, in place of their down parts. */
  readonly revert?: boolean | undefined
  /** Show the plan, without writing anything. */
  readonly dryRun?: boolean | undefined
  /** Accept this hazard for this run, for example drop-table; may be repeated. */
  readonly allow?: readonly string[] | undefined
  /** Do not ask the server how it would execute ALTER TABLE statements (on empty copies in a scratch schema). */
  readonly noProbe?: boolean | undefined
  /** Whether the bounds of `throttle` apply to this run. */
  readonly throttle?: 'on' | 'off' | undefined
  /** How far a replica may be behind before heavy work pauses; `none` for no bound. */
  readonly maxLag?: string | undefined
  /** The number of Threads_running above which heavy work pauses. */
  readonly maxThreads?: number | undefined
  /** How long one pause lasts before the run stops; `none` for no limit. */
  readonly throttleLimit?: string | undefined
  /** When heavy work stops, however much is left: `"05:00 Asia/Shanghai"`, or an instant. */
  readonly stopAt?: string | undefined
  /** Kill sessions of `guard.kill.users` whose old transactions keep a definition waiting, at most `guard.kill.most`. */
  readonly killBlockers?: boolean | undefined
  /** How many shards, or targets of a database that has many, may fail before no further one is started. */
  readonly errorBudget?: number | undefined
  /** Only shards, or targets of a database that has many, whose last attempt failed. */
  readonly failedOnly?: boolean | undefined
}

/** What `wwdb status` can be told by its flags. */
export interface StatusOptions {
  /** Only migrations that are not applied. */
  readonly pending?: boolean | undefined
  /** Every environment of the configuration side by side, including those that cannot be reached. */
  readonly allEnvironments?: boolean | undefined
  /** Exit with 1 if something is pending or wrong. */
  readonly exitCode?: boolean | undefined
}

/** What `wwdb validate` can be told by its flags. */
export interface ValidateOptions {
  /** Hazards that no header accepts are errors, too. */
  readonly strict?: boolean | undefined
  /** Ignore hazards of older versions, because applied files must not change (default: strictSince of the configuration). */
  readonly since?: string | undefined
  /** Write the checksums of the current files to wwdb.sum. */
  readonly writeSum?: boolean | undefined
}
