import type { ObjectName } from '../sql/statement.ts'
import { FollowedTable } from './followed-table.ts'
import { indexColumns, primaryKeyOf, referenceOf } from './read-parts.ts'
import { type Schema, stateOfTable, withState } from './schema.ts'
import type { Cascade, TableForeignKey } from './table.ts'

/**
 * The parents of foreign keys that an ALTER TABLE has added: from then on, rows of the table are deleted or changed with
 * theirs.
 */
export function followAddedKeys(before: Schema, after: Schema, table: ObjectName): Schema {
  const [old, now] = [stateOfTable(before, table), stateOfTable(after, table)]
  if (old.type !== 'table' || now.type !== 'table') return after
  const added = now.table.foreignKeys.filter((key) => key.made === true && !old.table.foreignKeys.includes(key))
  return added.reduce((known, key) => withKey(known, table, key), after)
}

function withKey(known: Schema, child: ObjectName, key: TableForeignKey): Schema {
  const { parent: named, onDelete, onUpdate } = referenceOf(key)
  const parent = { schema: named.schema ?? child.schema, name: named.name }
  const state = stateOfTable(known, parent)
  if (state.type !== 'table') return known
  const { table } = state
  const primary = primaryKeyOf(table)
  const referenced = key.parentColumns.length > 0 || primary === undefined ? key.parentColumns : indexColumns(primary)
  const toCascade = (rule: string | null): readonly Cascade[] =>
    rule === 'CASCADE' || rule === 'SET NULL'
      ? [{ ...(key.name !== null && { name: key.name }), table: child, columns: key.columns, referenced, rule }]
      : []
  const cascades = [...(table.cascades ?? []), ...toCascade(onDelete)]
  const updates = [...(table.updates ?? []), ...toCascade(onUpdate)]
  return withState(
    known,
    parent,
    FollowedTable.change(state, (parentTable) => ({ ...parentTable, cascades, updates })),
  )
}
