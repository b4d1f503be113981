import { formatDuration } from '../../core/duration.ts'
import { formatTime } from '../../core/instant.ts'
import { countOf } from '../../core/plural.ts'
import type { Target, UnreachedTarget } from '../../core/target.ts'
import { renderUnreached } from '../../terminal/human/fault.ts'
import { type Page, symbol, targetHeading } from '../../terminal/human/page.ts'
import { type Line, toned } from '../../terminal/text/span.ts'
import { alignTable } from '../../terminal/text/table.ts'
import { wrapLine } from '../../terminal/text/wrap.ts'
import type { View } from '../../terminal/view.ts'
import type { Pass } from '../journal/journal.ts'

/** The answer of `history`: what ran, in the order of the journal. */
export interface HistoryResult {
  readonly kind: 'history'
  readonly targets: readonly { readonly target: Target; readonly passes: readonly Pass[] }[]
  readonly unreached: readonly UnreachedTarget[]
}

export const historyView: View<HistoryResult> = {
  render: renderHistory,
}

/** What ran, in the order of the journal: when (UTC), which way, what, how long, by whom, with which version of the tool. */
function renderHistory(result: HistoryResult, page: Page): readonly Line[] {
  const blocks = result.targets.flatMap(({ target, passes }, index) => [
    ...(index === 0 ? [] : [[]]),
    ...wrapLine(targetHeading(target, countOf(passes.length, 'pass')), page.columns, 2),
    ...alignTable(passes.map(row), { columns: page.columns, indent: 2, droppable: [6, 5], flexible: [3, 2] }),
  ])
  return [...blocks, ...renderUnreached(result.unreached, page)]
}

function row(pass: Pass): readonly Line[] {
  const complete = pass.closed === pass.total
  return [
    [complete ? symbol('good') : symbol('warning'), ` ${formatTime(pass.openedAt)}`],
    [describeKind(pass)],
    [pass.version],
    [pass.name],
    complete
      ? [toned('faint', formatDuration(pass.milliseconds))]
      : [toned('warning', `${pass.closed} of ${pass.total}`)],
    [toned('faint', pass.appliedBy)],
    [toned('faint', pass.toolVersion)],
  ]
}

function describeKind(pass: Pass): string {
  if (pass.kind === 'baseline' || pass.kind === 'mark' || pass.kind === 'adopted') return pass.kind
  return pass.kind === 'versioned' ? pass.direction : `${pass.direction} ${pass.kind}`
}
