import type { SourceTable } from '../ddl/server-answer.ts'
import { isMark, isWord } from '../sql/clauses.ts'
import { confineSchemas, dropDefiner, listNames } from '../sql/confine.ts'
import { findLasting } from '../sql/lasting-effects.ts'
import { quoteName } from '../sql/quote-name.ts'
import { type ObjectName, type Statement, summarizeStatement } from '../sql/statement.ts'
import { applyEdits, type Edit, type Token, tokenize } from '../sql/tokens.ts'
import type { TrialStep } from './algorithm-question.ts'

/** What a trial knows about the schema that a statement is for. */
export interface TrialPlace {
  /** The target's schema. */
  readonly schema: string
  readonly scratchOf: (schema: string) => string
  /** True where the copies have rows. */
  readonly hasRows: boolean
}

/**
 * The definitions that may run in a scratch schema: they change only the schema, and run no user code. No rows are written there but by the samples of a
 * trial, which are not tried where a trigger, function or procedure does what is not taken back. Events are left out, because they run by themselves.
 */
const triedVerbs: ReadonlySet<string> = new Set([
  'CREATE TABLE',
  'ALTER TABLE',
  'DROP TABLE',
  'RENAME TABLE',
  'TRUNCATE TABLE',
  'CREATE INDEX',
  'DROP INDEX',
  'CREATE VIEW',
  'ALTER VIEW',
  'DROP VIEW',
  'CREATE TRIGGER',
  'DROP TRIGGER',
  'CREATE PROCEDURE',
  'ALTER PROCEDURE',
  'DROP PROCEDURE',
  'CREATE FUNCTION',
  'ALTER FUNCTION',
  'DROP FUNCTION',
])

/** How a statement is tried; null where there is nothing to try: DML, and statements that only change the session. */
export function makeTrialStep(statement: Statement, position: number, place: TrialPlace): TrialStep | null {
  const { class: kind, verb } = statement
  if (kind === 'call' || kind === 'execute') return leaveOut(statement, position, whyNotFollowed[kind], null)
  if (verb === 'CREATE TEMPORARY TABLE') return leaveOut(statement, position, 'it creates a temporary table')
  if (kind === 'data') return place.hasRows ? makeDataStep(statement, position, place) : null
  if (kind === 'session') return null
  if (!triedVerbs.has(verb)) return leaveOut(statement, position, 'it concerns more than tables, views and routines')
  const tokens = tokenize(statement.text)
  const why = findReason(tokens, statement)
  if (why !== null) return leaveOut(statement, position, why)
  const { edits, qualifiers, foreign } = confineSchemas(tokens, place.schema, place.scratchOf)
  if (foreign !== null)
    return leaveOut(statement, position, `it names \`${foreign}\`, which is not a table of this schema`)
  const own = (names: readonly ObjectName[]): SourceTable[] =>
    names.map(({ schema, name }) => ({ schema: schema ?? place.schema, name }))
  const isOwn = ({ schema }: SourceTable): boolean => schema.toLowerCase() === place.schema.toLowerCase()
  return {
    type: 'try',
    position,
    subject: describe(statement),
    text: applyEdits(statement.text, [
      ...edits,
      ...dropDefiner(tokens),
      ...qualifyFunction(tokens, verb, place),
    ]).trim(),
    names: listNames(tokens),
    qualifiers,
    objects: statement.objects.map(({ name }) => name.toLowerCase()),
    parents: own(statement.references).filter((table) => !isOwn(table)),
    drops: verb === 'DROP TABLE' ? own(statement.objects) : [],
    renames: tokens.some((token) => isWord(token, 'EXCHANGE')) ? [] : pairsOf(verb, own(statement.objects)),
  }
}

const changingVerbs: ReadonlySet<string> = new Set(['INSERT', 'REPLACE', 'UPDATE', 'DELETE'])

/** A statement that changes rows, for copies that have some. */
function makeDataStep(statement: Statement, position: number, { schema, scratchOf }: TrialPlace): TrialStep | null {
  const { verb, text, userVariables, objects } = statement
  const isReading = verb === 'SELECT' || verb === 'TABLE' || verb === 'VALUES' || verb === 'DO'
  if (isReading) return null
  if (!changingVerbs.has(verb)) return leaveOut(statement, position, 'what it reads is not there')
  if (userVariables.length > 0) return leaveOut(statement, position, 'it uses a variable of its session')
  const tokens = tokenize(text)
  if (text.includes('/*!') || findLasting(tokens, new Set()) !== null)
    return leaveOut(statement, position, 'what it does is not taken back')
  const { edits, qualifiers, foreign } = confineSchemas(tokens, schema, scratchOf)
  if (foreign !== null)
    return leaveOut(statement, position, `it names \`${foreign}\`, which is not a table of this schema`)
  return {
    ...{ type: 'try', position, subject: describe(statement), text: applyEdits(text, edits).trim(), writesRows: true },
    ...{ names: listNames(tokens), qualifiers, objects: objects.map(({ name }) => name.toLowerCase()) },
    ...{ parents: [], drops: [], renames: [] },
  }
}

const whyNotFollowed = {
  call: 'it calls a procedure, which could do anything',
  execute: 'it executes dynamic SQL',
} as const

/** A statement that is not tried. @param objects null where everything is unknown after it */
export function leaveOut(
  statement: Statement,
  position: number,
  why: string,
  objects: readonly string[] | null = statement.objects.map(({ name }) => name.toLowerCase()),
): TrialStep {
  return { type: 'untried', position, subject: describe(statement), why, objects }
}

const describe = (statement: Statement): string =>
  `${summarizeStatement(statement)} (${statement.file}:${statement.line})`

/** Why a definition would affect more than the scratch schema, or run code; null where it would not. */
function findReason(tokens: readonly Token[], { verb, objects }: Statement): string | null {
  if (objects.length === 0) return 'it loads a function from a library'
  const isTable = verb === 'CREATE TABLE' || verb === 'ALTER TABLE' || verb === 'CREATE INDEX'
  if (!isTable) return null
  if (verb === 'CREATE TABLE' && hasQuery(tokens)) return 'it fills the table with a query'
  return tokens.some((token, at) => reachesOut(token, tokens[at - 1], tokens[at + 1]))
    ? 'it names a directory, a tablespace, another server or another engine'
    : null
}

/** `CREATE TABLE t SELECT ...`, `... TABLE u` and `... VALUES ROW(...)`. */
function hasQuery(tokens: readonly Token[]): boolean {
  return tokens.some(
    (token, at) =>
      isWord(token, 'SELECT') ||
      (isWord(token, 'TABLE') && at > 1) ||
      (isWord(token, 'VALUES') && isWord(tokens[at + 1], 'ROW')),
  )
}

/** Engines whose rows are stored elsewhere or in other tables. */
const outerEngines = ['FEDERATED', 'MERGE', 'MRG_MYISAM', 'NDB', 'NDBCLUSTER', 'EXAMPLE']

function reachesOut(token: Token, before: Token | undefined, after: Token | undefined): boolean {
  if (isWord(token, 'TABLESPACE')) return true
  if (isWord(token, 'DIRECTORY')) return isWord(before, 'DATA', 'INDEX')
  if (isWord(token, 'CONNECTION')) return isMark(after, '=') || after?.type === 'string'
  if (isWord(token, 'UNION')) return isMark(after, '=') || isMark(after, '(')
  const isValue = isWord(before, 'ENGINE') || isMark(before, '=')
  return isValue && outerEngines.includes(token.text.toUpperCase())
}

/** `DROP FUNCTION f` removes a loadable function of that name from the whole server, unless a schema is named. */
function qualifyFunction(tokens: readonly Token[], verb: string, { schema, scratchOf }: TrialPlace): readonly Edit[] {
  if (verb !== 'DROP FUNCTION') return []
  const at = isWord(tokens[2], 'IF') ? 4 : 2
  const name = tokens[at]
  if (name === undefined || isMark(tokens[at + 1], '.')) return []
  return [{ start: name.start, end: name.start, text: `${quoteName(scratchOf(schema))}.` }]
}

/** RENAME TABLE names pairs; ALTER TABLE the old name and, where it renames, the new one. */
function pairsOf(verb: string, tables: readonly SourceTable[]): readonly (readonly [SourceTable, SourceTable])[] {
  if (verb !== 'RENAME TABLE' && verb !== 'ALTER TABLE') return []
  return tables.flatMap((from, at) => {
    const to = tables[at + 1]
    return at % 2 === 0 && to !== undefined ? [[from, to] as const] : []
  })
}
