import { type Clause, findWords, isMark, isName, isWord, outerTokens, splitAtCommas } from '../sql/clauses.ts'
import type { Statement } from '../sql/statement.ts'
import { tokenize } from '../sql/tokens.ts'
import { findUnfixed, isFunction } from './fixed-values.ts'
import { refuseInsert } from './refuse-inserts.ts'
import { type Assignment, differs, type Reason, type RepeatedTable, refuseComputed } from './repeated-table.ts'

interface RepeatRefusal extends Reason {
  readonly statement: Statement
}

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
  const tables = readTogether(writes, tableOf)
  return writes.flatMap((write) => {
    const reason =
      refuseForm(write) ??
      refuseSources(write) ??
      refuseWrite(write, tableOf(write.table)) ??
      refuseAmong(write, tables.get(write.table) ?? nothing())
    return reason === null ? [] : [{ statement: write.statement, ...reason }]
  })
}

const nothing = (): Together => ({ firstUpdate: Number.POSITIVE_INFINITY, isDeleted: false, changed: new Map() })

function readTogether(
  writes: readonly Write[],
  tableOf: (name: string) => RepeatedTable | null,
): ReadonlyMap<string, Together> {
  const tables = new Map<string, Together>()
  for (const { statement, at, tokens, table } of writes) {
    const own = tables.get(table) ?? nothing()
    tables.set(table, own)
    if (statement.verb === 'UPDATE') own.firstUpdate = Math.min(own.firstUpdate, at)
    if (statement.verb === 'DELETE') own.isDeleted = true
    const assigned = readAssignments(statement.verb, tokens).map(({ column }) => column)
    const following = assigned.length === 0 ? [] : (tableOf(table)?.following ?? [])
    for (const column of [...assigned, ...following]) own.changed.set(column, [...(own.changed.get(column) ?? []), at])
  }
  return tables
}

function readAssignments(verb: string, tokens: Clause): readonly Assignment[] {
  const start = verb === 'UPDATE' ? findWords(tokens, 'SET') : findWords(tokens, 'ON', 'DUPLICATE', 'KEY', 'UPDATE') + 3
  if (start < (verb === 'UPDATE' ? 0 : 3)) return []
  const end =
    verb === 'UPDATE' ? outerTokens(tokens).find(({ token }) => isWord(token, 'WHERE', 'ORDER'))?.at : undefined
  return splitAtCommas(tokens.slice(start + 1, end)).map((assignment) => {
    const equals = assignment.findIndex((token) => isMark(token, '='))
    return { column: assignment[equals - 1]?.text.toLowerCase() ?? '', value: assignment.slice(equals + 1) }
  })
}

function refuseForm({ statement: { verb }, tokens, table }: Write): Reason | null {
  if (verb !== 'INSERT' && verb !== 'UPDATE' && verb !== 'DELETE')
    return { why: `A second ${verb} may leave something else than the first.`, next: 'Write INSERT, UPDATE or DELETE.' }
  if (table !== '' || tokens.some((token) => isWord(token, 'SELECT'))) return null
  const outer = outerTokens(tokens)
  const end = outer.findIndex(({ token }) => isWord(token, 'SET', 'WHERE'))
  const named = end < 0 ? outer : outer.slice(0, end)
  return named.some(({ token }) => isMark(token, ',') || isWord(token, 'JOIN', 'STRAIGHT_JOIN'))
    ? { why: 'It names several tables, whose rows may be on different shards.', next: 'Write one for each table.' }
    : {
        why: 'Which table it changes is not seen in this form, which may name several.',
        next: `Write \`${verb === 'UPDATE' ? 'UPDATE table SET ...' : 'DELETE FROM table WHERE ...'}\`, without a hint for an index.`,
      }
}

/** Each shard is read as it is by then: the rows of one that has committed are other rows. */
function refuseSources({ statement, tokens }: Write): Reason | null {
  if (tokens.some((token) => isWord(token, 'SELECT')))
    return {
      why: 'It reads rows, and those of a shard that has committed are no longer what they were.',
      next: 'Write the values themselves.',
    }
  return outerTokens(tokens).some(({ token }) => isWord(token, 'LIMIT'))
    ? {
        why: `\`LIMIT\` makes ${statement.verb} choose other rows when it runs again.`,
        next: 'Name the rows in WHERE.',
      }
    : null
}

function refuseWrite({ statement, tokens }: Write, table: RepeatedTable | null): Reason | null {
  const { verb } = statement
  // That it does not exist is said by who looks for its vindex.
  if (table === null) return null
  const assignments = readAssignments(verb, tokens)
  if (verb === 'INSERT') return refuseInsert(tokens, assignments, table)
  return (verb === 'UPDATE' ? refuseUpdate(assignments, table) : null) ?? refuseCondition(tokens)
}

function refuseUpdate(assignments: readonly Assignment[], table: RepeatedTable): Reason | null {
  for (const { column, value } of assignments) {
    if (table.keys.some(({ columns }) => columns.includes(column)))
      return {
        why: `It changes \`${column}\`, by which rows are found again.`,
        next: 'Change it in a migration.',
      }
    const unfixed = findUnfixed(value, { time: true })
    if (unfixed !== null)
      return isFunction(value, unfixed)
        ? differs(unfixed.text, column)
        : {
            why: `The value of \`${column}\` may depend on values of the row, and would then change again.`,
            next: 'Write the value itself.',
          }
    if (isWord(value[0], 'DEFAULT') && table.computedDefaults.includes(column)) return differs('DEFAULT', column)
  }
  return refuseComputed(table)
}

/** A condition may find other rows only because these have been changed. */
function refuseCondition(tokens: Clause): Reason | null {
  const where = tokens.slice(conditionAt(tokens))
  const unfixed = findUnfixed(where, { columns: true })
  return unfixed === null
    ? null
    : {
        why: `Its condition reads \`${unfixed.text}\`, which may find other rows when it runs again.`,
        next: 'Compare with constants.',
      }
}

const conditionAt = (tokens: Clause): number =>
  outerTokens(tokens).find(({ token }) => isWord(token, 'WHERE'))?.at ?? tokens.length

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
  for (const token of tokens.slice(conditionAt(tokens))) {
    const column = isName(token) ? token.text.toLowerCase() : ''
    if (together.changed.get(column)?.some((other) => other !== at))
      return {
        why: `Its condition reads \`${column}\`, which another statement changes: it would find other rows when both run again.`,
        next: 'Name the rows by columns that no other statement changes.',
      }
  }
  return null
}
