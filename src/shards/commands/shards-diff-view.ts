import { countOf } from '../../core/plural.ts'
import { describeDifference } from '../../ddl/definitions/compare-definitions.ts'
import { nextLines, type Page, paragraph, symbol } from '../../terminal/human/page.ts'
import { type Line, toned } from '../../terminal/text/span.ts'
import { wrapLine } from '../../terminal/text/wrap.ts'
import type { View } from '../../terminal/view.ts'
import type { FamilyAlterations, ShapeAlteration } from '../answers.ts'
import type { UnseenTarget } from '../inspection.ts'
import { listSome, renderUnseen } from './shards-check-view.ts'

/** The answer of `shards diff`. */
export interface ShardDiffResult {
  readonly kind: 'shard-diff'
  readonly families: readonly FamilyAlterations[]
  readonly unseen: readonly UnseenTarget[]
}

export const shardDiffView: View<ShardDiffResult> = {
  render: renderShardDiff,
}

/** The shapes of each family that differ from the template's, with the ALTERs that bring them back. */
function renderShardDiff({ families, unseen }: ShardDiffResult, page: Page): readonly Line[] {
  const differing = families.reduce((sum, { groups }) => sum + groups.flatMap(({ tables }) => tables).length, 0)
  const like = families.reduce((sum, family) => sum + family.like, 0)
  const next = ['`wwdb shards diff --sql` prints them for every table; `wwdb shards repair` runs them.']
  return [
    ...families.flatMap((family) => renderFamily(family, page)),
    ...renderUnseen(unseen, page),
    ...wrapLine([`${countOf(like, 'shard')} matching the template, ${differing} not.`], page.columns, 2),
    ...nextLines(differing > 0 ? next : [], page),
  ]
}

function renderFamily({ family, target, like, groups, behind }: FamilyAlterations, page: Page): readonly Line[] {
  const sign = symbol(groups.length > 0 ? 'bad' : 'good')
  const place = toned('faint', ` in ${target.schema} at ${target.server}`)
  const lagging =
    behind.length === 0 ? '' : `; ${behind.length} ${behind.length === 1 ? 'waits' : 'wait'} for a fan-out`
  return [
    ...wrapLine([sign, ' ', toned('strong', family), place, `: ${like} like the template${lagging}`], page.columns, 2),
    ...groups.flatMap((group) => renderGroup(group, page)),
  ]
}

function renderGroup({ tables, differences, statements, hazards }: ShapeAlteration, page: Page): readonly Line[] {
  const many = tables.length > 1
  const what = differences.map((one) => describeDifference(one, many)).join('; ')
  return [
    ...wrapLine(['    ', toned('bad', `${tables.length} ${what}`), `: ${listSome(tables, page)}`], page.columns, 6),
    ...hazards.flatMap(({ code, why }) =>
      wrapLine(['      ', symbol('warning'), ' ', toned('warning', code), `: ${why}`], page.columns, 8),
    ),
    ...statements.flatMap((text) => paragraph(['      '], text.replaceAll('`{{table}}`', tables[0] ?? ''), 6, page)),
  ]
}

declare module '../../command/result.ts' {
  interface Answers {
    readonly 'shard-diff': ShardDiffResult
  }
}
