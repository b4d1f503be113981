import { countOf } from '../../core/plural.ts'
import { type Page, symbol } from '../../terminal/human/page.ts'
import type { Line } from '../../terminal/text/span.ts'
import { wrapLine } from '../../terminal/text/wrap.ts'
import type { View } from '../../terminal/view.ts'
import type { RemovableShard } from '../rotation/remove-empty.ts'

/** What `shards remove --empty` would remove: the answer of a dry run, and where there is nothing to remove. */
export interface ShardRemovalResult {
  readonly kind: 'shard-removal'
  readonly shards: readonly RemovableShard[]
}

export const shardRemovalView: View<ShardRemovalResult> = {
  render: ({ shards }, page: Page): readonly Line[] => [
    ...shards.flatMap(({ database, family, table }) =>
      wrapLine(['  ', symbol('warning'), ` ${database}.${table} of ${family} is empty`], page.columns, 4),
    ),
    ...wrapLine(
      [
        shards.length === 0
          ? 'No empty shard is outside the periods that rotation wants.'
          : `${countOf(shards.length, 'empty shard')} would be removed.`,
      ],
      page.columns,
      2,
    ),
  ],
}

declare module '../../command/result.ts' {
  interface Answers {
    readonly 'shard-removal': ShardRemovalResult
  }
}
