import { countOf, groupDigits } from '../../core/plural.ts'
import { nextLines, symbol } from '../../terminal/human/page.ts'
import { toned } from '../../terminal/text/span.ts'
import { wrapLine } from '../../terminal/text/wrap.ts'
import type { View } from '../../terminal/view.ts'
import type { BackfillOutcome } from '../contract.ts'

/** The answer of `setup backfill`. */
export interface StoreBackfillResult {
  readonly kind: 'store-backfill'
  readonly outcome: BackfillOutcome
}

export const storeBackfillView: View<StoreBackfillResult> = {
  render: ({ outcome }, page) => {
    const { task, from, to, state } = outcome
    const sign = state === 'done' ? symbol('good') : symbol(state === 'planned' ? 'idle' : 'warning')
    const next = {
      planned: ['The same command without `--dry-run` runs them. Nothing was written.'],
      stopped: ['Run the same command again to continue.'],
      done: [],
    }
    return [
      ...wrapLine(
        [sign, ' influxdb ', toned('strong', task), ` from ${from} to ${to}: ${describe(outcome)}`],
        page.columns,
        4,
      ),
      ...nextLines(next[state], page),
    ]
  },
}

function describe({ from, writesFrom, runs, doneBefore, done, continuedAt, state }: BackfillOutcome): string {
  const more =
    writesFrom === from ? '' : `; a run covers more than the range and writes the windows since ${writesFrom}`
  const isContinued = continuedAt !== null
  if (state === 'planned') {
    const before = isContinued
      ? `, ${groupDigits(doneBefore)} of them ${doneBefore === 1 ? 'is' : 'are'} done, up to ${continuedAt}`
      : ''
    return `${countOf(runs, 'run')} ${runs === 1 ? 'covers' : 'cover'} it${before}${more}`
  }
  const own = isContinued ? `, ${groupDigits(done)} by this command` : ''
  if (state === 'stopped') return `${groupDigits(doneBefore + done)} of ${countOf(runs, 'run')} done${own}`
  return `${runs === 1 ? 'the run is' : `all ${countOf(runs, 'run')} are`} done${own}${more}`
}

declare module '../../command/result.ts' {
  interface Answers {
    readonly 'store-backfill': StoreBackfillResult
  }
}
