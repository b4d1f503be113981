import type { InBoth } from '../core/in-both.ts'
import { knownColumns, nothingKnown, type Schema, stateOfTable } from '../ddl/schema.ts'
import { type Clause, isMark, isWord, outerTokens } from '../sql/clauses.ts'
import { readSources } from '../sql/read-sources.ts'
import type { Statement } from '../sql/statement.ts'
import type { Token } from '../sql/tokens.ts'
import { describeMissingChoice, findConditionTables, readCondition } from './chosen-rows.ts'
import { firstTableMayHaveData } from './existing-data.ts'
import type { HazardContext } from './rule.ts'
import { isUnprovenQuery, judgeSelection, type Selection } from './selection.ts'
import { deletesFromOwnTablesOnly, readNamedTables, writesOwnColumnsOnly } from './written-tables.ts'

/** How the WHERE of an UPDATE or DELETE selects rows, by its text and what is known about the tables. */
export function selectionOf(
  tokens: readonly Token[],
  verb: 'UPDATE' | 'DELETE',
  known: Schema = nothingKnown,
): Selection {
  const tables = findConditionTables(tokens, verb, known)
  const named = readNamedTables(tokens, verb) ?? []
  const changed = new Set(named.map(({ table }) => table.name.toLowerCase()))
  const names = new Map(named.map(({ table, alias }) => [alias.toLowerCase(), table.name.toLowerCase()]))
  const context = { tables, names, changed: new Set([...changed, ...listOwnExpressions(tokens, verb, changed)]) }
  const found = judgeSelection(readCondition(tokens, verb), context)
  // In a join it may be a value of a table that is only read.
  return found === 'value' && named.length > 1 ? 'chosen' : found
}

/** Common table expressions that select every row of the changed tables. */
function listOwnExpressions(tokens: Clause, verb: string, changed: ReadonlySet<string>): readonly string[] {
  const end = outerTokens(tokens).find(({ token }) => isWord(token, verb))?.at ?? 0
  if (!isWord(tokens[0], 'WITH')) return []
  const own = new Set(changed)
  const found: string[] = []
  for (const { name, query } of readExpressions(tokens.slice(1, end))) {
    const isOwn = readSources(query).every(({ table }) => own.has(table.name.toLowerCase()))
    if (!isOwn || !isUnprovenQuery(query, own)) continue
    own.add(name)
    found.push(name)
  }
  return found
}

/** `name [(columns)] AS (query)`, in order. */
function readExpressions(tokens: Clause): readonly { readonly name: string; readonly query: Clause }[] {
  const outer = outerTokens(tokens)
  return outer.flatMap(({ token, at }, index) => {
    const name = outer[index - 1]?.token
    if (!isWord(token, 'AS') || name === undefined) return []
    const end = outer[index + 1]?.at ?? tokens.length
    return [{ name: name.text.toLowerCase(), query: tokens.slice(at + 2, end - 1) }]
  })
}

/** True where rows or values from before the run can be lost. */
export function risksOldRows(
  tokens: readonly Token[],
  statement: Statement,
  verb: 'UPDATE' | 'DELETE',
  context: HazardContext,
): boolean {
  if (!firstTableMayHaveData(statement, context)) return false
  return verb === 'UPDATE'
    ? !writesOwnColumnsOnly(tokens, context.tables)
    : !deletesFromOwnTablesOnly(tokens, context.tables)
}

/** The beginning of a sentence: why an UPDATE or DELETE affects all rows, or may; null where it provably does not. */
export function describeTaken(
  tokens: readonly Token[],
  verb: 'UPDATE' | 'DELETE',
  { text }: Pick<Statement, 'text'>,
  context: HazardContext,
): InBoth | null {
  const { tables, taken } = context
  const selection = selectionOf(tokens, verb, tables)
  if (selection === 'every')
    return { en: `${describeMissingChoice(tokens, verb)}, so it`, zh: '没有能选择行的 WHERE，因此会' }
  // The question may have been asked about another statement than the one that is read here.
  if (context.otherMode === true && /\\|\|\|/.test(text)) return mayTakeAll
  if (taken?.own === 'together')
    return {
      en: 'Together with earlier statements of the plan, its WHERE is true for every existing row, so it',
      zh: '连同计划中之前的语句，WHERE 对现有的每一行都成立，因此会',
    }
  if (selection === 'value' || taken?.own === 'some') return null
  if (taken?.own === 'all')
    return { en: 'Its WHERE is true for every existing row, so it', zh: 'WHERE 对现有的每一行都成立，因此会' }
  if (taken?.own === 'unseen')
    return {
      en: 'Within one second, no row was found that its WHERE excludes: it probably',
      zh: '一秒内未找到 WHERE 不选的行，很可能会',
    }
  return selection === 'chosen' && !isNotAsked(tokens, verb, text, context) ? null : mayTakeAll
}

const mayTakeAll: InBoth = {
  en: 'Its WHERE is not known to exclude any row: if it does not, it',
  zh: '无法证明 WHERE 会排除任何一行；若不排除，则会',
}

/** Whether the server, whose answer decides, could not be asked about this condition: it depends on something that is known only at run time. */
function isNotAsked(tokens: Clause, verb: 'UPDATE' | 'DELETE', text: string, context: HazardContext): boolean {
  if (context.unasked === true) return true
  if (context.accounts === undefined) return false
  const condition = readCondition(tokens, verb) ?? []
  return (
    text.includes('/*!') ||
    condition.some((token) => token.type === 'user-variable' || isMark(token, '?')) ||
    condition.some((token, at) => isWord(token, 'NEW', 'OLD') && isMark(condition[at + 1], '.')) ||
    readsVariable(condition, tokens, verb, context.tables ?? nothingKnown)
  )
}

const values = [
  'NULL',
  'TRUE',
  'FALSE',
  'CURRENT_TIMESTAMP',
  'CURRENT_DATE',
  'CURRENT_TIME',
  'INTERVAL',
  'DATE',
  'TIMESTAMP',
  'TIME',
  'ALL',
  'ANY',
  'SOME',
  'BINARY',
  'CASE',
  'NOT',
  'EXISTS',
] as const
const comparisons = ['<', '>', '<=', '>=', '<>', '!=', '<=>'] as const

/**
 * Whether a value is compared with a name that is not a column of the tables: in a body, that is a parameter or a variable.
 */
function readsVariable(condition: Clause, tokens: Clause, verb: 'UPDATE' | 'DELETE', known: Schema): boolean {
  const named = readNamedTables(tokens, verb) ?? []
  const columns = named.map(({ table }) => knownColumns(stateOfTable(known, table)))
  if (!columns.every((names) => names !== null)) return false
  const isColumn = (name: string): boolean => columns.flat().some((one) => one?.toLowerCase() === name.toLowerCase())
  return condition.some((token, at) => {
    const [before, after] = [condition[at - 1], condition[at + 1]]
    const isCompared =
      [before, after].some((mark) => comparisons.some((one) => isMark(mark, one))) || isWord(before, 'BETWEEN', 'LIKE')
    const isBare =
      (token.type === 'word' || token.type === 'name') &&
      !isMark(before, '.') &&
      !isMark(after, '.') &&
      !isMark(after, '(')
    return isCompared && isBare && !isWord(token, ...values) && !isColumn(token.text)
  })
}
