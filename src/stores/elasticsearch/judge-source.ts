import { ToolError } from '../../core/tool-error.ts'
import type { ElasticsearchChange } from './apply.ts'
import { explainUncopyable } from './copyable.ts'
import type { TemplateContent } from './declaration.ts'
import type { ObservedIndex } from './index-ports.ts'
import type { ObservedMoves, ObservedSeries, ServerState } from './ports.ts'

/** What a new index would be is judged where a data stream is planned. */
const noContent: TemplateContent = { settings: {}, mappings: {} }

/**
 * A copy is made of what the server stores of a document.
 * @throws ToolError where that is not the whole document.
 */
export function refuseHiddenSource(
  changes: readonly ElasticsearchChange[],
  observed: ServerState,
  server: string,
): void {
  for (const { operation } of changes) {
    // One that nothing rolls over was judged before its reindex was planned.
    if (operation.write.type !== 'reindex' || operation.write.series === 'index') continue
    const { name, source } = operation.write
    const index = findIndex(observed.series.get(name), observed.moves.get(name), source)
    const why = index === null ? null : explainUncopyable(index, noContent)
    if (why === null) continue
    throw new ToolError('STORE_COPY_FAILED', {
      what: `Index \`${source}\` of \`${name}\` cannot be reindexed.`,
      where: { server },
      why,
      next: 'Run the command without `--reindex`, which rolls over, and write the documents again from where they come from.',
    })
  }
}

/** An index of an alias, as far as it was read. */
export function findIndex(
  series: ObservedSeries | undefined,
  moves: ObservedMoves | undefined,
  name: string,
): ObservedIndex | null {
  const known = [series?.writeIndex, ...(series?.older ?? []), moves?.sourceIndex]
  return known.find((one) => one?.name === name) ?? null
}
