import type { ObjectName, Statement } from '../../domain/statement.ts'
import { type KnownTables, stateOfTable, type TableState, tableKey } from '../../domain/table-state.ts'
import { tokenize } from '../tokens.ts'
import { followAlteration } from './follow-alteration.ts'
import { readDatabaseCharset } from './table-charset.ts'

/**
 * The tables as a statement leaves them. Only what makes, drops, renames or alters a table changes what is known. Temporary tables
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
      return followAlter(tables, statement)
    case 'ALTER DATABASE':
      return followSchemaCharset(tables, statement)
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

function followAlter(tables: KnownTables, statement: Statement): KnownTables {
  const table = statement.objects[0]
  const state = table === undefined ? null : stateOfTable(tables, table)
  const altered =
    table !== undefined && state?.type === 'present'
      ? setAll(tables, [table], followAlteration(state, statement))
      : tables
  return /\brename\b/i.test(statement.text) ? followRenames(altered, statement.objects) : altered
}

/** ALTER DATABASE changes what CHARACTER SET DEFAULT means for its tables; without a name it is the session's own. */
function followSchemaCharset(tables: KnownTables, statement: Statement): KnownTables {
  const schemaCharset = readDatabaseCharset(tokenize(statement.text))
  if (schemaCharset === null) return tables
  const prefix = tableKey(tables, { schema: statement.objects[0]?.name ?? null, name: '' })
  const states = [...tables.states].map(
    ([key, state]) =>
      [key, state.type === 'present' && key.startsWith(prefix) ? { ...state, schemaCharset } : state] as const,
  )
  return { ...tables, states: new Map(states) }
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
