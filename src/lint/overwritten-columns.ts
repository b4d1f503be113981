import { type Clause, hasWords, isMark, isWord, skipName, splitAtCommas } from '../sql/clauses.ts'
import { readBody } from '../sql/procedures/read-body.ts'
import type { ObjectName, Statement } from '../sql/statement.ts'
import { tokenize } from '../sql/tokens.ts'
import { columnMayHaveData, firstTableMayHaveData } from './existing-data.ts'
import type { HazardContext } from './rule.ts'
import { bodyOf } from './stored-body.ts'

/** The columns to which a trigger gives the same value in every row that is written, whatever was written; the plan's own tables and columns are left out. */
export function listOverwrittenByTrigger(statement: Statement, context: HazardContext): readonly string[] {
  const table = statement.verb === 'CREATE TRIGGER' ? readTable(statement) : null
  if (table === null) return []
  const onTable = { ...statement, objects: [table] }
  if (!firstTableMayHaveData(onTable, context)) return []
  const { statements, certain } = readBody(bodyOf(statement.verb, statement.text))
  const columns = statements.flatMap((text, at) => (certain[at] === true ? readConstants(text) : []))
  return [...new Set(columns)].filter((name) => columnMayHaveData(name, onTable, context))
}

/** The table after ON. */
function readTable({ text, objects }: Statement): ObjectName | null {
  const tokens = tokenize(text)
  const on = tokens.findIndex(
    (token, at) => isWord(token, 'ON') && isWord(tokens[at - 1], 'INSERT', 'UPDATE') && at > 2,
  )
  const end = skipName(tokens, on + 1)
  const [first, last] = [tokens[on + 1], tokens[end - 1]]
  if (on < 0 || first === undefined || last === undefined || !hasWords(tokens, end, 'FOR', 'EACH', 'ROW')) return null
  return { type: 'table', schema: first === last ? (objects[0]?.schema ?? null) : first.text, name: last.text }
}

/** The columns of the new row that a SET gives a literal. */
function readConstants(text: string): readonly string[] {
  const tokens = tokenize(text)
  if (!isWord(tokens[0], 'SET')) return []
  return splitAtCommas(tokens.slice(1)).flatMap((assignment) => {
    const [row, dot, column, equals] = assignment
    const isNew = isWord(row, 'NEW') && isMark(dot, '.') && (isMark(equals, '=') || isMark(equals, ':='))
    return isNew && column !== undefined && isLiteral(assignment.slice(4)) ? [column.text] : []
  })
}

function isLiteral(value: Clause): boolean {
  return (
    value.length > 0 &&
    value.every(
      (token) =>
        token.type === 'string' ||
        token.type === 'number' ||
        isWord(token, 'NULL', 'TRUE', 'FALSE') ||
        isMark(token, '-') ||
        isMark(token, '(') ||
        isMark(token, ')') ||
        /^_\w+$|^[xbn]$/i.test(token.text),
    )
  )
}
