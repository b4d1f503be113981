import { formatDuration } from '../../core/duration.ts'
import { countOf } from '../../core/plural.ts'
import { assertNever } from '../../core/tool-error.ts'
import { renderFault } from '../../terminal/human/fault.ts'
import { nextLines, outcomeSign, type Page, paragraph, symbol } from '../../terminal/human/page.ts'
import { type Line, toned } from '../../terminal/text/span.ts'
import { wrapLine } from '../../terminal/text/wrap.ts'
import type { View } from '../../terminal/view.ts'
import type { StoreOutcome } from '../outcome.ts'

/** The answer of `setup apply`. */
export interface StoreRunResult {
  readonly kind: 'store-run'
  readonly command: string
  readonly stores: readonly StoreOutcome[]
  readonly milliseconds: number
}

export const storeRunView: View<StoreRunResult> = {
  render: renderStoreRun,
}

const indent = 4

/** What was done to each store, and what a person should check. */
function renderStoreRun(result: StoreRunResult, page: Page): readonly Line[] {
  const bad = result.stores.some(({ state }) => state !== 'done' && state !== 'nothing-to-do')
  const advice = bad
    ? [`\`wwdb ${result.command}\` again after fixing what failed: it applies the remaining changes.`]
    : []
  return [...result.stores.flatMap((store) => renderOutcome(store, page)), ...nextLines(advice, page)]
}

function renderOutcome(outcome: StoreOutcome, page: Page): readonly Line[] {
  const { store, server, version, notes, notDone, findings, fault, milliseconds } = outcome
  const place = ` at ${server}${version === null ? '' : `, ${version}`}`
  const took = toned('faint', ` (${formatDuration(milliseconds)})`)
  const heading: Line = [outcomeSign(outcome.state), ' ', toned('strong', store), toned('faint', place), ': ']
  return [
    ...wrapLine([...heading, describeState(outcome), took], page.columns, indent),
    ...(notDone.length > 0
      ? paragraph([toned('warning', '    not done: ')], notDone.join('; '), indent + 2, page)
      : []),
    ...notes.flatMap((note) => paragraph(['    ', symbol('warning'), ' '], note, indent + 2, page)),
    ...findings.flatMap(({ what, next }) => [
      ...paragraph(['    ', symbol('bad'), ' '], what, indent + 2, page),
      ...paragraph(['      ', toned('strong', 'Next: ')], next, 12, page),
    ]),
    ...(fault === null ? [] : renderFault(fault, page)),
  ]
}

function describeState({ state, done, unchanged }: StoreOutcome): string {
  const made = `${countOf(done.length, 'change')} made, ${unchanged} as declared before`
  switch (state) {
    case 'done':
      return made
    case 'nothing-to-do':
      return `nothing to do, ${countOf(unchanged, 'resource')} as declared`
    case 'failed':
      return done.length === 0 ? 'failed' : `failed after ${countOf(done.length, 'change')}`
    case 'not-reached':
      return 'not reached'
    case 'stopped':
      return `stopped: ${made}`
    case 'not-started':
      return 'not started'
    default:
      return assertNever(state)
  }
}

declare module '../../command/result.ts' {
  interface Answers {
    readonly 'store-run': StoreRunResult
  }
}
