import type { DatabaseConfig, Timeouts } from '../config/config.ts'
import type { Keyspace } from '../config/vitess-config.ts'
import type { Holder } from '../core/holder.ts'
import { port } from '../core/port.ts'
import type { StatementProgress } from '../core/progress.ts'
import type { RunUnderWay, Target } from '../core/target.ts'
import type { Schema, Written } from '../ddl/schema.ts'
import type { RowQuestion, TakenRows } from '../lint/row-question.ts'
import type { ServerFacts, SessionLeftovers, StatementOutcome, TimedOutcome } from '../mysql/facts.ts'
import type { BatchTable } from '../operate/batches/batch-table.ts'
import type { SessionEnder } from '../operate/kill-blockers.ts'
import type { Stall } from '../operate/stall.ts'
import type { AlgorithmQuestions } from '../probe/algorithm-question.ts'
import type { ProbeResult } from '../probe/probe-result.ts'
import type { CodeReader } from '../probe/read-code.ts'
import type { ObjectName } from '../sql/statement.ts'
import type { Vschema } from '../sql/vschema.ts'
import type { JournalRow, SessionMemory } from './journal/journal.ts'
import type { JournalFormat, UpgradeStep } from './journal/journal-format.ts'
import type { JournalChange, JournalSnapshot, QuickStatement, RowToOpen } from './journal/rows.ts'
import type { Meanwhile, Pending, Settlement } from './journal/settlement.ts'
import type { ManySchemas } from './many/ports.ts'
import type { Step } from './plan.ts'
import type { SchemaRecord } from './schema-record.ts'
import type { DataFunction } from './user-code.ts'
import type { Reverting } from './vitess/plan-reverts.ts'

/** How a migration ended. */
interface MigrationEnd {
  readonly outcome: 'done' | 'failed' | 'stopped'
  readonly milliseconds: number
  readonly error: unknown
}

/** Asks hooks before a migration of a target, and notifies them afterwards. */
export interface MigrationHooks {
  /** Throws where a hook forbids it. */
  readonly before: (target: Target, step: Step) => Promise<void>
  /** Never throws. */
  readonly after: (target: Target, step: Step, end: MigrationEnd) => Promise<void>
}

/** The programs of the configuration around migrations; null where there are none. */
export const migrationHooks = port<MigrationHooks | null>('hooks/migration')

/** Which rows conditions select, by the keys of the questions; unanswered questions are left out. */
export type LookAtRows = <Key>(questions: ReadonlyMap<Key, RowQuestion>) => Promise<ReadonlyMap<Key, TakenRows>>

/** Judges users' code. Each method reads on the code's connection, which sees its changes. */
export interface ApproveCode {
  /**
   * Throws ToolError for a statement that must not be sent.
   * @param text with its values in place
   */
  readonly query: (text: string, look: LookAtRows) => Promise<void>
  /** Throws ToolError for the combined effect of all of them, before it is committed. */
  readonly end: (look: LookAtRows) => Promise<void>
}

/** The lock of a target. */
export interface Lock {
  /**
   * Takes the lock, waiting at most `milliseconds`, and proves from another connection that it is real. Throws ToolError `LOCK_HELD` (75),
   * `LOCK_UNRELIABLE`.
   */
  readonly lock: (milliseconds: number, waiting: (holder: Holder | null, waited: number) => void) => Promise<void>
  readonly unlock: () => Promise<void>
}

/** What the first run writes into a journal that it creates. */
export interface FirstChoices {
  readonly settings: ReadonlyMap<string, string>
  /** How the server compares the names of tables; null where that is unknown. */
  readonly names: string | null
}

/** The journal of a target: reading needs no lock, writing does. */
export interface Journal {
  /** Throws ToolError `JOURNAL_NEWER`. `format` is what this wwdb knows; another one only in tests. */
  readonly readJournal: (format?: JournalFormat) => Promise<JournalSnapshot>
  /**
   * The journals of other targets of this server and account, in their order, asked together. Null unless each of them is complete and undamaged, and the connection is
   * one with the server itself: then only sessions of their own can tell. Absent where they cannot be read together.
   */
  readonly readJournals?: (targets: readonly Target[]) => Promise<readonly JournalSnapshot[] | null>
  /** Creates the journal's tables where they do not exist, with the choices of its first run. This and the two below need the lock. */
  readonly createJournal: (chosen?: FirstChoices) => Promise<void>
  readonly recordSettings: (settings: ReadonlyMap<string, string>) => Promise<void>
  readonly upgradeJournal: (steps: readonly UpgradeStep[]) => Promise<void>
  /** Throws ToolError `LOCK_LOST`, with nothing committed, when the lock has been lost. */
  readonly writeJournal: (change: JournalChange) => Promise<void>
  /**
   * Marks an open row `entered` without committing: if the CALL that follows commits on its own, the mark is committed with it, and a later run knows that
   * the outcome is uncertain. The mark is committed beforehand for a procedure that could roll it back and commit, or about which that is unknown (null:
   * the procedure is unknown). `text` is the CALL. Throws ToolError `CALL_ENTERED` when the mark is committed already: the CALL must not be tried again.
   */
  readonly markCallStarted: (
    pass: number,
    statement: number,
    procedure: ObjectName | null,
    text: string,
  ) => Promise<void>
  /** What an open row of an earlier run comes to where more than its objects shows it; null where they do. Absent where they always do. */
  readonly settleRow?: (row: JournalRow, meanwhile: Meanwhile) => Promise<Settlement | null>
  /** Why a person cannot settle an open row of an earlier run yet; null where nothing stands against that. Absent where a lock shows what goes on. */
  readonly findPending?: (row: JournalRow) => Promise<Pending | null>
  /** The record of the schema; absent where a target has none. `writeJournal` writes it. */
  readonly record?: SchemaRecord
}

/** A CREATE TABLE. */
export interface Creation {
  readonly text: string
  readonly table: ObjectName
}

/** Users' statements on the connection that holds the lock, and what they leave in its session. */
export interface Statements {
  /**
   * Runs one statement; a data statement stays uncommitted until the next `writeJournal`.
   * @param lockWait milliseconds that it may wait for the locks of tables; null for what the session has
   */
  readonly run: (text: string, lockWait?: number | null) => Promise<StatementOutcome>
  /**
   * Runs short data statements in one packet, each followed by the write that closes its open row, in its transaction, and
   * remembers the last insert id. Several share a transaction (decision 0039). Returns the answers of those that ran, in order: fewer than given when one failed, of which nothing remains. Throws when the
   * connection is lost, and `LOCK_LOST` as `writeJournal` does.
   * @param open rows to open first, in the same packet: committed before anything else of it runs. Throws when they cannot be
   */
  readonly runAndClose: (
    statements: readonly QuickStatement[],
    open?: readonly RowToOpen[],
  ) => Promise<readonly StatementOutcome[]>
  /** Runs definitions that answer with no rows in one packet. Answers for those that ran, in order: none behind one that failed. Throws when the connection is lost. */
  readonly runTogether: (texts: readonly string[], lockWait?: number | null) => Promise<readonly TimedOutcome[]>
  /**
   * The same for tables that do not depend on each other, on several connections in parallel, while the session is unchanged. Absent where it must be
   * known after a kill which of them were created: everywhere except in scratch schemas.
   */
  readonly createAtOnce?: (creations: readonly Creation[]) => Promise<readonly TimedOutcome[]>
  /**
   * Runs a data migration's function in one transaction, left uncommitted until `writeJournal`. `cancel` ends it. @param soon aborted when it must end as soon as it is idle @param approve is asked before each statement is sent
   */
  readonly runModule: (run: DataFunction, soon: AbortSignal, approve: ApproveCode) => Promise<StatementOutcome>
  /** The meaning of an error thrown by `run` or `runModule`; null when it is not the server's. */
  readonly explain: (error: unknown) => RunFailure | null
  /** Undoes what `run` left uncommitted. */
  readonly rollback: () => Promise<void>
  /**
   * Reads on this connection, which sees its temporary tables. Nothing may be uncommitted: writes of a function in a condition are rolled
   * back.
   */
  readonly lookHere: LookAtRows
  /** Asks on this connection, within its transaction: a question of ours. Cells as text. Throws what `explain` reads. */
  readonly ask: (question: string) => Promise<readonly (readonly (string | null)[])[]>
  /** The same where no statement of a migration runs. Throws ToolError `CONNECTION_LOST`, `READ_ONLY` or `SERVER_REFUSED`. */
  readonly readRows: Session['ask']
  /** The value of a literal of ours or of the user's file, as text. */
  readonly evaluate: (literal: string) => Promise<string | null>
  /** The text in a user variable (without the @), for PREPARE ... FROM @variable. */
  readonly readText: (variable: string) => Promise<string | null>
  /** Values of user variables, as SQL literals. */
  readonly readVariables: (names: readonly string[]) => Promise<Readonly<Record<string, string>>>
  /** Restores on a new connection what an earlier one had in its session. */
  readonly restoreMemory: (memory: SessionMemory) => Promise<void>
  /** Sets the session back to its pinned state and forgets what a migration left in it. */
  readonly restoreSession: (leftovers: SessionLeftovers) => Promise<void>
  /** Ends users' code, and kills the current statement (KILL QUERY), not the connection. */
  readonly cancel: () => Promise<void>
}

/** Reads of tables while a statement runs. */
export interface ReadWatch {
  /** Ends the watch with the statement, and returns what was seen; null where the statement has no table. */
  readonly end: () => Stall | null
}

/** Questions about the server, on connections that write nothing. */
export interface Reads extends CodeReader {
  /** The runs that hold the target now, even between two statements: those whose connections are alive, oldest first. */
  readonly readRunsUnderWay: () => Promise<readonly RunUnderWay[]>
  /** The current definitions of the objects, in order; null for missing ones. `identity` adds what distinguishes a table from a successor with the same definition. */
  readonly readDefinitions: (objects: readonly ObjectName[], identity: boolean) => Promise<readonly (string | null)[]>
  /** The state of these tables on the server, read on a separate connection. */
  readonly readTableStates: (names: readonly ObjectName[], written?: Written) => Promise<Schema>
  /** The table that a batch is to walk, in the target's schema where it names none; null where it does not exist. */
  readonly readBatchTable: (table: {
    readonly schema: string | null
    readonly name: string
  }) => Promise<BatchTable | null>
  /** Asked on a connection of its own, which writes nothing. */
  readonly askAboutRows: LookAtRows
  /** How the server would carry out statements, tried on empty copies in a scratch schema, on a separate connection. */
  readonly probe: (questions: AlgorithmQuestions) => Promise<ProbeResult>
  /** The sessions for which this session's statement waits, read on another connection. */
  readonly findBlockers: () => Promise<readonly Holder[]>
  /** Transactions that have used one of the tables for at least this many milliseconds, read on another connection. */
  readonly findTableHolders: (tables: readonly ObjectName[], milliseconds: number) => Promise<readonly Holder[]>
  /** Reads the tables on another connection while a statement runs, to see how long others wait for them. */
  readonly watchReads: (tables: readonly ObjectName[]) => ReadWatch
  /** Reads and ends sessions of others that hold tables; on another connection. */
  readonly ender: SessionEnder
  /** How far this session's statement is; asked on another connection. */
  readonly readProgress: () => Promise<StatementProgress>
}

/** One connection that holds its target's lock and runs its statements. Implemented by migrations/mysql. */
export interface Session extends Lock, Journal, Statements, Reads {
  readonly target: Target
  /** True where each statement of a migration is sent individually, and each row of the journal written at once; only in tests. */
  readonly sendsAlone?: boolean
  readonly facts: ServerFacts
  /** Absent where the target is a schema of MySQL itself. */
  readonly keyspace?: Keyspace
  /** Absent where the target is a schema of MySQL itself. */
  readonly reverting?: Reverting
  /** Absent where the target has none. The second reads those of all keyspaces behind the same vtgate. */
  readonly readVschema?: () => Promise<Vschema>
  readonly readVschemas?: () => Promise<readonly Vschema[]>
  /** Why nothing may be done to tables of the keyspace now; null where it may. */
  readonly findChanging?: () => Promise<string | null>
  readonly findSequences?: (name: string) => Promise<readonly string[]>
  /** Waits until the run that took the lock is recorded, which `lock` only begins. Throws where a hook forbids the run. Absent where nothing is recorded. */
  readonly recorded?: () => Promise<void>
  /** Starts opening the second connection, which locking will need, while other work continues. */
  readonly warmUp: () => void
  readonly close: () => Promise<void>
}

/**
 * How a statement failed:
 * - `lost`      the connection is gone: whether it ran is unknown
 * - `waited`    it gave up waiting for a lock, or was the victim of a deadlock: it did not run, a retry may help
 * - `canceled`  KILL QUERY or a time limit ended it: it did not run
 * - `refused`   the server refused it: it did not run. `line` is the line in the statement, if the server reported it
 */
export type RunFailure =
  /** `mayHaveRun`: not the connection was lost, but the sight of the statement: some shards may have carried it out. `lacksPrimary`: nor was it here, as a shard of a keyspace did not answer. `unsent`: that was so before it was sent. */
  | ({ readonly type: 'lost'; readonly why: string } & Partial<Record<'mayHaveRun' | 'lacksPrimary' | 'unsent', true>>)
  | { readonly type: 'waited'; readonly why: string }
  | { readonly type: 'canceled'; readonly why: string }
  /** `becameReadOnly`: the server no longer accepts writes, such as a demoted primary. `byTableAcl`: the number says nothing. */
  | {
      readonly type: 'refused'
      readonly why: string
      readonly number: number
      readonly line: number | null
      readonly becameReadOnly?: boolean
      readonly byTableAcl?: true
    }

/** The servers behind the targets. Implemented by migrations/mysql. */
export interface ServerPort {
  /** Opens a session on the database's schema; `writable` refuses a read-only server. Throws ToolError `UNREACHABLE` (69), `SCHEMA_MISSING`, `READ_ONLY`. */
  readonly open: (database: DatabaseConfig, timeouts: Timeouts, writable: boolean) => Promise<Session>
  readonly administrate: (database: DatabaseConfig, timeouts: Timeouts) => Promise<Administration>
  /** Opens one connection, without a schema or with the one that a query needs, to look at many schemas of the server. Throws like `open`. */
  readonly openMany: (database: DatabaseConfig, timeouts: Timeouts, schema?: string) => Promise<ManySchemas>
}

/** The servers behind the targets. */
export const targetServers = port<ServerPort>('migrations/servers')

/** A schema on a server, and the tables in it. */
export interface SeenSchema {
  readonly name: string
  readonly tables: readonly string[]
  /** Names of columns, of the tables for which they were requested. */
  readonly columns: ReadonlyMap<string, readonly string[]>
}

/** What `db` and `lock` commands ask of a server, without a schema selected. */
export interface Administration {
  readonly version: string
  readonly schemaExists: () => Promise<boolean>
  /** `hidden` where the user has no privilege on it: it may exist or not. */
  readonly findSchema: () => Promise<'exists' | 'absent' | 'hidden'>
  readonly createSchema: () => Promise<'created' | 'exists'>
  readonly dropSchema: () => Promise<'dropped' | 'absent'>
  /** Tables in the schema, with an estimate of their rows: what a person should see before dropping it. */
  readonly describeSchema: () => Promise<{ readonly tables: number; readonly rows: number }>
  /**
   * The schemas that this user sees, without MySQL's own and wwdb's scratch schemas, in the order of their names. @param columnsOf names of tables whose columns are also read
   */
  readonly listSchemas: (columnsOf: readonly string[]) => Promise<readonly SeenSchema[]>
  readonly readLock: () => Promise<Holder | null>
  /** Locks of fan-outs' workers that are held, by number. */
  readonly readWorkerLocks: () => Promise<readonly WorkerLock[]>
  /** The progress of a connection's statement. */
  readonly readProgress: (connectionId: number) => Promise<StatementProgress>
  readonly killHolder: (connectionId: number) => Promise<void>
  /** Who changes a VSchema of a keyspace whose journal is beside this one, and what takes that lease away; absent on MySQL, which has none. */
  readonly vschemaTurn?: { readonly read: () => Promise<Holder | null>; readonly end: () => Promise<void> }
  readonly close: () => Promise<void>
}

/** The lock of one worker of a fan-out, from 0. */
export interface WorkerLock extends Holder {
  readonly worker: number
}
