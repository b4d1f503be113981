import { indexColumns, primaryKeyOf } from '../ddl/read-parts.ts'
import { nothingKnown, type Schema, stateOfTable, tableKey } from '../ddl/schema.ts'
import type { Cascade } from '../ddl/table.ts'
import { listChangedChildren } from '../lint/changed-children.ts'
import { readCondition } from '../lint/chosen-rows.ts'
import { listInner } from '../lint/inner-statements.ts'
import { isPlainInsert } from '../lint/plain-rows.ts'
import { listCascades, mayHaveMoved, type RemovedRows } from '../lint/removed-rows.ts'
import { longestLook, type RowQuestion } from '../lint/row-question.ts'
import type { HazardContext } from '../lint/rule.ts'
import { risksOldRows, selectionOf } from '../lint/taken-rows.ts'
import { askAboutUpsert } from '../lint/upserts.ts'
import {
  type NamedTable,
  readDeletedTables,
  readHead,
  readNamedTables,
  readUpdatedColumns,
  readUpdatedTables,
} from '../lint/written-tables.ts'
import { type Clause, isMark, isWord, outerTokens } from '../sql/clauses.ts'
import { quoteName, quoteQualified } from '../sql/quote-name.ts'
import type { ObjectName, Statement } from '../sql/statement.ts'
import { tokenize } from '../sql/tokens.ts'

const hint = `/*+ QB_NAME(wwdb) MAX_EXECUTION_TIME(${longestLook}) */`

/**
 * What to ask the server about the rows that an UPDATE or DELETE affects, or that an INSERT ... ON DUPLICATE KEY UPDATE finds; null where no data can be lost, and where the same rows cannot be selected in a query: then the text decides.
 * @param earlier statements of the plan on the same tables, whose rows can be named as they are before it
 */
export function makeRowQuestion(
  statement: Statement,
  context: HazardContext,
  earlier: readonly Taker[] = [],
): RowQuestion | null {
  const { verb, text, userVariables } = statement
  if (verb === 'INSERT') return isPlainInsert(statement) ? null : askAboutUpsert(statement, context)
  if (verb !== 'UPDATE' && verb !== 'DELETE') return null
  // The rest of an executable comment, or a variable of another session, would change the condition.
  if (text.includes('/*!') || userVariables.length > 0) return null
  const tokens = tokenize(text)
  if (!risksOldRows(tokens, statement, verb, context)) return null
  const parts = readParts(text, tokens, verb)
  if (parts === null) return null
  const known = context.tables ?? nothingKnown
  const selection = selectionOf(tokens, verb, known)
  const isAsked = (selection === 'chosen' || selection === 'unproven') && parts.condition !== null
  const own = isAsked ? (askAlone(parts) ?? askJoined(parts, tokens, verb, known)) : []
  const removed = context.removed ?? null
  const asked =
    verb === 'DELETE' ? listDeletedWith(tokens, known, removed) : listChangedChildren(tokens, statement, context)
  const cascades = askCascades(parts, asked, known, removed)
  const together = askTogether({ parts, tokens, statement }, earlier, known)
  if (own.length === 0 && cascades.length === 0 && together === null) return null
  return {
    own,
    fromTheEnd: own.length === 1 && parts.isAlone ? askFromTheEnd(parts, known) : null,
    ...(together === null ? {} : { together }),
    decidedBy: decidingColumns(parts, tokens, verb),
    cascades,
  }
}

/** Words of a condition that reads only the row itself; null where it also reads other rows. */
function decidingColumns({ isAlone }: Parts, tokens: Clause, verb: 'UPDATE' | 'DELETE'): ReadonlySet<string> | null {
  const condition = readCondition(tokens, verb) ?? []
  if (!isAlone || condition.some((token) => isWord(token, 'SELECT', 'TABLE', 'VALUES', 'WITH'))) return null
  return new Set(condition.map(({ text }) => text.toLowerCase()))
}

/**
 * The rows that an UPDATE or DELETE of the plan affects, where a later question can select them; null where it cannot.
 */
export function readTaker(statement: Statement, known: Schema): Taker | null {
  const { verb, text, userVariables } = statement
  if ((verb !== 'UPDATE' && verb !== 'DELETE') || text.includes('/*!') || userVariables.length > 0) return null
  const tokens = tokenize(text)
  const parts = readParts(text, tokens, verb)
  if (parts?.condition == null || outerTokens(tokens).some(({ token }) => isWord(token, 'LIMIT'))) return null
  const columns = decidingColumns(parts, tokens, verb)
  const assigned = verb === 'UPDATE' ? (readUpdatedColumns(tokens, known) ?? []) : []
  const changed = verb === 'UPDATE' ? assigned.map(({ named }) => named) : readDeletedTables(tokens)
  const [table, ...others] = new Set(changed ?? [])
  if (table === undefined || others.length > 0) return null
  const byValue = selectionOf(tokens, verb, known) === 'value'
  return { statement, columns, table: table.table, byValue, assigned: assigned.map(lowerColumn) }
}

const lowerColumn = ({ column }: { readonly column: string }): string => column.toLowerCase()

/** An UPDATE or DELETE that chooses rows of one table. */
export interface Taker {
  readonly statement: Statement
  readonly table: ObjectName
  /** What decides, as `decidedBy`. */
  readonly columns: ReadonlySet<string> | null
  /** Whether it selects its rows by values. */
  readonly byValue: boolean
  /** The columns, in lower case, that an UPDATE assigns. */
  readonly assigned: readonly string[]
}

/**
 * Whether it spares a row that the earlier ones spare. Where each of them selects its rows by values, the author has listed them all.
 */
function askTogether(
  asked: { readonly parts: Parts; readonly tokens: Clause; readonly statement: Statement },
  earlier: readonly Taker[],
  known: Schema,
): Pick<RowQuestion, 'own' | 'fromTheEnd'> | null {
  const { parts, tokens, statement } = asked
  const taker = earlier.length > 0 && earlier.length <= mostEarlier ? readTaker(statement, known) : null
  if (taker === null || [taker, ...earlier].every(({ byValue }) => byValue)) return null
  const left = earlier.flatMap((one) => leaveOut(one.statement, taker.table, known))
  if (left.length < earlier.length) return null
  const whole = { ...parts, also: left.join('') }
  const verb = statement.verb === 'UPDATE' ? 'UPDATE' : 'DELETE'
  return {
    own: askAlone(whole) ?? askJoined(whole, tokens, verb, known),
    fromTheEnd: parts.isAlone ? askFromTheEnd(whole, known) : null,
  }
}

/** The most earlier statements that a question names. */
export const mostEarlier = 50

/** The same for each inner statement, by its position in `listInner`; only its own rows are asked about. */
export function makeInnerQuestions(statement: Statement, context: HazardContext): ReadonlyMap<number, RowQuestion> {
  const questions = new Map<number, RowQuestion>()
  const { removed: _removed, ...known } = context
  for (const [at, { statement: inner, tables }] of listInner(statement, context.tables).entries()) {
    const question = makeRowQuestion(inner, { ...known, tables })
    if (question !== null && question.own.length > 0) questions.set(at, { ...question, cascades: [] })
  }
  return questions
}

/** The texts from which questions are built. */
interface Parts {
  /** `WITH ... `, or nothing. */
  readonly before: string
  readonly tables: readonly NamedTable[]
  /** What follows FROM in a query of the same rows. */
  readonly references: string
  readonly condition: string | null
  readonly isAlone: boolean
  /** Further conditions for a row to be left out. */
  readonly also?: string
}

function readParts(text: string, tokens: Clause, verb: 'UPDATE' | 'DELETE'): Parts | null {
  const head = readHead(tokens, verb)
  const tables = readNamedTables(tokens, verb)
  const first = outerTokens(tokens).find(({ token }) => isWord(token, verb))?.token
  if (head === null || tables === null || tables.length === 0 || first === undefined) return null
  const condition = readCondition(tokens, verb)
  const outer = outerTokens(head)
  const isAlone =
    tables.length === 1 &&
    !head.some((token) => isMark(token, '(')) &&
    !outer.some(({ token }) => isMark(token, ',') || isWord(token, 'JOIN', 'STRAIGHT_JOIN'))
  return {
    before: text.slice(0, first.start),
    tables,
    references: slice(text, head),
    condition: condition === null ? null : slice(text, condition),
    isAlone,
  }
}

function slice(text: string, tokens: Clause): string {
  return text.slice(tokens[0]?.start ?? 0, tokens.at(-1)?.end ?? 0)
}

function askAlone({ isAlone, before, references, condition, also = '' }: Parts): readonly string[] | null {
  if (!isAlone) return null
  const exists = (where: string): string => `EXISTS(SELECT 1 FROM ${references}${where})`
  return [`${before}SELECT ${hint} ${exists('')},${exists(` WHERE (${condition}\n) IS NOT TRUE${also}`)}`]
}

function askFromTheEnd({ before, references, condition, tables, also = '' }: Parts, known: Schema): string | null {
  const key = tables[0] === undefined ? null : primaryKey(tables[0].table, known)
  if (key === null) return null
  const order = key.map((column) => `${quoteName(column)} DESC`).join(',')
  return `${before}SELECT ${hint} 1 FROM ${references} WHERE (${condition}\n) IS NOT TRUE${also} ORDER BY ${order} LIMIT 1`
}

/** For a join: for each changed table, whether it has a row whose key is not among those of the join. */
function askJoined(parts: Parts, tokens: Clause, verb: 'UPDATE' | 'DELETE', known: Schema): readonly string[] {
  const changed = verb === 'UPDATE' ? readUpdatedTables(tokens, known) : readDeletedTables(tokens)
  const texts = (changed ?? []).map(({ table, alias }) => {
    const key = primaryKey(table, known)
    if (key === null) return null
    const name = quoteTable(table)
    const columns = key.map((column, at) => `${quoteName(alias)}.${quoteName(column)} AS c${at}`).join(',')
    const same = key.map((column, at) => `wwdb_taken.c${at}=wwdb_row.${quoteName(column)}`).join(' AND ')
    const taken = `(SELECT ${columns} FROM ${parts.references}${whereOf(parts)}) AS wwdb_taken`
    const left = `NOT EXISTS(SELECT 1 FROM ${taken} WHERE ${same})`
    return `${parts.before}SELECT ${hint} EXISTS(SELECT 1 FROM ${name}),EXISTS(SELECT 1 FROM ${name} AS wwdb_row WHERE ${left}${parts.also ?? ''})`
  })
  return texts.every((text) => text !== null) ? texts : []
}

/** A foreign key, and the name in the statement of the table that it references. */
interface AskedCascade {
  readonly cascade: Cascade
  readonly alias: string
}

function listDeletedWith(tokens: Clause, known: Schema, removed: RemovedRows | null): readonly AskedCascade[] {
  return (readDeletedTables(tokens) ?? []).flatMap(({ table, alias }) =>
    listCascades(table, known, removed).map((cascade) => ({ cascade, alias })),
  )
}

/**
 * For each table with CASCADE or SET NULL, whether it has rows that reference the deleted or changed ones, except for rows that an earlier statement of
 * the plan deletes; none where the current rows cannot answer that.
 */
function askCascades(
  parts: Parts,
  asked: readonly AskedCascade[],
  known: Schema,
  removed: RemovedRows | null,
): RowQuestion['cascades'] {
  if (asked.some(({ cascade }) => mayHaveMoved(cascade, known, removed))) return []
  return asked.map(({ cascade, alias }) => {
    const child = quoteTable(cascade.table)
    const gone = removed?.gone.get(tableKey(known, cascade.table)) ?? []
    const left = gone === 'all' ? [] : gone.flatMap((earlier) => leaveOut(earlier, cascade.table, known))
    return {
      table: cascade.table.name,
      text: `${parts.before}SELECT ${hint} EXISTS(SELECT 1 FROM ${child} WHERE ${refersTo(cascade, alias, parts)}${left.join('')})`,
    }
  })
}

/** The condition for rows that reference those of a statement, also through another table. */
function refersTo({ columns, referenced, behind }: Cascade, alias: string, parts: Parts): string {
  const foreign = columns.map(quoteName).join(',')
  if (behind !== undefined) {
    const between = referenced.map(quoteName).join(',')
    return `(${foreign}) IN (SELECT ${between} FROM ${quoteTable(behind.table)} WHERE ${refersTo(behind, alias, parts)})`
  }
  const own = referenced.map((column) => `${quoteName(alias)}.${quoteName(column)}`).join(',')
  return `(${foreign}) IN (SELECT ${own} FROM ${parts.references}${whereOf(parts)})`
}

/**
 * A condition that leaves out the rows of a table that an earlier DELETE removes; none where they cannot be selected.
 */
function leaveOut({ verb, text, userVariables }: Statement, table: Cascade['table'], known: Schema): readonly string[] {
  const key = primaryKey(table, known)
  if (key === null || text.includes('/*!') || userVariables.length > 0) return []
  const tokens = tokenize(text)
  const isUpdate = verb === 'UPDATE'
  const parts = readParts(text, tokens, isUpdate ? 'UPDATE' : 'DELETE')
  const named = isUpdate ? readNamedTables(tokens, 'UPDATE') : readDeletedTables(tokens)
  const own = (named ?? []).find((one) => tableKey(known, one.table) === tableKey(known, table))
  if (parts === null || own === undefined) return []
  const columns = key.map((column) => `${quoteName(own.alias)}.${quoteName(column)}`).join(',')
  const taken = `${parts.before}SELECT ${columns} FROM ${parts.references}${whereOf(parts)}`
  return [` AND ((${key.map(quoteName).join(',')}) IN (${taken})) IS NOT TRUE`]
}

const whereOf = ({ condition }: Parts): string => (condition === null ? '' : ` WHERE ${condition}\n`)

function quoteTable({ schema, name }: Pick<ObjectName, 'schema' | 'name'>): string {
  return schema === null ? quoteName(name) : quoteQualified(schema, name)
}

function primaryKey(table: Pick<ObjectName, 'schema' | 'name'>, known: Schema): readonly string[] | null {
  const state = stateOfTable(known, table)
  const key = state.type === 'table' ? primaryKeyOf(state.table) : undefined
  return key === undefined ? null : indexColumns(key)
}
