import { isPending, type ShardMigration } from './shard-migrations.ts'

/** What is to be done about an online change that waits for its cut-over. */
export type CutOver =
  | { readonly type: 'wait' }
  /** Every shard has filled its copy: each of them may now put it in the table's place. */
  | { readonly type: 'complete'; readonly uuid: string }
  /** It will not be ready everywhere: no shard is to change alone. */
  | { readonly type: 'cancel'; readonly uuid: string }

/**
 * Lets an online change take the place of its table once it is ready on every shard, and on none where one of them cannot make it: a value that is there twice on one shard would else
 * leave the shards with different definitions. Pure, so that a run that comes after a killed one decides the same.
 * @param rows of a context
 */
export function decideCutOver(rows: readonly ShardMigration[], shards: readonly string[]): CutOver {
  const waiting = rows.filter((row) => row.isPostponed && isPending(row))
  for (const uuid of new Set(waiting.map((row) => row.uuid))) {
    const own = rows.filter((row) => row.uuid === uuid)
    const hasFailed = own.some((row) => !isPending(row) && row.status !== 'complete')
    if (hasFailed) return { type: 'cancel', uuid }
    if (own.some((row) => isPending(row) && !row.isReady)) continue
    const isEverywhere = shards.every((shard) => own.some((row) => row.shard === shard))
    return { type: isEverywhere ? 'complete' : 'cancel', uuid }
  }
  return { type: 'wait' }
}
