import { countOf } from '../../core/plural.ts'
import { formatSize } from '../../core/size.ts'
import { allowFlag } from '../allowed-losses.ts'
import type { ElasticsearchChange } from './apply.ts'
import type { IndexFacts, ObservedMoves } from './ports.ts'
import type { SeriesSituation } from './series-situation.ts'

/** Milliseconds that an index is kept after another one took its place. */
const grace = 7 * 86_400_000

interface KeptSituation extends Pick<SeriesSituation, 'name' | 'moves' | 'facts' | 'now' | 'prune'> {
  /** Null where there is nothing of that name. */
  readonly indices: readonly string[] | null
}

/** Indices whose place a copy has taken, once they were kept for long enough. */
export function planKept({ name, indices, moves, facts, now, prune }: KeptSituation): readonly ElasticsearchChange[] {
  const over = prune ? moves.kept.filter(({ since }) => now >= since + grace) : []
  return over.map(({ index, replacedBy }) => ({
    change: {
      resource: { kind: 'index', name: index },
      action: 'remove',
      summary: `remove ${index}, whose place ${replacedBy} has taken`,
      differences: [],
      loss: {
        code: 'removed-index',
        why:
          indices?.includes(holderOf(moves.kept, replacedBy)) === true
            ? `\`${replacedBy}\` has had its documents since the reindex; there is no way back after this.`
            : `\`${replacedBy}\`, which got its documents, is not in \`${name}\` any more: they may be nowhere else.`,
        affected: [`${index} (${describeSize(facts.get(index))})`],
      },
    },
    operation: { write: { type: 'remove-kept', name, index }, affected: [index] },
  }))
}

/** An index that took a place may have lost it to another one. */
function holderOf(kept: ObservedMoves['kept'], index: string): string {
  const next = kept.find((one) => one.index === index)
  return next === undefined
    ? index
    : holderOf(
        kept.filter((one) => one !== next),
        next.replacedBy,
      )
}

export function describeSize(facts: IndexFacts | undefined): string {
  return facts === undefined
    ? 'its documents were not counted'
    : `${countOf(facts.documents, 'document')}, ${formatSize(facts.bytes)}`
}

/** What is kept, and for how long, as sentences. */
export function noteAllKept(moves: ReadonlyMap<string, ObservedMoves>): readonly string[] {
  return [...moves.values()].flatMap(({ kept }) => [
    ...kept.slice(0, mostNoted).map(noteKept),
    ...(kept.length > mostNoted ? [`${kept.length - mostNoted} more were replaced, and are kept as long.`] : []),
  ])
}

/** A year of days has 365 of them. */
const mostNoted = 3

function noteKept({ index, replacedBy, since }: ObservedMoves['kept'][number]): string {
  const until = new Date(since + grace).toISOString().slice(0, 10)
  const flag = allowFlag('removed-index', { store: 'elasticsearch' }, { resource: { kind: 'index', name: index } })
  return `\`${index}\` was replaced by \`${replacedBy}\` and takes no writes. It is kept until ${until} UTC; from then on \`wwdb setup apply --prune ${flag}\` removes it.`
}
