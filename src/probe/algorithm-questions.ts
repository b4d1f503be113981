import { applyStatement } from '../ddl/apply-statement.ts'
import { writeFollowedQuery } from '../ddl/name-query.ts'
import { type Schema, stateOfTable } from '../ddl/schema.ts'
import type { SourceTable } from '../ddl/server-answer.ts'
import { isPlainInsert } from '../lint/plain-rows.ts'
import { rebuildsByText } from '../lint/rules/rebuilding-table.ts'
import { classifyStatement } from '../sql/classify.ts'
import { type Clause, findWords, isWord, readAlterations } from '../sql/clauses.ts'
import { listNames } from '../sql/confine.ts'
import { quoteName } from '../sql/quote-name.ts'
import { listTablesRead } from '../sql/read-sources.ts'
import type { ObjectName, Statement } from '../sql/statement.ts'
import { summarizeStatement } from '../sql/statement.ts'
import type { Token } from '../sql/tokens.ts'
import { applyEdits, tokenize } from '../sql/tokens.ts'
import type { AlgorithmQuestions, ProbeStep } from './algorithm-question.ts'
import { adaptCopy, isConfined, makeAttempts, nameScratchSchemas, redirectSchemas } from './scratch-copies.ts'
import { leaveOut, makeTrialStep } from './trial-steps.ts'

export interface QuestionSource {
  /** The statements of a target's plan that are still to run, in order. */
  readonly statements: readonly Statement[]
  /** What is known about the tables now; the server is asked only about existing tables. */
  readonly tables: Schema
  /** The target's schema. */
  readonly schema: string
  readonly serverVersion: string
  /** A name that no schema has, `wwdb_scratch_` and twelve random hexadecimal digits. */
  readonly scratch: string
  /** The session changes that the earlier part of an interrupted file made, by the position where it continues. */
  readonly ranBefore?: ReadonlyMap<number, readonly Statement[]>
  /** Which other definitions are also tried, by position. Absent where none are. */
  readonly trial?: {
    /** False for statements that another part tries: those on shards. */
    readonly isTried: (position: number) => boolean
    /** True for statements that an earlier run may have executed: whether the tables show it is unknown. */
    readonly mayHaveRun?: (position: number) => boolean
    /** The marks before a statement, where the scratch schema is read. */
    readonly marks?: ReadonlyMap<number, readonly Extract<ProbeStep, { readonly type: 'mark' }>[]>
    /** True where the copies have rows: statements that change rows run there, too. */
    readonly hasRows?: boolean
  }
}

const askedVerbs: ReadonlySet<string> = new Set(['ALTER TABLE', 'CREATE INDEX', 'DROP INDEX'])

/**
 * The questions to the server about the statements: ALTER TABLE, CREATE INDEX and DROP INDEX of existing tables, each with
 * the variants to try, and the statements in between that change the answers. Tables that the plan creates are empty, so the
 * server is not asked about them. Pure: the driver tries the texts in the scratch schema.
 */
export function makeAlgorithmQuestions(source: QuestionSource): AlgorithmQuestions {
  const scratchOf = nameScratchSchemas(source.scratch, source.schema)
  let tables = source.tables
  let file = source.statements[0]?.file
  let sessionUnknown = false
  let prepares = 0
  const temporary = new Set<string>()
  const steps = source.statements.flatMap((statement, position): readonly ProbeStep[] => {
    const before = statement.file === file ? [] : [{ type: 'next-file' } as const]
    if (statement.file !== file) sessionUnknown = false
    const earlier = source.ranBefore?.get(position) ?? []
    const restored = earlier.flatMap(makeSessionStep)
    sessionUnknown ||= earlier.some(
      (one) => one.sessionVariables.includes('sql_mode') && makeSessionStep(one).length === 0,
    )
    for (const name of earlier.flatMap(listTemporary)) temporary.add(name)
    const made = makeStepsOrTrial(statement, position, tables, source, { scratchOf, sessionUnknown, temporary })
    sessionUnknown ||= statement.sessionVariables.includes('sql_mode') && made.length === 0
    file = statement.file
    const prepared =
      sessionUnknown || prepares === mostPrepared ? [] : makePrepare(statement, position, tables, source, temporary)
    prepares += prepared.length
    for (const name of listTemporary(statement)) temporary.add(name)
    tables = applyStatement(tables, statement)
    return [...before, ...restored, ...(source.trial?.marks?.get(position) ?? []), ...made, ...prepared]
  })
  const last = source.trial?.marks?.get(source.statements.length) ?? []
  const asks = [...steps, ...last].some(
    (step) =>
      step.type === 'ask' ||
      step.type === 'prepare' ||
      step.type === 'try' ||
      (step.type === 'mark' && step.samples !== undefined),
  )
  return {
    steps: asks ? [...steps, ...last] : [],
    scratchOf,
    schema: source.schema,
    adaptCopy: (createTable, name) => adaptCopy(createTable, name, scratchOf),
  }
}

/** The most questions per plan: more would delay it too much. */
const mostPrepared = 200

/**
 * A question for a statement whose names the server can resolve: on the tables as they are, or as earlier statements of the plan leave
 * them.
 */
function makePrepare(
  statement: Statement,
  position: number,
  tables: Schema,
  source: QuestionSource,
  temporary: ReadonlySet<string>,
): readonly ProbeStep[] {
  const { verb, text } = statement
  if (!preparedVerbs.has(verb) || text.includes('/*!') || text.length > 65_536 || isPlainInsert(statement)) return []
  const named = [...statement.objects, ...listTablesRead(statement)]
  const isOwn = ({ schema, name }: ObjectName): boolean =>
    (schema === null || schema === source.schema) && !temporary.has(name.toLowerCase())
  const isKept = (name: ObjectName): boolean => {
    const state = stateOfTable(tables, name)
    if (verb === 'CREATE TABLE' && statement.objects.includes(name)) return state.type === 'absent'
    return ['table', 'view'].includes(state.type) && state === stateOfTable(source.tables, name)
  }
  const isQuery = verb !== 'CREATE TABLE' || named.length > statement.objects.length
  if (!isQuery || statement.idempotent || tables.forgotten !== undefined || !named.every(isOwn)) return []
  const changed = named.filter((name) => !isKept(name))
  const question = changed.length === 0 ? text : writeFollowedQuery(statement, changed, tables)
  return question === null ? [] : [{ type: 'prepare', position, subject: describeStatement(statement), text: question }]
}

const preparedVerbs: ReadonlySet<string> = new Set([
  'SELECT',
  'TABLE',
  'INSERT',
  'REPLACE',
  'CREATE TABLE',
  'UPDATE',
  'DELETE',
])

const describeStatement = (statement: Statement): string =>
  `${summarizeStatement(statement)} (${statement.file}:${statement.line})`

/** Names of temporary tables that it creates. */
function listTemporary({ verb, objects }: Statement): readonly string[] {
  return verb === 'CREATE TEMPORARY TABLE' ? objects.map(({ name }) => name.toLowerCase()) : []
}

type ScratchOf = (schema: string) => string

/** What is known before a statement. */
interface Before {
  readonly scratchOf: ScratchOf
  readonly sessionUnknown: boolean
  readonly temporary: ReadonlySet<string>
}

/** Where definitions are tried, statements without a question run unchanged. */
function makeStepsOrTrial(
  statement: Statement,
  position: number,
  tables: Schema,
  source: QuestionSource,
  { scratchOf, sessionUnknown, temporary }: Before,
): readonly ProbeStep[] {
  if (statement.retire?.back?.isSent === false) return []
  const made = makeSteps(statement, position, tables, source, scratchOf)
  if (source.trial?.isTried(position) !== true) return made
  const [first] = made
  if (first?.type === 'session') return made
  const isDefinition = statement.class !== 'data' && statement.class !== 'session'
  if (isDefinition && source.trial.mayHaveRun?.(position) === true)
    return [...made, leaveOut(statement, position, 'an earlier run may have executed it', listReach(statement))]
  if (isDefinition && statement.objects.some(({ name }) => temporary.has(name.toLowerCase())))
    return [leaveOut(statement, position, 'it concerns a temporary table')]
  if (first?.type === 'ask') return sessionUnknown ? made : [{ ...first, names: listNames(tokenize(statement.text)) }]
  const tried = makeTrialStep(statement, position, {
    schema: source.schema,
    scratchOf,
    hasRows: source.trial.hasRows === true,
  })
  if (tried === null) return []
  const why = 'its file sets `sql_mode` to a value that is not known in advance'
  return [sessionUnknown && tried.type === 'try' ? leaveOut(statement, position, why) : tried]
}

/** What is unknown after a statement that may have run; null for everything. */
function listReach({ class: kind, objects }: Statement): readonly string[] | null {
  return kind === 'call' || kind === 'execute' ? null : objects.map(({ name }) => name.toLowerCase())
}

function makeSteps(
  statement: Statement,
  position: number,
  tables: Schema,
  source: QuestionSource,
  scratchOf: ScratchOf,
): readonly ProbeStep[] {
  if (statement.verb === 'SET') return makeSessionStep(statement)
  if (statement.verb === 'RENAME TABLE') return makeRenames(statement, source, scratchOf)
  const table = statement.objects[0]
  // A first build creates thousands of tables: no other statement is split into tokens.
  if (table === undefined || !askedVerbs.has(statement.verb)) return []
  if (!['table', 'unknown'].includes(stateOfTable(tables, table).type)) return []
  const tokens = tokenize(statement.text)
  if (isPlainRename(tokens)) return makeRenames(statement, source, scratchOf)
  if (statement.verb === 'ALTER TABLE' && !isAskable(tokens)) return []
  // Names are read from the text: placeholders in it may have been filled in after the statement was classified.
  const { objects, references } = classifyStatement(statement.text)
  const names = { ...statement, objects, references }
  const text = applyEdits(statement.text, redirectSchemas(tokens, [...objects, ...references], scratchOf))
  if (!isConfined(text, source.scratch)) return []
  return [makeAsk(names, tokens, text, position, source)]
}

function makeAsk(
  statement: Statement,
  tokens: readonly Token[],
  text: string,
  position: number,
  source: QuestionSource,
): ProbeStep {
  const [table, renamed] = statement.objects.map((name) => locate(name, source))
  return {
    type: 'ask',
    position,
    subject: describeStatement(statement),
    table: table ?? { schema: source.schema, name: '' },
    references: statement.references.map((name) => locate(name, source)),
    attempts: makeAttempts(text),
    guessedRebuild: rebuildsByText(tokens, source.serverVersion) || changesNullability(tokens),
    renamed: renamed ?? null,
  }
}

function locate(name: ObjectName, source: QuestionSource): SourceTable {
  return { schema: name.schema ?? source.schema, name: name.name }
}

/** Session variables that change which statements the server accepts, or the algorithm that it uses. */
const answerVariables = [
  'foreign_key_checks',
  'sql_mode',
  'old_alter_table',
  'innodb_strict_mode',
  'explicit_defaults_for_timestamp',
  'default_storage_engine',
]

/** A SET of such variables only, to literal values: without subqueries and function calls. */
function makeSessionStep(statement: Statement): readonly ProbeStep[] {
  const variables = statement.sessionVariables
  const setsOnlyThese = variables.length > 0 && variables.every((name) => answerVariables.includes(name))
  if (
    statement.class !== 'session' ||
    !setsOnlyThese ||
    statement.userVariables.length > 0 ||
    statement.text.includes('(')
  )
    return []
  return [{ type: 'session', text: statement.text, variables }]
}

/** One ALTER TABLE ... RENAME and nothing else. */
function isPlainRename(tokens: readonly Token[]): boolean {
  const clauses = readAlterations(tokens)
  return clauses.length === 1 && clauses.every(renamesTable)
}

function renamesTable(clause: Clause): boolean {
  return isWord(clause[0], 'RENAME') && !isWord(clause[1], 'COLUMN', 'INDEX', 'KEY')
}

/** A rename needs no question; existing copies are renamed with the table. The names are pairs. */
function makeRenames(statement: Statement, source: QuestionSource, scratchOf: ScratchOf): readonly ProbeStep[] {
  const print = (name: SourceTable): string => `${quoteName(scratchOf(name.schema))}.${quoteName(name.name)}`
  const names = statement.objects.map((name) => locate(name, source))
  return names.flatMap((from, index): readonly ProbeStep[] => {
    const to = names[index + 1]
    if (index % 2 === 1 || to === undefined) return []
    return [{ type: 'rename', from, to, text: `RENAME TABLE ${print(from)} TO ${print(to)}` }]
  })
}

/**
 * True for operations without an algorithm (EXCHANGE, TRUNCATE, DISCARD, IMPORT, maintenance of partitions): no question is asked about
 * them.
 */
function isAskable(tokens: readonly Token[]): boolean {
  const clauses = readAlterations(tokens)
  return clauses.length > 0 && !clauses.some((clause) => isWithoutAlgorithm(clause))
}

function isWithoutAlgorithm(clause: Clause): boolean {
  if (isWord(clause[0], 'DISCARD', 'IMPORT', 'EXCHANGE')) return true
  return isWord(clause[0], 'TRUNCATE', 'ANALYZE', 'CHECK', 'OPTIMIZE', 'REPAIR') && isWord(clause[1], 'PARTITION')
}

function changesNullability(tokens: readonly Token[]): boolean {
  return readAlterations(tokens).some(
    (clause) => isWord(clause[0], 'MODIFY', 'CHANGE') && findWords(clause, 'NOT', 'NULL') > 0,
  )
}
