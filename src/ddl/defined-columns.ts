import { type Clause, isName, isWord, readAlterations } from '../sql/clauses.ts'
import type { Token } from '../sql/tokens.ts'
import { type ColumnType, readColumnType } from './column-type.ts'
import { readCreatedDefinitions } from './created-table.ts'
import { readAdded, readColumnDefinition } from './read-alterations.ts'

/** A column that a statement defines: in a CREATE TABLE, or by ADD, MODIFY or CHANGE. */
export interface DefinedColumn {
  /** Its name after the statement. */
  readonly name: string
  /** Null where the type cannot be read. */
  readonly type: ColumnType | null
  /** The tokens of the definition from the type on. */
  readonly definition: Clause
  /** The token of its name. */
  readonly at: Token
  /** `ADD` also for a CREATE TABLE. */
  readonly how: 'ADD' | 'MODIFY' | 'CHANGE'
}

/** The columns that a CREATE TABLE or an ALTER TABLE defines, in order; none for any other statement. */
export function readDefinedColumns(tokens: readonly Token[]): readonly DefinedColumn[] {
  if (isWord(tokens[0], 'CREATE')) {
    return readCreatedDefinitions(tokens).flatMap((definition) => toColumn('ADD', definition[0], definition.slice(1)))
  }
  return readAlterations(tokens).flatMap((clause) => {
    const changed = readColumnDefinition(clause)
    if (changed === null) {
      return readAdded(clause).flatMap(([, definition]) => {
        const name = clause[clause.indexOf(definition[0] ?? clauseEnd) - 1]
        return toColumn('ADD', name, definition)
      })
    }
    const name = clause[clause.indexOf(changed.definition[0] ?? clauseEnd) - 1]
    return toColumn(isWord(clause[0], 'MODIFY') ? 'MODIFY' : 'CHANGE', name, changed.definition)
  })
}

/** No clause has it: a definition without a type has no name either. */
const clauseEnd: Token = { type: 'punctuation', text: '', start: -1, end: -1 }

function toColumn(how: DefinedColumn['how'], name: Token | undefined, definition: Clause): readonly DefinedColumn[] {
  if (!isName(name)) return []
  return [{ how, name: name.text, type: readColumnType(definition), definition, at: name }]
}
