import type { RunEvent } from '../../command/event.ts'
import { formatSeconds } from '../../core/duration.ts'
import { countOf } from '../../core/plural.ts'
import { percentOf, timeLeft } from '../../core/progress.ts'
import { type Page, paragraph } from '../../terminal/human/page.ts'
import { type Line, toned } from '../../terminal/text/span.ts'

type MoveProgress = Extract<RunEvent, { readonly type: 'move-progress' }>

const stages: Readonly<Record<MoveProgress['stage'], string>> = {
  copy: 'copied to the keyspace',
  vdiff: 'compared by VDiff',
  compare: 'compared by their checksums',
  'carry back': 'compared, and carried back where they differ',
}

/** `  contact_db contacts: 120,000 rows copied to the keyspace, 60 %, 40 s left.` */
export function describeMoveProgress(event: MoveProgress, page: Page): readonly Line[] {
  const { target, family, stage, done, total, milliseconds } = event
  const left = timeLeft(done, total, milliseconds)
  const share =
    total > done ? `, ${percentOf(done, total)} %${left === null ? '' : `, ${formatSeconds(left / 1000)} left`}` : ''
  const text = ` \`${family}\`: ${countOf(done, stage === 'copy' ? 'row' : 'shard')} ${stages[stage]}${share}.`
  return paragraph(['  ', toned('strong', target.database)], text, 4, page)
}
