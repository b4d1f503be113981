import { classifyStatement } from '../classify.ts'
import { isWord } from '../clauses.ts'
import type { ObjectName, StatementFacts } from '../statement.ts'
import { tokenize } from '../tokens.ts'
import { findSources, mayBuildMove, noteVariables } from './built-texts.ts'
import { readBody } from './read-body.ts'

/** A statement that a CALL may run. */
export interface CalledStatement extends StatementFacts {
  readonly text: string
}

/** What a CALL comes to, with every procedure that is called on the way. */
export interface CalledProcedures {
  /** Names are those of the procedures' own schemas. Any of them may run often, or not at all, but for those that are certain. */
  readonly statements: readonly CalledStatement[]
  /**
   * Of each statement, whether it runs exactly once, in its place: outside conditions, loops and handlers, in the one procedure that is
   * called.
   */
  readonly certain: readonly boolean[]
  readonly handlesErrors: boolean
  /** True when it runs a text that is put together at run time, and that may rename or call something. */
  readonly buildsMoves: boolean
  /** True when it runs any text that is put together at run time. */
  readonly builds: boolean
  /** Procedures whose text is not known. */
  readonly missing: readonly ObjectName[]
}

export interface CallSource {
  readonly procedure: ObjectName
  /** The schema that unqualified names mean. */
  readonly schema: string
  /** The CALL itself: its arguments may be parts of texts. */
  readonly text: string
  /** A procedure's text or body; null or undefined where it is not known. */
  readonly find: (procedure: ObjectName) => string | null | undefined
  /** Where the session's user variables have their values from. */
  readonly texts?: ReadonlyMap<string, readonly string[]>
}

/** Follows a CALL through the procedures that it leads to. */
export function readCall(source: CallSource): CalledProcedures {
  const missing: ObjectName[] = []
  const statements: CalledStatement[] = []
  const certain: boolean[] = []
  const seen = new Set<string>()
  const left = [{ ...source.procedure, schema: source.procedure.schema ?? source.schema }]
  let handlesErrors = false
  for (let procedure = left.shift(); procedure !== undefined; procedure = left.shift()) {
    const key = `${procedure.schema}\u0000${procedure.name}`.toLowerCase()
    if (seen.has(key)) continue
    seen.add(key)
    const text = source.find(procedure)
    if (text === null || text === undefined || isForeign(text)) {
      missing.push(procedure)
      continue
    }
    const body = readBody(text)
    handlesErrors ||= body.handlesErrors
    certain.push(...body.certain)
    for (const statement of body.statements) {
      const called = qualify(preparedLiteral(statement) ?? statement, procedure.schema)
      statements.push(called)
      if (called.class === 'call') left.push(...called.objects.map((name) => ({ ...name, schema: name.schema ?? '' })))
    }
  }
  const isPlain = seen.size === 1 && !statements.some(({ class: kind }) => kind === 'execute')
  const plain = { statements, certain: certain.map((each) => each && isPlain) }
  return { ...plain, handlesErrors, ...readBuilding(source, statements), missing }
}

/** In another language than SQL. */
function isForeign(text: string): boolean {
  return /\blanguage\s+(?!sql\b)\w+\s+(?:as|using)\b/i.test(text)
}

function qualify(text: string, schema: string): CalledStatement {
  const facts = classifyStatement(text)
  const own = (names: readonly ObjectName[]): readonly ObjectName[] =>
    names.map((name) => (name.type === 'account' || name.schema !== null ? name : { ...name, schema }))
  return { ...facts, objects: own(facts.objects), references: own(facts.references), text }
}

/** PREPARE of a text that is written out stands for that text. */
export function preparedLiteral(statement: string): string | null {
  if (!/^\s*prepare\b/i.test(statement)) return null
  const [, , from, text] = tokenize(statement)
  return isWord(from, 'FROM') && text?.type === 'string' ? text.text : null
}

/** Statements that a variable has its value from only by `:=`. */
const otherVerbs = new Set(['DO', 'INSERT', 'REPLACE', 'UPDATE', 'DELETE', 'PREPARE', 'EXECUTE', 'DEALLOCATE PREPARE'])

function givesValues({ verb, class: kind, text }: CalledStatement): boolean {
  return kind !== 'definition' && kind !== 'call' && (!otherVerbs.has(verb) || text.includes(':='))
}

function readBuilding(
  source: CallSource,
  statements: readonly CalledStatement[],
): Pick<CalledProcedures, 'builds' | 'buildsMoves'> {
  const prepares = statements.filter((statement) => statement.verb === 'PREPARE')
  if (prepares.length === 0) return { builds: false, buildsMoves: false }
  const giving = statements.filter(givesValues).map(({ text }) => text)
  const calls = statements.filter((statement) => statement.class === 'call').map(({ text }) => text)
  let texts = source.texts ?? new Map<string, readonly string[]>()
  for (const text of giving) texts = noteVariables(text, texts)
  const variables = [...prepares, ...statements.filter(({ class: kind }) => kind === 'call')].flatMap(
    ({ userVariables }) => userVariables,
  )
  const sources = findSources([...variables, ...classifyStatement(source.text).userVariables], texts)
  if (sources === null) return { builds: true, buildsMoves: true }
  // Local variables and parameters have their values from anywhere in the bodies, and from the arguments.
  const argumentsOf = [source.text, ...calls].map((text) => text.replace(/^[^(]*/, 'SELECT '))
  return { builds: true, buildsMoves: mayBuildMove([...new Set([...sources, ...giving, ...argumentsOf])]) }
}

const looking = new Set(['SHOW', 'DESCRIBE', 'DESC', 'EXPLAIN', 'HELP', 'SIGNAL', 'RESIGNAL'])

/** Ends a transaction by undoing it. */
const isRollback = (statement: CalledStatement): boolean => statement.verb === 'ROLLBACK'

function mayCommit(statement: CalledStatement): boolean {
  switch (statement.class) {
    case 'data':
    case 'session':
    case 'call': // what it calls is among the statements
    case 'execute': // what it executes is, too, or was put together
      return false
    case 'maintenance':
      return !looking.has(statement.verb)
    case 'refused':
      return !isRollback(statement) && !/SAVEPOINT$/.test(statement.verb)
    case 'definition':
    case 'account':
      return true
  }
}

/** True unless all that is called is known, and none of it commits: a CALL that is cut off then leaves nothing behind. */
export function mayCommitItself(called: CalledProcedures): boolean {
  return called.missing.length > 0 || called.builds || called.statements.some(mayCommit)
}

/**
 * True when a CALL may undo what was written before it and then commit: by ROLLBACK, or by going on after a deadlock, which has
 * rolled everything back. Also when that cannot be told.
 */
export function mayUndoAndCommit(called: CalledProcedures): boolean {
  if (!mayCommitItself(called)) return false
  return called.missing.length > 0 || called.buildsMoves || called.handlesErrors || called.statements.some(isRollback)
}
