import type { BatchOptions } from '../core/batch-options.ts'
import type { OnlineTool } from '../core/online-tool.ts'

/**
 * A schema object that a statement names. `schema` is null where the text does not qualify it. Names are unquoted. `vschema` is what the VSchema of a keyspace of Vitess says of
 * a table, `vindex` one of its vindexes: no MySQL server has either.
 */
export interface ObjectName {
  readonly type:
    | 'table'
    | 'view'
    | 'procedure'
    | 'function'
    | 'trigger'
    | 'event'
    | 'schema'
    | 'account'
    | 'vschema'
    | 'vindex'
  readonly schema: string | null
  readonly name: string
}

/**
 * How it is ensured that a statement runs once:
 * - `definition`  DDL: commits implicitly, resolved by comparing the fingerprints of the objects it names
 * - `account`     CREATE USER, GRANT, ...: commits implicitly, resolved by SHOW CREATE USER / SHOW GRANTS
 * - `data`        INSERT, UPDATE, DELETE, REPLACE, SELECT, WITH, VALUES, DO ...: shares a transaction with its journal row
 * - `call`        CALL: like data, but commits inside the procedure cannot be seen from outside
 * - `session`     changes only this connection (SET of session and user variables, PREPARE, DEALLOCATE, CREATE/DROP
 *                 TEMPORARY TABLE, SELECT ... INTO @variable): run again when a run resumes
 * - `execute`     EXECUTE of a prepared statement: classified and journaled under the text of the prepared statement
 * - `maintenance` harmless to repeat (ANALYZE, OPTIMIZE, CHECK, FLUSH, SET GLOBAL/PERSIST, SHOW ...)
 * - `refused`     not allowed in a migration (USE, LOCK TABLES, START TRANSACTION, COMMIT, XA, KILL, SHUTDOWN,
 *                 LOAD DATA LOCAL, HANDLER, client commands such as SOURCE or \. ...)
 */
export type StatementClass =
  | 'definition'
  | 'account'
  | 'data'
  | 'call'
  | 'session'
  | 'execute'
  | 'maintenance'
  | 'refused'

/** The facts about a statement that its text alone shows. */
export interface StatementFacts {
  readonly class: StatementClass
  /** The leading keywords in capitals that name the kind: `CREATE TABLE`, `ALTER TABLE`, `INSERT`, `DROP VIEW`, `SET`, ... */
  readonly verb: string
  /** The objects that it creates, changes or removes, in order of appearance; the procedure of a CALL. RENAME TABLE names both ends of every pair. */
  readonly objects: readonly ObjectName[]
  /** Tables that its FOREIGN KEY ... REFERENCES clauses reference. */
  readonly references: readonly ObjectName[]
  /** User variables it mentions (with or without assigning), without the `@`, in lower case. */
  readonly userVariables: readonly string[]
  /** Session variables that a SET assigns, in lower case. */
  readonly sessionVariables: readonly string[]
  /** The name that PREPARE, EXECUTE or DEALLOCATE PREPARE handles, else null. */
  readonly prepared: string | null
  /** The reason and the fix of a `refused` statement; null for every other class. */
  readonly refusal: { readonly why: string; readonly next: string } | null
  /** True for CREATE ... IF NOT EXISTS, DROP ... IF EXISTS, CREATE OR REPLACE: repeating it changes nothing. */
  readonly idempotent: boolean
}

/** One piece of SQL with its place in a file: the unit of the journal. */
export interface Statement extends StatementFacts {
  /** From its first to its last token, without the delimiter; comments inside are kept. */
  readonly text: string
  readonly file: string
  readonly line: number
  readonly column: number
  /** Position in its part of the file, from 0. */
  readonly index: number
  /** The length of the whole text, where `text` is only its beginning: a row of a file too large to hold. */
  readonly whole?: number
  /** SHA-256 (hex) of the text with line ends as LF. */
  readonly hash: string
  /** For a fan-out's statement on one shard: its table, and whether the server changes only metadata (INSTANT). */
  readonly shard?: { readonly table: string; readonly instant: boolean }
  /** `-- wwdb:batch` stands above it; absent for all others. */
  readonly batch?: BatchOptions
  /** `-- wwdb:online` above it: where the server would copy or rebuild the table, it is changed by a copy that this tool makes, or that of the configuration where it is null. */
  readonly online?: { readonly tool: OnlineTool | null; readonly back?: ChangeToRevert }
  /** What it drops is hidden, and dropped after so many milliseconds in which nothing used it: by `-- wwdb:retire` above it, or because its environment is protected. The grace is that of the configuration where it is null. */
  readonly retire?: { readonly grace: number | null; readonly isDefault?: true; readonly back?: RetiredName }
  /** It takes back a migration of Vitess: a definition with the same losses, in which hazards are found, null where nothing is lost; and what a person is told. */
  readonly reverts?: { readonly effect: string | null; readonly says: readonly string[] }
  /** `-- wwdb:retire never` above it: it drops at once in a protected environment, too. */
  readonly dropsAtOnce?: true
}

/** The retirement that a statement takes back: the journal's row of the statement that hid it. */
interface RetiredName {
  readonly pass: number
  readonly statement: number
  /** False where it is visible: nothing is sent then. */
  readonly isSent: boolean
}

/** The online change that a RENAME TABLE takes back: the journal's row of its statement, and the name under which the table as it is now is kept. */
export interface ChangeToRevert {
  readonly pass: number
  readonly statement: number
  readonly hold: string
}

const assigningVerbs = ['SET', 'SELECT', 'TABLE', 'VALUES']

/** Whether it leaves only values of user variables in the session: the journal records them, so that a resumed run sets them without running it again. */
export function assignsOnly(statement: Omit<StatementFacts, 'refusal'>): boolean {
  return (
    statement.class === 'session' &&
    statement.sessionVariables.length === 0 &&
    statement.prepared === null &&
    assigningVerbs.includes(statement.verb)
  )
}

/** The facts that a summary uses: verb and objects are enough. */
type SummaryFacts = Pick<StatementFacts, 'verb' | 'objects'> &
  Partial<Pick<StatementFacts, 'prepared' | 'userVariables' | 'sessionVariables'>>

const mostNames = 3

/**
 * Verb and names: `ALTER TABLE users`, `RENAME TABLE a, b`, `SET sql_mode`, `EXECUTE change`. Never the text, which may contain
 * secrets. Journal, events and plans name a statement by it.
 */
export function summarizeStatement(facts: SummaryFacts): string {
  const names = namesOf(facts)
  const shown = names.slice(0, mostNames).join(', ')
  const more = names.length > mostNames ? ` and ${names.length - mostNames} more` : ''
  return shown === '' ? facts.verb : `${facts.verb} ${shown}${more}`
}

function namesOf(facts: SummaryFacts): readonly string[] {
  if (facts.prepared !== null && facts.prepared !== undefined) return [facts.prepared]
  if (facts.verb !== 'SET') return facts.objects.map(qualifiedName)
  return [...(facts.userVariables ?? []).map((name) => `@${name}`), ...(facts.sessionVariables ?? [])]
}

function qualifiedName(object: ObjectName): string {
  return object.schema === null ? object.name : `${object.schema}.${object.name}`
}
