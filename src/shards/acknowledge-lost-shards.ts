import type { CommandResult, Context } from '../core/context.ts'
import { exitCodes } from '../core/exit-code.ts'
import { ToolError } from '../core/tool-error.ts'
import { changeAll, lookAtAll } from './look-at-shards.ts'
import { acknowledgeLosses, findLosses } from './repair/acknowledge-losses.ts'
import type { AcknowledgedLoss } from './repair.ts'
import { readShardProject } from './shard-project.ts'

/**
 * `wwdb shards repair --acknowledge-loss KEY`: a person knows that these rows are gone. Changes no table. Asks first.
 * Throws ToolError `LOSS_UNKNOWN` (64), `NOT_CONFIRMED`.
 */
export async function acknowledge(
  context: Context,
  families: readonly string[],
  keys: readonly string[],
  reason: string,
): Promise<CommandResult> {
  const started = performance.now()
  const project = await readShardProject(context, families)
  const request = { ...project.request, keys: new Set(keys) }
  const { seen, unseen } = await lookAtAll(project, (store, database) => findLosses(request, database, store))
  const found = seen.flat()
  const unknown = keys.filter((key) => !found.some((loss) => loss.key === key))
  if (unknown.length > 0) throw lossUnknown(unknown)
  await context.confirm({ what: describe(found), level: 'moderate', name: 'acknowledge' })
  const databases = project.databases.filter(({ name }) => found.some(({ target }) => target.database === name))
  const said = { by: context.person, reason }
  const changed = await changeAll({ ...project, databases }, context, (store, database) =>
    acknowledgeLosses(request, database, store, said),
  )
  return {
    result: {
      kind: 'shard-repair',
      families: [],
      acknowledged: changed.seen.flat(),
      unseen: [...unseen, ...changed.unseen],
      milliseconds: performance.now() - started,
    },
    exitCode: changed.exitCode ?? exitCodes.done,
  }
}

function describe(losses: readonly AcknowledgedLoss[]): string {
  const tables = losses.map(({ table, rows }) => `${table} (${rows === null ? 'rows not counted' : `${rows} rows`})`)
  return `The rows of ${tables.join(', ')} are lost, and no check mentions them any more.`
}

function lossUnknown(keys: readonly string[]): ToolError {
  return new ToolError('LOSS_UNKNOWN', {
    what: `No rows are known to be lost with the key ${keys.join(', ')}.`,
    next: '`wwdb shards check` lists what is lost, with its key.',
  })
}
