import { groupBy } from '../core/group-by.ts'
import { type Schema, tableKey, type Written } from '../ddl/schema.ts'
import type { Cascade } from '../ddl/table.ts'
import type { ObjectName } from '../sql/statement.ts'
import { chooseTables } from './choose-tables.ts'
import type { Asker, Row } from './connection.ts'
import { listBehind } from './views.ts'

/**
 * The foreign keys that change other tables together with these, by the `tableKey` of the parent, or of a view of it.
 */
export interface Cascades {
  /** When rows are deleted. */
  readonly deletes: ReadonlyMap<string, readonly Cascade[]>
  /** When values are changed, also through tables in between. */
  readonly updates: ReadonlyMap<string, readonly Cascade[]>
}

interface Key extends Omit<Cascade, 'rule'> {
  readonly onDelete: string
  readonly onUpdate: string
}

/** The longest chain of foreign keys that InnoDB follows. */
const longestChain = 15

export async function readCascades(connection: Asker, none: Schema, { parents, views }: Written): Promise<Cascades> {
  if (parents.length === 0) return { deletes: new Map(), updates: new Map() }
  const keys = await readKeys(connection, none, [...parents, ...[...views.values()].flatMap(({ reads }) => reads)])
  const ofAll = <T>(list: (key: string) => readonly T[]): ReadonlyMap<string, readonly T[]> =>
    new Map(parents.map((name) => [tableKey(none, name), listBehind(none, views, name).flatMap(list)]))
  return {
    deletes: ofAll((key) => (keys.get(key) ?? []).flatMap((one) => toCascade(one, one.onDelete))),
    updates: ofAll((key) => listUpdates(none, keys, key, new Set())),
  }
}

/** Keys to these tables, and to those whose values change with them. */
async function readKeys(
  connection: Asker,
  none: Schema,
  parents: readonly ObjectName[],
): Promise<ReadonlyMap<string, readonly Key[]>> {
  const keys = new Map<string, readonly Key[]>()
  const asked = new Set<string>()
  let left = parents
  for (let link = 0; link < longestChain && left.length > 0; link += 1) {
    for (const name of left) asked.add(tableKey(none, name))
    const { rows } = await connection.ask(selectKeys(none, left))
    for (const [key, own] of groupBy(rows, (row) => tableKey(none, { schema: String(row[0]), name: String(row[1]) })))
      keys.set(key, toKeys(own))
    left = rows.flatMap((row): readonly ObjectName[] => {
      const child: ObjectName = { type: 'table', schema: String(row[2]), name: String(row[3]) }
      return row[8] === 'CASCADE' && !asked.has(tableKey(none, child)) ? [child] : []
    })
  }
  return keys
}

function selectKeys(none: Schema, parents: readonly ObjectName[]): string {
  const where = chooseTables(none, none.schema ?? '', parents, [
    'r.UNIQUE_CONSTRAINT_SCHEMA',
    'r.REFERENCED_TABLE_NAME',
  ])
  const acts = "IN ('CASCADE','SET NULL')"
  return (
    'SELECT r.UNIQUE_CONSTRAINT_SCHEMA,r.REFERENCED_TABLE_NAME,k.TABLE_SCHEMA,k.TABLE_NAME,k.CONSTRAINT_NAME,k.COLUMN_NAME,k.REFERENCED_COLUMN_NAME,r.DELETE_RULE,r.UPDATE_RULE ' +
    'FROM information_schema.REFERENTIAL_CONSTRAINTS r JOIN information_schema.KEY_COLUMN_USAGE k USING (CONSTRAINT_SCHEMA,TABLE_NAME,CONSTRAINT_NAME) ' +
    `WHERE (r.DELETE_RULE ${acts} OR r.UPDATE_RULE ${acts}) AND (${where}) ORDER BY k.ORDINAL_POSITION`
  )
}

/** One row for each column, in the order of the key. */
function toKeys(rows: readonly Row[]): readonly Key[] {
  const keys = groupBy(rows, (row) => `${row[2]}\u0000${row[3]}\u0000${row[4]}`)
  return [...keys.values()].flatMap((parts) => {
    const [first] = parts
    if (first === undefined) return []
    return [
      {
        name: String(first[4]),
        table: { schema: String(first[2]), name: String(first[3]) },
        columns: parts.map((row) => String(row[5])),
        referenced: parts.map((row) => String(row[6])),
        onDelete: String(first[7]),
        onUpdate: String(first[8]),
      },
    ]
  })
}

function toCascade({ onDelete: _delete, onUpdate: _update, ...key }: Key, rule: string): readonly Cascade[] {
  return rule === 'CASCADE' || rule === 'SET NULL' ? [{ ...key, rule }] : []
}

/** @param path the preceding tables: a circle of keys is walked once */
function listUpdates(
  none: Schema,
  keys: ReadonlyMap<string, readonly Key[]>,
  parent: string,
  path: ReadonlySet<string>,
): readonly Cascade[] {
  return (keys.get(parent) ?? []).flatMap((key) =>
    toCascade(key, key.onUpdate).flatMap((own) => {
      const child = tableKey(none, own.table)
      if (own.rule !== 'CASCADE' || path.has(child)) return [own]
      const further = listUpdates(none, keys, child, new Set([...path, parent]))
      return [
        own,
        ...further
          .filter((one) => firstOf(one).referenced.some((name) => own.columns.includes(name)))
          .map((one) => behind(one, own)),
      ]
    }),
  )
}

/** The key of a chain that references the table itself. */
function firstOf(cascade: Cascade): Cascade {
  return cascade.behind === undefined ? cascade : firstOf(cascade.behind)
}

function behind(cascade: Cascade, first: Cascade): Cascade {
  return { ...cascade, behind: cascade.behind === undefined ? first : behind(cascade.behind, first) }
}
