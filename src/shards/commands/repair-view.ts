import { formatDuration } from '../../core/duration.ts'
import { countOf } from '../../core/plural.ts'
import { nextLines, type Page, symbol } from '../../terminal/human/page.ts'
import { type Line, toned } from '../../terminal/text/span.ts'
import { wrapLine } from '../../terminal/text/wrap.ts'
import { adviseOn, type View } from '../../terminal/view.ts'
import type { AcknowledgedLoss, FamilyRepair } from '../answers.ts'
import type { UnseenTarget } from '../inspection.ts'
import { listSome, renderUnseen } from './shards-check-view.ts'

/** The answer of `shards repair`. */
export interface ShardRepairResult {
  readonly kind: 'shard-repair'
  readonly families: readonly FamilyRepair[]
  /** Lost rows that a person has now acknowledged. */
  readonly acknowledged: readonly AcknowledgedLoss[]
  readonly unseen: readonly UnseenTarget[]
  readonly milliseconds: number
}

export const shardRepairView: View<ShardRepairResult> = {
  render: renderShardRepair,
}

/** Which shards match their template again, and why others do not. */
function renderShardRepair(
  { families, acknowledged, unseen, milliseconds }: ShardRepairResult,
  page: Page,
): readonly Line[] {
  const repaired = families.reduce((sum, family) => sum + family.repaired.length, 0)
  const failed = families.reduce((sum, family) => sum + family.failed.length, 0)
  const left = families.reduce((sum, family) => sum + family.left, 0)
  const rest = [...(failed > 0 ? [`${failed} failed`] : []), ...(left > 0 ? [`${left} not begun`] : [])]
  const known = acknowledged.length > 0 ? `${countOf(acknowledged.length, 'loss')} acknowledged` : null
  const summary = [known ?? `${countOf(repaired, 'shard')} repaired`, ...rest].join(', ')
  const failures = families.flatMap((family) => family.failed.map((one) => ({ ...one, server: family.target.server })))
  // There is nothing to correct on a server that no longer accepts writes.
  const correctable = failures.filter(({ code }) => code !== 'READ_ONLY')
  const advice = [...new Set(correctable.flatMap(({ fault }) => fault.next ?? []))]
  return [
    ...families.flatMap((family) => renderFamily(family, page)),
    ...acknowledged.flatMap(({ table, target, rows }) => {
      const lost = rows === null ? 'its rows are lost' : `${countOf(rows, 'row')} lost`
      return wrapLine(
        [symbol('good'), ' ', toned('strong', table), ` in ${target.database}: ${lost}, acknowledged`],
        page.columns,
        2,
      )
    }),
    ...renderUnseen(unseen, page),
    ...wrapLine([`${summary}; ${formatDuration(milliseconds)}.`], page.columns, 2),
    ...nextLines(
      failures.length === 0 && rest.length > 0
        ? ['Run `wwdb shards repair` again.']
        : [...advice, ...adviseOn(failures, 'run `wwdb shards repair` again.')],
      page,
    ),
  ]
}

function renderFamily({ family, target, repaired, failed, left }: FamilyRepair, page: Page): readonly Line[] {
  const sign = symbol(failed.length > 0 ? 'bad' : left > 0 ? 'warning' : 'good')
  const names = repaired.length === 0 ? '' : ` (${listSome(repaired, page)})`
  const count = `: ${repaired.length} repaired${names}`
  return [
    ...wrapLine([sign, ' ', toned('strong', family), ` in ${target.database}`, count], page.columns, 2),
    ...failed.flatMap(({ table, fault }) =>
      wrapLine(['    ', toned('bad', table), `: ${fault.what} ${fault.why ?? ''}`.trimEnd()], page.columns, 6),
    ),
  ]
}

declare module '../../command/result.ts' {
  interface Answers {
    readonly 'shard-repair': ShardRepairResult
  }
}
