import { countOf } from '../../core/plural.ts'
import { nextLines, type Page, symbol, targetHeading } from '../../terminal/human/page.ts'
import { type Line, toned } from '../../terminal/text/span.ts'
import { wrapLine } from '../../terminal/text/wrap.ts'
import type { View } from '../../terminal/view.ts'
import type { FamilyMovePlan } from '../rotation/rename-family.ts'
import { listSome } from './shards-check-view.ts'

/** The answer of `shards rename-family`. */
export interface FamilyMoveResult {
  readonly kind: 'family-move'
  readonly dryRun: boolean
  readonly from: string
  readonly to: string
  readonly move: FamilyMovePlan
}

export const familyMoveView: View<FamilyMoveResult> = { render: renderFamilyMove }

function renderFamilyMove({ dryRun, from, to, move }: FamilyMoveResult, page: Page): readonly Line[] {
  const verb = dryRun ? 'would move' : 'moved'
  const more: readonly (readonly [string, readonly string[]])[] = [
    ['protected', move.protected],
    ['on hold', move.held],
    ['with an archive', move.archived],
    ['recorded under both names, now one', move.merged],
    ['not what the header says', move.misfits],
  ]
  return [
    ...wrapLine(targetHeading(move.target), page.columns, 2),
    ...wrapLine(
      [
        '  ',
        symbol(move.misfits.length > 0 ? 'warning' : 'good'),
        ` ${countOf(move.shards + move.traced, 'shard')} ${verb} from `,
        toned('strong', from),
        ' to ',
        toned('strong', to),
        '; no table was touched',
      ],
      page.columns,
      4,
    ),
    ...more.flatMap(([what, tables]) =>
      tables.length === 0 ? [] : wrapLine([`      ${what}: ${listSome(tables, page)}`], page.columns, 8),
    ),
    ...nextLines(
      [
        `Where migrations, archives or scripts name \`${from}\`, write \`-- wwdb:formerly ${from}\` into the template of \`${to}\`.`,
      ],
      page,
    ),
  ]
}

declare module '../../command/result.ts' {
  interface Answers {
    readonly 'family-move': FamilyMoveResult
  }
}
