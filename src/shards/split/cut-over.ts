import { digestOf } from '../../operate/online/record.ts'
import { quoteQualified } from '../../sql/quote-name.ts'
import { writeView } from '../family-view.ts'
import type { ShardStore } from '../ports.ts'
import type { SplitServer } from './ports.ts'
import type { SplitRecord } from './record.ts'

/** Where a split takes place. */
export interface SplitPlace {
  readonly server: SplitServer
  readonly store: ShardStore
}

/** Under this name the view is made before it takes the table's. */
const viewInMaking = (table: string): string => `wwdb_split_${digestOf(`view/${table}`).slice(0, 8)}`

/** Whether the table is under its hold name already: a run may have been killed before it recorded that. */
export async function isRenamed({ server }: SplitPlace, { table, hold }: SplitRecord): Promise<boolean> {
  const found = await server.findTables([table, hold])
  return found.get(hold) === 'table' && found.get(table) !== 'table'
}

/** One RENAME: the table gets its hold name, and where a view is wanted, that takes its name in the same moment. Returns for how long others waited at most, in milliseconds. */
export async function renameAway(
  { server, store }: SplitPlace,
  { table, hold, hasView, pieces }: SplitRecord,
): Promise<number> {
  const { schema } = store.target
  const names = [`${quoteQualified(schema, table)} TO ${quoteQualified(schema, hold)}`]
  if (hasView) {
    const view = viewInMaking(table)
    const { text } = await writeView(
      store,
      pieces.map((piece) => piece.table),
    )
    await store.createView(view, text)
    names.push(`${quoteQualified(schema, view)} TO ${quoteQualified(schema, table)}`)
  }
  return server.define(`RENAME TABLE ${names.join(',')}`, [table])
}

/** The reverse. The view goes in the same moment, and is dropped afterwards. */
export async function renameBack({ server, store }: SplitPlace, { table, hold }: SplitRecord): Promise<number> {
  const { schema } = store.target
  const [own, kept, view] = [table, hold, viewInMaking(table)].map((name) => quoteQualified(schema, name))
  const isView = (await server.findTables([table])).get(table) === 'view'
  const aside = isView ? [`${own} TO ${view}`] : []
  return server.define(`RENAME TABLE ${[...aside, `${kept} TO ${own}`].join(',')}`, [hold, ...(isView ? [table] : [])])
}

/** A view that was made and has not taken the table's name, or has given it back. */
export async function dropView({ server, store }: SplitPlace, { table }: Pick<SplitRecord, 'table'>): Promise<void> {
  const view = viewInMaking(table)
  if ((await server.findTables([view])).get(view) === 'view')
    await server.define(`DROP VIEW ${quoteQualified(store.target.schema, view)}`, [view])
}

/**
 * Drops those of the triggers that are there, that of inserts first: without it, the others remove rows and change those that are there. A table under a hold name takes its
 * triggers with it.
 */
export async function dropTriggers({ server, store }: SplitPlace, names: readonly string[]): Promise<void> {
  const there = await server.findTriggers(names)
  for (const name of names) {
    const table = there.get(name)
    if (table !== undefined) await server.define(`DROP TRIGGER ${quoteQualified(store.target.schema, name)}`, [table])
  }
}

/**
 * Creates those of the triggers that are not there, that of inserts last: what it brings to a piece before the others are there would be changed and deleted without
 * them, and a run that is killed between two of them leaves them for as long as nobody goes on.
 */
export async function createTriggers(
  { server }: SplitPlace,
  table: string,
  names: readonly string[],
  texts: readonly string[],
): Promise<void> {
  const there = await server.findTriggers(names)
  for (const [at, name] of [...names.entries()].reverse()) {
    const text = texts[at]
    if (text !== undefined && !there.has(name)) await server.define(text, [table])
  }
}
