import { copyBeginning } from '../core/copy-text.ts'
import { applyStatement, followStrictMode } from '../ddl/apply-statement.ts'
import { nothingKnown, type Schema, stateOfTable, type TableState, tableKey, withoutTemporary } from '../ddl/schema.ts'
import type { ServerAnswer } from '../ddl/server-answer.ts'
import { classifyStatement } from '../sql/classify.ts'
import { isWord } from '../sql/clauses.ts'
import type { Statement } from '../sql/statement.ts'
import type { Token } from '../sql/tokens.ts'
import { tokenize } from '../sql/tokens.ts'
import type { AcceptedHazard } from './accepted.ts'
import { normalizeCode } from './allowances.ts'
import { listFunctionsCalled } from './called-functions.ts'
import { isLargeEnough } from './existing-data.ts'
import { listFired } from './inner-statements.ts'
import { isOwnTable, isPlainInsert, isUpsert, upsertClause } from './plain-rows.ts'
import { beginRemovedRows, followRemovedRows, listCascades } from './removed-rows.ts'
import type { Hazard, HazardContext, HazardFinding, HazardRule } from './rule.ts'
import { hazardRules } from './rules.generated.ts'
import { selectionOf } from './taken-rows.ts'

/** Verbs of statements that no rule checks. */
const harmlessVerbs = new Set(['CREATE VIEW', 'CREATE PROCEDURE'])

/**
 * Verbs of objects that run later on their own: their bodies are checked for writes to wwdb's tables, and for statements
 * that delete or change rows.
 */
const bodyVerbs = new Set(['CREATE TRIGGER', 'CREATE EVENT', 'CREATE FUNCTION'])
const losingWords =
  /wwdb_|\b(?:delete|truncate|drop|update|replace|alter|rename|call|load|prepare|duplicate|revoke|password)\b|\bnew\b\W*\.\W*\w+\W*:?=/i

/**
 * Words of a CREATE TABLE that rules check: sources of rows, engine, character set, keys. If they occur only in a comment or a name, the
 * check costs time and finds nothing.
 */
const remarkable = /\b(?:select|values|with|engine|latin1\w*)\b|\btable\b[\s\S]*\btable\b/i
const usualEngine = /\bengine\s*=?\s*innodb\b/gi

/** True when no rule can apply: such statements, most of a project, need no tokens. */
function isHarmless(statement: Statement, tables: Schema | undefined): boolean {
  const { verb, text, objects } = statement
  if (objects.some(({ name }) => isOwnTable(name))) return false
  if (
    (tables?.functions?.size ?? 0) > 0 &&
    (listFunctionsCalled(statement).length > 0 || (tables?.views?.size ?? 0) > 0)
  )
    return false
  if (bodyVerbs.has(verb))
    return !losingWords.test(text) && ((tables?.triggers?.size ?? 0) === 0 || !/\binsert\b/i.test(text))
  if (harmlessVerbs.has(verb)) return true
  if (verb === 'INSERT' && isPlainInsert(statement))
    return tables === undefined || (listFired(statement, tables).length === 0 && !changesChildren(statement, tables))
  return verb === 'CREATE TABLE' && /\bprimary\b/i.test(text) && !remarkable.test(text.replace(usualEngine, ''))
}

/** Whether values that it gives to existing rows may change those of other tables. */
function changesChildren(statement: Statement, tables: Schema): boolean {
  return isUpsert(statement) && statement.objects.some((name) => listCascades(name, tables, null, 'updates').length > 0)
}

/** True for a statement that lists or selects the rows that it writes: most of a large file, and not needed for hazards. */
export function isPlainData(statement: Statement): boolean {
  const { verb, text } = statement
  if (text.includes(':=')) return false
  if (verb === 'INSERT' || verb === 'REPLACE') return isPlainInsert(statement)
  if (verb !== 'UPDATE' && verb !== 'DELETE') return false
  const tokens = tokenize(text)
  return selectionOf(tokens, verb) === 'value' && !tokens.slice(0, 4).some((token) => isWord(token, 'IGNORE'))
}

/**
 * Describes what is dangerous about plain rows: REPLACE and DELETE may remove more rows than they list, depending on the columns and keys of their table; INSERT fires
 * triggers, and UPDATE changes rows of other tables through the columns that it sets. One of several statements with the same description is enough; null for harmless ones.
 */
export function nameTakenRows(statement: Statement): string | null {
  const { verb, objects, text } = statement
  const named = `${verb} ${objects.map(({ schema, name }) => `${schema}.${name}`).join()}`
  if (verb === 'DELETE') return named
  if (verb === 'INSERT') return `${named} ${readColumnNames(upsertClause(statement) ?? '')}`
  if (verb === 'UPDATE') return `${named} ${readColumnNames(text.slice(0, longestSet))}`
  if (verb !== 'REPLACE') return null
  return text.slice(0, 4096).split(/\bvalues?\b/i, 1)[0] ?? ''
}

/** A longer UPDATE is described by its beginning. */
const longestSet = 16_384

/** The names before an equals sign: the columns that are set, and those of a condition. */
function readColumnNames(text: string): string {
  const names = [...text.matchAll(/([\w$`.]+)\s*=/g)].map(([, name]) => name)
  return [...new Set(names)].sort().join()
}

/**
 * The hazards of a statement, by its text and the known state of its tables. Where the server was asked, its answer replaces
 * the guesses. Pure.
 */
export function findHazards(statement: Statement, context: HazardContext): readonly Hazard[] {
  return askRules(statement, context).map((found) => toHazard(found, context.accepted))
}

/** What a statement would do to wwdb's own tables, as a sentence, and what to do instead; null where it leaves them alone. */
export function findOwnTableChange(statement: Statement): Pick<Hazard, 'why' | 'instead'> | null {
  if (!/wwdb_/i.test(statement.text)) return null
  const tokens = tokenize(statement.text)
  const guards = hazardRules.filter(({ guardsOwnTables }) => guardsOwnTables === true)
  const [found] = guards.flatMap((rule) => applyRule(rule, tokens, statement, { accepted: [] }))
  return found === undefined ? null : toHazard({ ...found, statement }, [])
}

/** The hazards in a statement, or in the text that it prepares, each with its rule. */
export function askRules(statement: Statement, context: HazardContext): readonly FoundHazard[] {
  if (isHarmless(statement, context.tables)) return []
  if (statement.retire !== undefined) return askAboutRetired(statement, context)
  // Rows of literals may be long: everything dangerous precedes the first row.
  const tokens = tokenize(isPlainInsert(statement) ? copyBeginning(statement.text, 4096) : statement.text)
  const prepared = statement.verb === 'PREPARE' ? tokens.find((token) => token.type === 'string') : undefined
  if (prepared !== undefined) return askAboutPrepared(prepared.text, statement, context)
  return hazardRules
    .flatMap((rule) => applyRule(rule, tokens, statement, context))
    .map((found) => ({ ...found, statement }))
}

/** What hides a table, a column or an index removes and copies nothing; what names it may fail. */
function askAboutRetired(statement: Statement, context: HazardContext): readonly FoundHazard[] {
  const tokens = tokenize(statement.text)
  return hazardRules
    .filter(({ code, guardsOwnTables }) => code === 'LIVE_STATEMENTS' || guardsOwnTables === true)
    .flatMap((rule) => applyRule(rule, tokens, statement, context))
    .map((found) => ({ ...found, statement }))
}

/** PREPARE does not execute the text, but this is the only place to check it before EXECUTE runs it. */
function askAboutPrepared(text: string, statement: Statement, context: HazardContext): readonly FoundHazard[] {
  const facts = classifyStatement(text)
  if (facts.verb === 'PREPARE') return []
  return askRules({ ...statement, ...facts, text }, context)
}

/** A statement of a plan, in the order of execution. */
export interface PlannedStatement {
  readonly statement: Statement
  readonly accepted: readonly AcceptedHazard[]
  readonly answer?: ServerAnswer
}

/** A statement's hazards, and the state of the tables before it. */
export interface JudgedStatement {
  readonly hazards: readonly Hazard[]
  readonly tables: Schema
  /** Everything by which the hazards were judged. */
  readonly context: HazardContext
}

/** Finds the hazards of a whole plan: for each statement with the state of the tables after the statements before it. */
export function judgeInOrder(
  planned: readonly PlannedStatement[],
  known: Pick<HazardContext, 'tables' | 'serverVersion' | 'accounts'>,
): readonly JudgedStatement[] {
  let tables = known.tables ?? nothingKnown
  const keyedLater = findKeyedTables(
    tables,
    planned.map(({ statement }) => statement),
  )
  let removed = beginRemovedRows(
    tables,
    planned.map(({ statement }) => statement),
  )
  let strict = true
  let otherMode = false
  let file = planned[0]?.statement.file
  return planned.map(({ statement, accepted, answer }) => {
    // Every file begins with the pinned session settings.
    if (statement.file !== file) [strict, otherMode] = [true, false]
    // An earlier file may have run in another session.
    if (statement.file !== file) tables = withoutTemporary(tables)
    file = statement.file
    const before = seesTemporary(statement) ? tables : withoutTemporary(tables)
    const context = {
      ...known,
      ...{ tables: before, strict, keyedLater, accepted },
      ...(removed === null ? {} : { removed }),
      ...(otherMode ? { otherMode } : {}),
      ...(answer === undefined ? {} : { answer }),
    }
    if (removed !== null) removed = followRemovedRows(removed, statement, tables)
    tables = applyStatement(tables, statement)
    strict = followStrictMode(strict, statement)
    otherMode ||= setsMode(statement)
    return { hazards: findHazards(statement, context), tables: before, context }
  })
}

/** Whether it may change how the server parses the statements after it: through a backslash, or through `||`. */
export function setsMode({ sessionVariables, text }: Pick<Statement, 'sessionVariables' | 'text'>): boolean {
  return (
    sessionVariables.includes('sql_mode') &&
    !/=\s*(?:''|'[^'\\]*')\s*$/.test(
      text.replace(/NO_BACKSLASH_ESCAPES|PIPES_AS_CONCAT|\bANSI\b|ORACLE|MSSQL|DB2/gi, '\\'),
    )
  )
}

/** RENAME TABLE and views ignore temporary tables, and what is created here runs in other sessions. */
function seesTemporary({ verb }: Statement): boolean {
  return (
    !['RENAME TABLE', 'DROP VIEW', 'DROP DATABASE', 'CREATE VIEW', 'ALTER VIEW'].includes(verb) &&
    !/TRIGGER|EVENT|FUNCTION|PROCEDURE/.test(verb)
  )
}

/** Tables that get a primary key after they are created, as in dumps; by `tableKey`. */
export function findKeyedTables(tables: Schema, statements: readonly Statement[]): ReadonlySet<string> {
  const keyed = statements.filter(({ verb, text }) => verb === 'ALTER TABLE' && /\bprimary\b/i.test(text))
  return new Set(keyed.flatMap(({ objects }) => objects.map((name) => tableKey(tables, name))))
}

function applyRule(
  rule: HazardRule,
  tokens: readonly Token[],
  statement: Statement,
  context: HazardContext,
): readonly RuleFinding[] {
  // The duration depends on the table, and on what the server does.
  if (rule.kind === 'blocking' || rule.kind === 'rebuilding') {
    const table = statement.objects[0]
    const state =
      table === undefined ? ({ type: 'unknown' } as const) : stateOfTable(context.tables ?? nothingKnown, table)
    // Its table is changed by a copy that is written to meanwhile, where the server would block others for long.
    if (statement.online !== undefined) return []
    if (context.answer !== undefined) return explain(rule, context.answer, state)
    if (!isLargeEnough(state)) return []
  }
  return rule.find({ tokens, statement, context }).map((finding) => ({ rule, finding }))
}

function toHazard(found: FoundHazard, accepted: readonly AcceptedHazard[]): Hazard {
  const { statement } = found
  const { rule, finding } = found
  const { code, kind, fix } = rule
  return {
    code,
    kind,
    why: finding.message.en,
    instead: (finding.fix ?? fix).en,
    file: statement.file,
    line: statement.line,
    statement: shorten(statement.text),
    accepted: accepted.find((header) => normalizeCode(header.code) === code)?.reason ?? null,
  }
}

const longest = 200

/** The start of a statement on one line. */
function shorten(text: string): string {
  const line = text.slice(0, 2 * longest).replace(/\s+/g, ' ')
  return line.length > longest ? `${line.slice(0, longest - 1)}…` : line
}

/** A rule that applies, with its reason. */
interface RuleFinding {
  readonly rule: HazardRule
  readonly finding: HazardFinding
}

/** The same with its statement: for PREPARE, the text that it prepares. */
interface FoundHazard extends RuleFinding {
  readonly statement: Statement
}

/**
 * The hazard of the server's own answer. COPY and INPLACE under a lock block other sessions, INPLACE with a rebuild is shown,
 * INSTANT is not a hazard; small tables have none.
 */
function explain(rule: HazardRule, answer: ServerAnswer, table: TableState): readonly RuleFinding[] {
  const finding = isLargeEnough(table) ? (rule.explain?.(answer, describeSize(table)) ?? null) : null
  return finding === null ? [] : [{ rule, finding }]
}

function describeSize(table: TableState): string {
  if (table.type !== 'table' || table.table.rows === undefined) return ''
  const megabytes = Math.max(1, Math.round((table.table.bytes ?? 0) / 1024 / 1024))
  return ` (about ${table.table.rows} rows, ${megabytes} MB)`
}
