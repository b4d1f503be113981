import { ToolError } from '../../core/tool-error.ts'
import type { ShardStore } from '../ports.ts'

const quoted = (names: readonly string[]): string => names.map((name) => `\`${name}\``).join(', ')

type LateStore = Pick<ShardStore, 'readTriggers' | 'isEmpty' | 'moveRows'>

/**
 * Moves rows that came for a shard's period while it was on hold from a table beside it back into the table that has the partitions. Throws ToolError `SHARD_CHANGED` where a
 * trigger would take them for new ones.
 */
export async function moveLateRows(store: LateStore, from: string, whole: string): Promise<void> {
  if (await store.isEmpty(from)) return
  await refuseSecondInsert(store, whole, `\`${from}\``)
  await store.moveRows(from, whole)
}

/**
 * A row that is moved by INSERT fires the triggers of INSERT once more: what they count or copy would be there twice. The server cannot leave them out.
 * @param place where the rows are and stay
 */
export async function refuseSecondInsert(
  store: Pick<LateStore, 'readTriggers'>,
  whole: string,
  place: string,
): Promise<void> {
  const own = (await store.readTriggers()).get(whole) ?? []
  const names = own.flatMap(({ event, name }) => (event === 'INSERT' ? [name] : []))
  if (names.length === 0) return
  throw new ToolError('SHARD_CHANGED', {
    what: `Rows that came late are in ${place}, and were not moved into their shard.`,
    why: `They would be inserted into \`${whole}\` once more, and ${quoted(names)} would fire for them a second time.`,
    next: `Drop ${names.length === 1 ? 'this trigger' : 'these triggers'}, run the command again, and create ${names.length === 1 ? 'it' : 'them'} afterwards; or delete these rows where they are.`,
  })
}
