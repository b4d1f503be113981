import { kindOf, partsOf } from '../ddl/read-parts.ts'
import { type Column, findKnownColumn, type Table } from '../ddl/table.ts'
import { type Clause, isPath, isWord } from '../sql/clauses.ts'
import { readCondition } from './chosen-rows.ts'
import { type Comparison, readComparison, splitConjuncts } from './condition.ts'
import type { StatementSubject } from './subjects.ts'

/** The only table that an UPDATE or DELETE changes; null where there are several, and where it is unknown. */
export function changedTable({ statement, object }: StatementSubject): Table | null {
  return statement.objects.length === 1 && object.type === 'table' ? object.table : null
}

/** The parts of the WHERE that must all be true; none without a WHERE. */
export function conjunctsOf({ statement, tokens }: Pick<StatementSubject, 'statement' | 'tokens'>): readonly Clause[] {
  const verb = statement.verb
  const condition = verb === 'UPDATE' || verb === 'DELETE' ? readCondition(tokens, verb) : null
  return condition === null ? [] : splitConjuncts(condition)
}

/** The comparisons among them. */
export function comparisonsOf(subject: Pick<StatementSubject, 'statement' | 'tokens'>): readonly Comparison[] {
  return conjunctsOf(subject).flatMap((part) => readComparison(part) ?? [])
}

/** The column of `id`, `t.id` or `s.t.id`; null for any other expression. */
export function columnOf(tokens: Clause, table: Table): Column | null {
  const last = tokens.at(-1)
  return isPath(tokens) && last !== undefined ? findKnownColumn(table, last.text) : null
}

/**
 * The column by whose values a part of a condition selects: `c = 1`, `c > 1`, `c BETWEEN`, `c IN (1, 2)`, `c LIKE 'a%'`, `c IS NULL`.
 */
export function selectingColumn(part: Clause, table: Table): Column | null {
  const comparison = readComparison(part)
  if (comparison !== null && !['<>', '!='].includes(comparison.operator))
    return columnOf(comparison.left, table) ?? columnOf(comparison.right, table)
  const at = part.findIndex((token) => isWord(token, 'IN', 'BETWEEN', 'LIKE', 'IS'))
  const isPattern = isWord(part[at], 'LIKE') && /^[%_]/.test(part[at + 1]?.text ?? '%')
  return at < 1 || isPattern || isWord(part[at + 1], 'NOT') ? null : columnOf(part.slice(0, at), table)
}

/** True where an index of the table begins with the column. */
export function isIndexed(table: Table, column: Column): boolean {
  return table.indexes.some(
    (index) =>
      !['FULLTEXT', 'SPATIAL'].includes(kindOf(index)) &&
      partsOf(index)[0]?.column?.toLowerCase() === column.name.toLowerCase(),
  )
}
