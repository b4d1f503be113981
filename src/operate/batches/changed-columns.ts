import { type Clause, findWords, isMark, isWord, outerWords, splitAtCommas } from '../../sql/clauses.ts'
import { tokenize } from '../../sql/tokens.ts'
import { readTableReferences, type TableReference } from './table-references.ts'

/** What an UPDATE sets. */
export interface Assigned {
  readonly qualifier: string | null
  readonly column: string
}

/** `column = ...`, `table.column = ...` or `schema.table.column = ...`. */
export function readAssigned(clause: Clause): Assigned {
  const equals = clause.findIndex((token) => isMark(token, '='))
  const path = clause.slice(0, Math.max(equals, 0))
  return { qualifier: path.at(-3)?.text ?? null, column: path.at(-1)?.text ?? '' }
}

/** The columns, in lower case, that an UPDATE of whatever tables may set of one of them. */
export function readChangedColumns(
  text: string,
  isTable: (table: NonNullable<TableReference['table']>) => boolean,
): ReadonlySet<string> {
  const tokens = tokenize(text)
  const [update, set] = [findWords(tokens, 'UPDATE'), findWords(tokens, 'SET')]
  if (update < 0 || set < 0) return new Set()
  const start = tokens.findIndex((token, at) => at > update && !isWord(token, 'LOW_PRIORITY', 'IGNORE'))
  const references = readTableReferences(tokens.slice(start, set))
  // What stands in parentheses may be a join with the table.
  const own = references.filter(({ table }) => table === null || isTable(table))
  if (own.length === 0) return new Set()
  const others = new Set(references.filter((one) => !own.includes(one)).map(({ alias }) => alias.toLowerCase()))
  const behind = tokens.slice(set + 1)
  const where = outerWords(behind).get('WHERE') ?? behind.length
  const assigned = splitAtCommas(behind.slice(0, where)).map(readAssigned)
  return new Set(
    assigned.flatMap(({ qualifier, column }) =>
      others.has(qualifier?.toLowerCase() ?? '') ? [] : [column.toLowerCase()],
    ),
  )
}
