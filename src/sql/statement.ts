/** A thing in a schema that a statement names. `schema` is null where the text does not qualify it. Names are unquoted. */
export interface ObjectName {
  readonly type: 'table' | 'view' | 'procedure' | 'function' | 'trigger' | 'event' | 'schema' | 'account'
  readonly schema: string | null
  readonly name: string
}

/**
 * How a statement takes part in "runs once":
 * - `definition`  DDL: commits implicitly, settled by comparing the fingerprints of the objects it names
 * - `account`     CREATE USER, GRANT, ...: commits implicitly, settled by SHOW CREATE USER / SHOW GRANTS
 * - `data`        INSERT, UPDATE, DELETE, REPLACE, SELECT, WITH, VALUES, DO ...: shares a transaction with its journal row
 * - `call`        CALL: like data, but what the procedure commits itself cannot be seen from outside
 * - `session`     changes only this connection (SET of session and user variables, PREPARE, DEALLOCATE, CREATE/DROP
 *                 TEMPORARY TABLE, SELECT ... INTO @variable): run again when a run resumes
 * - `execute`     EXECUTE of a prepared statement: classified and journalled under the text it resolves to
 * - `maintenance` no lasting effect beyond being done (ANALYZE, OPTIMIZE, CHECK, FLUSH, SET GLOBAL/PERSIST, SHOW ...): harmless to repeat
 * - `refused`     may not stand in a migration (USE, LOCK TABLES, START TRANSACTION, COMMIT, XA, KILL, SHUTDOWN,
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

/** What can be told of a statement from its text alone. */
export interface StatementFacts {
  readonly class: StatementClass
  /** The leading keywords in capitals that name the kind: `CREATE TABLE`, `ALTER TABLE`, `INSERT`, `DROP VIEW`, `SET`, ... */
  readonly verb: string
  /** What it creates, changes or removes, in order of appearance; what CALL calls. RENAME TABLE names both ends of every pair. */
  readonly objects: readonly ObjectName[]
  /** Tables that its FOREIGN KEY ... REFERENCES clauses point at. */
  readonly references: readonly ObjectName[]
  /** User variables it mentions (with or without assigning), without the `@`, in lower case. */
  readonly userVariables: readonly string[]
  /** Session variables that a SET assigns, in lower case. */
  readonly sessionVariables: readonly string[]
  /** The name that PREPARE, EXECUTE or DEALLOCATE PREPARE handles, else null. */
  readonly prepared: string | null
  /** Why a `refused` statement is refused, and what to write instead; null for every other class. */
  readonly refusal: { readonly why: string; readonly next: string } | null
  /** True for CREATE ... IF NOT EXISTS, DROP ... IF EXISTS, CREATE OR REPLACE: repeating it changes nothing. */
  readonly idempotent: boolean
}

/** One piece of SQL with its place in a file: the unit of the journal. */
export interface Statement extends StatementFacts {
  /** From its first to its last token, delimiter excluded; comments inside are kept. */
  readonly text: string
  readonly file: string
  readonly line: number
  readonly column: number
  /** Position in its part of the file, from 0. */
  readonly index: number
  /** SHA-256 (hex) of the text with line ends as LF. */
  readonly hash: string
  /** Where a fan-out's statement was filled in for one shard: its table, and whether the server changes no more than its dictionary (INSTANT). */
  readonly shard?: { readonly table: string; readonly instant: boolean }
}

/** What a summary is made of; verb and objects alone will do. */
type SummaryFacts = Pick<StatementFacts, 'verb' | 'objects'> &
  Partial<Pick<StatementFacts, 'prepared' | 'userVariables' | 'sessionVariables'>>

const mostNames = 3

/**
 * Verb and names: `ALTER TABLE users`, `RENAME TABLE a, b`, `SET sql_mode`, `EXECUTE change`. Never the text, which may hold
 * secrets; this is what journal, events and plans call a statement.
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
