import { countOf } from '../../core/plural.ts'
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
      stopped: ['The same command goes on there.'],
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

function describe({ runs, done, continuedAt, state }: BackfillOutcome): string {
  const from = continuedAt === null ? '' : `, continued at ${continuedAt}`
  if (state === 'planned') return `${countOf(runs, 'run')} cover it${from}`
  return `${done} of ${countOf(runs, 'run')} done${from}`
}

declare module '../../command/result.ts' {
  interface Answers {
    readonly 'store-backfill': StoreBackfillResult
  }
}
