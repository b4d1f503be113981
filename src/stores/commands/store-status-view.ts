import { formatDuration } from '../../core/duration.ts'
import { renderFault } from '../../terminal/human/fault.ts'
import { type Page, symbol } from '../../terminal/human/page.ts'
import { type Line, toned } from '../../terminal/text/span.ts'
import { wrapLine } from '../../terminal/text/wrap.ts'
import type { View } from '../../terminal/view.ts'
import type { StoreLockState } from '../read-locks.ts'

/** The answer of `setup status`. */
export interface StoreStatusResult {
  readonly kind: 'store-status'
  readonly stores: readonly StoreLockState[]
}

export const storeStatusView: View<StoreStatusResult> = {
  render: ({ stores }, page) => stores.flatMap((state) => renderState(state, page)),
}

function renderState(state: StoreLockState, page: Page): readonly Line[] {
  const { store, server, holder, fault } = state
  const sign = fault !== null ? symbol('bad') : holder === null ? symbol('idle') : symbol('good')
  const heading: Line = [sign, ' ', toned('strong', store), toned('faint', ` at ${server}`), `: ${describe(state)}`]
  return [...wrapLine(heading, page.columns, 4), ...(fault === null ? [] : renderFault(fault, page))]
}

function describe({ holder, heldFor, left, fault }: StoreLockState): string {
  if (fault !== null) return 'not known'
  if (holder === null) return 'no run is applying its declarations'
  const since = `for ${formatDuration(Math.max(0, heldFor ?? 0))}`
  const end =
    (left ?? 0) > 0
      ? `it may be taken over in ${formatDuration(left ?? 0)}, if it is not renewed`
      : 'its end has passed: the next run takes it over'
  return `${holder} holds the lock ${since}; ${end}`
}

declare module '../../command/result.ts' {
  interface Answers {
    readonly 'store-status': StoreStatusResult
  }
}
