import { nothingKnown } from '../../ddl/schema.ts'
import { readDeletedTables, readUpdatedColumns } from '../../lint/written-tables.ts'
import { type Clause, findWords, hasWords, isMark, splitAtCommas } from '../../sql/clauses.ts'
import type { Statement } from '../../sql/statement.ts'
import { tokenize } from '../../sql/tokens.ts'

/** What vtgate knows of the tables of a sharded keyspace. */
export interface RoutedTables {
  readonly keyspace: string
  /** The columns of each vindex of a table in lower case, the primary one first; empty for a table whose rows it does not find. */
  readonly vindexesOf: (table: string) => readonly (readonly string[])[]
}

interface RowsRefusal {
  /** What the statement does, behind its number. */
  readonly does: string
  readonly why: string
  readonly next: string
}

const unplanned: Readonly<Record<string, string>> = {
  REPLACE: 'Write INSERT ... ON DUPLICATE KEY UPDATE.',
  'LOAD DATA': 'Write the rows as INSERT statements.',
  'LOAD XML': 'Write the rows as INSERT statements.',
}

/** Why vtgate refuses a data statement of a sharded keyspace; null where it does not. What a statement only reads may be without a vindex: every shard is asked. Pure. */
export function refuseRows({ verb, text, objects }: Statement, known: RoutedTables): RowsRefusal | null {
  const instead = unplanned[verb]
  if (instead !== undefined)
    return {
      does: 'does not run through vtgate',
      why: `The keyspace \`${known.keyspace}\` is sharded, and vtgate takes no ${verb} there.`,
      next: instead,
    }
  if (verb === 'INSERT') {
    const name = objects[0]?.name
    if (name === undefined) return null
    return refuseTables([name], known) ?? refuseDuplicates(name, tokenize(text), known)
  }
  if (verb === 'UPDATE') return refuseUpdate(tokenize(text), known)
  if (verb !== 'DELETE') return null
  const deleted = readDeletedTables(tokenize(text)) ?? []
  return refuseTables(
    deleted.map(({ table }) => table.name),
    known,
  )
}

function refuseTables(names: readonly string[], { keyspace, vindexesOf }: RoutedTables): RowsRefusal | null {
  const lacking = names.find((name) => vindexesOf(name).length === 0)
  if (lacking === undefined) return null
  return {
    does: `names \`${lacking}\`, which has no vindex`,
    why: `The keyspace \`${keyspace}\` is sharded, and vtgate finds the shard of a row by a vindex.`,
    next: `Write \`ALTER VSCHEMA ON ${lacking} ADD VINDEX ...\` as a statement before it.`,
  }
}

const refuseColumn = (table: string, column: string): RowsRefusal => ({
  does: `changes \`${table}\`.\`${column}\`, a column of a vindex`,
  why: 'The row would belong to another shard, and vtgate moves no row between shards.',
  next: 'DELETE the row, and INSERT it with the other value.',
})

/** An unqualified column of a join may belong to several tables: then nothing is known of it, unless the same is true of all of them. */
function refuseUpdate(tokens: Clause, known: RoutedTables): RowsRefusal | null {
  const changed = readUpdatedColumns(tokens, nothingKnown) ?? []
  for (const { column } of changed) {
    const own = changed.filter((one) => one.column === column).map(({ named }) => named.table.name)
    const lacking = own.every((name) => known.vindexesOf(name).length === 0)
    if (lacking) return refuseTables(own, known)
    const [only, other] = own
    if (only === undefined || other !== undefined) continue
    if (known.vindexesOf(only)[0]?.includes(column.toLowerCase()) === true) return refuseColumn(only, column)
  }
  return null
}

/** `ON DUPLICATE KEY UPDATE id = VALUES(id)` gives a row the value that led to its shard. */
function refuseDuplicates(table: string, tokens: Clause, { vindexesOf }: RoutedTables): RowsRefusal | null {
  const at = findWords(tokens, 'ON', 'DUPLICATE', 'KEY', 'UPDATE')
  if (at < 0) return null
  const columns = vindexesOf(table).flat()
  for (const assignment of splitAtCommas(tokens.slice(at + 4))) {
    const equals = assignment.findIndex((token) => isMark(token, '='))
    const column = assignment[equals - 1]?.text.toLowerCase() ?? ''
    const value = assignment.slice(equals + 1)
    const isSame = hasWords(value, 0, 'VALUES') && value.at(-2)?.text.toLowerCase() === column && value.length === 4
    if (columns.includes(column) && !isSame) return refuseColumn(table, column)
  }
  return null
}
