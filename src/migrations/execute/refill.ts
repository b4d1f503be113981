import { type Clause, hasWords, isIndexStatement, isMark, isName, isWord, readAlterations } from '../../sql/clauses.ts'
import { quoteString } from '../../sql/quote-name.ts'
import { listTablesRead } from '../../sql/read-sources.ts'
import type { ObjectName, Statement } from '../../sql/statement.ts'
import { summarizeStatement } from '../../sql/statement.ts'
import { type Token, tokenize } from '../../sql/tokens.ts'
import type { JournalRow } from '../journal/journal.ts'

/** A statement after the one that filled a temporary table. */
export interface LaterStatement {
  readonly statement: Pick<Statement, 'text' | 'verb' | 'class' | 'objects' | 'line'>
  /** Its row where an earlier run closed it; null for a statement that is still to run. */
  readonly row: Pick<JournalRow, 'class' | 'objects'> | null
}

/** The statement that filled it, with the schemas' names in place of placeholders. */
export type Fill = Pick<Statement, 'text' | 'verb' | 'objects'>

/** Whether the temporary table comes out the same when it is filled again. */
export type Refill =
  | { readonly type: 'same' }
  /** True where these are base tables, and no write to the other ones affects further tables. */
  | ({ readonly type: 'same-if' } & Condition)
  /** A later statement may have changed what it reads. */
  | { readonly type: 'changed'; readonly why: string }

/** Facts that only the server knows. */
interface Condition {
  readonly reads: readonly ObjectName[]
  readonly writes: readonly ObjectName[]
  /** Functions that later statements call, or may call: a stored one could write. */
  readonly calls: readonly string[]
}

const fillingVerbs = /^(?:CREATE TEMPORARY TABLE|INSERT|REPLACE|UPDATE|DELETE|WITH)$/

/** Whether a statement of the session's own makes or fills temporary tables. */
export const fillsTables = ({ verb, objects }: Pick<Fill, 'verb' | 'objects'>): boolean =>
  fillingVerbs.test(verb) && objects.length > 0

/** The tables that are not temporary themselves and that a statement fills a temporary one from. */
function listSources({ verb, text }: Fill, temporary: ReadonlySet<string>): readonly ObjectName[] {
  if (!fillingVerbs.test(verb)) return []
  const asked = verb === 'CREATE TEMPORARY TABLE' ? 'CREATE TABLE' : verb === 'WITH' ? 'SELECT' : verb
  const own = ({ schema, name }: ObjectName): boolean => schema === null && temporary.has(name.toLowerCase())
  return listTablesRead({ verb: asked, text }).filter((table) => !own(table))
}

/**
 * Decides whether a query still returns the same rows, as far as the migration itself is concerned: no later statement that ran has changed a row that
 * it reads, and none has changed a definition except for an index, a constraint, a default or a column that the query does not use.
 * @param schema the schema of names without one
 */
export function judgeRefill(
  fill: Fill,
  later: readonly LaterStatement[],
  temporary: ReadonlySet<string>,
  schema: string,
): Refill {
  const reads = listSources(fill, temporary)
  if (reads.length === 0) return { type: 'same' }
  const isRead = (object: ObjectName): boolean => reads.some((table) => isSame(table, object, schema))
  const writes: ObjectName[] = []
  const calls: string[] = []
  let mattered = false
  for (const { statement, row } of later) {
    if (row === null || !/^(?:data|definition|call|execute)$/.test(row.class)) continue
    const ran = `${summarizeStatement(statement)} (line ${statement.line}) ran after it`
    if (row.class === 'call' || row.class === 'execute')
      return { type: 'changed', why: `${ran}, and may have changed what it reads` }
    mattered = true
    const hit = row.objects.find(isRead)
    if (row.class === 'data') {
      if (hit !== undefined)
        return { type: 'changed', why: `${ran}, and changes rows of \`${hit.name}\`, which it reads` }
      if (row.objects.length === 0 && !/^(?:SELECT|TABLE|VALUES|DO)$/.test(statement.verb))
        return { type: 'changed', why: `${ran}, and may have changed what it reads` }
      writes.push(...row.objects)
      calls.push(...listCalls(statement.text))
    } else if (hit !== undefined && !keepsRows(statement.text, fill.text))
      return { type: 'changed', why: `${ran}, and changes \`${hit.name}\`, which it reads` }
  }
  return mattered ? { type: 'same-if', reads, writes, calls } : { type: 'same' }
}

function isSame(left: ObjectName, right: ObjectName, schema: string): boolean {
  const whole = (one: ObjectName): string => `${one.schema ?? schema}.${one.name}`.toLowerCase()
  return whole(left) === whole(right)
}

/** True for a definition after which the query returns the same rows with the same columns. */
function keepsRows(definition: string, query: string): boolean {
  const tokens = tokenize(definition)
  const asked = tokenize(query)
  // Which rows LIMIT takes may follow from the index that the server chooses.
  if (asked.some((token) => isWord(token, 'LIMIT'))) return false
  if (hasWords(tokens, 0, 'CREATE', 'TRIGGER') || hasWords(tokens, 0, 'DROP', 'TRIGGER') || isIndexStatement(tokens))
    return true
  const clauses = readAlterations(tokens)
  return clauses.length > 0 && clauses.every((clause) => keepsRowsIn(clause, asked))
}

const parts = ['INDEX', 'KEY', 'UNIQUE', 'FULLTEXT', 'SPATIAL', 'PRIMARY', 'CONSTRAINT', 'FOREIGN', 'CHECK'] as const

function keepsRowsIn(clause: Clause, asked: Clause): boolean {
  const [first, second] = clause
  if (isWord(first, 'ALGORITHM', 'LOCK', 'COMMENT', 'AUTO_INCREMENT')) return true
  if (isWord(first, 'ALTER')) return true
  if (isWord(first, 'DROP')) return isWord(second, ...parts)
  if (isWord(first, 'RENAME')) return isWord(second, 'INDEX', 'KEY')
  if (!isWord(first, 'ADD') || isWord(second, 'PARTITION')) return false
  return isWord(second, ...parts) || seesNone(listAddedColumns(clause), asked)
}

/** `ADD [COLUMN] name ...` and `ADD [COLUMN] (name ..., name ...)`. */
function listAddedColumns(clause: Clause): readonly string[] {
  const at = isWord(clause[1], 'COLUMN') ? 2 : 1
  if (!isMark(clause[at], '(')) return isName(clause[at]) ? [clause[at].text] : []
  let depth = 0
  return clause.slice(at).flatMap((token, index, all) => {
    if (isMark(token, '(')) depth += 1
    else if (isMark(token, ')')) depth -= 1
    const begins = depth === 1 && (isMark(all[index - 1], '(') || isMark(all[index - 1], ','))
    return begins && isName(token) ? [token.text] : []
  })
}

/** Whether a query uses no construct that would include new columns: `*`, TABLE, NATURAL, or their names. */
function seesNone(columns: readonly string[], asked: Clause): boolean {
  const names = new Set(columns.map((name) => name.toLowerCase()))
  return !asked.some(
    (token, at) =>
      isStar(asked, at) ||
      isWord(token, 'NATURAL') ||
      (isWord(token, 'TABLE') && !isWord(asked[at - 1], 'TEMPORARY')) ||
      (isName(token) && names.has(token.text.toLowerCase())),
  )
}

/** `*` and `t.*` in a list of columns; not that of COUNT(*) or of a product. */
function isStar(tokens: Clause, at: number): boolean {
  const before: Token | undefined = tokens[at - 1]
  return (
    isMark(tokens[at], '*') &&
    (isWord(before, 'SELECT', 'ALL', 'DISTINCT') || isMark(before, ',') || isMark(before, '.'))
  )
}

/**
 * Whether something that is still to run needs the temporary tables of a statement: names them before they are dropped, or may do so without naming them.
 * Tables that are filled from them count with what needs those.
 */
export function isNeeded(objects: readonly ObjectName[], later: readonly LaterStatement[]): boolean {
  return objects.some(({ name }) => needsTable(name, later))
}

function needsTable(name: string, later: readonly LaterStatement[]): boolean {
  const mention = new RegExp(`(?<![\\w$])${name.replace(/[^\w]/g, '\\$&')}(?![\\w$])`, 'i')
  for (const [at, { statement, row }] of later.entries()) {
    const { verb, class: kind, objects, text } = statement
    const isObject = objects.some((object) => object.name.toLowerCase() === name.toLowerCase())
    if (isObject && /^DROP (?:TEMPORARY )?TABLE$/.test(verb)) return false
    if (row === null) {
      if (kind === 'call' || kind === 'execute' || mention.test(text)) return true
    } else if (row.class === 'session' && !isObject && fillingVerbs.test(verb) && mention.test(text)) {
      if (isNeeded(objects, later.slice(at + 1))) return true
    }
  }
  return false
}

/** Names in front of a parenthesis; those of the server's own functions are among them. */
function listCalls(text: string): readonly string[] {
  const tokens = tokenize(text)
  return tokens.flatMap((token, at) => (isName(token) && isMark(tokens[at + 1], '(') ? [token.text] : []))
}

/** The functions that the remaining statements may call: what they need is not in the text. */
export function listCallsAhead(later: readonly LaterStatement[]): readonly string[] {
  return later.flatMap(({ statement, row }) => (row === null ? listCalls(statement.text) : []))
}

/** An expression that is 1 where none of these names is that of a stored function. */
export function renderNoneStored(calls: readonly string[]): string {
  const names = [...new Set(calls.map((name) => name.toLowerCase()))]
  if (names.length === 0) return '1'
  const list = names.map(quoteString).join(',')
  return `(NOT EXISTS (SELECT 1 FROM information_schema.ROUTINES WHERE ROUTINE_TYPE='FUNCTION' AND LOWER(ROUTINE_NAME) IN (${list}) AND ROUTINE_SCHEMA<>'sys'))`
}

/**
 * An expression that is 1 where the server shows that only base tables were read, and that no trigger, foreign key or function of the written tables
 * changes others.
 */
export function renderCondition({ reads, writes, calls }: Condition, schema: string): string {
  const list = (objects: readonly ObjectName[]): string =>
    objects.map((one) => `(${quoteString(one.schema ?? schema)},${quoteString(one.name)})`).join(',')
  const distinct = [...new Map(reads.map((one) => [`${one.schema ?? schema}.${one.name}`, one])).values()]
  const base = `(SELECT COUNT(*) FROM information_schema.TABLES WHERE TABLE_TYPE='BASE TABLE' AND (TABLE_SCHEMA,TABLE_NAME) IN (${list(distinct)}))=${distinct.length}`
  if (writes.length === 0) return `(${base} AND ${renderNoneStored(calls)})`
  const none = [
    `NOT EXISTS (SELECT 1 FROM information_schema.TRIGGERS WHERE (EVENT_OBJECT_SCHEMA,EVENT_OBJECT_TABLE) IN (${list(writes)}))`,
    `NOT EXISTS (SELECT 1 FROM information_schema.REFERENTIAL_CONSTRAINTS WHERE (UNIQUE_CONSTRAINT_SCHEMA,REFERENCED_TABLE_NAME) IN (${list(writes)}) AND (DELETE_RULE NOT IN ('NO ACTION','RESTRICT') OR UPDATE_RULE NOT IN ('NO ACTION','RESTRICT')))`,
    // Triggers are shown only to accounts that may make them.
    `(EXISTS (SELECT 1 FROM information_schema.USER_PRIVILEGES WHERE PRIVILEGE_TYPE='TRIGGER') OR EXISTS (SELECT 1 FROM information_schema.SCHEMA_PRIVILEGES WHERE PRIVILEGE_TYPE='TRIGGER' AND ${quoteString(schema)} LIKE TABLE_SCHEMA))`,
    renderNoneStored(calls),
  ]
  return `(${[base, ...none].join(' AND ')})`
}
