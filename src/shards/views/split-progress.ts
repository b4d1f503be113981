import type { RunEvent } from '../../command/event.ts'
import { countOf } from '../../core/plural.ts'
import { type Page, paragraph } from '../../terminal/human/page.ts'
import { type Line, toned } from '../../terminal/text/span.ts'
import { nameShare } from './name-share.ts'

type SplitProgress = Extract<RunEvent, { readonly type: 'split-progress' }>

const stages: Readonly<Record<SplitProgress['stage'], string>> = {
  copy: 'copied to its shards',
  compare: 'compared with its shards',
  'carry back': 'compared, and carried back where they differ',
  empty: 'removed from its shards',
}

/** `  app orders: 1,200,000 rows copied to its shards, 60 %, 40 s left.` */
export function describeSplitProgress(event: SplitProgress, page: Page): readonly Line[] {
  const { target, table, stage, done, total, milliseconds } = event
  const text = ` \`${table}\`: ${countOf(done, 'row')} ${stages[stage]}${nameShare(done, total, milliseconds)}.`
  return paragraph(['  ', toned('strong', target.database)], text, 4, page)
}
