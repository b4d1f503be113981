import { type Clause, hasWords, readAlterations } from '../sql/clauses.ts'
import type { CalledStatement } from '../sql/procedures/read-call.ts'
import { type KnownTables, stateOfTable, tableKey } from '../sql/table-state.ts'
import { tokenize } from '../sql/tokens.ts'
import { readColumnDefinition } from './column-changes.ts'
import { readAdded, readDroppedColumn } from './follow-alteration.ts'

/**
 * The columns that the plan added, as an ALTER TABLE leaves them, also of a table that nobody has looked at. All clauses of
 * one statement name the columns as they were before it.
 */
export function followOwnColumns(tables: KnownTables, statement: CalledStatement): KnownTables {
  const table = statement.objects[0]
  const state = table === undefined ? 'new' : stateOfTable(tables, table).type
  if (table === undefined || state === 'new' || state === 'absent') return tables
  const clauses = readAlterations(tokenize(statement.text))
  const key = tableKey(tables, table)
  const before = tables.ownColumns?.get(key) ?? new Set<string>()
  const dropped = new Set(clauses.flatMap((clause) => readDroppedColumn(clause)?.toLowerCase() ?? []))
  const renames = new Map(clauses.flatMap(readRename))
  const kept = [...before].filter((name) => !dropped.has(name) && !takes(renames, name, before))
  const added = clauses.flatMap((clause) => readAdded(clause).map(([name]) => name.toLowerCase()))
  const own = new Set([...kept.map((name) => renames.get(name) ?? name), ...added])
  return own.size === 0 && before.size === 0
    ? tables
    : { ...tables, ownColumns: new Map(tables.ownColumns).set(key, own) }
}

/** Old and new name in lower case, where they differ. */
function readRename(clause: Clause): readonly (readonly [from: string, to: string])[] {
  const changed = readColumnDefinition(clause)
  const isRename = hasWords(clause, 0, 'RENAME', 'COLUMN')
  const [from, to] = isRename ? [clause[2]?.text, clause[4]?.text] : [changed?.column, changed?.renamed]
  if (from === undefined || to === undefined || from.toLowerCase() === to.toLowerCase()) return []
  return [[from.toLowerCase(), to.toLowerCase()]]
}

/** True when a column that was there before takes the name, and this one keeps it: then one of them is gone. */
function takes(renames: ReadonlyMap<string, string>, name: string, own: ReadonlySet<string>): boolean {
  return !renames.has(name) && [...renames].some(([from, to]) => to === name && !own.has(from))
}
