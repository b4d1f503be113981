import { type Clause, findWords, isMark, isName, isWord, readAlterations, skipName, splitAtCommas } from './clauses.ts'
import type { ObjectName, Statement } from './statement.ts'
import { tokenize } from './tokens.ts'

/** A foreign key as a statement declares it. Names are unquoted; a schema may be a placeholder, `{{schema:user_db}}`. */
export interface ForeignKey {
  /** Null where the server is left to name it. */
  readonly name: string | null
  readonly table: Pick<ObjectName, 'schema' | 'name'>
  readonly columns: readonly string[]
  readonly parent: Pick<ObjectName, 'schema' | 'name'>
  /** Empty where none are named: the parent's primary key, as MySQL 9 understands it. */
  readonly parentColumns: readonly string[]
  /** Where the declaration begins. */
  readonly file: string
  readonly line: number
}

/** The keys that a CREATE TABLE or ALTER TABLE adds, in order: of the table, or of one column (`a INT REFERENCES p (b)`). */
export function readForeignKeys(
  statement: Pick<Statement, 'text' | 'file' | 'line' | 'class' | 'objects' | 'references'>,
): readonly ForeignKey[] {
  const [table] = statement.objects
  // A temporary table, whose class is another, cannot have a foreign key.
  if (statement.class !== 'definition' || statement.references.length === 0 || table === undefined) return []
  const tokens = tokenize(statement.text)
  const definitions = isWord(tokens[0], 'CREATE') ? readCreated(tokens) : readAlterations(tokens).flatMap(readAdded)
  return definitions.flatMap((definition) => {
    const key = readDefinition(definition)
    const lines = statement.text.slice(0, definition[0]?.start ?? 0).split('\n').length - 1
    const place = { file: statement.file, line: statement.line + lines }
    return key === null ? [] : [{ ...key, table: { schema: table.schema, name: table.name }, ...place }]
  })
}

/** What stands between the parentheses of a CREATE TABLE. */
function readCreated(tokens: Clause): readonly Clause[] {
  return splitAtCommas(readParentheses(tokens, 0))
}

/** The definitions that one change of an ALTER TABLE adds: `ADD x`, `ADD COLUMN x` or `ADD (x, y)`. */
function readAdded(change: Clause): readonly Clause[] {
  if (!isWord(change[0], 'ADD')) return []
  const added = change.slice(isWord(change[1], 'COLUMN') ? 2 : 1)
  return isMark(added[0], '(') ? splitAtCommas(readParentheses(added, 0)) : [added]
}

function readDefinition(definition: Clause): Omit<ForeignKey, 'table' | 'file' | 'line'> | null {
  const at = findWords(definition, 'REFERENCES')
  const columns = at < 0 ? [] : readOwnColumns(definition.slice(0, at))
  const parent = readTableName(definition, at + 1)
  if (columns.length === 0 || parent === null) return null
  const after = skipName(definition, at + 1)
  const parentColumns = isMark(definition[after], '(') ? readColumns(definition, after) : []
  return { name: readConstraintName(definition), columns, parent, parentColumns }
}

function readTableName(tokens: Clause, at: number): ForeignKey['parent'] | null {
  const [first, last] = [tokens[at], tokens[skipName(tokens, at) - 1]]
  if (!isName(first) || !isName(last)) return null
  return first === last ? { schema: null, name: first.text } : { schema: first.text, name: last.text }
}

function readConstraintName(definition: Clause): string | null {
  const [first, name] = definition
  return isWord(first, 'CONSTRAINT') && isName(name) && !isWord(name, 'FOREIGN') ? name.text : null
}

/** Those of a FOREIGN KEY clause, or the column whose definition this is. */
function readOwnColumns(beforeReferences: Clause): readonly string[] {
  const key = findWords(beforeReferences, 'FOREIGN', 'KEY')
  if (key >= 0) return readColumns(beforeReferences, key)
  const [column] = beforeReferences
  return isName(column) ? [column.text] : []
}

/** The names in the first parentheses from `at` on; a key part may have a length and a direction. */
function readColumns(tokens: Clause, at: number): readonly string[] {
  return splitAtCommas(readParentheses(tokens, at)).flatMap(([name]) => (isName(name) ? [name.text] : []))
}

/** What stands in the first parentheses from `from` on. */
function readParentheses(tokens: Clause, from: number): Clause {
  const open = tokens.findIndex((token, at) => at >= from && isMark(token, '('))
  if (open < 0) return []
  let depth = 0
  const close = tokens.findIndex((token, at) => {
    if (at < open) return false
    if (isMark(token, '(')) depth += 1
    else if (isMark(token, ')')) depth -= 1
    return depth === 0
  })
  return tokens.slice(open + 1, close < 0 ? tokens.length : close)
}
