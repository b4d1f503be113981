import type { Statement } from '../../domain/statement.ts'
import { type KnownTables, noTablesKnown, stateOfTable } from '../../domain/table-state.ts'
import type { Token } from '../token.ts'
import { type Clause, isWord, readAlterations } from './clauses.ts'
import { type ColumnType, readColumnType, toColumnType } from './column-type.ts'

/** A column that MODIFY or CHANGE defines anew. */
export interface ColumnChange {
  readonly column: string
  /** Null where the present definition is not known. */
  readonly before: ColumnType | null
  readonly after: ColumnType
  readonly clause: Clause
}

/** The columns that an ALTER TABLE defines anew, with what is known of their present definitions. */
export function readColumnChanges(
  tokens: readonly Token[],
  statement: Statement,
  tables: KnownTables | undefined,
): readonly ColumnChange[] {
  return readAlterations(tokens).flatMap((clause) => {
    const change = readChange(clause)
    if (change === null) return []
    return [{ ...change, before: findColumn(change.column, statement, tables ?? noTablesKnown), clause }]
  })
}

function readChange(clause: Clause): Pick<ColumnChange, 'column' | 'after'> | null {
  if (!isWord(clause[0], 'MODIFY', 'CHANGE')) return null
  const at = isWord(clause[1], 'COLUMN') ? 2 : 1
  const column = clause[at]
  const after = readColumnType(clause.slice(isWord(clause[0], 'CHANGE') ? at + 2 : at + 1))
  return column === undefined || after === null ? null : { column: column.text, after }
}

function findColumn(column: string, statement: Statement, tables: KnownTables): ColumnType | null {
  const table = statement.objects[0]
  const state = table === undefined ? null : stateOfTable(tables, table)
  if (state?.type !== 'present') return null
  const found = state.columns.find((each) => each.name.toLowerCase() === column.toLowerCase())
  return found === undefined ? null : toColumnType(found)
}
