import type { ObjectName, Statement } from '../../domain/statement.ts'
import { type KnownTables, stateOfTable, type TableState, tableKey } from '../../domain/table-state.ts'

/**
 * The tables as a statement leaves them. Only what makes, drops or renames a table changes what is known. Temporary tables
 * do not count: they hide a table of the same name for a while.
 */
export function followTables(tables: KnownTables, statement: Statement): KnownTables {
  if (statement.class === 'call' || statement.class === 'execute') return forgetMissing(tables)
  switch (statement.verb) {
    case 'CREATE TABLE':
      return followCreate(tables, statement)
    case 'DROP TABLE':
      return setAll(tables, statement.objects, { type: 'absent' })
    case 'RENAME TABLE':
      return followRenames(tables, statement.objects)
    case 'ALTER TABLE':
      return /\brename\b/i.test(statement.text) ? followRenames(tables, statement.objects) : tables
    default:
      return tables
  }
}

/** CREATE TABLE IF NOT EXISTS makes nothing where a table may be already. */
function followCreate(tables: KnownTables, statement: Statement): KnownTables {
  const table = statement.objects[0]
  if (table === undefined) return tables
  const before = stateOfTable(tables, table)
  if (statement.idempotent && before.type !== 'absent') return tables
  return setAll(tables, [table], { type: 'new' })
}

/** Pairs of old and new names, one after the other. */
function followRenames(tables: KnownTables, names: readonly ObjectName[]): KnownTables {
  let after = tables
  for (let index = 0; index + 1 < names.length; index += 2) {
    const [from, to] = [names[index], names[index + 1]]
    if (from === undefined || to === undefined || from.type !== 'table') continue
    const state = stateOfTable(after, from)
    after = setAll(setAll(after, [from], { type: 'absent' }), [to], state)
  }
  return after
}

/** A procedure may have renamed a table to a name that was free: what was missing or new may hold data now. */
function forgetMissing(tables: KnownTables): KnownTables {
  return { ...tables, states: new Map([...tables.states].filter(([, state]) => state.type === 'present')) }
}

function setAll(tables: KnownTables, names: readonly ObjectName[], state: TableState): KnownTables {
  const states = new Map(tables.states)
  for (const name of names) states.set(tableKey(tables, name), state)
  return { ...tables, states }
}
