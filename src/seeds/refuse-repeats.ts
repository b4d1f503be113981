import {
  type Clause,
  closingOf,
  findWords,
  hasWords,
  inParentheses,
  isMark,
  isName,
  isWord,
  listNames,
  outerTokens,
  skipName,
  splitAtCommas,
} from '../sql/clauses.ts'
import type { Statement } from '../sql/statement.ts'
import { tokenize } from '../sql/tokens.ts'

/** What finds a row of a table again on its shard, in lower case. */
export interface RepeatedTable {
  readonly uniqueKeys: readonly (readonly string[])[]
  /** The columns of its first vindex. */
  readonly vindex: readonly string[]
}

interface RepeatRefusal {
  readonly statement: Statement
  readonly why: string
  readonly next: string
}

type Reason = Pick<RepeatRefusal, 'why' | 'next'>

/** A statement, as far as it decides what a second run does. */
interface Write {
  readonly statement: Statement
  /** Its place among all statements. */
  readonly at: number
  readonly tokens: Clause
  readonly table: string
}

/** What all statements do to one table. */
interface Together {
  firstUpdate: number
  isDeleted: boolean
  /** By column in lower case: the statements that change it in rows that were there before. */
  readonly changed: Map<string, number[]>
}

/**
 * Statements of seed programs that may leave something else where they run twice, in the order in which they run. A sharded keyspace commits shard after shard: where a run ends in between, the next
 * one runs all of them again, also on the shards that have committed them. Each shard alone has run all or none of them, so nothing may depend on how often, nor on rows of other shards. Pure.
 */
export function refuseRepeats(
  statements: readonly Statement[],
  tableOf: (name: string) => RepeatedTable | null,
): readonly RepeatRefusal[] {
  const writes = statements
    .filter(({ verb }) => verb !== 'SELECT')
    .map(
      (statement, at): Write => ({
        ...{ statement, at, tokens: tokenize(statement.text) },
        table: statement.objects[0]?.name.toLowerCase() ?? '',
      }),
    )
  const tables = readTogether(writes)
  return writes.flatMap((write) => {
    const reason =
      refuseSources(write) ??
      refuseWrite(write, tableOf(write.table)) ??
      refuseAmong(write, tables.get(write.table) ?? nothing())
    return reason === null ? [] : [{ statement: write.statement, ...reason }]
  })
}

const nothing = (): Together => ({ firstUpdate: Number.POSITIVE_INFINITY, isDeleted: false, changed: new Map() })

function readTogether(writes: readonly Write[]): ReadonlyMap<string, Together> {
  const tables = new Map<string, Together>()
  for (const { statement, at, tokens, table } of writes) {
    const own = tables.get(table) ?? nothing()
    tables.set(table, own)
    if (statement.verb === 'UPDATE') own.firstUpdate = Math.min(own.firstUpdate, at)
    if (statement.verb === 'DELETE') own.isDeleted = true
    for (const { column } of readAssignments(statement.verb, tokens))
      own.changed.set(column, [...(own.changed.get(column) ?? []), at])
  }
  return tables
}

/** `a = 1` as its column and its value. */
interface Assignment {
  readonly column: string
  readonly value: Clause
}

function readAssignments(verb: string, tokens: Clause): readonly Assignment[] {
  const start = verb === 'UPDATE' ? findWords(tokens, 'SET') : findWords(tokens, 'ON', 'DUPLICATE', 'KEY', 'UPDATE') + 3
  if (start < (verb === 'UPDATE' ? 0 : 3)) return []
  const end = verb === 'UPDATE' ? outerTokens(tokens).find(({ token }) => isWord(token, 'WHERE'))?.at : undefined
  return splitAtCommas(tokens.slice(start + 1, end)).map((assignment) => {
    const equals = assignment.findIndex((token) => isMark(token, '='))
    return { column: assignment[equals - 1]?.text.toLowerCase() ?? '', value: assignment.slice(equals + 1) }
  })
}

/** Each shard is read as it is by then: the rows of one that has committed are other rows. */
function refuseSources({ statement, tokens, table }: Write): Reason | null {
  if (tokens.some((token) => isWord(token, 'SELECT')))
    return {
      why: 'It reads rows, and those of a shard that has committed are no longer what they were.',
      next: 'Write the values themselves.',
    }
  if (table === '')
    return { why: 'It names several tables, whose rows may be on different shards.', next: 'Write one for each table.' }
  return outerTokens(tokens).some(({ token }) => isWord(token, 'LIMIT'))
    ? {
        why: `\`LIMIT\` makes ${statement.verb} choose other rows when it runs again.`,
        next: 'Name the rows in WHERE.',
      }
    : null
}

function refuseWrite(write: Write, table: RepeatedTable | null): Reason | null {
  const { verb } = write.statement
  // That it does not exist is said by who looks for its vindex.
  if (table === null || verb === 'DELETE') return null
  if (verb === 'INSERT') return refuseInsert(write, table)
  if (verb !== 'UPDATE')
    return { why: `A second ${verb} may leave something else than the first.`, next: 'Write INSERT, UPDATE or DELETE.' }
  return refuseUpdate(write, table)
}

function refuseUpdate({ tokens }: Write, { uniqueKeys }: RepeatedTable): Reason | null {
  for (const { column, value } of readAssignments('UPDATE', tokens)) {
    if (uniqueKeys.flat().includes(column))
      return {
        why: `It changes \`${column}\`, by which rows are found again.`,
        next: 'Change it in a migration.',
      }
    if (!isFixed(value))
      return {
        why: `The value of \`${column}\` may depend on values of the row, and would then change again.`,
        next: 'Write the value itself.',
      }
  }
  return null
}

function refuseInsert({ tokens }: Write, table: RepeatedTable): Reason | null {
  const duplicates = readAssignments('INSERT', tokens)
  const into = findWords(tokens, 'INTO')
  const at = skipName(tokens, into < 0 ? tokens.findIndex((token, index) => index > 0 && !isModifier(token)) : into + 1)
  const isIgnored = tokens.slice(0, at).some((token) => isWord(token, 'IGNORE'))
  if (!isIgnored && duplicates.length === 0)
    return {
      why: 'Rows that a shard has committed would be inserted a second time, or stop the run.',
      next: 'Write INSERT IGNORE, or ON DUPLICATE KEY UPDATE.',
    }
  const other = duplicates.find(({ column, value }) => !isOwnValue(column, value))
  if (other !== undefined)
    return {
      why: `\`${other.column}\` of a row that it has inserted would change when it runs again.`,
      next: `Write \`${other.column} = VALUES(${other.column})\`.`,
    }
  const close = closingOf(tokens, at)
  if (!isMark(tokens[at], '(') || !isWord(tokens[close + 1], 'VALUES', 'VALUE'))
    return {
      why: 'It does not name the columns of its values, by which its rows are found again.',
      next: 'Write INSERT ... (columns) VALUES (values).',
    }
  const columns = inParentheses(tokens, at).flatMap((token) => (isName(token) ? [token.text.toLowerCase()] : []))
  return refuseValues(columns, readRows(tokens, close + 2), table)
}

const isModifier = (token: Clause[number]): boolean =>
  isWord(token, 'LOW_PRIORITY', 'HIGH_PRIORITY', 'DELAYED', 'IGNORE')

function readRows(tokens: Clause, from: number): readonly (readonly Clause[])[] {
  const rows: (readonly Clause[])[] = []
  for (let at = from; isMark(tokens[at], '('); at = closingOf(tokens, at) + 2) {
    rows.push(splitAtCommas(inParentheses(tokens, at)))
    if (!isMark(tokens[closingOf(tokens, at) + 1], ',')) break
  }
  return rows
}

/** Each row is given what leads to its shard, and a whole unique key. */
function refuseValues(
  columns: readonly string[],
  rows: readonly (readonly Clause[])[],
  { uniqueKeys, vindex }: RepeatedTable,
): Reason | null {
  const isGiven = (column: string): boolean => {
    const at = columns.indexOf(column)
    return at >= 0 && rows.every((row) => isConstant(row[at] ?? []))
  }
  if (!vindex.every(isGiven))
    return {
      why: `The vindex leads from ${listNames(vindex)} to the shard of a row, and a second run would not come to the same one.`,
      next: 'Give each row a constant there.',
    }
  if (uniqueKeys.some((key) => key.every(isGiven))) return null
  return {
    why: 'No unique key has all of its columns given as constants: a row that is there would be inserted a second time.',
    next: `Give each row all columns of a unique key${uniqueKeys.length === 0 ? '' : ` (${uniqueKeys.map(listNames).join('; ')})`}.`,
  }
}

/** What it does together with the others on its table. */
function refuseAmong({ statement, at, tokens, table }: Write, together: Together): Reason | null {
  if (statement.verb === 'INSERT') {
    if (together.firstUpdate < at)
      return {
        why: `An UPDATE of \`${table}\` before it would change the rows that it inserts when both run again.`,
        next: 'Put it before the UPDATE.',
      }
    return together.isDeleted
      ? {
          why: `Rows of \`${table}\` are deleted, too: a row that was there, and was deleted then, would be inserted when both run again.`,
          next: 'Write the DELETE as a migration.',
        }
      : null
  }
  const where = outerTokens(tokens).find(({ token }) => isWord(token, 'WHERE'))?.at ?? tokens.length
  for (const token of tokens.slice(where)) {
    const column = isName(token) ? token.text.toLowerCase() : ''
    if (together.changed.get(column)?.some((other) => other !== at))
      return {
        why: `Its condition reads \`${column}\`, which another statement changes: it would find other rows when both run again.`,
        next: 'Name the rows by columns that no other statement changes.',
      }
  }
  return null
}

const isOwnValue = (column: string, value: Clause): boolean =>
  value.length === 4 && hasWords(value, 0, 'VALUES') && value[2]?.text.toLowerCase() === column

/** A literal that is not NULL. */
function isConstant(value: Clause): boolean {
  const [first, second, third] = value
  const isSigned = isMark(first, '-') || isMark(first, '+')
  if (isSigned) return second?.type === 'number' && third === undefined
  return (
    second === undefined && (first?.type === 'number' || first?.type === 'string' || isWord(first, 'TRUE', 'FALSE'))
  )
}

const fixedWords = ['NULL', 'TRUE', 'FALSE', 'DEFAULT', 'CURRENT_TIMESTAMP', 'CURRENT_DATE'] as const

/** Without columns: a name is one, unless a parenthesis makes it a function. */
function isFixed(value: Clause): boolean {
  return value.every((token, at) => !isName(token) || isWord(token, ...fixedWords) || isMark(value[at + 1], '('))
}
