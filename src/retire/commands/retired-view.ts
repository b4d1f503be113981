import { countOf } from '../../core/plural.ts'
import type { UnreachedTarget } from '../../core/target.ts'
import { renderUnreached } from '../../terminal/human/fault.ts'
import { nextLines } from '../../terminal/human/page.ts'
import { wrapLine } from '../../terminal/text/wrap.ts'
import type { View } from '../../terminal/view.ts'
import type { RetiredThing } from '../retired-thing.ts'
import { renderRetiredThing } from '../views/retired-thing.ts'

/** The answer of `retire list` and `retire run`. */
export interface RetiredResult {
  readonly kind: 'retired'
  readonly things: readonly RetiredThing[]
  readonly unreached: readonly UnreachedTarget[]
  /** True where nothing is dropped, because it was only asked for. */
  readonly dryRun: boolean
}

export const retiredView: View<RetiredResult> = {
  render: ({ things, unreached, dryRun }, page) => [
    ...things.flatMap((thing) => renderRetiredThing(thing, dryRun, page)),
    ...renderUnreached(unreached, page),
    ...wrapLine([summarize(things)], page.columns),
    ...nextLines(
      things.some(({ state }) => state !== 'dropped')
        ? ['`wwdb retire run` drops what nothing has used, `wwdb retire undo NAME` puts one back.']
        : [],
      page,
    ),
  ],
}

function summarize(things: readonly RetiredThing[]): string {
  if (things.length === 0) return 'Nothing is retired.'
  const dropped = things.filter(({ state }) => state === 'dropped').length
  const used = things.filter(({ state }) => state === 'used').length
  const failed = things.filter(({ state }) => state === 'failed').length
  const waiting = things.length - dropped
  return [
    ...(dropped === 0 ? [] : [`${countOf(dropped, 'retired thing')} dropped`]),
    ...(waiting === 0 ? [] : [`${countOf(waiting, 'thing')} retired`]),
    ...(used === 0 ? [] : [`${used} of them used`]),
    ...(failed === 0 ? [] : [`${countOf(failed, 'drop')} failed`]),
  ]
    .join(', ')
    .concat('.')
}

declare module '../../command/result.ts' {
  interface Answers {
    readonly retired: RetiredResult
  }
}
