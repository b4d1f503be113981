import { type Clause, findWords, isMark, isName, isWord } from '../../sql/clauses.ts'
import type { Statement } from '../../sql/statement.ts'
import { noTablesKnown, type PresentTable, stateOfTable } from '../../sql/table-state.ts'
import type { Token } from '../../sql/token.ts'
import { readComparison, splitConjuncts } from '../condition.ts'
import { readSources } from '../read-sources.ts'
import type { HazardContext, HazardRule } from '../rule.ts'
import { isLargeEnough } from '../stakes.ts'
import { writesOwnColumnsOnly } from '../written-tables.ts'
import { readCondition, touchesEveryRow } from './rows-without-where.ts'

export const largeChange: HazardRule = {
  code: 'LARGE_CHANGE',
  kind: 'advisory',
  title:
    '`UPDATE`, `DELETE`, `INSERT ... SELECT` or `REPLACE ... SELECT` over a large table, without a `LIMIT` or a value of an index',
  find: (tokens, statement, context) => {
    const table = findLargeTable(tokens, statement, context)
    if (table === null || findWords(tokens, 'LIMIT') >= 0) return []
    return [
      {
        why: `It may touch many of about ${table.rows} rows in one transaction: it locks what it reads, replicas wait for it, and undoing it takes longer than doing it.`,
        instead: 'Do it in batches by key: a data migration may loop, or add a LIMIT and repeat the statement.',
      },
    ]
  },
}

function findLargeTable(tokens: readonly Token[], statement: Statement, context: HazardContext): PresentTable | null {
  const { verb } = statement
  if (verb === 'UPDATE' || verb === 'DELETE') {
    const table = largest(statement.objects, context)
    // What touches every row of what was there is a hazard of its own.
    if (table === null || (touchesEveryRow(tokens, verb, table) && !isFilled(tokens, context, verb))) return null
    return isChosenByIndex(readCondition(tokens, verb), table) ? null : table
  }
  if (verb !== 'INSERT' && verb !== 'REPLACE') return null
  const start = tokens.findIndex((token) => isWord(token, 'SELECT', 'TABLE', 'WITH'))
  const sources = start < 0 ? [] : readSources(tokens.slice(start))
  const table = largest(
    sources.map((source) => source.table),
    context,
  )
  return table === null || isChosenByIndex(readCondition(tokens, 'SELECT'), table) ? null : table
}

/** True for an UPDATE of columns that the plan adds, which loses nothing but takes its time. */
function isFilled(tokens: readonly Token[], context: HazardContext, verb: string): boolean {
  return verb === 'UPDATE' && writesOwnColumnsOnly(tokens, context.tables)
}

function largest(names: Statement['objects'], context: HazardContext): PresentTable | null {
  const found = names.flatMap((name): readonly PresentTable[] => {
    const state = stateOfTable(context.tables ?? noTablesKnown, name)
    return state.type === 'present' && isLargeEnough(state) ? [state] : []
  })
  return found.toSorted((left, right) => right.rows - left.rows)[0] ?? null
}

/** True when a part of the condition asks for given values of a column that begins an index, or of any where no index is known. */
function isChosenByIndex(condition: Clause | null, table: PresentTable): boolean {
  if (condition === null) return false
  return splitConjuncts(condition).some((part) => {
    const column = readChosenColumn(part)
    if (column === null) return false
    return (
      table.keys === undefined || table.keys.some(({ columns }) => columns[0]?.toLowerCase() === column.toLowerCase())
    )
  })
}

/** The column of `column = value`, `value = column` and `column IN (values)`. */
function readChosenColumn(part: Clause): string | null {
  const comparison = readComparison(part)
  if (comparison !== null) {
    if (comparison.operator !== '=' && comparison.operator !== '<=>') return null
    return columnOf(comparison.left) ?? columnOf(comparison.right)
  }
  const at = part.findIndex((token) => isWord(token, 'IN'))
  const isList = at > 0 && isMark(part[at + 1], '(') && !isWord(part[at + 2], 'SELECT', 'WITH', 'TABLE')
  return isList ? columnOf(part.slice(0, at)) : null
}

function columnOf(tokens: Clause): string | null {
  const isPath =
    tokens.length % 2 === 1 && tokens.every((token, at) => (at % 2 === 0 ? isName(token) : isMark(token, '.')))
  return isPath ? (tokens.at(-1)?.text ?? null) : null
}
