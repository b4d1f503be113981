import { type Clause, isWord, readAlterations } from '../sql/clauses.ts'
import { type ColumnType, readColumnType, toColumnType } from '../sql/column-type.ts'
import type { Statement } from '../sql/statement.ts'
import {
  type ColumnAttributes,
  type ColumnState,
  isOwnColumn,
  type KnownTables,
  noTablesKnown,
  type PresentTable,
  stateOfTable,
} from '../sql/table-state.ts'
import type { Token } from '../sql/token.ts'
import { readColumnAttributes } from './column-attributes.ts'
import { charsetAfter, readCharsetChange } from './table-charset.ts'

/** A column that MODIFY or CHANGE defines anew. */
export interface ColumnChange {
  readonly column: string
  /** Its name afterwards. */
  readonly renamed: string
  /** Null where the present definition is not known. */
  readonly before: ColumnType | null
  /** Null where nobody looked at more than the present type. */
  readonly attributesBefore: ColumnAttributes | null
  /** With the character set that the column gets where its definition names none, as far as that is known. */
  readonly after: ColumnType
  readonly attributes: ColumnAttributes
  /** True for a column that the plan itself adds: it holds nothing that was there before. */
  readonly made: boolean
  readonly clause: Clause
}

/** The columns that an ALTER TABLE defines anew, with what is known of their present definitions. */
export function readColumnChanges(
  tokens: readonly Token[],
  statement: Statement,
  tables: KnownTables | undefined,
): readonly ColumnChange[] {
  const table = findPresentTable(statement, tables)
  const clauses = readAlterations(tokens)
  const charsets = readCharsetChange(clauses, table)
  const named = statement.objects[0]
  const isOwn = (column: string): boolean => named !== undefined && isOwnColumn(tables ?? noTablesKnown, named, column)
  return clauses.flatMap((clause) => {
    const written = readColumnDefinition(clause)
    const type = written === null ? null : readColumnType(written.definition)
    if (written === null || type === null) return []
    const state = findColumn(table, written.column)
    return [
      {
        column: written.column,
        renamed: written.renamed,
        before: state === null ? null : toColumnType(state),
        attributesBefore: state?.attributes ?? null,
        after: { ...type, charset: charsetAfter(type, charsets) },
        attributes: readColumnAttributes(written.definition),
        made: isOwn(written.column),
        clause,
      },
    ]
  })
}

/** `MODIFY [COLUMN] name definition` and `CHANGE [COLUMN] name name definition`; null for any other clause. */
export function readColumnDefinition(
  clause: Clause,
): { readonly column: string; readonly renamed: string; readonly definition: Clause } | null {
  if (!isWord(clause[0], 'MODIFY', 'CHANGE')) return null
  const at = isWord(clause[1], 'COLUMN') ? 2 : 1
  const next = isWord(clause[0], 'CHANGE') ? at + 1 : at
  const [column, renamed] = [clause[at], clause[next]]
  if (column === undefined || renamed === undefined) return null
  return { column: column.text, renamed: renamed.text, definition: clause.slice(next + 1) }
}

/** The first table of a statement, where it is known to be there. */
export function findPresentTable(statement: Statement, tables: KnownTables | undefined): PresentTable | null {
  const table = statement.objects[0]
  const state = table === undefined ? null : stateOfTable(tables ?? noTablesKnown, table)
  return state?.type === 'present' ? state : null
}

export function findColumn(table: Pick<PresentTable, 'columns'> | null, name: string): ColumnState | null {
  return table?.columns.find((each) => each.name.toLowerCase() === name.toLowerCase()) ?? null
}
