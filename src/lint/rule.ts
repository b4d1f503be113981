import type { InBoth } from '../core/in-both.ts'
import type { Schema } from '../ddl/schema.ts'
import type { ServerAnswer } from '../ddl/server-answer.ts'
import type { Statement } from '../sql/statement.ts'
import type { Token } from '../sql/tokens.ts'
import type { AcceptedHazard } from './accepted.ts'
import { stoppingCodes } from './hazard-codes.generated.ts'
import type { LiveUse } from './live-use.ts'
import type { RemovedRows } from './removed-rows.ts'
import type { TakenRows } from './row-question.ts'
import type {
  FileSubject,
  FileTrial,
  HistorySubject,
  OptionValue,
  ProjectSubject,
  ServerSubject,
  StatementSubject,
  SuppressionSubject,
  TemplateSubject,
} from './subjects.ts'
import type { UpgradeFacts } from './upgrade-facts.ts'

/**
 * - `destructive` removes or narrows data (DROP, TRUNCATE, narrowing MODIFY, DELETE/UPDATE without WHERE)
 * - `blocking`    blocks writes or reads of other sessions while it runs
 * - `rebuilding`  copies the table, without blocking writes
 * - `unresumable` if it is interrupted, it cannot be determined whether it ran
 * - `advisory`    loses nothing, but may fail on existing rows, break running code, or weaken the table or the server
 */
type HazardKind = 'destructive' | 'blocking' | 'rebuilding' | 'unresumable' | 'advisory'

/** A danger of a statement. `code` is stable: `--allow` and `-- wwdb:accept` name it. */
export interface Hazard {
  readonly code: string
  readonly kind: HazardKind
  readonly why: string
  /** What to do instead, or how to accept it. */
  readonly instead: string
  readonly file: string
  readonly line: number
  readonly statement: string
  /** The accepting header's reason, or null. */
  readonly accepted: string | null
}

/** Whether a hazard stops a run until it is allowed, as its rule says (`stops`); others are only shown. */
export function stopsRun({ code }: Pick<Hazard, 'code'>): boolean {
  return stoppingCodes.has(code)
}

/** What is known about the state before a statement. All but `accepted` may be missing: then its text alone decides. */
export interface HazardContext {
  /** The accepting headers of the statement's file. */
  readonly accepted: readonly AcceptedHazard[]
  /** Tables as they will be when the statement runs (`applyStatement`). */
  readonly tables?: Schema
  /** False where the file may have set an sql_mode that truncates values; true by default. */
  readonly strict?: boolean
  /** `8.0.12` */
  readonly serverVersion?: string
  /** The account that applies the plan, followed by its roles: `user@host`. */
  readonly accounts?: readonly string[]
  /**
   * True where the server is not asked which rows it affects: then a condition that does not provably leave a row out may leave none
   * out.
   */
  readonly unasked?: true
  /** True where the file may have set another sql_mode: strings and operators may mean something other than what was parsed. */
  readonly otherMode?: true
  /** Tables that a later statement of the plan gives a primary key, by `tableKey`. */
  readonly keyedLater?: ReadonlySet<string>
  /** How the server would execute it; replaces the rules that guess. */
  readonly answer?: ServerAnswer
  /**
   * The rows that earlier statements of the plan have deleted; absent where no foreign key deletes rows with others.
   */
  readonly removed?: RemovedRows
  /** The rows that its condition selects, where the server was asked; otherwise its text decides. */
  readonly taken?: TakenRows
  /** The same for inner statements, by their positions in `listInner`. */
  readonly takenInside?: ReadonlyMap<number, TakenRows>
  /** What live statements name of all that the plan takes away, where servers were asked. */
  readonly live?: readonly LiveUse[]
}

export type LintSeverity = 'error' | 'warning' | 'hint'

/** The heading under which the documentation lists the rule. */
type RuleFamily =
  | 'data-loss'
  | 'blocking'
  | 'compatibility'
  | 'existing-rows'
  | 'keys'
  | 'types'
  | 'options'
  | 'data-changes'
  | 'replication'
  | 'stored-code'
  | 'naming'
  | 'hygiene'
  | 'known-objects'
  | 'shards'
  | 'upgrade'

/**
 * What a fixture claims about a server. A test verifies it on 8.0.12 and 9.7, where they are in the range.
 * - `refuses`   the server refuses the statement, with this error number
 * - `warns`     it takes it with a warning of this number (1287 and 1681 are "deprecated")
 * - `copies`    `ALGORITHM=INPLACE` is refused; `rebuilds`: `ALGORITHM=INSTANT` is refused; `blocks`: `LOCK=NONE` is refused
 * - `accepts`   it takes it without a word, which is the danger
 * - `answers`   after it, the query gives this answer: rows by `;`, columns by `,`
 */
export type Claim = { readonly since?: string; readonly before?: string } & (
  | { readonly server: 'refuses' | 'warns'; readonly number: number }
  | { readonly server: 'copies' | 'rebuilds' | 'blocks' | 'accepts' }
  | { readonly server: 'answers'; readonly query: string; readonly answer: string }
)

/** SQL that demonstrates a rule. The up part of one migration, unless `down` is also given. */
export interface Fixture {
  readonly sql: string
  readonly down?: string
  /** Lines above the up part: `-- wwdb:...`. */
  readonly headers?: string
  /** Statements of an earlier, applied migration: tables that exist, with rows where a claim needs some. */
  readonly setup?: string
  /** Statements of a later migration, for rules of the history. */
  readonly later?: string
  readonly options?: Readonly<Record<string, OptionValue>>
  /** The file's name, for rules that check it; `V20260101000000__fixture.sql`-like by default. */
  readonly file?: string
  /** The version for which the rule is asked, for rules of the family `upgrade`. */
  readonly target?: string
  /** Where it runs on a keyspace: whether that is sharded, null where nobody has asked. */
  readonly keyspace?: { readonly isSharded: boolean | null }
  /** What a server answered when the fixture was tried. */
  readonly trial?: FileTrial
  /** What live statements name. */
  readonly live?: readonly LiveUse[]
  /** For rules about servers: the facts of a server. `sql` then says how they come about. */
  readonly facts?: Omit<UpgradeFacts, 'place' | 'database'>
  /** For rules of templates: `sql` is the whole text of this family's template. */
  readonly template?: string
  /** Templates of the project, by family, for rules that compare migrations with them. */
  readonly templates?: Readonly<Record<string, string>>
  readonly claims?: Claim | readonly Claim[]
  /** True where it changes more than a schema: its claims are verified on a separate server. */
  readonly alone?: true
}

/** A rule's description: its page in the documentation, and the metadata of SARIF. */
export interface RuleFacts {
  readonly severity: LintSeverity
  readonly family: RuleFamily
  /** One line: what it finds. */
  readonly title: InBoth
  /** Why that is bad, as sentences. */
  readonly why: InBoth
  /** What to do, as sentences. */
  readonly fix: InBoth
  /** The manual's section: https://dev.mysql.com/doc/refman/9.7/en/... */
  readonly manual: string
  /** Options with their defaults; the configuration sets them by name. */
  readonly options?: Readonly<Record<string, OptionValue>>
  /** False for a rule that is used only where the configuration turns it on; `strict` for one that `lint.strict` and `--strict` also turn on. */
  readonly onByDefault?: false | 'strict'
  /** At least one of each. `found` gives one or more findings of this rule only; `clean` looks similar and gives none of it. */
  readonly fixtures: { readonly found: readonly Fixture[]; readonly clean: readonly Fixture[] }
}

/** A replacement in the statement's text; `start` and `end` are offsets in it, like those of tokens. */
export interface TextEdit {
  readonly start: number
  readonly end: number
  readonly text: string
}

/** A place in the statement's text: a token can be used. */
interface Span {
  readonly start: number
  readonly end: number
}

/** What a rule found. */
export interface LintFinding {
  /** A sentence with the names: "Column `price` of `orders` is a FLOAT." */
  readonly message: InBoth
  /** Where the rule's own `fix` is not exact enough. */
  readonly fix?: InBoth
  /** The whole statement by default. */
  readonly at?: Span
  /** The safe fix. After it, the rule finds nothing there, and the statement means what its author meant. */
  readonly edits?: readonly TextEdit[]
}

/** What a rule of hazards found. */
export interface HazardFinding extends LintFinding {
  /** True where the files only suggest it: a run, which asks the server, still stops. */
  readonly unsure?: true
}

/** A finding of a rule that sees more than one statement. */
export interface PlacedFinding extends LintFinding {
  /** The statement it is about; where there is none, the line of the file. */
  readonly statement?: Statement
  readonly file?: string
  readonly line?: number
}

interface RuleOf<Looks extends string, Subject, Found> extends RuleFacts {
  /** Stable, in capitals; `-- wwdb:nolint` and the configuration name it. */
  readonly code: string
  readonly looksAt: Looks
  readonly find: (subject: Subject) => readonly Found[]
}

/** Checks one statement with what is known before it. */
export interface StatementRule extends RuleOf<'statement', StatementSubject, LintFinding> {
  /**
   * Verbs as in `Statement.verb`: the rule is not asked about others. All statements by default; `*` at the end matches any
   * continuation: `CREATE *`.
   */
  readonly verbs?: readonly string[]
  /** `up` by default: down parts run rarely, and undo. */
  readonly parts?: 'up' | 'down' | 'both'
}

/** Checks a whole file: both parts, headers, the order of statements. */
export type FileRule = RuleOf<'file', FileSubject, PlacedFinding>

/** Checks all files of a database in their order. */
export type HistoryRule = RuleOf<'history', HistorySubject, PlacedFinding>

/**
 * Checks one shard template with its header.
 * @public for rules
 */
export type TemplateRule = RuleOf<'template', TemplateSubject, PlacedFinding>

/**
 * Checks the configuration with all files and templates.
 * @public for rules
 */
export type ProjectRule = RuleOf<'project', ProjectSubject, PlacedFinding>

/** Checks what a server reports about itself and about a schema, before an upgrade. */
export type ServerRule = RuleOf<'server', ServerSubject, LintFinding>

/** Checks the lines that turn findings off, after all other rules. */
export type SuppressionRule = RuleOf<'suppressions', SuppressionSubject, PlacedFinding>

/** A review rule: it does not stop a run. */
export type LintRule =
  | StatementRule
  | FileRule
  | HistoryRule
  | TemplateRule
  | ProjectRule
  | ServerRule
  | SuppressionRule

/** What a hazard rule receives: a statement with the state before it, which a plan follows as well as review does. */
interface PlanSubject {
  readonly tokens: readonly Token[]
  readonly statement: Statement
  readonly context: HazardContext
}

/** A rule that plans and runs also use: it finds one kind of hazard, and is loaded without the others. */
export interface HazardRule extends RuleOf<'plan', PlanSubject, HazardFinding> {
  readonly kind: HazardKind
  /** Whether it stops a run until it is allowed. */
  readonly stops: boolean
  /** True where it stops a run in a protected environment alone. */
  readonly stopsProtected?: true
  /**
   * True where it protects wwdb's own tables: it also applies to the code of a data migration or a seed, and cannot be
   * allowed.
   */
  readonly guardsOwnTables?: true
  /**
   * What the server's own answer says in place of a guess. `size` is the end of a sentence. Null where this rule finds
   * nothing.
   */
  readonly explain?: (answer: ServerAnswer, size: string) => HazardFinding | null
}

export type Rule = LintRule | HazardRule

export function isHazardRule(rule: Rule): rule is HazardRule {
  return rule.looksAt === 'plan'
}

/** What is said of a code where it is described. */
export type DescribedCode = Pick<Rule, 'code' | 'title' | 'why' | 'fix' | 'manual' | 'severity' | 'family'>
