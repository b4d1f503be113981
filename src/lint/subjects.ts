import type { Condition } from '../core/condition.ts'
import type { Schema, SchemaObject } from '../ddl/schema.ts'
import type { KeyspaceShape } from '../sql/keyspace/refusal.ts'
import type { Statement } from '../sql/statement.ts'
import type { Token } from '../sql/tokens.ts'
import type { AcceptedHazard, Suppression } from './accepted.ts'
import type { UpgradeFacts } from './upgrade-facts.ts'

/** The value of a rule's option. */
export type OptionValue = number | string | boolean | readonly string[]

/** What every rule receives. */
interface Settings {
  /** The rule's options: its defaults, overridden by the configuration. */
  readonly options: Readonly<Record<string, OptionValue>>
  /** The server version that the files are judged for, `9.7.0`; null where none is named. */
  readonly target: string | null
}

/** A statement with its tokens, read once for all rules. */
export interface ReadStatement {
  readonly statement: Statement
  readonly tokens: readonly Token[]
  readonly part: 'up' | 'down'
  /** The schema before it, and after it. */
  readonly before: Schema
  readonly after: Schema
}

/** A migration file, read and split. */
export interface LintFile {
  /** As a person would type it: relative to the project's folder. */
  readonly file: string
  readonly database: string
  readonly version: string
  readonly name: string
  readonly kind: 'versioned' | 'repeatable' | 'data'
  readonly accepted: readonly AcceptedHazard[]
  readonly suppressed: readonly Suppression[]
  readonly conditions: readonly Condition[]
  /** The family that its statements run on; null for all other files. */
  readonly shards: string | null
  /** In order; empty for a data migration. For a file too large to hold, the first statements. */
  readonly up: readonly ReadStatement[]
  /** Null where it has no down part. */
  readonly down: readonly ReadStatement[] | null
  /** True where `up` and `down` are only the first statements. */
  readonly partial: boolean
}

export interface StatementSubject extends Settings, ReadStatement {
  readonly file: LintFile
  /** The first object of the statement, before it. */
  readonly object: SchemaObject
  /**
   * True where the table cannot contain a row from before the run: a judged file creates it. False for a table about which
   * nothing is known.
   */
  readonly isNew: (name: { readonly schema: string | null; readonly name: string }) => boolean
}

/** A line that turns a finding off, and whether it did. */
export interface JudgedSuppression extends Suppression {
  readonly header: 'accept' | 'nolint'
  /**
   * - `used`    it covers a finding
   * - `unused`  there is nothing to cover
   * - `expired` its last day is over: it covers nothing
   * - `unknown` no rule has that name
   * - `wrong`   a `nolint` for a hazard that stops a run: only `accept` lets it run
   */
  readonly state: 'used' | 'unused' | 'expired' | 'unknown' | 'wrong'
}

/** What remains when every other rule has been asked. */
export interface SuppressionSubject extends Settings {
  readonly file: LintFile
  readonly suppressions: readonly JudgedSuppression[]
}

/** What a server answered when a file ran in a scratch schema: up, down, and up again. */
export interface FileTrial {
  readonly refusals: readonly TrialRefusal[]
  /**
   * What differs from the state before the up part once the down part ran, as clauses; null where either was not tried
   * completely.
   */
  readonly left: readonly string[] | null
  /** What the second up part does differently from the first; null where not all was tried. */
  readonly remade: readonly string[] | null
  /** What tools of online changes have left of tables of its database. Absent where nothing is left, or nobody could look. */
  readonly leftovers?: readonly LeftOfTable[]
}

/** What an unfinished or finished change by a copy left of one table. */
export interface LeftOfTable {
  readonly table: string
  /** Those that give such names. */
  readonly tools: readonly string[]
  readonly triggers: readonly string[]
  /** `age` is null where it is not known; milliseconds. */
  readonly tables: readonly { readonly name: string; readonly bytes: number; readonly age: number | null }[]
  /** Statements that remove it, in their order; empty where that is not known. */
  readonly remove: readonly string[]
}

/** A statement that the server refused. */
interface TrialRefusal {
  readonly part: 'up' | 'down'
  /** True for the up part after the down part. */
  readonly again: boolean
  /** Its position in its part. */
  readonly index: number
  readonly number: number
  /** The server's message, with a full stop. */
  readonly why: string
}

/** The keyspace on which the files of a database run. */
export interface LintKeyspace extends KeyspaceShape {
  /** False where foreign keys between databases are logical: files with `-- wwdb:when references=physical` do not run. */
  readonly isPhysical: boolean
}

export interface FileSubject extends Settings {
  readonly file: LintFile
  /** Null where it runs on MySQL itself. */
  readonly keyspace: LintKeyspace | null
  /** Null where the file was not tried. */
  readonly trial: FileTrial | null
}

export interface HistorySubject extends Settings {
  readonly database: string
  /** All files of the database, in the order in which they run. */
  readonly files: readonly LintFile[]
  /** Paths of the files that are judged now; the others serve as context. */
  readonly judged: ReadonlySet<string>
  /** The schema after all of them. */
  readonly schema: Schema
}

/** A shard template: the file of a family, as it is written. */
export interface LintTemplate {
  readonly file: string
  readonly family: string
  readonly database: string
  /** The value of a header of the template by its name: `period`, `keys`, ...; a repeated header has a line each. */
  readonly headers: ReadonlyMap<string, string>
  readonly suppressed: readonly Suppression[]
  /** Its CREATE TABLE, with placeholders; the tokens have them as names. */
  readonly statement: Statement
  readonly tokens: readonly Token[]
}

/** Headers as in a template's text. */
export function readTemplateHeaders(text: string): ReadonlyMap<string, string> {
  const headers = new Map<string, string>()
  for (const [, name = '', value = ''] of text.matchAll(/^-- wwdb:(\w+)[ \t]+(.*?)\r?$/gm)) {
    const before = headers.get(name)
    headers.set(name, before === undefined ? value : `${before}\n${value}`)
  }
  return headers
}

export interface TemplateSubject extends Settings {
  readonly template: LintTemplate
}

export interface ServerSubject extends Settings {
  readonly facts: UpgradeFacts
}

export interface ProjectSubject extends Settings {
  readonly databases: ReadonlyMap<string, HistorySubject>
  readonly templates: readonly LintTemplate[]
}
