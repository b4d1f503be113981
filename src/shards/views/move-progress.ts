import type { RunEvent } from '../../command/event.ts'
import { countOf } from '../../core/plural.ts'
import { type Page, paragraph } from '../../terminal/human/page.ts'
import { type Line, toned } from '../../terminal/text/span.ts'
import { nameShare } from './name-share.ts'

type MoveProgress = Extract<RunEvent, { readonly type: 'move-progress' }>

const stages: Readonly<Record<MoveProgress['stage'], string>> = {
  copy: 'copied to the keyspace',
  vdiff: 'compared by VDiff',
  compare: 'compared by their checksums',
  'carry back': 'made equal to the keyspace',
}

/** `  contact_db contacts: 120,000 rows copied to the keyspace, 60 %, 40 s left.` */
export function describeMoveProgress(event: MoveProgress, page: Page): readonly Line[] {
  const { target, family, stage, done, total, milliseconds } = event
  const text = ` \`${family}\`: ${countOf(done, stage === 'copy' ? 'row' : 'shard')} ${stages[stage]}${nameShare(done, total, milliseconds)}.`
  return paragraph(['  ', toned('strong', target.database)], text, 4, page)
}
