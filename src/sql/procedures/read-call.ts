import { withEntry, withoutKeys } from '../../core/versioned-map.ts'
import { classifyStatement } from '../classify.ts'
import { isMark, isWord } from '../clauses.ts'
import type { ObjectName, StatementFacts } from '../statement.ts'
import { findUserVariables } from '../statements/settings.ts'
import { tokenize } from '../tokens.ts'
import { mayBuildMove } from './built-text.ts'
import { readBody } from './read-body.ts'
import { type Call, findRepeated } from './repeated-calls.ts'

/** A statement that a CALL may run. */
export interface CalledStatement extends StatementFacts {
  readonly text: string
}

/** The effects of a CALL, including those of every procedure that it calls. */
export interface CalledProcedures {
  /** Names are those of the procedures' own schemas. Each may run any number of times or not at all, except the certain ones. */
  readonly statements: readonly CalledStatement[]
  /**
   * For each statement, whether it runs exactly once, in order: outside conditions, loops and handlers, in the one procedure that
   * is called.
   */
  readonly certain: readonly boolean[]
  /** For each statement, whether it runs in a loop or in a procedure that calls itself. */
  readonly repeated: readonly boolean[]
  readonly handlesErrors: boolean
  /** True when it executes a text built at run time that may rename or call something. */
  readonly buildsMoves: boolean
  /** True when it executes any text built at run time. */
  readonly builds: boolean
  /** The statements that the parts of such a text come from; null where not all are known. */
  readonly parts: readonly string[] | null
  /** Procedures whose text is unknown. */
  readonly missing: readonly ObjectName[]
}

export interface CallSource {
  readonly procedure: ObjectName
  /** The schema that unqualified names mean. */
  readonly schema: string
  /** The CALL itself: its arguments may become parts of such texts. */
  readonly text: string
  /** A procedure's text or body; null or undefined where it is unknown. */
  readonly find: (procedure: ObjectName) => string | null | undefined
  /** The statements that set the session's user variables. */
  readonly texts?: ReadonlyMap<string, readonly string[]>
}

/** Follows a CALL through all procedures that it reaches. */
export function readCall(source: CallSource): CalledProcedures {
  const missing: ObjectName[] = []
  const statements: CalledStatement[] = []
  const certain: boolean[] = []
  const seen = new Set<string>()
  const left = [{ ...source.procedure, schema: source.procedure.schema ?? source.schema }]
  const owners: string[] = []
  const loops: boolean[] = []
  const calls: Call[] = []
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
    for (const [at, statement] of body.statements.entries()) {
      const called = qualify(preparedLiteral(statement) ?? statement, procedure.schema)
      statements.push(called)
      owners.push(key)
      loops.push(body.repeated[at] === true)
      if (called.class !== 'call') continue
      const names = called.objects.map((name) => ({ ...name, schema: name.schema ?? '' }))
      left.push(...names)
      for (const { schema, name } of names)
        calls.push({ from: key, to: `${schema}\u0000${name}`.toLowerCase(), isLoop: body.repeated[at] === true })
    }
  }
  const again = findRepeated(calls)
  const isPlain = seen.size === 1 && !statements.some(({ class: kind }) => kind === 'execute')
  const plain = { statements, certain: certain.map((each) => each && isPlain) }
  const repeated = owners.map((owner, at) => loops[at] === true || again.has(owner))
  return { ...plain, repeated, handlesErrors, ...readBuilding(source, statements), missing }
}

/** Written in another language than SQL. */
function isForeign(text: string): boolean {
  return /\blanguage\s+(?!sql\b)\w+\s+(?:as|using)\b/i.test(text)
}

function qualify(text: string, schema: string): CalledStatement {
  const facts = classifyStatement(text)
  const own = (names: readonly ObjectName[]): readonly ObjectName[] =>
    names.map((name) => (name.type === 'account' || name.schema !== null ? name : { ...name, schema }))
  return { ...facts, objects: own(facts.objects), references: own(facts.references), text }
}

/** PREPARE of a literal text counts as that text. */
export function preparedLiteral(statement: string): string | null {
  if (!/^\s*prepare\b/i.test(statement)) return null
  const [, , from, text] = tokenize(statement)
  return isWord(from, 'FROM') && text?.type === 'string' ? text.text : null
}

/** Statements that can set a variable only by `:=`. */
const otherVerbs = new Set(['DO', 'INSERT', 'REPLACE', 'UPDATE', 'DELETE', 'PREPARE', 'EXECUTE', 'DEALLOCATE PREPARE'])

function givesValues({ verb, class: kind, text }: CalledStatement): boolean {
  return kind !== 'definition' && kind !== 'call' && (!otherVerbs.has(verb) || text.includes(':='))
}

function readBuilding(
  source: CallSource,
  statements: readonly CalledStatement[],
): Pick<CalledProcedures, 'builds' | 'buildsMoves' | 'parts'> {
  const prepares = statements.filter((statement) => statement.verb === 'PREPARE')
  if (prepares.length === 0) return { builds: false, buildsMoves: false, parts: [] }
  const giving = statements.filter(givesValues).map(({ text }) => text)
  const calls = statements.filter((statement) => statement.class === 'call').map(({ text }) => text)
  let texts = source.texts ?? new Map<string, readonly string[]>()
  for (const text of giving) texts = noteVariables(text, texts)
  const variables = [...prepares, ...statements.filter(({ class: kind }) => kind === 'call')].flatMap(
    ({ userVariables }) => userVariables,
  )
  const sources = findSources([...variables, ...classifyStatement(source.text).userVariables], texts)
  if (sources === null) return { builds: true, buildsMoves: true, parts: null }
  // Local variables and parameters may be set anywhere in the bodies, and by the arguments.
  const argumentsOf = [source.text, ...calls].map((text) => text.replace(/^[^(]*/, 'SELECT '))
  const parts = [...new Set([...sources, ...giving, ...argumentsOf])]
  return { builds: true, buildsMoves: mayBuildMove(parts), parts }
}

const looking = new Set(['SHOW', 'DESCRIBE', 'DESC', 'EXPLAIN', 'HELP', 'SIGNAL', 'RESIGNAL'])

/** Statements that roll the transaction back. */
const isRollback = (statement: CalledStatement): boolean => statement.verb === 'ROLLBACK'

function mayCommit(statement: CalledStatement): boolean {
  switch (statement.class) {
    case 'data':
    case 'session':
    case 'call': // the statements of the called procedure are in the list
    case 'execute': // the executed text is in the list, or was built at run time
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

/** False when all called procedures are known and none commits: then nothing remains of a CALL that was interrupted. */
export function mayCommitItself(called: CalledProcedures): boolean {
  return called.missing.length > 0 || called.builds || called.statements.some(mayCommit)
}

/**
 * True when a CALL may roll back earlier writes and then commit: by ROLLBACK, or by continuing after a deadlock, which has rolled
 * everything back. Also true when the effects of the CALL are unknown.
 */
export function mayUndoAndCommit(called: CalledProcedures): boolean {
  if (!mayCommitItself(called)) return false
  return called.missing.length > 0 || called.buildsMoves || called.handlesErrors || called.statements.some(isRollback)
}

/**
 * The statements that a user variable's value comes from, including those of the variables in them; null when an unknown
 * statement set one of them.
 */
export function findSources(
  names: readonly string[],
  texts: ReadonlyMap<string, readonly string[]>,
): readonly string[] | null {
  const sources = new Set<string>()
  const left = [...names]
  const seen = new Set(left)
  for (let name = left.shift(); name !== undefined; name = left.shift()) {
    const found = texts.get(`@${name}`)
    if (found === undefined) return null
    for (const text of found) {
      sources.add(text)
      const more = findUserVariables(text).filter((each) => !seen.has(each))
      for (const each of more) seen.add(each)
      left.push(...more)
    }
  }
  return [...sources]
}

/** The user variables that a statement sets: by `@name`, the statements that their values come from. */
export function noteVariables(
  text: string,
  texts: ReadonlyMap<string, readonly string[]>,
): ReadonlyMap<string, readonly string[]> {
  const names = findUserVariables(text)
  const tokens = tokenize(text)
  const isSet = isWord(tokens[0], 'SET')
  const gives = isSet || tokens.some((token) => isMark(token, ':=') || isWord(token, 'INTO', 'CALL', 'EXECUTE'))
  if (names.length === 0 || !gives) return texts
  let after = texts
  const [first] = names
  // SET of one variable that does not use its old value replaces the value.
  const mentions = tokens.filter((token) => token.type === 'user-variable' && token.text.toLowerCase() === first)
  if (isSet && mentions.length === 1 && tokens[1] === mentions[0]) after = withoutKeys(after, [`@${first}`])
  for (const name of names) after = withEntry(after, `@${name}`, [...new Set([...(after.get(`@${name}`) ?? []), text])])
  return after
}
