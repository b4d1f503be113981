import type { Emit } from '../core/event.ts'
import type { ShardFamily } from '../core/shard-family.ts'
import { ToolError } from '../core/tool-error.ts'
import { readCreatedTable } from '../sql/created-table.ts'
import { quoteName } from '../sql/quote-name.ts'
import type { ShardStore } from './ports.ts'

type ViewStore = Pick<ShardStore, 'target' | 'readColumns' | 'readViewTables' | 'createView'>

/** What a view over shards shows, and the SELECT that shows it. */
interface ViewText {
  readonly columns: readonly string[]
  readonly text: string
}

/**
 * UNION ALL over explicit columns: those of the newest table, or those of them that are wanted. An older table that lacks a
 * column has NULL there; one that is not there is left out.
 * @param members oldest first
 */
export async function writeView(
  store: ViewStore,
  members: readonly string[],
  isWanted: (column: string) => boolean = () => true,
): Promise<ViewText> {
  const all = await Promise.all(members.map(async (table) => ({ table, columns: await store.readColumns(table) })))
  const present = all.filter((member) => member.columns.length > 0)
  const columns = (present.at(-1)?.columns ?? []).filter(isWanted)
  const branches = present.map((member) => {
    const own = new Set(member.columns)
    const list = columns.map((column) => (own.has(column) ? quoteName(column) : `NULL AS ${quoteName(column)}`))
    return `SELECT ${list.join(', ')} FROM ${quoteName(member.table)}`
  })
  return { columns, text: branches.join('\nUNION ALL\n') }
}

/**
 * Before shards lose columns: the view over them no longer shows those, so that its readers get no error (1356)
 * while one shard has them and the next does not. Nothing happens where no column goes, or there is no view.
 * @param template what all shards will be made of
 */
export async function leaveColumns(store: ViewStore, family: ShardFamily, template: string): Promise<void> {
  const name = family.policy.view?.name
  if (name === undefined) return
  const after = readCreatedTable(template)?.columns.map((column) => column.name.toLowerCase())
  if (after === undefined) return
  const members = await store.readViewTables(name)
  const stays = (column: string): boolean => after.includes(column.toLowerCase())
  const shown = await store.readColumns(name)
  if (members.length === 0 || shown.every(stays)) return
  const { columns, text } = await writeView(store, members, stays)
  if (columns.length > 0) await store.createView(name, text)
}

/**
 * After shards got or lost columns: the view over them shows what the newest has. A session that uses the view does not
 * undo that the shards are complete: it is a warning, and the next rotation renews the view.
 */
export async function renewColumns(store: ViewStore, family: ShardFamily, emit: Emit): Promise<void> {
  try {
    await showNewest(store, family)
  } catch (error) {
    if (!(error instanceof ToolError) || error.code !== 'SHARD_BLOCKED') throw error
    const message = `The view of ${family.name} is in use, so its columns were not changed. The next \`wwdb rotate run\` renews it.`
    emit({ type: 'warning', target: store.target, message })
  }
}

async function showNewest(store: ViewStore, family: ShardFamily): Promise<void> {
  const name = family.policy.view?.name
  const members = name === undefined ? [] : await store.readViewTables(name)
  if (name === undefined || members.length === 0) return
  const { columns, text } = await writeView(store, members)
  if (columns.length > 0 && columns.join('\n') !== (await store.readColumns(name)).join('\n'))
    await store.createView(name, text)
}
