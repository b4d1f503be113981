import type { StoreContext } from '../contract.ts'
import { flattenSettings } from './compare-trees.ts'
import type { Declaration } from './declaration.ts'
import { blockAnew } from './moves.ts'
import type { ElasticsearchDriver } from './ports.ts'
import { copyFailed, type Named } from './reindex-errors.ts'
import type { LiveIndex, Move } from './reindex-ports.ts'

type Context = StoreContext<Declaration, ElasticsearchDriver>

/** True where no document can be written into the index. */
export function isBlocked({ settings }: LiveIndex): boolean {
  return flattenSettings(settings).get('index.blocks.write') === 'true'
}

/** A block that somebody set before the reindex began is not lifted, not even for a moment. */
export async function blockSource(
  { driver }: Context,
  named: Named,
  { move, note }: { readonly move: Move; readonly note: (move: Move) => Promise<void> },
): Promise<void> {
  const { source } = move
  if (move.isBlocked) {
    const found = await driver.copy.readIndex(source)
    if (found !== null && isBlocked(found)) return
    // That person has lifted it meanwhile.
    await note({ ...move, isBlocked: false })
  }
  if (!(await blockAnew(driver.copy, source))) throw copyFailed(named, `Another program blocks ${source}, too`)
}

/** @throws ToolError while a snapshot is taken of an index that the switch removes: the server refuses that, after the last pass. */
export async function requireNoSnapshot({ driver }: Context, named: Named, move: Move): Promise<void> {
  if (move.clone === null) return
  const [snapshot] = await driver.copy.listRunningSnapshots(move.source)
  if (snapshot === undefined) return
  const why = `Snapshot \`${snapshot}\` is being taken of ${move.source}, and the server removes no index meanwhile`
  throw copyFailed(named, why, 'Run the command again when it has ended (`GET _snapshot/_status`): it continues.')
}

/**
 * What was copied is all of it only where nothing was written since the block: a person may lift it, and the switch would then take what was written from searches.
 * @throws ToolError where the index is another one by now, takes writes, or took some.
 */
export async function requireUnchanged(
  { driver }: Context,
  named: Named,
  { source, sourceUuid }: Move,
  written: readonly number[],
): Promise<void> {
  const found = await driver.copy.readIndex(source)
  if (found?.uuid !== sourceUuid) throw copyFailed(named, `Index ${source} is another one than when the reindex began`)
  const now = await driver.copy.readLastWrites(source)
  const isSame = now.length === written.length && now.every((last, shard) => last === written[shard])
  if (isSame && isBlocked(found)) return
  throw copyFailed(
    named,
    `Somebody lifted the block of ${source} before ${named.copy} took its place`,
    'Let nobody lift `index.blocks.write` during the last pass, and run the command again: it continues.',
  )
}
