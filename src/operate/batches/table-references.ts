import { type Clause, closingOf, isMark, isName, isWord } from '../../sql/clauses.ts'

/** A table in the FROM clause of a SELECT or DELETE, or in front of the SET of an UPDATE. */
export interface TableReference {
  /** Null for a derived table, which cannot be walked. */
  readonly table: { readonly schema: string | null; readonly name: string } | null
  /** What its columns are qualified with. */
  readonly alias: string
}

/** What follows a table and is not its alias. */
const following = [
  'ON',
  'USING',
  'JOIN',
  'INNER',
  'LEFT',
  'RIGHT',
  'CROSS',
  'OUTER',
  'NATURAL',
  'STRAIGHT_JOIN',
  'USE',
  'FORCE',
  'IGNORE',
  'PARTITION',
] as const

/** The tables outside parentheses, in the order of the text. */
export function readTableReferences(tokens: Clause): readonly TableReference[] {
  const found: TableReference[] = []
  let isExpected = true
  for (let at = 0; at < tokens.length; at += 1) {
    const token = tokens[at]
    if (isExpected && isWord(token, 'LATERAL')) continue
    if (isExpected && (isMark(token, '(') || isName(token))) {
      const read = readReference(tokens, at)
      found.push(read.reference)
      at = read.end - 1
      isExpected = false
    } else if (isMark(token, '(')) at = closingOf(tokens, at)
    else if (isMark(token, ',') || isWord(token, 'JOIN', 'STRAIGHT_JOIN')) isExpected = true
  }
  return found
}

function readReference(tokens: Clause, from: number): { readonly reference: TableReference; readonly end: number } {
  if (isMark(tokens[from], '(')) {
    const { alias, end } = readAlias(tokens, closingOf(tokens, from) + 1)
    return { reference: { table: null, alias: alias ?? '' }, end }
  }
  const isQualified = isMark(tokens[from + 1], '.') && isName(tokens[from + 2])
  const schema = isQualified ? (tokens[from]?.text ?? null) : null
  const name = tokens[isQualified ? from + 2 : from]?.text ?? ''
  let next = from + (isQualified ? 3 : 1)
  if (isWord(tokens[next], 'PARTITION') && isMark(tokens[next + 1], '(')) next = closingOf(tokens, next + 1) + 1
  const { alias, end } = readAlias(tokens, next)
  return { reference: { table: { schema, name }, alias: alias ?? name }, end }
}

function readAlias(tokens: Clause, at: number): { readonly alias: string | null; readonly end: number } {
  if (isWord(tokens[at], 'AS')) return { alias: tokens[at + 1]?.text ?? null, end: at + 2 }
  const token = tokens[at]
  if (isName(token) && !isWord(token, ...following)) return { alias: token.text, end: at + 1 }
  return { alias: null, end: at }
}
