import { countOf } from '../../core/plural.ts'
import type { UnreachedTarget } from '../../core/target.ts'
import { renderUnreached } from '../../terminal/human/fault.ts'
import { nextLines, type Page, symbol } from '../../terminal/human/page.ts'
import { type Line, toned } from '../../terminal/text/span.ts'
import { wrapLine } from '../../terminal/text/wrap.ts'
import type { View } from '../../terminal/view.ts'
import type { TableAside } from './find-held.ts'

/** The answer of `held`. */
export interface HeldTablesResult {
  readonly kind: 'held-tables'
  /** By database and their own names. */
  readonly tables: readonly TableAside[]
  readonly unreached: readonly UnreachedTarget[]
}

export const heldTablesView: View<HeldTablesResult> = {
  render: ({ tables, unreached }, page) => [
    ...renderHeld(tables, page),
    ...renderUnreached(unreached, page),
    ...wrapLine(
      [
        tables.length === 0
          ? 'No table is on hold.'
          : `${countOf(tables.length, 'table')} ${tables.length === 1 ? 'is' : 'are'} on hold.`,
      ],
      page.columns,
    ),
    ...nextLines(
      tables.length === 0
        ? []
        : [
            '`wwdb held --restore NAME` restores the name of one, `wwdb held --drop` drops those whose hold time has ended.',
          ],
      page,
    ),
  ],
}

/** A line for each table that drift moved aside. */
export function renderHeld(tables: readonly TableAside[], page: Page): readonly Line[] {
  return tables.flatMap(({ database, table, name, since, until }) =>
    wrapLine(
      [
        '  ',
        symbol('warning'),
        ' ',
        toned('strong', name),
        ` of ${database} is on hold as ${table} since ${since.slice(0, 10)}, at least until ${until.slice(0, 10)}`,
      ],
      page.columns,
      4,
    ),
  )
}
