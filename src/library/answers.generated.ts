// Made by `npm run generate` from the schemas of the answers; a test compares it. Do not edit it.

/**
 * How the server executes an ALTER TABLE: in the data dictionary alone, in the table's own files, or by copying the table.
 */
export type Algorithm = 'INSTANT' | 'INPLACE' | 'COPY'
/**
 * The last line of all output.
 */
export type Answer = ResultDocument | ErrorDocument
/**
 * A command's answer: the one document of a query and the last line of a run.
 */
export type ResultDocument =
  | AdoptionAnswer
  | CodeMigrationRunAnswer
  | CodeMigrationsAnswer
  | ConfigAnswer
  | DatabasesAnswer
  | DoctorAnswer
  | DocumentAnswer
  | EnvironmentsAnswer
  | FamilyMoveAnswer
  | FilesAnswer
  | GrantsCheckAnswer
  | GrantsAnswer
  | HeldTablesAnswer
  | HistoryAnswer
  | LintAnswer
  | LocksAnswer
  | MoveAnswer
  | OnlineChangesAnswer
  | OrphansAnswer
  | PlatformAnswer
  | ProgramAnswer
  | ProvisionListAnswer
  | ProvisionRemovalAnswer
  | ProvisionRestoreAnswer
  | ProvisionAnswer
  | ProvisionSnapshotAnswer
  | PublicationAnswer
  | ReportAnswer
  | RetiredAnswer
  | RotationPlanAnswer
  | RotationAnswer
  | RunAnswer
  | SandboxAnswer
  | ScheduleAnswer
  | ScheduleRunAnswer
  | SchemaDiffAnswer
  | SeedMatrixAnswer
  | SeedAnswer
  | ShardAdoptionAnswer
  | ShardCheckAnswer
  | ShardDiffAnswer
  | ShardListAnswer
  | ShardLocationAnswer
  | ShardRemovalAnswer
  | ShardRepairAnswer
  | SplitAnswer
  | StatusAnswer
  | StoreBackfillAnswer
  | StoreImportAnswer
  | StorePlanAnswer
  | StoreRunAnswer
  | StoreStatusAnswer
  | StoreVerificationAnswer
  | TargetsRunAnswer
  | TemplatesAnswer
  | ThrottleAnswer
  | UndoAnswer
  | UsesAnswer
  | ValidationAnswer
  | VersionAnswer
  | TargetsStatusAnswer
  | PlanAnswer
export type ExitCode = 0 | 1 | 2 | 64 | 69 | 75 | 78 | 129 | 130 | 143
/**
 * How code is carried out.
 * - `transaction` all of it is one transaction, in which it is recorded: it takes effect once, or not at all.
 * - `batches` documents are walked by `_id`; each batch is one transaction, which also records how far the walk is.
 * - `outside` it runs outside a transaction: one that was interrupted is run again from its start, so it must be idempotent.
 */
export type CodeManner = 'transaction' | 'batches' | 'outside'
/**
 * A stable word in capitals, e.g. `LOCK_HELD`; used by scripts through `--json`.
 */
export type ErrorCode = string
export type CodeMigrationState = 'applied' | 'pending' | 'open' | 'changed' | 'file-missing'
export type CodeDirection = 'up' | 'down'
export type Severity = 'error' | 'warning'
export type StoreKind = 'elasticsearch' | 'influxdb' | 'mongodb' | 'redis'
/**
 * English or Chinese.
 */
export type Language = 'en' | 'zh'
export type Purpose = 'check' | 'migrate' | 'provision' | 'read' | 'rotate' | 'seed' | 'split' | 'write'
/**
 * How a run ended for a target.
 * - `running`  it is in progress
 * - `done`     it completed, or found nothing to do
 * - `failed`   an error ended it
 * - `stopped`  a person or a program stopped it, or it was killed: its connection is gone
 */
export type RunOutcome = 'running' | 'done' | 'failed' | 'stopped'
export type LintSeverity = 'error' | 'warning' | 'hint'
export type OnlineState = 'copied' | 'copying' | 'held' | 'removed' | 'reverted' | 'swapped'
export type PlatformStep = 'create' | 'migrate' | 'rotate' | 'seed' | 'setup'
/**
 * The state of a test environment:
 * - `making`   its schemas are being created; it is incomplete
 * - `ready`    it is complete
 * - `removing` it is being dropped, or a drop was cut off
 */
export type EnvironmentState = 'making' | 'ready' | 'removing'
/**
 * How long a test environment lives: until it is dropped, or as long as the process that requested it.
 */
export type EnvironmentScope = 'kept' | 'process'
export type ShardLook = 'archived' | 'dropped' | 'held' | 'live' | 'missing' | 'past' | 'premade'
/**
 * - `live`      in use, under its own name
 * - `sealed`    its time is over: rows counted and summed, still under its own name
 * - `holding`   intent: about to be renamed to its hold name. Which of the two names exists shows how far it came
 * - `held`      under its hold name, until the grace ends
 * - `archived`  held, and its archive was read back and found equal
 * - `dropping`  intent: about to be dropped
 * - `dropped`   gone from the server; its archive, where there is one, stays
 * - `restoring` intent: coming back, from its hold name or from its archive
 * - `lost`      its table was dropped outside of wwdb, and its rows are not archived
 */
export type ShardState =
  'archived' | 'dropped' | 'dropping' | 'held' | 'holding' | 'live' | 'lost' | 'restoring' | 'sealed'
export type SplitState = 'confirmed' | 'copied' | 'copying' | 'emptying' | 'held' | 'undoing' | 'undone'
export type StoreLossCode =
  | 'changed-alias'
  | 'changed-compatibility'
  | 'changed-repository'
  | 'changed-type'
  | 'downsampling'
  | 'duplicate-documents'
  | 'expire-documents'
  | 'invalid-documents'
  | 'lost-uniqueness'
  | 'persistence-off'
  | 'remove-member'
  | 'removed-access'
  | 'removed-additions'
  | 'removed-for-good'
  | 'removed-index'
  | 'removed-node'
  | 'removed-phase'
  | 'removed-pre-images'
  | 'removed-resource'
  | 'removed-rollover'
  | 'removed-rules'
  | 'removed-snapshot'
  | 'revoked-token'
  | 'shorter-age'
  | 'shorter-retention'
  | 'smaller-cap'
  | 'smaller-memory'
  | 'surplus-task'
  | 'weaker-persistence'
  | 'weaker-snapshots'
  | 'weaker-write-concern'
  | 'wider-eviction'
/**
 * The state of a server that is read before heavy work continues.
 */
export type Measure =
  | 'lag'
  | 'group-queue'
  | 'threads-running'
  | 'history-length'
  | 'checkpoint-age'
  | 'undo'
  | 'free-disk'
  | 'query'
  | 'window'
export type KeptVerb = 'UPDATE' | 'DELETE' | 'INSERT'
/**
 * How it is ensured that a statement runs once:
 * - `definition`  DDL: commits implicitly, resolved by comparing the fingerprints of the objects it names
 * - `account`     CREATE USER, GRANT, ...: commits implicitly, resolved by SHOW CREATE USER / SHOW GRANTS
 * - `data`        INSERT, UPDATE, DELETE, REPLACE, SELECT, WITH, VALUES, DO ...: shares a transaction with its journal row
 * - `call`        CALL: like data, but commits inside the procedure cannot be seen from outside
 * - `session`     changes only this connection (SET of session and user variables, PREPARE, DEALLOCATE, CREATE/DROP                 TEMPORARY TABLE, SELECT ... INTO
 */
export type StatementClass =
  'definition' | 'account' | 'data' | 'call' | 'session' | 'execute' | 'maintenance' | 'refused'
/**
 * A line of a run between its first and its last.
 */
export type EventLine =
  | {
      /**
       * Milliseconds since the first event.
       */
      elapsed: number
      /**
       * The id of the run, as `wwdb_runs` and `wwdb history` have it.
       */
      run: string
      /**
       * When the line was written, in UTC.
       */
      time: string
      type: 'fan-out-started'
      family: string
      done: number
      total: number
      /**
       * The table that is changed before all others; null where an earlier run had a canary.
       */
      canary: string | null
      target: Target
      version: string
      name: string
      direction: 'up' | 'down'
    }
  | {
      /**
       * Milliseconds since the first event.
       */
      elapsed: number
      /**
       * The id of the run, as `wwdb_runs` and `wwdb history` have it.
       */
      run: string
      /**
       * When the line was written, in UTC.
       */
      time: string
      type: 'shard-started'
      target: Target
      version: string
      name: string
      direction: 'up' | 'down'
      family: string
      /**
       * The shard's key.
       */
      shard: string
      table: string
    }
  | {
      /**
       * Milliseconds since the first event.
       */
      elapsed: number
      /**
       * The id of the run, as `wwdb_runs` and `wwdb history` have it.
       */
      run: string
      /**
       * When the line was written, in UTC.
       */
      time: string
      type: 'shard-finished'
      statements: number
      milliseconds: number
      /**
       * How many shards are complete by now, out of how many.
       */
      done: number
      total: number
      /**
       * Milliseconds left for the others at the current pace; absent before that is known.
       */
      left?: number
      target: Target
      version: string
      name: string
      direction: 'up' | 'down'
      family: string
      /**
       * The shard's key.
       */
      shard: string
      table: string
    }
  | {
      /**
       * Milliseconds since the first event.
       */
      elapsed: number
      /**
       * The id of the run, as `wwdb_runs` and `wwdb history` have it.
       */
      run: string
      /**
       * When the line was written, in UTC.
       */
      time: string
      type: 'shard-failed'
      code: ErrorCode
      fault: Fault
      target: Target
      version: string
      name: string
      direction: 'up' | 'down'
      family: string
      /**
       * The shard's key.
       */
      shard: string
      table: string
    }
  | {
      /**
       * Milliseconds since the first event.
       */
      elapsed: number
      /**
       * The id of the run, as `wwdb_runs` and `wwdb history` have it.
       */
      run: string
      /**
       * When the line was written, in UTC.
       */
      time: string
      type: 'rotation-making-started'
      total: number
      target: Target
    }
  | {
      /**
       * Milliseconds since the first event.
       */
      elapsed: number
      /**
       * The id of the run, as `wwdb_runs` and `wwdb history` have it.
       */
      run: string
      /**
       * When the line was written, in UTC.
       */
      time: string
      type: 'rotation-step-started'
      why: string
      target: Target
      family: string
      table: string
      step: 'create' | ShardStepKind
    }
  | {
      /**
       * Milliseconds since the first event.
       */
      elapsed: number
      /**
       * The id of the run, as `wwdb_runs` and `wwdb history` have it.
       */
      run: string
      /**
       * When the line was written, in UTC.
       */
      time: string
      type: 'rotation-step-progress'
      done: number
      total: number
      left: number | null
      target: Target
      family: string
      table: string
      step: 'create' | ShardStepKind
    }
  | {
      /**
       * Milliseconds since the first event.
       */
      elapsed: number
      /**
       * The id of the run, as `wwdb_runs` and `wwdb history` have it.
       */
      run: string
      /**
       * When the line was written, in UTC.
       */
      time: string
      type: 'rotation-step-finished'
      rows: number | null
      milliseconds: number | null
      target: Target
      family: string
      table: string
      step: 'create' | ShardStepKind
    }
  | {
      /**
       * Milliseconds since the first event.
       */
      elapsed: number
      /**
       * The id of the run, as `wwdb_runs` and `wwdb history` have it.
       */
      run: string
      /**
       * When the line was written, in UTC.
       */
      time: string
      type: 'split-progress'
      table: string
      stage: 'copy' | 'compare' | 'carry back' | 'empty'
      /**
       * Rows, and an estimate of all of them.
       */
      done: number
      total: number
      milliseconds: number
      target: Target
    }
  | {
      /**
       * Milliseconds since the first event.
       */
      elapsed: number
      /**
       * The id of the run, as `wwdb_runs` and `wwdb history` have it.
       */
      run: string
      /**
       * When the line was written, in UTC.
       */
      time: string
      type: 'move-progress'
      family: string
      stage: 'copy' | 'vdiff' | 'compare' | 'carry back'
      /**
       * Of the copy, rows and an estimate of all of them; of the others, shards.
       */
      done: number
      total: number
      milliseconds: number
      target: Target
    }
  | {
      /**
       * Milliseconds since the first event.
       */
      elapsed: number
      /**
       * The id of the run, as `wwdb_runs` and `wwdb history` have it.
       */
      run: string
      /**
       * When the line was written, in UTC.
       */
      time: string
      type: 'run-started'
      command: string
      targets: Target[]
    }
  | {
      /**
       * Milliseconds since the first event.
       */
      elapsed: number
      /**
       * The id of the run, as `wwdb_runs` and `wwdb history` have it.
       */
      run: string
      /**
       * When the line was written, in UTC.
       */
      time: string
      type: 'warning'
      message: string
      target: Target | null
    }
  | {
      /**
       * Milliseconds since the first event.
       */
      elapsed: number
      /**
       * The id of the run, as `wwdb_runs` and `wwdb history` have it.
       */
      run: string
      /**
       * When the line was written, in UTC.
       */
      time: string
      type: 'progress'
      message: string
    }
  | {
      /**
       * Milliseconds since the first event.
       */
      elapsed: number
      /**
       * The id of the run, as `wwdb_runs` and `wwdb history` have it.
       */
      run: string
      /**
       * When the line was written, in UTC.
       */
      time: string
      type: 'stopping'
      how: 'after-statement' | 'kill'
    }
  | {
      /**
       * Milliseconds since the first event.
       */
      elapsed: number
      /**
       * The id of the run, as `wwdb_runs` and `wwdb history` have it.
       */
      run: string
      /**
       * When the line was written, in UTC.
       */
      time: string
      type: 'throttle-paused'
      target: Target
      because: Reading[]
      /**
       * Milliseconds since the pause began.
       */
      milliseconds: number
    }
  | {
      /**
       * Milliseconds since the first event.
       */
      elapsed: number
      /**
       * The id of the run, as `wwdb_runs` and `wwdb history` have it.
       */
      run: string
      /**
       * When the line was written, in UTC.
       */
      time: string
      type: 'throttle-ended'
      target: Target
      how: 'went-on' | 'stopped' | 'gave-up'
      /**
       * The first reading that caused it.
       */
      because: Reading
      milliseconds: number
    }
  | {
      /**
       * Milliseconds since the first event.
       */
      elapsed: number
      /**
       * The id of the run, as `wwdb_runs` and `wwdb history` have it.
       */
      run: string
      /**
       * When the line was written, in UTC.
       */
      time: string
      type: 'others-waited'
      target: Target
      stall: Stall
    }
  | {
      /**
       * Milliseconds since the first event.
       */
      elapsed: number
      /**
       * The id of the run, as `wwdb_runs` and `wwdb history` have it.
       */
      run: string
      /**
       * When the line was written, in UTC.
       */
      time: string
      type: 'blocker-killed'
      target: Target
      session: BlockingSession
      isGone: boolean
    }
  | {
      /**
       * Milliseconds since the first event.
       */
      elapsed: number
      /**
       * The id of the run, as `wwdb_runs` and `wwdb history` have it.
       */
      run: string
      /**
       * When the line was written, in UTC.
       */
      time: string
      type: 'blocker-spared'
      target: Target
      session: BlockingSession
      why: string
    }
  | {
      /**
       * Milliseconds since the first event.
       */
      elapsed: number
      /**
       * The id of the run, as `wwdb_runs` and `wwdb history` have it.
       */
      run: string
      /**
       * When the line was written, in UTC.
       */
      time: string
      type: 'online-changed'
      target: Target
      table: string
      /**
       * `back`: the table as it was before has its name again.
       */
      how: 'instant' | 'in place' | 'by a copy' | 'back'
      notes: string[]
    }
  | {
      /**
       * Milliseconds since the first event.
       */
      elapsed: number
      /**
       * The id of the run, as `wwdb_runs` and `wwdb history` have it.
       */
      run: string
      /**
       * When the line was written, in UTC.
       */
      time: string
      type: 'object-retired'
      target: Target
      /**
       * `users.nick`
       */
      name: string
      how: 'hidden' | 'held' | 'watched' | 'back'
      notes: string[]
    }
  | {
      /**
       * Milliseconds since the first event.
       */
      elapsed: number
      /**
       * The id of the run, as `wwdb_runs` and `wwdb history` have it.
       */
      run: string
      /**
       * When the line was written, in UTC.
       */
      time: string
      type: 'batch-undone'
      target: Target
      /**
       * Its version, and the position of the statement from 1.
       */
      migration: string
      statement: number
      table: string
      /**
       * `removed`: rows that an INSERT had added.
       */
      how: 'put back' | 'removed'
      /**
       * Rows that this run put back or removed.
       */
      rows: number
      /**
       * Rows that stay as they are, as others changed them since or the server refuses them; null where the run was ended before they were counted.
       */
      left: number | null
    }
  | {
      /**
       * Milliseconds since the first event.
       */
      elapsed: number
      /**
       * The id of the run, as `wwdb_runs` and `wwdb history` have it.
       */
      run: string
      /**
       * When the line was written, in UTC.
       */
      time: string
      type: 'lock-waiting'
      holder: Holder | null
      milliseconds: number
      target: Target
    }
  | {
      /**
       * Milliseconds since the first event.
       */
      elapsed: number
      /**
       * The id of the run, as `wwdb_runs` and `wwdb history` have it.
       */
      run: string
      /**
       * When the line was written, in UTC.
       */
      time: string
      type: 'lock-acquired'
      milliseconds: number
      target: Target
    }
  | {
      /**
       * Milliseconds since the first event.
       */
      elapsed: number
      /**
       * The id of the run, as `wwdb_runs` and `wwdb history` have it.
       */
      run: string
      /**
       * When the line was written, in UTC.
       */
      time: string
      type: 'statement-settled'
      ran: boolean
      /**
       * What repeats it does not need to know. Absent where it is known.
       */
      mayHaveRun?: true
      why: string
      target: Target
      version: string
      name: string
      direction: 'up' | 'down'
      /**
       * From 0.
       */
      statement: number
      total: number
      /**
       * Verb and objects, e.g. "ALTER TABLE users".
       */
      summary: string
    }
  | {
      /**
       * Milliseconds since the first event.
       */
      elapsed: number
      /**
       * The id of the run, as `wwdb_runs` and `wwdb history` have it.
       */
      run: string
      /**
       * When the line was written, in UTC.
       */
      time: string
      type: 'step-started'
      from: number
      total: number
      target: Target
      version: string
      name: string
      direction: 'up' | 'down'
    }
  | {
      /**
       * Milliseconds since the first event.
       */
      elapsed: number
      /**
       * The id of the run, as `wwdb_runs` and `wwdb history` have it.
       */
      run: string
      /**
       * When the line was written, in UTC.
       */
      time: string
      type: 'step-waiting'
      after: string[]
      target: Target
      version: string
      name: string
      direction: 'up' | 'down'
    }
  | {
      /**
       * Milliseconds since the first event.
       */
      elapsed: number
      /**
       * The id of the run, as `wwdb_runs` and `wwdb history` have it.
       */
      run: string
      /**
       * When the line was written, in UTC.
       */
      time: string
      type: 'statement-started'
      target: Target
      version: string
      name: string
      direction: 'up' | 'down'
      /**
       * From 0.
       */
      statement: number
      total: number
      /**
       * Verb and objects, e.g. "ALTER TABLE users".
       */
      summary: string
    }
  | {
      /**
       * Milliseconds since the first event.
       */
      elapsed: number
      /**
       * The id of the run, as `wwdb_runs` and `wwdb history` have it.
       */
      run: string
      /**
       * When the line was written, in UTC.
       */
      time: string
      type: 'statement-blocked'
      by: Holder[]
      attempt: number
      target: Target
      version: string
      name: string
      direction: 'up' | 'down'
      /**
       * From 0.
       */
      statement: number
      total: number
      /**
       * Verb and objects, e.g. "ALTER TABLE users".
       */
      summary: string
    }
  | {
      /**
       * Milliseconds since the first event.
       */
      elapsed: number
      /**
       * The id of the run, as `wwdb_runs` and `wwdb history` have it.
       */
      run: string
      /**
       * When the line was written, in UTC.
       */
      time: string
      type: 'statement-progress'
      /**
       * What it is doing now, in the server's words.
       */
      stage: string
      percent: number
      /**
       * Milliseconds left at the current pace; null before that is known.
       */
      left: number | null
      /**
       * The progress of a statement that runs in batches.
       */
      batch?: BatchView
      target: Target
      version: string
      name: string
      direction: 'up' | 'down'
      /**
       * From 0.
       */
      statement: number
      total: number
      /**
       * Verb and objects, e.g. "ALTER TABLE users".
       */
      summary: string
    }
  | {
      /**
       * Milliseconds since the first event.
       */
      elapsed: number
      /**
       * The id of the run, as `wwdb_runs` and `wwdb history` have it.
       */
      run: string
      /**
       * When the line was written, in UTC.
       */
      time: string
      type: 'statement-finished'
      milliseconds: number
      rows: number | null
      warnings: string[]
      target: Target
      version: string
      name: string
      direction: 'up' | 'down'
      /**
       * From 0.
       */
      statement: number
      total: number
      /**
       * Verb and objects, e.g. "ALTER TABLE users".
       */
      summary: string
    }
  | {
      /**
       * Milliseconds since the first event.
       */
      elapsed: number
      /**
       * The id of the run, as `wwdb_runs` and `wwdb history` have it.
       */
      run: string
      /**
       * When the line was written, in UTC.
       */
      time: string
      type: 'step-finished'
      statements: number
      milliseconds: number
      target: Target
      version: string
      name: string
      direction: 'up' | 'down'
    }
  | {
      /**
       * Milliseconds since the first event.
       */
      elapsed: number
      /**
       * The id of the run, as `wwdb_runs` and `wwdb history` have it.
       */
      run: string
      /**
       * When the line was written, in UTC.
       */
      time: string
      target: Target
      type: 'record-removed'
      runs: number
      shardEvents: number
      summary: string
    }
  | {
      /**
       * Milliseconds since the first event.
       */
      elapsed: number
      /**
       * The id of the run, as `wwdb_runs` and `wwdb history` have it.
       */
      run: string
      /**
       * When the line was written, in UTC.
       */
      time: string
      type: 'store-change-started'
      store: StoreKind
      server: string
      /**
       * What is done, as half a sentence.
       */
      summary: string
    }
  | {
      /**
       * Milliseconds since the first event.
       */
      elapsed: number
      /**
       * The id of the run, as `wwdb_runs` and `wwdb history` have it.
       */
      run: string
      /**
       * When the line was written, in UTC.
       */
      time: string
      type: 'store-change-finished'
      milliseconds: number
      store: StoreKind
      server: string
      /**
       * What is done, as half a sentence.
       */
      summary: string
    }
  | {
      /**
       * Milliseconds since the first event.
       */
      elapsed: number
      /**
       * The id of the run, as `wwdb_runs` and `wwdb history` have it.
       */
      run: string
      /**
       * When the line was written, in UTC.
       */
      time: string
      type: 'plan-ready'
      plan: PlanDocument
    }
/**
 * What happens to an existing shard. `restore` returns it to use; the other four retire it, in this order.
 */
export type ShardStepKind = 'restore' | 'seal' | 'hold' | 'archive' | 'drop'
/**
 * A line of a run: the version first, then events, and the answer last.
 */
export type RunLine = VersionLine | EventLine | Answer

/**
 * Lost rows that a person has acknowledged.
 */
export interface AcknowledgedLoss {
  family: string
  target: Target
  key: string
  table: string
  /**
   * The last count; null where they were never counted.
   */
  rows: number | null
}
/**
 * A logical database in a schema on a server. `server` is `host:port` and holds no secret.
 */
export interface Target {
  database: string
  schema: string
  server: string
}
/**
 * A migration that an adoption creates or has created.
 */
export interface AdoptedMigration {
  /**
   * Relative to the project's folder.
   */
  file: string
  /**
   * The file of the other tool; null for a baseline, which is created from the database.
   */
  from: string | null
  state: 'applied' | 'pending' | 'baseline'
}
/**
 * A table that is added to the registry.
 */
export interface AdoptedTable {
  table: string
  key: string
  state: 'dropped' | 'held' | 'live'
  /**
   * Its earlier row in the registry, where the family's header was changed; null for a new table.
   */
  recorded: string | null
}
export interface AdoptionAnswer {
  type: 'result'
  schema: '1.0'
  exitCode: ExitCode
  warnings: WarningDocument[]
  /**
   * The id of the run, as `wwdb_runs` and `wwdb history` have it.
   */
  run: string
  /**
   * When the line was written, in UTC.
   */
  time: string
  kind: 'adoption'
  tool: string
  database: string
  state: 'planned' | 'undo-planned' | 'differs' | 'adopted' | 'present' | 'undone'
  migrations: AdoptedMigration[]
  /**
   * Names in the history of a tool whose migrations are code, in order; empty for tools whose migrations are SQL.
   */
  history: string[]
  /**
   * Files that were changed after the other tool ran them.
   */
  edited: EditedFile[]
  /**
   * How the result of the applied files differs from the database; null where they are the same.
   */
  diff: SchemaDiff | null
  notes: string[]
}
export interface WarningDocument {
  message: string
  target: Target | null
}
/**
 * A file that was changed after the other tool ran it.
 */
export interface EditedFile {
  file: string
  why: string
}
/**
 * Two schemas of one database side by side.
 */
export interface SchemaDiff {
  database: string
  differences: DescribedDifference[]
  /**
   * The statements that turn the second side into the first, in the order in which they run.
   *
   * Items: A statement on the way from one side to the other.
   */
  forward: {
    text: string
    /**
     * Its place among the statements of all databases: no statement needs one at a later place.
     */
    place: 'first' | 'keys' | 'last' | 'tables'
    /**
     * Whether it contains semicolons, and needs DELIMITER in a file.
     */
    isCompound: boolean
    hazards: Hazard[]
  }[]
  /**
   * The statements that turn the first side into the second.
   *
   * Items: A statement on the way from one side to the other.
   */
  backward: {
    text: string
    /**
     * Its place among the statements of all databases: no statement needs one at a later place.
     */
    place: 'first' | 'keys' | 'last' | 'tables'
    /**
     * Whether it contains semicolons, and needs DELIMITER in a file.
     */
    isCompound: boolean
    hazards: Hazard[]
  }[]
  /**
   * What looks renamed, in the form of `--rename`; applied only when a person confirms it. While there are open ones, no statements are shown.
   */
  renames: string[]
  /**
   * Objects that this user may not read on either side: they are not compared.
   */
  hidden: string[]
  /**
   * What a person must do about the VSchema of a keyspace so that the second side becomes the first, each a sentence: vtgate has no statement for it. Absent where there is nothing.
   */
  byHand?: string[]
  /**
   * The same so that the first side becomes the second.
   */
  byHandBack?: string[]
}
/**
 * One object that differs between both sides.
 */
export interface DescribedDifference {
  /**
   * `vindex` and `vschema` are what the VSchema of a keyspace says: of a vindex, and of a table. `keyspace` is what it says of the keyspace itself.
   */
  type: 'event' | 'function' | 'keyspace' | 'procedure' | 'schema' | 'table' | 'trigger' | 'view' | 'vindex' | 'vschema'
  name: string
  /**
   * `missing`: only the first side has it; `extra`: only the second; `unproven`: its expected state is not recorded.
   */
  change: 'differs' | 'extra' | 'missing' | 'unproven'
  parts: ShapeDifference[]
}
/**
 * One difference between a table and the definition it should have: that of its shard template, or of another schema.
 */
export interface ShapeDifference {
  part: 'column' | 'index' | 'foreign key' | 'check' | 'option' | 'partitioning' | 'order' | 'trigger' | 'vindex'
  /**
   * The column's, index's, constraint's or option's name; the first column out of place; empty for partitioning.
   */
  name: string
  change: 'missing' | 'extra' | 'differs'
  /**
   * The expected definition; for a trigger, that of most shards. Null for an extra part.
   */
  wanted: string | null
  /**
   * The definition in the table; null for a missing part.
   */
  found: string | null
}
/**
 * A danger of a statement. `code` is stable: `--allow` and `-- wwdb:accept` name it.
 */
export interface Hazard {
  code: string
  /**
   * - `destructive` removes or narrows data (DROP, TRUNCATE, narrowing MODIFY, DELETE/UPDATE without WHERE)
   * - `blocking`    blocks writes or reads of other sessions while it runs
   * - `rebuilding`  copies the table, without blocking writes
   * - `unresumable` if it is interrupted, it cannot be determined whether it ran
   * - `advisory`    loses nothing, but may fail on existing rows, break running code, or weaken the table or the server
   */
  kind: 'destructive' | 'blocking' | 'rebuilding' | 'unresumable' | 'advisory'
  why: string
  /**
   * What to do instead, or how to accept it.
   */
  instead: string
  file: string
  line: number
  statement: string
  /**
   * The accepting header's reason, or null.
   */
  accepted: string | null
}
export interface CodeMigrationRunAnswer {
  type: 'result'
  schema: '1.0'
  exitCode: ExitCode
  warnings: WarningDocument[]
  /**
   * The id of the run, as `wwdb_runs` and `wwdb history` have it.
   */
  run: string
  /**
   * When the line was written, in UTC.
   */
  time: string
  kind: 'code-migration-run'
  command: 'setup migrate' | 'setup rollback'
  /**
   * True where nothing was written.
   */
  dryRun: boolean
  databases: CodeDatabaseRun[]
  milliseconds: number
}
/**
 * What a run did, or would do, in one database.
 */
export interface CodeDatabaseRun {
  /**
   * With the prefix.
   */
  database: string
  /**
   * How many were applied before it.
   */
  applied: number
  steps: CodeRunStep[]
  fault: Fault | null
  code: ErrorCode | null
}
/**
 * One migration of a run, as it is planned and as it ended.
 */
export interface CodeRunStep {
  version: string
  name: string
  file: string
  /**
   * - `adopt` it is recorded as applied: migrate-mongo has run it.
   */
  direction: 'up' | 'down' | 'adopt'
  manner: CodeManner | null
  /**
   * The collections that it walks.
   */
  collections: string[]
  /**
   * Where an earlier run has begun it: how many documents its walk has passed; null where it is begun now.
   */
  continued: number | null
  state: 'planned' | 'done' | 'failed' | 'stopped' | 'not-started'
  milliseconds: number | null
}
/**
 * One thing that is wrong: what, where, why and what to do next.
 */
export interface Fault {
  what: string
  where?: Location
  why?: string
  next?: string
  excerpt?: Excerpt
  /**
   * Where it is a MySQL error: its number and its SQLSTATE.
   */
  errno?: number
  sqlState?: string
}
/**
 * Where a fault lies. `line` and `column` count from 1; `server` is host:port, never a URL with credentials.
 */
export interface Location {
  file?: string
  line?: number
  column?: number
  database?: string
  server?: string
  /**
   * The statement's own text, or the start of it.
   */
  statement?: string
}
/**
 * The line of a file that a fault points at, for the caret under it.
 */
export interface Excerpt {
  text: string
  line: number
  column: number
}
export interface CodeMigrationsAnswer {
  type: 'result'
  schema: '1.0'
  exitCode: ExitCode
  warnings: WarningDocument[]
  /**
   * The id of the run, as `wwdb_runs` and `wwdb history` have it.
   */
  run: string
  /**
   * When the line was written, in UTC.
   */
  time: string
  kind: 'code-migrations'
  databases: CodeDatabaseStatus[]
}
/**
 * The migrations of one database.
 */
export interface CodeDatabaseStatus {
  /**
   * With the prefix.
   */
  database: string
  /**
   * In the order of their versions.
   */
  migrations: CodeMigrationStatus[]
  /**
   * Files that migrate-mongo has applied and the journal does not have.
   */
  unknown: string[]
  /**
   * What ran, in the order of time; null where it was not asked for.
   */
  history: CodeHistoryEntry[] | null
}
/**
 * One version of a database.
 */
export interface CodeMigrationStatus {
  version: string
  name: string
  file: string
  state: CodeMigrationState
  /**
   * ISO 8601, of what the journal has; null where it is pending.
   */
  at: string | null
  by: string | null
  /**
   * Of one that is begun: in which direction, and how many documents its walk has passed.
   */
  begun: {
    direction: CodeDirection
    documents: number
  } | null
}
/**
 * One migration that ran, or was adopted.
 */
export interface CodeHistoryEntry {
  version: string
  name: string
  direction: CodeDirection
  manner: CodeManner | 'adopted'
  /**
   * ISO 8601.
   */
  at: string
  milliseconds: number
  by: string
  documents: number
}
export interface ConfigAnswer {
  type: 'result'
  schema: '1.0'
  exitCode: ExitCode
  warnings: WarningDocument[]
  /**
   * The id of the run, as `wwdb_runs` and `wwdb history` have it.
   */
  run: string
  /**
   * When the line was written, in UTC.
   */
  time: string
  kind: 'config'
  file: string | null
  environment: string | null
  entries: ConfigEntry[]
}
/**
 * What a configuration value is and where it came from.
 */
export interface ConfigEntry {
  path: string
  /**
   * Printable; secrets are `***`.
   */
  value: {
    [k: string]: unknown
  }
  source: 'flag' | 'environment' | 'file' | 'default'
}
export interface DatabasesAnswer {
  type: 'result'
  schema: '1.0'
  exitCode: ExitCode
  warnings: WarningDocument[]
  /**
   * The id of the run, as `wwdb_runs` and `wwdb history` have it.
   */
  run: string
  /**
   * When the line was written, in UTC.
   */
  time: string
  kind: 'databases'
  command: string
  databases: DatabaseOutcome[]
}
/**
 * What `db create|drop|ping|wait` found or did.
 */
export interface DatabaseOutcome {
  target: Target
  state: 'created' | 'exists' | 'dropped' | 'absent' | 'reachable' | 'unreachable'
  detail: string | null
}
export interface DoctorAnswer {
  type: 'result'
  schema: '1.0'
  exitCode: ExitCode
  warnings: WarningDocument[]
  /**
   * The id of the run, as `wwdb_runs` and `wwdb history` have it.
   */
  run: string
  /**
   * When the line was written, in UTC.
   */
  time: string
  kind: 'doctor'
  /**
   * Errors first.
   */
  findings: DoctorFinding[]
  /**
   * Findings that `doctor.ignore` expects, with its reason.
   */
  ignored: IgnoredFinding[]
  /**
   * Sentences: what could not be checked, and why.
   */
  unchecked: string[]
  checks: DoctorCheck[]
  /**
   * Servers of MySQL that answered, and all.
   */
  servers: Reached
  /**
   * Stores with a URL that answered, and all of them.
   */
  stores: Reached
  /**
   * Stores that are declared without a URL: not configured here, and not checked.
   */
  notConfigured: StoreKind[]
  /**
   * Of the texts.
   */
  language: Language
  milliseconds: number
}
/**
 * Something that is wrong, by one check.
 */
export interface DoctorFinding {
  what: string
  why: string | null
  /**
   * What to do.
   */
  fix: string
  where: Location
  /**
   * Where else it is wrong in the same words.
   */
  alsoAt: Location[]
  code: string
  severity: Severity
}
/**
 * A finding that `doctor.ignore` expects.
 */
export interface IgnoredFinding {
  what: string
  why: string | null
  /**
   * What to do.
   */
  fix: string
  where: Location
  /**
   * Where else it is wrong in the same words.
   */
  alsoAt: Location[]
  code: string
  severity: Severity
  reason: string
}
/**
 * What a check found.
 */
export interface DoctorCheck {
  code: string
  severity: Severity
  /**
   * What it asks.
   */
  asks: string
  findings: number
}
/**
 * How many servers answered, of all.
 */
export interface Reached {
  answered: number
  all: number
}
export interface DocumentAnswer {
  type: 'result'
  schema: '1.0'
  exitCode: ExitCode
  warnings: WarningDocument[]
  /**
   * The id of the run, as `wwdb_runs` and `wwdb history` have it.
   */
  run: string
  /**
   * When the line was written, in UTC.
   */
  time: string
  kind: 'document'
  format: 'json' | 'text'
  content: string
}
export interface EnvironmentsAnswer {
  type: 'result'
  schema: '1.0'
  exitCode: ExitCode
  warnings: WarningDocument[]
  /**
   * The id of the run, as `wwdb_runs` and `wwdb history` have it.
   */
  run: string
  /**
   * When the line was written, in UTC.
   */
  time: string
  kind: 'environments'
  environments: EnvironmentStatus[]
}
/**
 * One environment of the configuration.
 */
export interface EnvironmentStatus {
  name: string
  databases: DatabaseSummary[]
  unreached: UnreachedTarget[]
  /**
   * Why nothing is known about it: its configuration is wrong, or none of its servers was reached; null where something is.
   */
  fault: Fault | null
}
/**
 * The counts of one database in one environment.
 */
export interface DatabaseSummary {
  target: Target
  serverVersion: string | null
  /**
   * False while the schema does not exist yet.
   */
  schemaExists: boolean
  applied: number
  /**
   * The last version that is applied; null before the first.
   */
  last: string | null
  /**
   * Migrations that `migrate` would apply if there were no findings.
   */
  pending: number
  /**
   * Those that a run is carrying out now.
   */
  running: number
  /**
   * Objects that differ from what wwdb left; absent where nothing is recorded.
   */
  drift?: number
  /**
   * What makes `migrate` refuse to run.
   */
  findings: Fault[]
}
/**
 * A database that a command left out because its server could not be used, and why.
 */
export interface UnreachedTarget {
  target: Target
  /**
   * The fault's stable code, e.g. `UNREACHABLE`.
   */
  code: ErrorCode
  fault: Fault
}
export interface FamilyMoveAnswer {
  type: 'result'
  schema: '1.0'
  exitCode: ExitCode
  warnings: WarningDocument[]
  /**
   * The id of the run, as `wwdb_runs` and `wwdb history` have it.
   */
  run: string
  /**
   * When the line was written, in UTC.
   */
  time: string
  kind: 'family-move'
  dryRun: boolean
  from: string
  to: string
  move: FamilyMovePlan
}
/**
 * What is moved to a family's new name.
 */
export interface FamilyMovePlan {
  target: Target
  /**
   * Shards with a row in the registry, including dropped ones.
   */
  shards: number
  /**
   * Tables that only events name.
   */
  traced: number
  /**
   * Tables that are protected.
   */
  protected: string[]
  /**
   * Held tables, and those of which an archive exists.
   */
  held: string[]
  archived: string[]
  /**
   * Tables that are recorded under both names: they become one record, with the protection of either.
   */
  merged: string[]
  /**
   * Tables that do not match the new family's header: what `shards check` says about them.
   */
  misfits: string[]
}
export interface FilesAnswer {
  type: 'result'
  schema: '1.0'
  exitCode: ExitCode
  warnings: WarningDocument[]
  /**
   * The id of the run, as `wwdb_runs` and `wwdb history` have it.
   */
  run: string
  /**
   * When the line was written, in UTC.
   */
  time: string
  kind: 'files'
  created: string[]
  changed: string[]
  /**
   * Only for commands that remove files.
   */
  removed?: string[]
  next: string[]
}
export interface GrantsCheckAnswer {
  type: 'result'
  schema: '1.0'
  exitCode: ExitCode
  warnings: WarningDocument[]
  /**
   * The id of the run, as `wwdb_runs` and `wwdb history` have it.
   */
  run: string
  /**
   * When the line was written, in UTC.
   */
  time: string
  kind: 'grants-check'
  accounts: CheckedAccount[]
  /**
   * For keyspaces of Vitess: what the table ACL of the tablets refuses the account. Absent where no database is one.
   */
  keyspaces?: CheckedKeyspace[]
}
/**
 * An account's privileges compared with what it needs.
 */
export interface CheckedAccount {
  server: string
  account: string
  purposes: Purpose[]
  exists: boolean
  /**
   * The GRANT of each missing privilege.
   */
  missing: string[]
  /**
   * The REVOKE of each excessive privilege.
   */
  excess: string[]
}
/**
 * What an account may do on one keyspace, as far as it was asked.
 */
export interface CheckedKeyspace {
  keyspace: string
  /**
   * Questions that were answered.
   */
  asked: number
  /**
   * What tablets refuse, each with the list in which the user is missing.
   */
  missing: string[]
  /**
   * Tables of its entries that are not there, each as a sentence without its end: nothing can be asked of them.
   */
  absent: string[]
  /**
   * What the account needs beside that and nothing was asked for, each a sentence.
   */
  untried: string[]
  /**
   * What was asked and not answered, each with the reason: whether it is allowed was not seen.
   */
  unanswered: string[]
}
export interface GrantsAnswer {
  type: 'result'
  schema: '1.0'
  exitCode: ExitCode
  warnings: WarningDocument[]
  /**
   * The id of the run, as `wwdb_runs` and `wwdb history` have it.
   */
  run: string
  /**
   * When the line was written, in UTC.
   */
  time: string
  kind: 'grants'
  accounts: GrantedAccount[]
  /**
   * False where there was nothing to change.
   */
  applied: boolean
  /**
   * For keyspaces of Vitess: the entries of the table ACL that their users need. Absent where no database is one.
   */
  tableAcls?: TableAcl[]
}
/**
 * An account on one server, with the statements that create it or adjust its grants.
 */
export interface GrantedAccount {
  server: string
  /**
   * `user@host`.
   */
  account: string
  purposes: Purpose[]
  state: 'printed' | 'created' | 'changed' | 'unchanged'
  /**
   * SQL without passwords.
   */
  statements: string[]
}
/**
 * What users of vtgate need on the tablets of one keyspace.
 */
export interface TableAcl {
  keyspace: string
  config: {
    /**
     * Items: An entry of the file that Vitess' tablets read (`--table-acl-config`), in its own words.
     */
    table_groups: {
      name: string
      /**
       * Names of tables; one that ends with `%` is a beginning of names. No table is in two groups.
       */
      table_names_or_prefixes: string[]
      readers: string[]
      writers: string[]
      admins: string[]
    }[]
  }
  /**
   * What else they need, each a sentence.
   */
  notes: string[]
}
export interface HeldTablesAnswer {
  type: 'result'
  schema: '1.0'
  exitCode: ExitCode
  warnings: WarningDocument[]
  /**
   * The id of the run, as `wwdb_runs` and `wwdb history` have it.
   */
  run: string
  /**
   * When the line was written, in UTC.
   */
  time: string
  kind: 'held-tables'
  /**
   * By database and by their own names.
   *
   * Items: A held table, and whether its hold has ended by the clocks of this machine and of the server.
   */
  tables: {
    database: string
    /**
     * Its current name: `_hold_20261128_1f0c22aa_notes`.
     */
    table: string
    /**
     * Its own name.
     */
    name: string
    /**
     * When it was renamed, and until when it is kept at least.
     */
    since: string
    until: string
    /**
     * The version of the migration whose online change keeps it; null for one that `drift --revert` renamed.
     */
    change: string | null
    /**
     * Present where that change was taken back: the table is as the change had made it.
     */
    takenBack?: true
    /**
     * Present where a revert of that change ended without putting the table back: rows that were written since may have been carried to it.
     */
    hasCarried?: true
    /**
     * Present where a migration retired it: `wwdb retire run` drops it, and `held --drop` never does.
     */
    isRetired?: true
    /**
     * Where a batch keeps rows in it, under its own name: of which table, and of which migration. One of a batch that is not complete is never dropped.
     */
    undo?: {
      table: string
      version: string
      isComplete: boolean
      isAdded?: true
    }
    isDue: boolean
  }[]
  unreached: UnreachedTarget[]
}
export interface HistoryAnswer {
  type: 'result'
  schema: '1.0'
  exitCode: ExitCode
  warnings: WarningDocument[]
  /**
   * The id of the run, as `wwdb_runs` and `wwdb history` have it.
   */
  run: string
  /**
   * When the line was written, in UTC.
   */
  time: string
  kind: 'history'
  targets: TargetHistory[]
  unreached: UnreachedTarget[]
}
/**
 * What ran on one target; of each kind the newest first.
 */
export interface TargetHistory {
  target: Target
  passes: RecordedPass[]
  /**
   * The pass that a run is carrying out now; absent where there is none.
   */
  underWay?: RunningPass
  runs: RunRecord[]
  /**
   * With `--shard` or `--run`.
   */
  shardEvents: ShardEvent[]
  /**
   * Migrations that were carried to shards, with `--shard` or `--run`.
   */
  shardChanges: ShardChange[]
}
/**
 * A pass with the runs that wrote it: several where one continued what another had begun, none of an earlier wwdb.
 */
export interface RecordedPass {
  pass: number
  version: string
  name: string
  /**
   * `adopted`: another tool ran it; its checksum is that of the file that was converted from the other tool's.
   */
  kind: 'versioned' | 'repeatable' | 'data' | 'baseline' | 'mark' | 'adopted' | 'seed' | 'squash' | 'drift'
  direction: 'up' | 'down'
  checksum: string
  /**
   * Statements in the whole script.
   */
  total: number
  /**
   * Statements closed: always the first ones. The pass is complete when `closed` equals `total`.
   */
  closed: number
  open: number
  /**
   * UTC, as `YYYY-MM-DD HH:MM:SS.ffffff`.
   */
  openedAt: string
  closedAt: string | null
  milliseconds: number
  appliedBy: string
  toolVersion: string
  runs: string[]
}
/**
 * A pass that a run is carrying out now.
 */
export interface RunningPass {
  pass: number
  /**
   * Who started it, and from where: `person@host`, as the journal has it.
   */
  person: string
  /**
   * The connection that holds the lock of the database.
   */
  connectionId: number
  /**
   * Its account and client; null where this account may not see it (it needs PROCESS).
   */
  account: string | null
  /**
   * How long its current statement has been running; null where this account may not see it.
   */
  seconds: number | null
  /**
   * How far the server is with it; null where it does not report that, or not to this account.
   */
  percent: number | null
  /**
   * True where the run is known to be dead: only the server still finishes its statement.
   */
  orphaned: boolean
}
/**
 * One run on one target, as `wwdb_runs` has it.
 */
export interface RunRecord {
  id: string
  command: string
  /**
   * Flags and arguments, without secrets.
   */
  flags: string
  /**
   * The user of the operating system that ran it.
   */
  person: string
  /**
   * The MySQL account that wrote.
   */
  account: string
  /**
   * Who started the job of a CI service.
   */
  actor: string | null
  host: string
  process: number
  toolVersion: string
  /**
   * The commit of the project's files.
   */
  commit: string | null
  job: string | null
  /**
   * `inputsDigest` of the plan that was carried out.
   */
  planDigest: string | null
  /**
   * UTC, as `YYYY-MM-DD HH:MM:SS.ffffff`.
   */
  startedAt: string
  /**
   * Null while it runs, and for a run that was killed.
   */
  endedAt: string | null
  outcome: RunOutcome
  exitCode: number | null
  /**
   * The code of its error and what went wrong.
   */
  error: string | null
  /**
   * What it changed that no other table of the target shows, such as accounts and stores: sentences.
   */
  changes: string[]
}
/**
 * What a run did to a shard.
 */
export interface ShardEvent {
  /**
   * Null for events of versions of wwdb that did not record runs.
   */
  run: string | null
  /**
   * UTC, as `YYYY-MM-DD HH:MM:SS.ffffff`.
   */
  at: string
  family: string
  key: string
  table: string
  /**
   * The state before the event; null for a new shard.
   */
  from: string | null
  to: string
  templateVersion: number
  /**
   * Why nothing may be removed from it, where it is protected.
   */
  protected: string | null
}
/**
 * A migration that was carried to a shard.
 */
export interface ShardChange {
  runs: string[]
  at: string
  version: string
  table: string
  direction: 'up' | 'down'
  complete: boolean
}
export interface LintAnswer {
  type: 'result'
  schema: '1.0'
  exitCode: ExitCode
  warnings: WarningDocument[]
  /**
   * The id of the run, as `wwdb_runs` and `wwdb history` have it.
   */
  run: string
  /**
   * When the line was written, in UTC.
   */
  time: string
  kind: 'lint'
  /**
   * How many files were judged, out of how many, and why these.
   */
  judged: {
    files: number
    of: number
    by: 'all' | 'named' | 'since' | 'journal' | 'version'
    note: string | null
  }
  /**
   * Where the project lies in its git repository: `services/shop`; empty at its root, and outside of one.
   */
  folder: string
  /**
   * Files that are not well-formed: their content was not judged.
   */
  faults: Fault[]
  findings: LintFindingDocument[]
  /**
   * Findings that a line of their file turns off.
   */
  suppressed: number
  /**
   * Findings that are in the baseline.
   */
  known: number
  /**
   * Findings that `--fix` removed.
   */
  fixed: number
  /**
   * True where the baseline was written.
   */
  baselineWritten: boolean
  /**
   * The most warnings that `--max-warnings` allows; null without the flag.
   */
  maxWarnings: number | null
  /**
   * Statements that were tried in scratch schemas; null without `--server`.
   */
  trial: TrialSummary | null
}
/**
 * A finding as it is printed: in one language.
 */
export interface LintFindingDocument {
  /**
   * The rule.
   */
  code: string
  severity: LintSeverity
  /**
   * True for a hazard that stops a run until it is accepted.
   */
  stops: boolean
  database: string | null
  /**
   * Relative to the project's folder.
   */
  file: string
  line: number
  column: number
  endLine: number
  /**
   * The column after the last character.
   */
  endColumn: number
  message: string
  fix: string
  /**
   * The section of the MySQL manual; null where none is named.
   */
  manual: string | null
  /**
   * True where `--fix` can fix it.
   */
  fixable: boolean
  /**
   * Stays the same for the same finding, wherever it moves in its file.
   */
  fingerprint: string
}
/**
 * What was tried in scratch schemas.
 */
export interface TrialSummary {
  /**
   * Statements that ran there.
   */
  tried: number
  untried: UntriedStatement[]
  /**
   * Questions that could not be asked: sentences.
   */
  notes: string[]
}
/**
 * A statement that was not tried, and why.
 */
export interface UntriedStatement {
  file: string
  line: number
  /**
   * A clause.
   */
  why: string
}
export interface LocksAnswer {
  type: 'result'
  schema: '1.0'
  exitCode: ExitCode
  warnings: WarningDocument[]
  /**
   * The id of the run, as `wwdb_runs` and `wwdb history` have it.
   */
  run: string
  /**
   * When the line was written, in UTC.
   */
  time: string
  kind: 'locks'
  locks: LockStatus[]
  unreached: UnreachedTarget[]
}
/**
 * Who holds the lock of a target, and which workers run under it.
 */
export interface LockStatus {
  user: string | null
  host: string | null
  /**
   * Seconds in its current state.
   */
  seconds: number | null
  state: string | null
  statement: string | null
  /**
   * True when the run that opened this connection is known to be dead: only its statement goes on in the server.
   */
  orphaned: boolean
  /**
   * What it holds where that is more than table locks: `FLUSH TABLES WITH READ LOCK`, or the prepared XA transaction, which has no connection.
   */
  holds?: string
  /**
   * Where the lock is a lease: the seconds until it ends unless it is renewed, and whether its process is known to have ended.
   */
  lease?: {
    left: number
    isDead: boolean
  }
  target: Target
  held: boolean
  connectionId: number | null
  /**
   * Workers of fan-outs that are connected: each has its own lock, which can outlive its run.
   */
  workers: WorkerLock[]
  /**
   * Who changes a VSchema of any keyspace whose journal is beside that of this one; null where nobody does, absent on MySQL.
   */
  vschemas?: Holder | null
}
/**
 * The lock of one worker of a fan-out, from 0.
 */
export interface WorkerLock {
  connectionId: number
  user: string | null
  host: string | null
  /**
   * Seconds in its current state.
   */
  seconds: number | null
  state: string | null
  statement: string | null
  /**
   * True when the run that opened this connection is known to be dead: only its statement goes on in the server.
   */
  orphaned: boolean
  /**
   * What it holds where that is more than table locks: `FLUSH TABLES WITH READ LOCK`, or the prepared XA transaction, which has no connection.
   */
  holds?: string
  /**
   * Where the lock is a lease: the seconds until it ends unless it is renewed, and whether its process is known to have ended.
   */
  lease?: {
    left: number
    isDead: boolean
  }
  worker: number
}
/**
 * The session that holds a lock or blocks a statement, as far as the server shows it.
 */
export interface Holder {
  connectionId: number
  user: string | null
  host: string | null
  /**
   * Seconds in its current state.
   */
  seconds: number | null
  state: string | null
  statement: string | null
  /**
   * True when the run that opened this connection is known to be dead: only its statement goes on in the server.
   */
  orphaned: boolean
  /**
   * What it holds where that is more than table locks: `FLUSH TABLES WITH READ LOCK`, or the prepared XA transaction, which has no connection.
   */
  holds?: string
  /**
   * Where the lock is a lease: the seconds until it ends unless it is renewed, and whether its process is known to have ended.
   */
  lease?: {
    left: number
    isDead: boolean
  }
}
export interface MoveAnswer {
  type: 'result'
  schema: '1.0'
  exitCode: ExitCode
  warnings: WarningDocument[]
  /**
   * The id of the run, as `wwdb_runs` and `wwdb history` have it.
   */
  run: string
  /**
   * When the line was written, in UTC.
   */
  time: string
  kind: 'move'
  dryRun: boolean
  target: Target
  /**
   * The keyspace.
   */
  destination: Target
  family: string
  table: string
  column: string
  /**
   * What this run did. `copied`: the shards are copied, and each further write follows.
   */
  state: 'planned' | 'copied' | 'compared' | 'switched' | 'undone'
  shards: {
    key: string
    table: string
    workflow: string
    /**
     * Rows of the shard, and of the keyspace for it; null where this run did not count them.
     */
    rows: number | null
    movedRows: number | null
    /**
     * Whether counts and checksums are equal; null where this run did not compare them.
     */
    equal: boolean | null
    /**
     * Rows that VDiff compared without a difference; null where it did not run.
     */
    vdiffRows: number | null
  }[]
  /**
   * InnoDB's estimate.
   */
  rows: number
  /**
   * For how long the shards had refused writes when both sides were equal, in milliseconds; null where this run did not switch them.
   */
  refusedFor: number | null
  /**
   * Statements that brought rows of the keyspace back; null where none had to come.
   */
  carried: number | null
  /**
   * Rows of the keyspace that belong to no shard, and stay there.
   */
  homeless: number
  /**
   * What a person does; none where the run called vtctldclient itself.
   */
  commands: PrintedStep[]
  /**
   * Sentences.
   */
  notes: string[]
}
/**
 * What a person does, in this order.
 */
export interface PrintedStep {
  /**
   * What it is for, and what to look at before the next one.
   */
  what: string
  /**
   * `sql` on the MySQL server of the shards, `shell` where vtctldclient is.
   */
  where: 'sql' | 'shell'
  lines: string[]
}
export interface OnlineChangesAnswer {
  type: 'result'
  schema: '1.0'
  exitCode: ExitCode
  warnings: WarningDocument[]
  /**
   * The id of the run, as `wwdb_runs` and `wwdb history` have it.
   */
  run: string
  /**
   * When the line was written, in UTC.
   */
  time: string
  kind: 'online-changes'
  databases: {
    database: string
    /**
     * Items: A table of an online change that is on the server.
     */
    changes: {
      table: string
      /**
       * `0002_wider`, and the statement there, from 1.
       */
      migration: string
      statement: number
      /**
       * How far the change is: `copying`, `copied` (the complete copy waits for its swap), `swapped` or `held`.
       */
      state: OnlineState
      /**
       * The copy, or the table as it was before.
       */
      kept: string
      /**
       * Data and indexes, by InnoDB's estimate.
       */
      bytes: number
      /**
       * Since when it is so.
       */
      since: string | null
      /**
       * Until when it is kept at least; null where it is a copy.
       */
      until: string | null
      /**
       * True where that time has ended: `wwdb held --drop` drops it.
       */
      isDue: boolean
      /**
       * True for the table that a change had made and that `online revert` took back.
       */
      isTakenBack: boolean
      /**
       * Present where a revert ended without putting this table back: rows that were written since the change may have been carried to it.
       */
      hasCarried?: true
    }[]
    /**
     * Items: What a run of such a tool left that was not started by wwdb.
     */
    leftovers: {
      /**
       * Those that give such names.
       */
      tools: string[]
      /**
       * The table that was changed; null where the names do not say.
       */
      table: string | null
      /**
       * Triggers and tables.
       */
      names: string[]
      bytes: number
      /**
       * Statements that remove it, in their order.
       */
      remove: string[]
    }[]
  }[]
  unreached: UnreachedTarget[]
}
export interface OrphansAnswer {
  type: 'result'
  schema: '1.0'
  exitCode: ExitCode
  warnings: WarningDocument[]
  /**
   * The id of the run, as `wwdb_runs` and `wwdb history` have it.
   */
  run: string
  /**
   * When the line was written, in UTC.
   */
  time: string
  kind: 'orphans'
  /**
   * How references between logical databases are created here.
   */
  references: 'physical' | 'logical'
  keys: ReferenceCheck[]
  unreached: UnreachedTarget[]
}
/**
 * The result for one foreign key that a migration declares.
 */
export interface ReferenceCheck {
  name: string
  child: ReferenceEnd
  parent: ReferenceEnd
  /**
   * Where it is declared; `line` counts from 1.
   */
  file: string
  line: number
  /**
   * `unchecked`: there is nothing to check yet, and `why` says what is missing.
   */
  state: 'clean' | 'orphaned' | 'unchecked'
  why: string | null
  /**
   * Rows without a parent, and the number of their distinct keys.
   */
  rows: number
  values: number
  /**
   * The first of these keys, in key order; of shards, in the order of the shards.
   */
  samples: OrphanSample[]
  /**
   * For a key that a shard template declares: how many shards were checked, and which have orphans. Null for plain tables.
   */
  shards: {
    checked: number
    orphaned: {
      table: string
      rows: number
    }[]
  } | null
}
/**
 * One end of a foreign key: columns of a table, and where the table is.
 */
export interface ReferenceEnd {
  /**
   * The logical database; null for a schema that is not in the configuration.
   */
  database: string | null
  schema: string
  /**
   * host:port
   */
  server: string
  table: string
  columns: string[]
}
/**
 * A key without a parent, and how many rows have it. Values are as the server prints them, bytes as `0x...`.
 */
export interface OrphanSample {
  values: string[]
  rows: number
}
export interface PlatformAnswer {
  type: 'result'
  schema: '1.0'
  exitCode: ExitCode
  warnings: WarningDocument[]
  /**
   * The id of the run, as `wwdb_runs` and `wwdb history` have it.
   */
  run: string
  /**
   * When the line was written, in UTC.
   */
  time: string
  kind: 'platform'
  steps: PlatformStepOutcome[]
  places: PlatformPlace[]
  milliseconds: number
}
/**
 * How one step of `wwdb up` went.
 */
export interface PlatformStepOutcome {
  step: PlatformStep
  /**
   * - `left-out` asked for with --skip, or nothing of the kind is in the project.
   */
  state: 'done' | 'nothing-to-do' | 'failed' | 'stopped' | 'not-started' | 'left-out'
  /**
   * The result in a few words.
   */
  summary: string
  milliseconds: number
  exitCode: ExitCode
  faults: Fault[]
  /**
   * What is wrong and this step does not change; `wwdb setup verify` counts it as an error.
   */
  findings: StoreFinding[]
}
/**
 * The common form of findings about the comparison of a store with its declaration.
 */
export interface StoreFinding {
  /**
   * - `STORE_MISSING` is declared, and does not exist
   * - `STORE_DRIFT` differs from its declaration
   * - `STORE_SURPLUS` exists, but the declaration removes it
   * - `STORE_UNDECLARED` exists, and no file declares it
   * - `STORE_NOT_COMPARED` is declared, and could not be compared
   *
   * Where nothing could be compared, it is the code of the error that is the reason.
   */
  code: string
  /**
   * - `warning` a person should know it; it does not fail the check.
   */
  severity: 'error' | 'warning'
  store: StoreKind
  /**
   * `host:port`, several with commas.
   */
  server: string
  resource: StoreResource
  /**
   * A sentence.
   */
  what: string
  /**
   * A sentence; null where the differences show it.
   */
  why: string | null
  differences: StoreDifference[]
  /**
   * What to do.
   */
  next: string
}
/**
 * One declared resource of a store: the bucket `metrics_hot`, the member `10.0.0.2:27017`.
 */
export interface StoreResource {
  /**
   * In the store's own terms, singular: `bucket`, `index template`, `replica set member`.
   */
  kind: string
  /**
   * Its name in the store, with the environment's prefix.
   */
  name: string
}
/**
 * One value that differs from its declaration. Both are texts for people; null where there is none.
 */
export interface StoreDifference {
  /**
   * Below the resource: `retention`, `mappings.properties.level.type`. Empty where the whole resource is meant.
   */
  path: string
  actual: string | null
  declared: string | null
}
/**
 * One part of the platform, and where it is.
 */
export interface PlatformPlace {
  /**
   * A logical database or a store.
   */
  name: string
  /**
   * `host:port`, several with commas.
   */
  server: string
  /**
   * What exists: its schema, its shards, its declared resources.
   */
  holds: string
}
export interface ProgramAnswer {
  type: 'result'
  schema: '1.0'
  exitCode: ExitCode
  warnings: WarningDocument[]
  /**
   * The id of the run, as `wwdb_runs` and `wwdb history` have it.
   */
  run: string
  /**
   * When the line was written, in UTC.
   */
  time: string
  kind: 'program'
  command: string
  code: number
}
export interface ProvisionListAnswer {
  type: 'result'
  schema: '1.0'
  exitCode: ExitCode
  warnings: WarningDocument[]
  /**
   * The id of the run, as `wwdb_runs` and `wwdb history` have it.
   */
  run: string
  /**
   * When the line was written, in UTC.
   */
  time: string
  kind: 'provision-list'
  /**
   * ISO 8601, UTC, by the server's clock.
   */
  now: string
  environments: TestEnvironment[]
  templates: ProvisionTemplate[]
}
/**
 * A complete test environment, as it is shown.
 */
export interface TestEnvironment {
  name: string
  /**
   * The prefix of its schemas' names.
   */
  prefix: string
  /**
   * Who asked for it.
   */
  owner: string
  state: EnvironmentState
  scope: EnvironmentScope
  /**
   * True while the process that makes or uses it lives.
   */
  inUse: boolean
  /**
   * ISO 8601, UTC, by the server's clock; so is `expiresAt`, which is null for a test environment without an end.
   */
  createdAt: string
  expiresAt: string | null
  /**
   * The template that it was cloned from; null for one that was migrated.
   */
  template: string | null
  /**
   * Stores that hold something under its prefix.
   */
  stores: string[]
  /**
   * Names of its complete snapshots, sorted.
   */
  snapshots: string[]
  databases: Target[]
}
/**
 * A test environment that test environments are cloned from.
 */
export interface ProvisionTemplate {
  /**
   * The first digits of the SHA-256 of all definitions that it was created from.
   */
  checksum: string
  state: EnvironmentState
  inUse: boolean
  /**
   * ISO 8601, UTC.
   */
  createdAt: string
  usedAt: string
  databases: Target[]
}
export interface ProvisionRemovalAnswer {
  type: 'result'
  schema: '1.0'
  exitCode: ExitCode
  warnings: WarningDocument[]
  /**
   * The id of the run, as `wwdb_runs` and `wwdb history` have it.
   */
  run: string
  /**
   * When the line was written, in UTC.
   */
  time: string
  kind: 'provision-removal'
  dryRun: boolean
  removed: RemovedEnvironment[]
  failed: UnremovedEnvironment[]
}
/**
 * What was dropped, or would be.
 */
export interface RemovedEnvironment {
  name: string
  kind: 'environment' | 'template' | 'snapshot'
  /**
   * Half a sentence: "it expired at 2026-11-25 10:00 UTC".
   */
  why: string
  schemas: string[]
  stores: string[]
}
/**
 * What could not be dropped; the others were.
 */
export interface UnremovedEnvironment {
  name: string
  faults: Fault[]
}
export interface ProvisionRestoreAnswer {
  type: 'result'
  schema: '1.0'
  exitCode: ExitCode
  warnings: WarningDocument[]
  /**
   * The id of the run, as `wwdb_runs` and `wwdb history` have it.
   */
  run: string
  /**
   * When the line was written, in UTC.
   */
  time: string
  kind: 'provision-restore'
  environment: string
  snapshot: string
  /**
   * Tables whose rows, counter, definition or triggers were not as in the snapshot, and views that were dropped, as `schema.table`.
   */
  restored: string[]
  /**
   * Tables and views that the snapshot does not have, as `schema.table`.
   */
  dropped: string[]
  milliseconds: number
}
export interface ProvisionAnswer {
  type: 'result'
  schema: '1.0'
  exitCode: ExitCode
  warnings: WarningDocument[]
  /**
   * The id of the run, as `wwdb_runs` and `wwdb history` have it.
   */
  run: string
  /**
   * When the line was written, in UTC.
   */
  time: string
  kind: 'provision'
  environment: TestEnvironment
  /**
   * The variables that make programs use it; URLs are without passwords here.
   */
  variables: EnvironmentVariable[]
  /**
   * Absolute path of the file that has them with passwords; null where none was asked for.
   */
  file: string | null
  milliseconds: number
}
/**
 * One line of an environment that makes programs use a test environment.
 */
export interface EnvironmentVariable {
  name: string
  value: string
}
export interface ProvisionSnapshotAnswer {
  type: 'result'
  schema: '1.0'
  exitCode: ExitCode
  warnings: WarningDocument[]
  /**
   * The id of the run, as `wwdb_runs` and `wwdb history` have it.
   */
  run: string
  /**
   * When the line was written, in UTC.
   */
  time: string
  kind: 'provision-snapshot'
  environment: string
  snapshot: string
  /**
   * Names of the logical databases that were copied.
   */
  databases: string[]
  milliseconds: number
}
export interface PublicationAnswer {
  type: 'result'
  schema: '1.0'
  exitCode: ExitCode
  warnings: WarningDocument[]
  /**
   * The id of the run, as `wwdb_runs` and `wwdb history` have it.
   */
  run: string
  /**
   * When the line was written, in UTC.
   */
  time: string
  kind: 'publication'
  /**
   * Redis, as host:port.
   */
  server: string
  keys: {
    map: string
    generation: string
  }
  /**
   * `database.family`.
   */
  families: string[]
  generation: number
  changed: boolean
}
export interface ReportAnswer {
  type: 'result'
  schema: '1.0'
  exitCode: ExitCode
  warnings: WarningDocument[]
  /**
   * The id of the run, as `wwdb_runs` and `wwdb history` have it.
   */
  run: string
  /**
   * When the line was written, in UTC.
   */
  time: string
  kind: 'report'
  /**
   * As `--out` names them; empty without the flag.
   */
  written: string[]
  report: Report
}
/**
 * Everything that wwdb knows about a platform at one moment, as plain data: every form of the report is made from it.
 */
export interface Report {
  /**
   * ISO 8601, UTC.
   */
  at: string
  toolVersion: string
  environment: string | null
  databases: ReportDatabase[]
  families: ReportFamily[]
  /**
   * Newest first.
   */
  runs: ReportRun[]
  drift: ReportFinding[]
  lint: ReportFinding[]
  doctor: ReportFinding[]
  stores: ReportStore[]
  /**
   * What could not be read, and why.
   */
  gaps: ReportGap[]
}
export interface ReportDatabase {
  name: string
  schema: string
  /**
   * host:port
   */
  server: string
  /**
   * Null where the server was not asked.
   */
  serverVersion: string | null
  /**
   * Whether the tables are those of the server, or what the migration files make.
   */
  source: 'server' | 'files'
  tables: ReportTable[]
  /**
   * Existing tables that are not among these: a report describes 2,000 tables of a database, or those that `--tables` names.
   */
  leftOut: number
  /**
   * Views, routines, triggers and events.
   */
  others: {
    type: string
    name: string
  }[]
  /**
   * Migrations by their state; null where the journal was not read.
   */
  migrations: {
    applied: number
    pending: number
  } | null
}
/**
 * A table, or what the shards of a family have in common.
 */
export interface ReportTable {
  /**
   * A family's is the pattern of its shards: `messages_{YYYYMM}`.
   */
  name: string
  /**
   * The family that it stands for; null for a plain table.
   */
  family: string | null
  comment: string
  made: ReportOrigin | null
  columns: ReportColumn[]
  indexes: {
    name: string
    columns: string[]
    unique: boolean
  }[]
  keys: ReportKey[]
}
/**
 * Where a column or a table was created.
 */
export interface ReportOrigin {
  /**
   * Relative to the project's folder.
   */
  file: string
  /**
   * Null for a shard template.
   */
  version: string | null
  name: string
  /**
   * When the migration was applied, ISO 8601, UTC; null where it is pending, or nothing is known about it.
   */
  applied: string | null
}
export interface ReportColumn {
  name: string
  type: string
  nullable: boolean
  /**
   * As SQL; null without one.
   */
  default: string | null
  comment: string
  key: 'primary' | 'unique' | 'index' | null
  /**
   * The migration that created it; null where no file is known to have done so.
   */
  made: ReportOrigin | null
  /**
   * The last migration that changed it; null where none did.
   */
  changed: ReportOrigin | null
}
/**
 * A foreign key, whether the server has it or only the files declare it.
 */
export interface ReportKey {
  columns: string[]
  /**
   * The logical database of the parent; null for a schema that is not in the configuration.
   */
  database: string | null
  table: string
  parentColumns: string[]
  /**
   * False where no server enforces it: only `wwdb check references` checks its rows.
   */
  physical: boolean
}
export interface ReportFamily {
  name: string
  database: string
  pattern: string
  /**
   * `key` for a family with a shard for each row of a table.
   */
  period: 'day' | 'week' | 'month' | 'quarter' | 'year' | 'key'
  zone: string | null
  template: string
  /**
   * In the order of their keys. Empty where the server was not asked.
   */
  shards: ReportShard[]
}
export interface ReportShard {
  key: string
  table: string
  look: ShardLook
  /**
   * Further facts: a sentence, or empty.
   */
  note: string
}
/**
 * A run that wrote, across all databases that it wrote to.
 */
export interface ReportRun {
  id: string
  databases: string[]
  command: string
  by: string
  /**
   * ISO 8601, UTC.
   */
  startedAt: string
  /**
   * Null while it runs, and for a run that was killed.
   */
  milliseconds: number | null
  outcome: 'running' | 'done' | 'failed' | 'stopped'
  error: string | null
}
export interface ReportFinding {
  severity: 'error' | 'warning' | 'hint'
  code: string
  /**
   * A database and its object, a file with its line, or a server.
   */
  place: string
  what: string
  why: string | null
  next: string | null
}
export interface ReportStore {
  store: string
  /**
   * host:port, several with commas.
   */
  server: string
  /**
   * `unread`: why is in `fault`.
   */
  state: 'as-declared' | 'differs' | 'unread'
  /**
   * Declared resources that are as declared.
   */
  unchanged: number
  findings: ReportFinding[]
  /**
   * Why nothing is known about it; a sentence, else null.
   */
  fault: string | null
}
/**
 * Why a part of the report is incomplete: a server that is down, a missing privilege.
 */
export interface ReportGap {
  part: 'tables' | 'shards' | 'runs' | 'drift' | 'lint' | 'doctor' | 'stores'
  /**
   * A database, a store or a file; null where the whole part is missing.
   */
  place: string | null
  /**
   * A sentence.
   */
  why: string
  /**
   * What to do; null where nothing is known to help.
   */
  next: string | null
}
export interface RetiredAnswer {
  type: 'result'
  schema: '1.0'
  exitCode: ExitCode
  warnings: WarningDocument[]
  /**
   * The id of the run, as `wwdb_runs` and `wwdb history` have it.
   */
  run: string
  /**
   * When the line was written, in UTC.
   */
  time: string
  kind: 'retired'
  things: RetiredThing[]
  unreached: UnreachedTarget[]
  /**
   * True where nothing is dropped, because it was only asked for.
   */
  dryRun: boolean
}
/**
 * A retired thing, as answers show it.
 */
export interface RetiredThing {
  database: string
  /**
   * `users.nick`
   */
  name: string
  type: 'column' | 'index' | 'table'
  /**
   * `0002_nick`
   */
  migration: string
  /**
   * - `waiting`  nothing has used it, and its grace has not ended
   * - `unused`   nothing has used it until its grace ended: a run drops it
   * - `used`     something uses it: its grace began again
   * - `unproven` a server was not looked at, or counts from later on
   * - `dropped`  nothing is left of it
   * - `failed`   its drop failed: `fault` says why
   */
  state: 'unproven' | 'unused' | 'used' | 'waiting' | 'dropped' | 'failed'
  /**
   * False for a column that stays visible.
   */
  isHidden: boolean
  /**
   * The name of a table while it is held; empty for others.
   */
  hold: string
  since: string
  /**
   * When its grace ends at the earliest.
   */
  until: string
  uses: {
    /**
     * `primary`, the name of a replica, or the address of a group member.
     */
    server: string
    /**
     * Null where only a counter shows it, or stored code.
     */
    at: string | null
    /**
     * `user@host` of open connections.
     */
    users: string[]
    what: string
  }[]
  /**
   * Sentences: why it stays visible, and why nothing is proven.
   */
  notes: string[]
  /**
   * What was looked at before it was dropped; null before that.
   */
  proof: string | null
  /**
   * Why its drop failed; null where it did not.
   */
  fault: Fault | null
}
export interface RotationPlanAnswer {
  type: 'result'
  schema: '1.0'
  exitCode: ExitCode
  warnings: WarningDocument[]
  /**
   * The id of the run, as `wwdb_runs` and `wwdb history` have it.
   */
  run: string
  /**
   * When the line was written, in UTC.
   */
  time: string
  kind: 'rotation-plan'
  /**
   * ISO 8601, UTC: when it would run.
   */
  now: string
  /**
   * True where that time was given, not read from a clock.
   */
  rehearsal: boolean
  families: FamilyPlanDocument[]
}
/**
 * A family's plan as it is shown and printed.
 */
export interface FamilyPlanDocument {
  family: string
  target: Target
  /**
   * `sql` is the statement that would create the table.
   */
  make: {
    table: string
    key: string
    why: string
    sql: string
  }[]
  adopt: string[]
  /**
   * Tables whose rows in the registry are corrected.
   */
  corrections: string[]
  steps: {
    step: string
    table: string
    key: string
    why: string
    /**
     * The statement that changes the schema; null where the step only counts or copies rows, or loads an archive.
     */
    sql: string | null
  }[]
  question: {
    holds: number
    live: number
  } | null
  notes: string[]
  aheadUntil: string | null
  /**
   * Why it could not be planned; null when it could.
   */
  fault: Fault | null
  code: ErrorCode | null
}
export interface RotationAnswer {
  type: 'result'
  schema: '1.0'
  exitCode: ExitCode
  warnings: WarningDocument[]
  /**
   * The id of the run, as `wwdb_runs` and `wwdb history` have it.
   */
  run: string
  /**
   * When the line was written, in UTC.
   */
  time: string
  kind: 'rotation'
  command: string
  /**
   * ISO 8601, UTC.
   */
  now: string
  families: FamilyOutcome[]
  /**
   * What migrations retired in these databases, where `rotate run` has looked at it: as `retire run` answers.
   */
  retired?: RetiredThing[]
  milliseconds: number
}
/**
 * How a rotation ended for one family. Lists are names of tables, in the order of the work.
 */
export interface FamilyOutcome {
  family: string
  target: Target
  /**
   * `not-reached` where its server could not be used, `not-started` where the run did not begin with it for another reason.
   */
  state: 'done' | 'nothing-to-do' | 'failed' | 'stopped' | 'not-reached' | 'not-started'
  created: string[]
  adopted: string[]
  restored: string[]
  sealed: string[]
  held: string[]
  archived: string[]
  dropped: string[]
  /**
   * They were dropped with their rows outside of wwdb, and nobody has acknowledged it: an answer with such tables counts as findings.
   */
  lost: string[]
  /**
   * Sentences that a person should read.
   */
  notes: string[]
  /**
   * ISO 8601, UTC: the time until which there are tables; null for keys, and where it is unknown.
   */
  aheadUntil: string | null
  milliseconds: number
  /**
   * Why it failed or was not started; null when it went well.
   */
  fault: Fault | null
  code: ErrorCode | null
}
export interface RunAnswer {
  type: 'result'
  schema: '1.0'
  exitCode: ExitCode
  warnings: WarningDocument[]
  /**
   * The id of the run, as `wwdb_runs` and `wwdb history` have it.
   */
  run: string
  /**
   * When the line was written, in UTC.
   */
  time: string
  kind: 'run'
  command: string
  outcomes: TargetOutcome[]
  milliseconds: number
  dryRun: boolean
}
/**
 * How a run ended for one target.
 * - `not-reached` its server could not be used: nothing is known about it, and nothing was done
 * - `blocked`     migrations are left that depend on a database that was not reached; the others are done
 */
export interface TargetOutcome {
  target: Target
  state: 'done' | 'nothing-to-do' | 'failed' | 'stopped' | 'not-started' | 'not-reached' | 'blocked'
  /**
   * Steps completed in this run, as `version_name`.
   */
  done: string[]
  notDone: string[]
  statements: number
  milliseconds: number
  /**
   * Why it failed or was not started; null when it went well.
   */
  fault: Fault | null
  code: ErrorCode | null
  /**
   * Why its work paused for a server or a replica, and for how long. Absent where it never did.
   */
  pauses?: {
    why: string
    milliseconds: number
  }[]
  /**
   * The longest time that others waited for a table beside a definition, at most; `why` nobody read it meanwhile. Absent where no definition of an existing table ran.
   */
  stall?: {
    table: string
    milliseconds: number
    why: string | null
  }
}
export interface SandboxAnswer {
  type: 'result'
  schema: '1.0'
  exitCode: ExitCode
  warnings: WarningDocument[]
  /**
   * The id of the run, as `wwdb_runs` and `wwdb history` have it.
   */
  run: string
  /**
   * When the line was written, in UTC.
   */
  time: string
  kind: 'sandbox'
  state: 'running' | 'stopped' | 'absent'
  provider: 'url' | 'docker' | 'installed' | 'portable' | null
  version: string | null
  url: string | null
  directory: string | null
  /**
   * Its stores other than MySQL. `partly`: some of their servers run.
   */
  stores: {
    store: StoreKind
    state: 'running' | 'partly' | 'stopped'
    version: string | null
    ports: number[]
  }[]
  next: string[]
}
export interface ScheduleAnswer {
  type: 'result'
  schema: '1.0'
  exitCode: ExitCode
  warnings: WarningDocument[]
  /**
   * The id of the run, as `wwdb_runs` and `wwdb history` have it.
   */
  run: string
  /**
   * When the line was written, in UTC.
   */
  time: string
  kind: 'schedule'
  /**
   * Five fields of cron.
   */
  schedule: string
  zone: string
  /**
   * ISO 8601, UTC; so is `at`. `local` is the same on the zone's clocks, to the minute.
   */
  now: string
  runs: {
    at: string
    local: string
  }[]
}
export interface ScheduleRunAnswer {
  type: 'result'
  schema: '1.0'
  exitCode: ExitCode
  warnings: WarningDocument[]
  /**
   * The id of the run, as `wwdb_runs` and `wwdb history` have it.
   */
  run: string
  /**
   * When the line was written, in UTC.
   */
  time: string
  kind: 'schedule-run'
  runs: number
  /**
   * Consecutive failures at the end.
   */
  failures: number
  /**
   * ISO 8601, UTC.
   */
  lastSuccessAt: string | null
}
export interface SchemaDiffAnswer {
  type: 'result'
  schema: '1.0'
  exitCode: ExitCode
  warnings: WarningDocument[]
  /**
   * The id of the run, as `wwdb_runs` and `wwdb history` have it.
   */
  run: string
  /**
   * When the line was written, in UTC.
   */
  time: string
  kind: 'schema-diff'
  from: string
  /**
   * The other side: the first side is to become like it.
   */
  to: string
  databases: SchemaDiff[]
  /**
   * Objects that differ, over all databases.
   */
  differences: number
  /**
   * For `drift`: what the configuration ignores for a time.
   */
  ignored?: IgnoredDifference[]
  /**
   * For `drift`: tables that it renamed aside earlier.
   */
  held?: TableAside[]
  /**
   * For `drift`: what tools of online changes have left, which is no difference.
   */
  leftovers?: LeftByTool[]
  /**
   * For keyspaces: objects that are not the same on all shards.
   */
  uneven?: UnevenLine[]
  /**
   * For keyspaces: what was not compared, each a sentence.
   */
  uncompared?: string[]
  unreached: UnreachedTarget[]
  /**
   * What a person can do about it; absent where the command's own help explains that.
   */
  next?: string[]
}
/**
 * A difference that the configuration ignores until a date.
 */
export interface IgnoredDifference {
  reason: string
  /**
   * The last day in UTC on which it applies: `2026-12-31`.
   */
  until: string
  database: string
  type: 'event' | 'function' | 'keyspace' | 'procedure' | 'schema' | 'table' | 'trigger' | 'view' | 'vindex' | 'vschema'
  name: string
}
/**
 * A table that `drift --revert` renamed aside, or that an online change keeps, or in which a batch keeps rows as they were.
 */
export interface TableAside {
  database: string
  /**
   * Its current name: `_hold_20261128_1f0c22aa_notes`.
   */
  table: string
  /**
   * Its own name.
   */
  name: string
  /**
   * When it was renamed, and until when it is kept at least.
   */
  since: string
  until: string
  /**
   * The version of the migration whose online change keeps it; null for one that `drift --revert` renamed.
   */
  change: string | null
  /**
   * Present where that change was taken back: the table is as the change had made it.
   */
  takenBack?: true
  /**
   * Present where a revert of that change ended without putting the table back: rows that were written since may have been carried to it.
   */
  hasCarried?: true
  /**
   * Present where a migration retired it: `wwdb retire run` drops it, and `held --drop` never does.
   */
  isRetired?: true
  /**
   * Where a batch keeps rows in it, under its own name: of which table, and of which migration. One of a batch that is not complete is never dropped.
   */
  undo?: {
    table: string
    version: string
    isComplete: boolean
    isAdded?: true
  }
}
/**
 * What a tool of online changes has left in a database.
 */
export interface LeftByTool {
  database: string
  /**
   * `gh-ost left _orders_gho (1.2 GB, 3 days old)`.
   */
  what: string
  /**
   * Statements that remove it, in their order; empty where a run of wwdb removes it or goes on with it.
   */
  remove: string[]
}
/**
 * An object of a keyspace that is not the same on all of its shards.
 */
export interface UnevenLine {
  database: string
  /**
   * `table \`messages\`: one definition on shard -80, another one on shard 80-`.
   */
  object: string
}
export interface SeedMatrixAnswer {
  type: 'result'
  schema: '1.0'
  exitCode: ExitCode
  warnings: WarningDocument[]
  /**
   * The id of the run, as `wwdb_runs` and `wwdb history` have it.
   */
  run: string
  /**
   * When the line was written, in UTC.
   */
  time: string
  kind: 'seed-matrix'
  /**
   * The format for people.
   */
  layout: 'table' | 'markdown'
  matrices: SeedMatrixDocument[]
}
/**
 * A matrix as it is shown for review.
 */
export interface SeedMatrixDocument {
  database: string
  file: string
  table: string
  down: string
  across: string
  columns: {
    name: string
    label: string | null
  }[]
  lines: {
    name: string
    label: string | null
    group: string | null
    /**
     * In the order of `columns`.
     */
    marks: boolean[]
  }[]
}
export interface SeedAnswer {
  type: 'result'
  schema: '1.0'
  exitCode: ExitCode
  warnings: WarningDocument[]
  /**
   * The id of the run, as `wwdb_runs` and `wwdb history` have it.
   */
  run: string
  /**
   * When the line was written, in UTC.
   */
  time: string
  kind: 'seed'
  command: string
  outcomes: SeedOutcome[]
  milliseconds: number
  /**
   * True where there was nothing to write.
   */
  dryRun: boolean
}
/**
 * The plan with its result. `planned` wrote nothing, because nothing more was requested.
 */
export interface SeedOutcome {
  target: Target
  rows: SeedRowChange[]
  /**
   * Rows that are as the seeds want them.
   */
  unchanged: number
  scripts: SeedScriptRun[]
  /**
   * Items: What depends on rows that are about to be removed, by the foreign key that connects it to them.
   */
  dependents: {
    /**
     * `schema.table` where it is in another schema.
     */
    table: string
    constraint: string
    rows: number
    effect: 'delete' | 'set-null' | 'refuse'
  }[]
  state: 'done' | 'nothing-to-do' | 'planned' | 'failed' | 'stopped' | 'not-started' | 'not-reached'
  milliseconds: number
  fault: Fault | null
  code: ErrorCode | null
}
/**
 * What a seed run does, or did, with a row:
 * - `insert`, `update`
 * - `keep`   it was changed by hand, and the policy keeps that
 * - `adopt`  it already existed as the seeds want it: the tool records it and does not touch the row itself
 * - `delete` the tool had inserted it, and it left the files
 * - `leave`  the same without --prune: it stays
 */
export interface SeedRowChange {
  table: string
  /**
   * The natural key, in the words of the file.
   */
  key: {
    [k: string]: string | null
  }
  action: 'insert' | 'update' | 'keep' | 'adopt' | 'delete' | 'leave'
  file: string
  /**
   * Null for rows that left the files.
   */
  line: number | null
  changes: SeedChange[]
}
/**
 * One column of a row: its value, and the seeds' value.
 */
export interface SeedChange {
  column: string
  /**
   * Null for NULL, or where there is no row yet. Columns whose names suggest secrets show `***`.
   */
  before: string | null
  after: string | null
  /**
   * The current value is not the one that the tool wrote.
   */
  byHand: boolean
  /**
   * It stays as it is: the file's policy for values changed by hand.
   */
  kept: boolean
}
export interface SeedScriptRun {
  file: string
  /**
   * `changed` runs because its text differs from the one that ran; `same` ran before and does not run again.
   */
  state: 'new' | 'changed' | 'same'
  /**
   * An earlier run was cut off while the shards of a keyspace committed it: some may have what this text does, or what a former one did. Absent otherwise.
   */
  onSomeShards?: 'this-text' | 'former-text'
}
export interface ShardAdoptionAnswer {
  type: 'result'
  schema: '1.0'
  exitCode: ExitCode
  warnings: WarningDocument[]
  /**
   * The id of the run, as `wwdb_runs` and `wwdb history` have it.
   */
  run: string
  /**
   * When the line was written, in UTC.
   */
  time: string
  kind: 'shard-adoption'
  dryRun: boolean
  targets: {
    target: Target
    families: FamilyAdoption[]
  }[]
  unseen: UnseenTarget[]
}
/**
 * The result of `shards adopt` for the tables of a family.
 */
export interface FamilyAdoption {
  family: string
  adopted: AdoptedTable[]
  /**
   * Shards that the registry already had.
   */
  known: number
  /**
   * Tables that look like shards but are left alone, each with a sentence that says why.
   */
  refused: {
    table: string
    why: string
  }[]
}
/**
 * A database that could not be checked. The findings in the others must still be shown.
 */
export interface UnseenTarget {
  target: Target
  fault: Fault
  /**
   * The fault's stable code.
   */
  code: ErrorCode
}
export interface ShardCheckAnswer {
  type: 'result'
  schema: '1.0'
  exitCode: ExitCode
  warnings: WarningDocument[]
  /**
   * The id of the run, as `wwdb_runs` and `wwdb history` have it.
   */
  run: string
  /**
   * When the line was written, in UTC.
   */
  time: string
  kind: 'shard-check'
  /**
   * ISO 8601, UTC.
   */
  at: string
  targets: TargetInspection[]
  unseen: UnseenTarget[]
  /**
   * The number of faults; a table counts once.
   */
  findings: number
}
/**
 * What `shards check` found in one target.
 */
export interface TargetInspection {
  target: Target
  registry: boolean
  /**
   * ISO 8601, UTC.
   */
  lastRunAt: string | null
  families: FamilyInspection[]
  /**
   * Tables under a hold name that have no row in the registry.
   */
  strayHolds: string[]
  capacity: CapacityReport[]
  /**
   * Sentences: what prevents rotation here, such as clocks that disagree.
   */
  doubts: string[]
}
/**
 * Everything that `shards check` found in a family.
 */
export interface FamilyInspection {
  family: string
  division: 'period' | 'key'
  /**
   * The table of a keyspace that took its place: then no shard is missing. Absent where the family has not moved.
   */
  movedTo?: string
  /**
   * Shards that have a table under their own name.
   */
  tables: number
  /**
   * Current and coming periods, and keys, that lack a table.
   */
  missing: MissingShard[]
  /**
   * Past periods that lack a table, between others that have one.
   */
  holes: MissingShard[]
  unexpected: UnexpectedTable[]
  drift: DriftReport
  /**
   * Tables with a shard's name that are missing from the registry. Empty without a registry.
   */
  unregistered: string[]
  /**
   * Shards in the registry whose tables are gone: they were dropped outside of wwdb.
   */
  lost: LostTable[]
  /**
   * Lost rows, until a person acknowledges them.
   */
  losses: ShardLoss[]
  /**
   * Shards whose hold has been put off for too long because of writes.
   */
  overdue: OverdueShard[]
  /**
   * Steps that a run began and did not end: the next run settles them. Not a finding.
   */
  unsettled: LostTable[]
  /**
   * Tables under hold names, and their size.
   */
  held: {
    tables: number
    bytes: number | null
  }
  protected: ProtectedShard[]
  /**
   * Milliseconds from now to the end of the last period that has a table, without a gap before it; null for keys.
   */
  headroom: number | null
  /**
   * ISO 8601, UTC; null before the first rotation.
   */
  lastSuccessAt: string | null
  /**
   * Two records that cannot both be true: rotation leaves the family alone until a person has decided which is.
   *
   * Items: Two records of a family that contradict each other.
   */
  contradictions: {
    tables: string[]
    what: string
    why: string
    /**
     * What can be done, for either of the two being right.
     */
    next: string
  }[]
  /**
   * Sentences: what could not be checked, and why. A check that did not see everything is not a success.
   */
  unchecked: string[]
  /**
   * With `--rows`: shards that have rows of another period, or without a time. Absent where no rows were read.
   */
  misplaced?: MisplacedRows[]
  /**
   * With `--rows`: how many rows at the borders of how many shards were read. Absent where none were.
   */
  sampled?: {
    shards: number
    rows: number
    /**
     * Shards without a primary key, of which the last times of an index were read alone.
     */
    lastTimes: number
    /**
     * Shards without a primary key and without an index of the column, of which some rows were read in no order.
     */
    unordered: number
  }
}
/**
 * A shard that should have a table but has none.
 */
export interface MissingShard {
  table: string
  key: string
}
/**
 * A table with a name like a shard's that the policy does not expect.
 */
export interface UnexpectedTable {
  table: string
  /**
   * A sentence.
   */
  why: string
}
/**
 * How the shards of a family compare with their template.
 */
export interface DriftReport {
  /**
   * What they were compared with:
   * - `template` the template's table in a scratch schema
   * - `recorded` the shape of shards of the current version in the registry
   * - `majority` the shape that most of them have: nothing better is known
   * - `nothing`  there are no shards
   */
  reference: 'template' | 'recorded' | 'majority' | 'nothing'
  like: number
  groups: DriftedGroup[]
  behind: ShardsBehind[]
  /**
   * The template's version in the registry; null before a rotation or `shards adopt` wrote it.
   */
  version: number | null
  /**
   * True where the template's file differs from that version in the registry.
   */
  templateChanged: boolean
}
/**
 * Shards of one shape that differs from the template's.
 */
export interface DriftedGroup {
  tables: string[]
  /**
   * Null where there was nothing to compare line by line.
   */
  differences: ShapeDifference[] | null
}
/**
 * Live shards that a fan-out has not reached.
 */
export interface ShardsBehind {
  version: number
  tables: string[]
}
/**
 * A registry row whose table is not where it should be.
 */
export interface LostTable {
  table: string
  key: string
  state: ShardState
}
/**
 * Rows that were lost with a table that was dropped outside of wwdb. It is a finding until a person acknowledges it.
 */
export interface ShardLoss {
  table: string
  key: string
  /**
   * The shard's state when its table was found missing.
   */
  state: ShardState
  /**
   * The last count; null where they were never counted.
   */
  rows: number | null
  /**
   * ISO 8601, UTC: when it was found.
   */
  at: string
}
/**
 * A shard whose hold is put off because of writes.
 */
export interface OverdueShard {
  table: string
  key: string
  /**
   * ISO 8601, UTC: when its hold was first put off.
   */
  since: string
}
/**
 * A shard from which nothing is removed until it is unprotected.
 */
export interface ProtectedShard {
  table: string
  reason: string
  by: string
  /**
   * ISO 8601, UTC.
   */
  at: string
}
/**
 * A shard with rows that are not of its period.
 */
export interface MisplacedRows {
  table: string
  /**
   * How many of those that were read.
   */
  rows: number
  /**
   * A sentence.
   */
  why: string
}
/**
 * A limit on the number of tables.
 */
export interface CapacityReport {
  limit: 'table_definition_cache' | 'innodb_open_files' | 'open_files_limit' | 'disk'
  /**
   * What it allows, in tables, files or (for `disk`) free bytes; null where it is unknown.
   */
  value: number | null
  /**
   * How much of it is needed: tables, files, or the bytes that should stay free.
   */
  needed: number
  state: 'enough' | 'exceeded' | 'unknown'
  /**
   * What to do about it; null where there is nothing to do.
   */
  advice: string | null
}
export interface ShardDiffAnswer {
  type: 'result'
  schema: '1.0'
  exitCode: ExitCode
  warnings: WarningDocument[]
  /**
   * The id of the run, as `wwdb_runs` and `wwdb history` have it.
   */
  run: string
  /**
   * When the line was written, in UTC.
   */
  time: string
  kind: 'shard-diff'
  families: FamilyAlterations[]
  unseen: UnseenTarget[]
}
/**
 * The shards of a family that differ from their template, by shape.
 */
export interface FamilyAlterations {
  family: string
  target: Target
  /**
   * Shards that match it.
   */
  like: number
  groups: ShapeAlteration[]
  /**
   * Shards at an earlier version of the template: a fan-out upgrades them, not a repair.
   */
  behind: string[]
}
/**
 * Shards of one shape, and the statements that bring them back to their template.
 */
export interface ShapeAlteration {
  tables: string[]
  differences: ShapeDifference[]
  /**
   * ALTER TABLEs in order, with `{{table}}` in place of each table's name.
   */
  statements: string[]
  hazards: Hazard[]
}
export interface ShardListAnswer {
  type: 'result'
  schema: '1.0'
  exitCode: ExitCode
  warnings: WarningDocument[]
  /**
   * The id of the run, as `wwdb_runs` and `wwdb history` have it.
   */
  run: string
  /**
   * When the line was written, in UTC.
   */
  time: string
  kind: 'shard-list'
  shards: ShardListing[]
  unseen: UnseenTarget[]
}
/**
 * A shard as `shards list` and `shards locate` show it. Times are ISO 8601, UTC.
 */
export interface ShardListing {
  target: Target
  family: string
  key: string
  table: string
  /**
   * The table of which it is a partition, under the name of the shard; absent for a table of its own.
   */
  partitionOf?: string
  /**
   * Bounds `[from, to)` of its period; null for a key.
   */
  from: string | null
  to: string | null
  /**
   * As in the registry. `unregistered` has a table but no row there, `missing` should have a table but has neither; `lost` also where the registry expects the table and it does not exist.
   */
  state: ShardState | 'unregistered' | 'missing'
  templateVersion: number | null
  /**
   * Rows when it was sealed; null before.
   */
  rows: number | null
  hold: {
    table: string
    until: string
  } | null
  /**
   * Address of its archive's manifest, in the archive folder.
   */
  archive: string | null
  /**
   * Why it is protected; null where it is not.
   */
  protected: string | null
}
export interface ShardLocationAnswer {
  type: 'result'
  schema: '1.0'
  exitCode: ExitCode
  warnings: WarningDocument[]
  /**
   * The id of the run, as `wwdb_runs` and `wwdb history` have it.
   */
  run: string
  /**
   * When the line was written, in UTC.
   */
  time: string
  kind: 'shard-location'
  family: string
  database: string
  key: string
  table: string
  /**
   * Bounds of its period, ISO 8601, UTC; null for a key.
   */
  from: string | null
  to: string | null
  /**
   * Its state on the server; null where the server was not asked.
   */
  shard: ShardListing | null
  /**
   * Sentences: where the family's header contradicts the record. The answer then follows the record.
   */
  doubts: string[]
}
export interface ShardRemovalAnswer {
  type: 'result'
  schema: '1.0'
  exitCode: ExitCode
  warnings: WarningDocument[]
  /**
   * The id of the run, as `wwdb_runs` and `wwdb history` have it.
   */
  run: string
  /**
   * When the line was written, in UTC.
   */
  time: string
  kind: 'shard-removal'
  shards: RemovableShard[]
}
/**
 * An empty shard that rotation would not create.
 */
export interface RemovableShard {
  database: string
  family: string
  key: string
  table: string
}
export interface ShardRepairAnswer {
  type: 'result'
  schema: '1.0'
  exitCode: ExitCode
  warnings: WarningDocument[]
  /**
   * The id of the run, as `wwdb_runs` and `wwdb history` have it.
   */
  run: string
  /**
   * When the line was written, in UTC.
   */
  time: string
  kind: 'shard-repair'
  families: FamilyRepair[]
  /**
   * Lost rows that a person has now acknowledged.
   */
  acknowledged: AcknowledgedLoss[]
  unseen: UnseenTarget[]
  milliseconds: number
}
/**
 * How a repair ended for the shards of a family that differed from their template.
 */
export interface FamilyRepair {
  family: string
  target: Target
  repaired: string[]
  failed: {
    table: string
    code: string | null
    fault: Fault
  }[]
  /**
   * Not started: others failed before, or the run was stopped.
   */
  left: number
}
export interface SplitAnswer {
  type: 'result'
  schema: '1.0'
  exitCode: ExitCode
  warnings: WarningDocument[]
  /**
   * The id of the run, as `wwdb_runs` and `wwdb history` have it.
   */
  run: string
  /**
   * When the line was written, in UTC.
   */
  time: string
  kind: 'split'
  dryRun: boolean
  target: Target
  table: string
  family: string
  /**
   * How far the split is; null before it is begun.
   */
  state: SplitState | null
  column: string | null
  /**
   * The shards that the table becomes, or became.
   */
  pieces: {
    table: string
    key: string
  }[]
  /**
   * InnoDB's estimates of the table; null where it was not planned.
   */
  rows: number | null
  bytes: number | null
  /**
   * Rows that were copied, and rows that were compared before names were changed.
   */
  copied: number
  compared: number | null
  /**
   * For how long others waited for the table at the cut-over or at its reverse, at most: milliseconds.
   */
  waited: number | null
  /**
   * The name under which the table as it was is kept; null where it is not.
   */
  hold: string | null
  keptUntil: string | null
  /**
   * Rows that were carried back by `--undo`.
   */
  carried: number | null
  /**
   * Shards that `--undo` left rows in, because the table does not have them.
   */
  left: string[]
  /**
   * Sentences.
   */
  notes: string[]
}
export interface StatusAnswer {
  type: 'result'
  schema: '1.0'
  exitCode: ExitCode
  warnings: WarningDocument[]
  /**
   * The id of the run, as `wwdb_runs` and `wwdb history` have it.
   */
  run: string
  /**
   * When the line was written, in UTC.
   */
  time: string
  kind: 'status'
  targets: TargetStatus[]
  /**
   * Databases about which nothing is known, because their servers were not reached; the same in all answers.
   */
  unreached: UnreachedTarget[]
  /**
   * Migrations that `migrate` would apply if there were no findings.
   */
  pending: number
  /**
   * Those that a run is carrying out now.
   */
  running: number
}
export interface TargetStatus {
  target: Target
  serverVersion: string | null
  /**
   * Absent where it is a schema of MySQL itself.
   */
  keyspace?: Keyspace
  /**
   * True where the server accepts no writes, as a replica: what is pending may be pending only there; absent elsewhere.
   */
  readOnly?: true
  /**
   * False while the schema does not exist yet.
   */
  schemaExists: boolean
  migrations: MigrationStatus[]
  /**
   * The run in progress; absent where there is none.
   */
  run?: RunningPass
  /**
   * Runs that hold it now with no statement of a migration in progress; absent where there are none.
   */
  runs?: RunUnderWay[]
  /**
   * Tables that `drift --revert` renamed aside; absent where there are none, or it is unknown.
   */
  held?: HeldName[]
  /**
   * What migrations retired and is not dropped yet; absent where there is nothing.
   */
  retired?: RetiredName[]
  /**
   * Objects that differ from what wwdb left; absent where nothing is recorded.
   */
  drift?: number
  /**
   * What makes `migrate` refuse, and faults of the journal, each with what to do.
   */
  findings: Fault[]
}
/**
 * A keyspace as it is found. What locks it is a lease in the keyspace of the journal.
 */
export interface Keyspace {
  /**
   * The keyspace with one shard in which the journal and its lease are kept.
   */
  journal: string
  ddlStrategy: 'direct' | 'vitess'
  shards: number
  /**
   * By its VSchema, which may say so of one shard, too.
   */
  isSharded: boolean
}
/**
 * One migration as `status` shows it.
 */
export interface MigrationStatus {
  version: string
  name: string
  kind: 'adopted' | 'baseline' | 'data' | 'drift' | 'mark' | 'repeatable' | 'seed' | 'squash' | 'versioned'
  /**
   * - `outdated`       a repeatable whose text changed since it ran
   * - `changed`        an applied file whose checksum differs from the journal
   * - `missing`        applied, but its file is gone
   * - `out-of-order`   pending, but sorts before an applied one
   * - `running`        a run is applying or reverting it now
   * - `reverting`      a rollback of it stopped half way
   * - `not-applicable` its `-- wwdb:when` does not apply here
   */
  state:
    | 'applied'
    | 'pending'
    | 'partial'
    | 'running'
    | 'reverting'
    | 'outdated'
    | 'changed'
    | 'missing'
    | 'out-of-order'
    | 'baseline'
    | 'not-applicable'
  file: string | null
  appliedAt: string | null
  /**
   * The total duration of its statements; null where none was closed. For `running`: how long the current one has been running.
   */
  milliseconds: number | null
  /**
   * For `partial`, `running` and `reverting`: closed statements and all statements.
   */
  closed: number | null
  total: number | null
  /**
   * For a migration of shards that stopped half way: how many have it.
   */
  shards?: ShardProgress
  /**
   * The progress of a batch that runs or has stopped halfway; absent for others.
   */
  batch?: BatchDone
}
/**
 * How far a migration is on the shards of a family.
 */
export interface ShardProgress {
  done: number
  total: number
}
/**
 * What the chunks of a batch have changed and committed.
 */
export interface BatchDone {
  rows: number
  chunks: number
}
/**
 * A run that holds a target now.
 */
export interface RunUnderWay {
  id: string
  command: string
  /**
   * Who started it, and from where: `person@host`.
   */
  person: string
  /**
   * Seconds since it took the target, by the server's clock.
   */
  seconds: number
}
/**
 * A table that is held under another name.
 */
export interface HeldName {
  /**
   * Its own name.
   */
  name: string
  /**
   * The time until which it is kept at least.
   */
  until: string
  /**
   * True where that has passed by this machine's clock.
   */
  isDue: boolean
  /**
   * True where an online change keeps it; else `drift --revert` renamed it.
   */
  isOnline: boolean
  /**
   * Where a batch keeps rows in it; absent for all others.
   */
  undo?: true
}
/**
 * A table, column or index that a migration retired and that waits for its drop.
 */
export interface RetiredName {
  /**
   * `users.nick`
   */
  name: string
  type: 'table' | 'column' | 'index'
  /**
   * False for a column that stays visible, and is only watched.
   */
  isHidden: boolean
  /**
   * When its grace ends at the earliest.
   */
  until: string
  /**
   * True where that has passed by this machine's clock.
   */
  isDue: boolean
}
export interface StoreBackfillAnswer {
  type: 'result'
  schema: '1.0'
  exitCode: ExitCode
  warnings: WarningDocument[]
  /**
   * The id of the run, as `wwdb_runs` and `wwdb history` have it.
   */
  run: string
  /**
   * When the line was written, in UTC.
   */
  time: string
  kind: 'store-backfill'
  outcome: BackfillOutcome
}
/**
 * What was run of it.
 */
export interface BackfillOutcome {
  /**
   * With the prefix.
   */
  task: string
  /**
   * Whole windows, in ISO 8601.
   */
  from: string
  to: string
  /**
   * Where the first run begins to write: before `from`, where the range is shorter than what one run covers.
   */
  writesFrom: string
  /**
   * How many runs of the task cover the range.
   */
  runs: number
  /**
   * How many of them earlier commands have done.
   */
  doneBefore: number
  /**
   * How many of them this command has done.
   */
  done: number
  /**
   * The end of what earlier commands have done; null where that is nothing.
   */
  continuedAt: string | null
  state: 'planned' | 'done' | 'stopped'
}
export interface StoreImportAnswer {
  type: 'result'
  schema: '1.0'
  exitCode: ExitCode
  warnings: WarningDocument[]
  /**
   * The id of the run, as `wwdb_runs` and `wwdb history` have it.
   */
  run: string
  /**
   * When the line was written, in UTC.
   */
  time: string
  kind: 'store-import'
  store: StoreKind
  /**
   * `host:port`, several with commas; never a URL.
   */
  server: string
  /**
   * Digits only; null where the store does not report it.
   */
  version: string | null
  dryRun: boolean
  folder: string
  /**
   * The files that were written, or would be with a dry run.
   */
  files: {
    file: string
    text: string
  }[]
  /**
   * What the files declare.
   */
  declared: StoreResource[]
  /**
   * How many resources the folder declares already.
   */
  declaredBefore: number
  /**
   * The variables of passwords, which no server tells: until one is set, its resource is not changed.
   */
  variables: {
    variable: string
    resource: StoreResource
  }[]
  notDeclarable: NotDeclarable[]
}
/**
 * A resource that exists and cannot be declared: a sentence says why.
 */
export interface NotDeclarable {
  resource: StoreResource
  why: string
  /**
   * It stands for a list that could not be read: what is in it has names that were not seen.
   */
  unread?: true
}
export interface StorePlanAnswer {
  type: 'result'
  schema: '1.0'
  exitCode: ExitCode
  warnings: WarningDocument[]
  /**
   * The id of the run, as `wwdb_runs` and `wwdb history` have it.
   */
  run: string
  /**
   * When the line was written, in UTC.
   */
  time: string
  kind: 'store-plan'
  stores: StorePlanDocument[]
  changes: number
  /**
   * The flags of `setup apply` that the plan is of; absent where there is none.
   */
  flags?: string[]
}
/**
 * The plan of a store, or why it could not be made.
 */
export interface StorePlanDocument {
  store: StoreKind
  server: string
  /**
   * Null where it could not be made.
   */
  plan: StorePlan | null
  fault: Fault | null
  /**
   * The fault's stable code.
   */
  code: ErrorCode | null
}
/**
 * The changes that would bring one store to its files.
 */
export interface StorePlan {
  store: StoreKind
  /**
   * `host:port`, several with commas; never a URL.
   */
  server: string
  /**
   * Digits only; null where the store does not report it.
   */
  version: string | null
  changes: StoreChange[]
  /**
   * Resources that are as declared already.
   */
  unchanged: StoreResource[]
  /**
   * Sentences that a person should read: what was chosen and why, what is left alone.
   */
  notes: string[]
  /**
   * Sentences: what the changes leave undone, because a part of the store does not answer; absent where there is nothing.
   */
  left?: string[]
  /**
   * Resources that exist but no file declares, and those that could not be compared: neither leads to a change.
   */
  findings: StoreFinding[]
}
/**
 * One step towards the declaration. The steps of a plan are carried out in their order.
 */
export interface StoreChange {
  /**
   * Its place in its plan, from 0.
   */
  number: number
  resource: StoreResource
  action: 'create' | 'update' | 'replace' | 'remove'
  /**
   * What is done, as half a sentence: `create bucket metrics_hot, kept 30 days`.
   */
  summary: string
  /**
   * Empty for a resource that does not exist yet.
   */
  differences: StoreDifference[]
  loss: StoreLoss | null
}
/**
 * What a change removes, immediately or later, and the code that allows it.
 */
export interface StoreLoss {
  /**
   * For `--allow`.
   */
  code: StoreLossCode
  /**
   * More codes, each of which has to be allowed as well; absent where there is none.
   */
  also?: StoreLossCode[]
  /**
   * A sentence: what is lost, and when.
   */
  why: string
  /**
   * The affected things, counted where the store can count: `logs-app-2026.10.01 (1,204 documents)`.
   */
  affected: string[]
}
export interface StoreRunAnswer {
  type: 'result'
  schema: '1.0'
  exitCode: ExitCode
  warnings: WarningDocument[]
  /**
   * The id of the run, as `wwdb_runs` and `wwdb history` have it.
   */
  run: string
  /**
   * When the line was written, in UTC.
   */
  time: string
  kind: 'store-run'
  command: string
  stores: StoreOutcome[]
  milliseconds: number
}
/**
 * How a run ended for one store.
 */
export interface StoreOutcome {
  store: StoreKind
  server: string
  version: string | null
  /**
   * - `not-reached` none of its servers answered well enough to compare: nothing is known about it, and nothing was changed.
   */
  state: 'done' | 'nothing-to-do' | 'failed' | 'not-reached' | 'stopped' | 'not-started'
  /**
   * Summaries of the changes that were made, and of those that were not.
   */
  done: string[]
  notDone: string[]
  /**
   * How many resources were as declared before.
   */
  unchanged: number
  notes: string[]
  /**
   * What `setup verify` counts as an error and no change removes: undeclared users with all rights.
   */
  findings: StoreFinding[]
  milliseconds: number
  fault: Fault | null
  code: ErrorCode | null
}
export interface StoreStatusAnswer {
  type: 'result'
  schema: '1.0'
  exitCode: ExitCode
  warnings: WarningDocument[]
  /**
   * The id of the run, as `wwdb_runs` and `wwdb history` have it.
   */
  run: string
  /**
   * When the line was written, in UTC.
   */
  time: string
  kind: 'store-status'
  stores: StoreLockState[]
}
/**
 * Whether a run is applying the declarations of a store.
 */
export interface StoreLockState {
  store: StoreKind
  server: string
  /**
   * The run that holds the lock: `deploy@host, process 4711`; null where none does, and where the store was not reached.
   */
  holder: string | null
  /**
   * For how long it has held the lock, in milliseconds of the store's clock.
   */
  heldFor: number | null
  /**
   * Milliseconds until another run may take the lock over if it is not renewed; not above 0 where it may do so now.
   */
  left: number | null
  /**
   * Why the store could not be asked.
   */
  fault: Fault | null
  code: ErrorCode | null
}
export interface StoreVerificationAnswer {
  type: 'result'
  schema: '1.0'
  exitCode: ExitCode
  warnings: WarningDocument[]
  /**
   * The id of the run, as `wwdb_runs` and `wwdb history` have it.
   */
  run: string
  /**
   * When the line was written, in UTC.
   */
  time: string
  kind: 'store-verification'
  stores: StoreVerification[]
  /**
   * How many checks failed.
   */
  findings: number
}
/**
 * What `setup verify` found out about one store.
 */
export interface StoreVerification {
  store: StoreKind
  server: string
  /**
   * How many declared resources were compared with the store.
   */
  compared: number
  /**
   * What differs from the declaration, what no file declares, what could not be compared.
   */
  findings: StoreFinding[]
  /**
   * True only where everything that is declared was compared, and nothing differs.
   */
  asDeclared: boolean
  checks: StoreCheck[]
  milliseconds: number
  /**
   * Why it could not be verified.
   */
  fault: Fault | null
  code: ErrorCode | null
}
/**
 * One thing that was proven, or not.
 */
export interface StoreCheck {
  /**
   * What is checked, in a few words: `all 16,384 slots are served`.
   */
  name: string
  /**
   * - `warning` works, but a person should know of it
   * - `not-judged` nothing can be said of it yet; `seen` says why
   */
  state: 'good' | 'warning' | 'not-judged' | 'bad'
  /**
   * What was seen, as a sentence or half of one.
   */
  seen: string
  /**
   * What to do; null where nothing is to be done.
   */
  next: string | null
}
export interface TargetsRunAnswer {
  type: 'result'
  schema: '1.0'
  exitCode: ExitCode
  warnings: WarningDocument[]
  /**
   * The id of the run, as `wwdb_runs` and `wwdb history` have it.
   */
  run: string
  /**
   * When the line was written, in UTC.
   */
  time: string
  kind: 'targets-run'
  command: string
  database: string
  /**
   * How many targets the list has.
   */
  listed: number
  /**
   * How many targets ended in which way.
   */
  counts: {
    done: number
    nothingToDo: number
    failed: number
    stopped: number
    notReached: number
    blocked: number
  }
  /**
   * Targets that a wave would have had, and that were not begun.
   */
  notStarted: number
  /**
   * With `--failed-only`: targets that were left alone, because no attempt on them had failed.
   */
  leftOut: number
  /**
   * Migrations and statements that were completed in all targets.
   */
  migrations: number
  statements: number
  /**
   * How many waves the targets with work were divided into, the canary among them.
   */
  waves: number
  /**
   * Why no further target was begun; `done` where all were.
   */
  end: 'done' | 'canary-failed' | 'budget-spent' | 'stopped'
  /**
   * Targets that failed, stopped, were blocked or not reached.
   */
  outcomes: TargetOutcome[]
  /**
   * Schemas that have a migration of this database, with its text, and are not in its list: nothing was done to them.
   */
  left: Target[]
  milliseconds: number
}
export interface TemplatesAnswer {
  type: 'result'
  schema: '1.0'
  exitCode: ExitCode
  warnings: WarningDocument[]
  /**
   * The id of the run, as `wwdb_runs` and `wwdb history` have it.
   */
  run: string
  /**
   * When the line was written, in UTC.
   */
  time: string
  kind: 'templates'
  templates: TemplateCheck[]
}
/**
 * The result of creating shards of one template in a scratch schema.
 */
export interface TemplateCheck {
  family: string
  database: string
  /**
   * `host:port` of the server that was asked.
   */
  server: string
  file: string
  /**
   * The shards that were made.
   */
  tables: string[]
  /**
   * Why it cannot be used as it is.
   */
  faults: Fault[]
  /**
   * What the server stores differently from what is written, as sentences: harmless, and good to know.
   */
  changes: string[]
}
export interface ThrottleAnswer {
  type: 'result'
  schema: '1.0'
  exitCode: ExitCode
  warnings: WarningDocument[]
  /**
   * The id of the run, as `wwdb_runs` and `wwdb history` have it.
   */
  run: string
  /**
   * When the line was written, in UTC.
   */
  time: string
  kind: 'throttle'
  /**
   * `off` where the bounds are ignored.
   */
  mode: 'on' | 'off'
  /**
   * False where no bound is set: then heavy work never waits.
   */
  bounded: boolean
  /**
   * Items: The readings of one server, with those of the replicas.
   */
  servers: {
    server: string
    /**
     * The databases that are on it.
     */
    databases: string[]
    readings: Reading[]
  }[]
}
/**
 * One value with its bound. An unknown value counts as over its bound: heavy work waits where nobody can see its effect.
 */
export interface Reading {
  measure: Measure
  /**
   * The replica's name, the group member's or the server's address, the query's name; empty for the window, and for the lag where no replica is named.
   */
  of: string
  /**
   * Milliseconds (lag, window), bytes (undo, free disk), percent (checkpoint age) or a count; null where it is unknown.
   */
  value: number | null
  /**
   * Null where there is no bound: it is only shown.
   */
  bound: number | null
  /**
   * Why it is unknown, as a clause; null where it is known.
   */
  why: string | null
  /**
   * The bound as it was written, where it is not a number.
   */
  text?: string
}
export interface UndoAnswer {
  type: 'result'
  schema: '1.0'
  exitCode: ExitCode
  warnings: WarningDocument[]
  /**
   * The id of the run, as `wwdb_runs` and `wwdb history` have it.
   */
  run: string
  /**
   * When the line was written, in UTC.
   */
  time: string
  kind: 'undo'
  version: string
  tables: UndoneTable[]
  /**
   * Batches that are not undone, because they cannot be; absent where there are none.
   */
  refused?: RefusedUndo[]
  /**
   * Present in a dry run where an earlier batch is counted again behind a later one of its table: more rows may be put back than it says.
   */
  countsAgain?: true
  dryRun: boolean
}
/**
 * One batch on one table: on shards, one of each.
 */
export interface UndoneTable {
  target: Target
  table: string
  /**
   * Position in the part of the file, from 1.
   */
  statement: number
  direction: 'up' | 'down'
  /**
   * What the batch did: rows that an INSERT added are removed again.
   */
  verb: KeptVerb
  /**
   * The table in which the rows are kept.
   */
  undoTable: string
  /**
   * Until when it is kept at least.
   */
  keptUntil: string
  /**
   * Rows that are put back, by this run and earlier ones.
   */
  undone: number
  /**
   * Of a dry run, the rows that can be put back.
   */
  ready: number
  /**
   * Rows that are not put back, because others changed them since or the server refuses them.
   */
  left: number
  /**
   * The first of them.
   */
  rows: UndoneRow[]
}
/**
 * A row that is not put back.
 */
export interface UndoneRow {
  /**
   * Its key: `` `id` = 7 ``.
   */
  key: string
  /**
   * - `changed` others have changed what the batch wrote
   * - `gone`    others have deleted it since
   * - `taken`   others have inserted a row of its key since the batch deleted it
   * - `refused` the server refuses the row as it was: another row has a value that is unique, a parent is missing
   * - `late`    others made it as the batch wrote it while the undo ran: the next attempt puts it back
   */
  why: 'changed' | 'gone' | 'taken' | 'refused' | 'late'
}
/**
 * A batch that is not undone, because it cannot be.
 */
export interface RefusedUndo {
  target: Target
  table: string
  /**
   * Position in the part of the file, from 1.
   */
  statement: number
  direction: 'up' | 'down'
  /**
   * The table in which its rows are kept, or were.
   */
  undoTable: string
  /**
   * True where nothing is left to do: all its rows were put back before.
   */
  isOver: boolean
  why: string
}
export interface UsesAnswer {
  type: 'result'
  schema: '1.0'
  exitCode: ExitCode
  warnings: WarningDocument[]
  /**
   * The id of the run, as `wwdb_runs` and `wwdb history` have it.
   */
  run: string
  /**
   * When the line was written, in UTC.
   */
  time: string
  kind: 'uses'
  database: string
  /**
   * Several of a shard family.
   */
  tables: string[]
  column: string | null
  index: string | null
  /**
   * Statements that were last seen before are left out.
   */
  since: string
  servers: AskedServer[]
  /**
   * The latest first, by server.
   */
  statements: UsingStatement[]
  /**
   * Views, routines, triggers and events that name the object.
   */
  code: {
    names: 'name' | 'all'
    type: 'view' | 'procedure' | 'function' | 'trigger' | 'event'
    schema: string
    name: string
  }[]
  /**
   * Those that the account may not read, or that prepare their statements.
   */
  unjudgedCode: {
    type: 'view' | 'procedure' | 'function' | 'trigger' | 'event'
    schema: string
    name: string
  }[]
}
/**
 * A server that was asked for the statements that it has counted.
 */
export interface AskedServer {
  /**
   * The name of the replica, or `primary`; of a group member that is no named replica its address.
   */
  name: string
  server: string
  /**
   * Why it was not looked at, as a clause; null where it was.
   */
  why: string | null
  /**
   * Nothing before this time is counted: the server started then, or its counters were reset.
   */
  countedSince: string | null
  /**
   * Different statements that name the object.
   */
  statements: number
  /**
   * Different statements of which the server kept no whole text, and what it kept does not name the object.
   */
  unjudged: number
  /**
   * Executions that the server counted in the row with DIGEST NULL, because its table of digests was full.
   */
  lost: number
  /**
   * Reads of the tables' rows, of an index those by it; of every session, wwdb's own included.
   */
  reads: number
  writes: number
}
/**
 * A live statement that names the object.
 */
export interface UsingStatement {
  /**
   * The name of the replica, or `primary`; of a group member that is no named replica its address.
   */
  server: string
  /**
   * With `?` for each literal.
   */
  text: string
  digest: string
  /**
   * The schema that was selected.
   */
  schema: string | null
  /**
   * `all` where it takes every column: by `*`, or by rows without a list of columns.
   */
  names: 'name' | 'all'
  /**
   * Executions, those of wwdb itself left out.
   */
  count: number
  firstSeen: string
  lastSeen: string
  /**
   * `user@host` of connections that are open; empty where none that sent it is.
   */
  users: string[]
}
export interface ValidationAnswer {
  type: 'result'
  schema: '1.0'
  exitCode: ExitCode
  warnings: WarningDocument[]
  /**
   * The id of the run, as `wwdb_runs` and `wwdb history` have it.
   */
  run: string
  /**
   * When the line was written, in UTC.
   */
  time: string
  kind: 'validation'
  faults: Fault[]
  hazards: Hazard[]
  /**
   * With --strict: hazards that are faults, because no header accepts them; null without.
   */
  stopping: number | null
  files: number
  statements: number
}
export interface VersionAnswer {
  type: 'result'
  schema: '1.0'
  exitCode: ExitCode
  warnings: WarningDocument[]
  /**
   * The id of the run, as `wwdb_runs` and `wwdb history` have it.
   */
  run: string
  /**
   * When the line was written, in UTC.
   */
  time: string
  kind: 'version'
  version: string
  node: string
  platform: string
}
export interface TargetsStatusAnswer {
  type: 'result'
  schema: '1.0'
  exitCode: ExitCode
  warnings: WarningDocument[]
  /**
   * The id of the run, as `wwdb_runs` and `wwdb history` have it.
   */
  run: string
  /**
   * When the line was written, in UTC.
   */
  time: string
  /**
   * Items: Targets of a database that are alike:
   * - `behind`   migrations are pending
   * - `new`      no migration ran there yet: the schema has no journal
   * - `failed`   a migration is begun and not complete: it failed, was killed, or a run is carrying it out now
   * - `finding`  something keeps `migrate` from running there
   * - `missing`  the schema does not exist, or this account may not see it
   * - `unclear`  only opening it alone can tell
   */
  groups: {
    /**
     * In answers of `plan` and `migrate --dry-run`, for at most three groups with something to do: the plan of the first of its targets, or why none could be made.
     */
    planned?:
      | {
          plan: PlanDocument
        }
      | {
          fault: Fault
        }
    state: 'up-to-date' | 'behind' | 'new' | 'failed' | 'finding' | 'missing' | 'unclear' | 'not-reached'
    count: number
    /**
     * What `migrate` would apply.
     */
    migrations: string[]
    /**
     * Why, where one thing can be named.
     */
    fault: Fault | null
    /**
     * Its first ten targets; all of them where a person has to look at each.
     */
    targets: Target[]
  }[]
  kind: 'targets-status'
  command: 'status' | 'plan' | 'migrate --dry-run'
  database: string
  /**
   * How many targets the list has.
   */
  listed: number
  /**
   * Schemas that have a migration of this database, with its text, and are not in its list.
   */
  left: Target[]
}
/**
 * A plan without functions and maps: what `--json` prints and `plan --out` writes.
 */
export interface PlanDocument {
  schema: '1.0'
  direction: 'down' | 'up'
  targets: {
    target: Target
    inputsDigest: string
    steps: {
      type: 'apply' | 'record' | 'revert'
      database: string
      version: string
      name: string
      kind: 'data' | 'drift' | 'repeatable' | 'versioned'
      file: string
      checksum: string
      script: 'module' | 'statements' | 'stream' | 'none'
      /**
       * The first statement that will run: not 0 when a stopped run is resumed.
       */
      from: number
      total: number
      after: string[]
      /**
       * For a migration that runs on shards: which ones; absent for all others.
       */
      fanOut?: {
        family: string
        /**
         * The version that the template gets; null where no shard was ever created.
         */
        version: number | null
        /**
         * The number of shards, and of those that already have the version.
         */
        total: number
        done: number
        near: NearLimit[]
        /**
         * Present where a statement of it has `-- wwdb:online`, shards are to be changed, and their sizes are known.
         */
        online?: OnlineShards
        /**
         * True when a trial showed that the change leads to the template's file.
         */
        proven: boolean
        shapes: {
          table: string
          shards: number
        }[]
      }
      /**
       * Every statement of the part that runs; for a `stream` its beginning, for a `module` or a `record` step none.
       */
      statements: {
        /**
         * From 0.
         */
        index: number
        line: number
        column: number
        class: StatementClass
        /**
         * Verb and objects.
         */
        summary: string
        /**
         * The text, with the names of schemas filled in; every password in it is `'***'`.
         */
        sql: string
        /**
         * For a long INSERT in a file too large to hold: its length in characters, of which `sql` is the beginning.
         */
        whole?: number
        /**
         * SHA-256 (hex) of the text as it is written in the file.
         */
        hash: string
        /**
         * The server's answer for an empty copy of the table; null where it was not asked.
         */
        algorithm: Algorithm | null
        /**
         * The table that it changes, by the estimates of InnoDB; null where it did not exist when the plan was made.
         */
        size: TableSize | null
        /**
         * How it runs in batches; absent for all others.
         */
        batch?: BatchPlan
        /**
         * What it drops is hidden first, for so many milliseconds at least; `isDefault` where only a protected environment asks for it. Absent for all others.
         */
        retire?: {
          grace: number | null
          isDefault: boolean
        }
      }[]
      hazards: Hazard[]
    }[]
    notes: string[]
    /**
     * What is left out because it depends on a database that was not reached.
     */
    blocked: BlockedStep[]
  }[]
  /**
   * Databases that the plan does not cover, because their servers were not reached.
   */
  unreached: UnreachedTarget[]
  counts: PlanCounts
}
/**
 * A shard that has nearly used up its instant column changes, after which the server rebuilds the table.
 */
export interface NearLimit {
  table: string
  used: number
  limit: number
}
/**
 * The shards of an online change, which are changed one after another. Sizes are InnoDB's.
 */
export interface OnlineShards {
  /**
   * Of all that are to be changed.
   */
  bytes: number
  largest: {
    table: string
    bytes: number
  }
}
/**
 * How large a table is, by the estimates of InnoDB.
 */
export interface TableSize {
  table: string
  rows: number
  /**
   * Data and indexes.
   */
  bytes: number
}
/**
 * How a statement below `-- wwdb:batch` will be walked.
 */
export interface BatchPlan {
  table: string
  /**
   * The key that is walked; null where it is chosen when the batch runs: on shards, and on a table that the plan creates or changes.
   */
  key: string | null
  /**
   * The rows of the table as InnoDB estimates them.
   */
  rows: number | null
  /**
   * Of the size of the first one: they are steered to their time.
   */
  chunks: number | null
  /**
   * What a run that stopped has changed and committed; absent where none has.
   */
  done?: {
    rows: number
    chunks: number
  }
}
/**
 * A migration that a run leaves out because it depends on one of a database that could not be opened.
 */
export interface BlockedStep {
  version: string
  name: string
  /**
   * The migration that it depends on, or that depends on it, as `database/version`.
   */
  by: string
  /**
   * The database at the end of the chain that could not be opened, and its server as host:port.
   */
  database: string
  server: string
  /**
   * What would let that database be opened: a GRANT, a password, a server to be started.
   */
  next?: string
}
/**
 * The size of a plan, for its last line and for scripts.
 */
export interface PlanCounts {
  targets: number
  steps: number
  /**
   * Statements that will run; a stopped run's completed statements do not count.
   */
  statements: number
  hazards: number
}
export interface PlanAnswer {
  type: 'result'
  schema: '1.0'
  exitCode: ExitCode
  warnings: WarningDocument[]
  /**
   * The id of the run, as `wwdb_runs` and `wwdb history` have it.
   */
  run: string
  /**
   * When the line was written, in UTC.
   */
  time: string
  kind: 'plan'
  plan: PlanDocument
  file: string | null
  /**
   * What live statements do before and after it, a database each; present with `--live`.
   */
  live?: LiveTrial[]
}
/**
 * What the live statements of a database do before and after its pending migrations.
 */
export interface LiveTrial {
  database: string
  /**
   * How long ago a statement may have been seen last. Milliseconds.
   */
  within: number
  /**
   * The tables and views that the migrations change, without those that they make, with the views and triggers through which statements reach them: statements that name none of them were not looked for.
   */
  tables: string[]
  /**
   * Different statements that were tried before and after.
   */
  tried: number
  /**
   * Items: A live statement that a migration breaks, or that is executed in another way or reads something else after it.
   */
  broken: {
    /**
     * With `?` for each literal.
     */
    text: string
    digest: string
    /**
     * `primary`, the names of replicas, and the addresses of group members.
     */
    servers: string[]
    /**
     * Executions on all of them.
     */
    count: number
    lastSeen: string
    /**
     * `fails`: the server refuses it after the migration. `reads`: its tables are read in another way. `result`: with the same rows before, it reads or changes something else.
     */
    change: 'fails' | 'reads' | 'result'
    /**
     * How its tables are read before, or what: `users: ref by by_nick`, `3 rows`.
     */
    before: string
    /**
     * The server's message, or how or what is read then.
     */
    after: string
  }[]
  /**
   * Statements that were not tried, by the reason.
   */
  untried: {
    why: string
    statements: number
  }[]
  /**
   * What the same statements read and changed on rows that were made for it; absent where none was tried.
   */
  results?: {
    /**
     * Statements that found rows before or after.
     */
    compared: number
    /**
     * Statements of which no result could be compared, by the reason.
     */
    uncompared: {
      why: string
      statements: number
    }[]
  }
  /**
   * Why this proves nothing, as sentences; empty where it is a proof.
   */
  unproven: string[]
  /**
   * What else was not looked at, as sentences.
   */
  notes: string[]
}
/**
 * What is printed in place of an answer when a command fails.
 */
export interface ErrorDocument {
  type: 'error'
  schema: '1.0'
  kind: 'error'
  /**
   * A stable word in capitals.
   */
  code: ErrorCode
  exitCode: ExitCode
  faults: Fault[]
  /**
   * Null without --debug.
   */
  stack: string | null
  warnings: WarningDocument[]
  /**
   * The id of the run, as `wwdb_runs` and `wwdb history` have it.
   */
  run: string
  /**
   * When the line was written, in UTC.
   */
  time: string
}
/**
 * How far a batch is, for people.
 */
export interface BatchView {
  percent: number
  /**
   * Milliseconds left at the pace so far; null before that is known.
   */
  left: number | null
  /**
   * Rows changed.
   */
  rows: number
  chunks: number
  /**
   * Keys walked a second.
   */
  rate: number
}
/**
 * A session that holds the tables of a definition, as far as it matters whether it may be ended.
 */
export interface BlockingSession {
  connectionId: number
  user: string | null
  host: string | null
  /**
   * Of its transaction; null without one.
   */
  seconds: number | null
  /**
   * Rows that its transaction has changed; null without one.
   */
  rows: number | null
  /**
   * The statement that it runs, or its last one, shortened.
   */
  statement: string | null
  /**
   * What keeps it from being ended by anybody but its owner.
   */
  holds: ('replication' | 'server-lock' | 'table-lock' | 'prepared' | 'wwdb' | 'unseen')[]
}
/**
 * How long others waited for a table beside a definition, at most.
 */
export interface Stall {
  table: string
  milliseconds: number
  /**
   * Why nobody saw it, as a clause: then it is as long as the definition took. Null where it was seen.
   */
  why: string | null
}
/**
 * The first line of a run.
 */
export interface VersionLine {
  type: 'version'
  tool: 'wwdb'
  version: string
  schema: '1.0'
  /**
   * The id of the run, as `wwdb_runs` and `wwdb history` have it.
   */
  run: string
  /**
   * When the line was written, in UTC.
   */
  time: string
}
