import { type Clause, isMark, isName, isWord, skipName } from '../sql/clauses.ts'
import type { ObjectName } from '../sql/statement.ts'

/** A table that a query reads, under the name that the query gives it. */
export interface Source {
  readonly table: ObjectName
  readonly alias: string
}

/** What is known of the parentheses around a token. */
interface Level {
  /** A query or a join; FROM in the parentheses of a function is another word (`EXTRACT(YEAR FROM d)`). */
  readonly query: boolean
  inFrom: boolean
  expecting: boolean
}

const endsFrom = [
  'WHERE',
  'GROUP',
  'HAVING',
  'ORDER',
  'LIMIT',
  'SET',
  'UNION',
  'SELECT',
  'WINDOW',
  'FOR',
  'INTO',
] as const
const noAlias = [
  ...endsFrom,
  'ON',
  'USING',
  'JOIN',
  'STRAIGHT_JOIN',
  'INNER',
  'CROSS',
  'LEFT',
  'RIGHT',
  'NATURAL',
  'PARTITION',
  'USE',
  'FORCE',
  'IGNORE',
  'EXCEPT',
  'INTERSECT',
  'WITH',
] as const
const modifiers = ['LOW_PRIORITY', 'IGNORE', 'QUICK', 'LATERAL', 'ONLY'] as const

/**
 * The tables that a query or the head of an UPDATE names after FROM, JOIN, UPDATE and TABLE, in any of its parts. The name of a
 * common table expression counts as one, too: nothing of that name is there.
 */
export function readSources(tokens: Clause): readonly Source[] {
  const sources: Source[] = []
  const levels: Level[] = [{ query: true, inFrom: false, expecting: false }]
  for (let at = 0; at < tokens.length; at += 1) {
    const token = tokens[at]
    const level = levels.at(-1)
    if (level === undefined) break
    if (isMark(token, '(')) {
      const query = level.expecting || isMark(tokens[at + 1], '(') || isWord(tokens[at + 1], 'SELECT', 'WITH', 'TABLE')
      levels.push({ query, inFrom: level.expecting, expecting: level.expecting })
      level.expecting = false
    } else if (isMark(token, ')')) levels.pop()
    else if (isMark(token, ',')) level.expecting = level.inFrom
    else if (opensFrom(tokens, at) && level.query) level.inFrom = level.expecting = true
    else if (isWord(token, ...endsFrom)) level.inFrom = level.expecting = false
    else if (isWord(token, 'ON', 'USING')) level.expecting = false
    else if (level.expecting && isName(token) && !isWord(token, ...modifiers)) {
      level.expecting = false
      sources.push(readSource(tokens, at))
      at = skipName(tokens, at) - 1
    }
  }
  return sources
}

function opensFrom(tokens: Clause, at: number): boolean {
  if (isWord(tokens[at], 'FROM', 'JOIN', 'STRAIGHT_JOIN')) return true
  if (isWord(tokens[at], 'UPDATE')) return !isWord(tokens[at - 1], 'KEY', 'FOR', 'ON')
  return isWord(tokens[at], 'TABLE') && !isWord(tokens[at - 1], 'CREATE', 'TEMPORARY')
}

function readSource(tokens: Clause, at: number): Source {
  const [first, end] = [tokens[at]?.text ?? '', skipName(tokens, at)]
  const qualified = end > at + 1
  const table: ObjectName = {
    type: 'table',
    schema: qualified ? first : null,
    name: qualified ? (tokens[end - 1]?.text ?? '') : first,
  }
  const next = isWord(tokens[end], 'AS') ? tokens[end + 1] : tokens[end]
  return { table, alias: isName(next) && !isWord(next, ...noAlias) ? next.text : table.name }
}
