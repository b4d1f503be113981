import { countOf } from '../../core/plural.ts'
import type { UnreachedTarget } from '../../core/target.ts'
import { describeCarried } from '../../operate/online/describe-leftover.ts'
import { renderUnreached } from '../../terminal/human/fault.ts'
import { nextLines, type Page, symbol } from '../../terminal/human/page.ts'
import { type Line, toned } from '../../terminal/text/span.ts'
import { wrapLine } from '../../terminal/text/wrap.ts'
import type { View } from '../../terminal/view.ts'
import type { TableAside } from '../drift/find-held.ts'

/** A held table, and whether its hold has ended by the clocks of this machine and of the server. */
interface HeldTable extends TableAside {
  readonly isDue: boolean
}

/** The answer of `held`. */
export interface HeldTablesResult {
  readonly kind: 'held-tables'
  /** By database and by their own names. */
  readonly tables: readonly HeldTable[]
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
          : `${countOf(tables.length, 'table')} ${tables.length === 1 ? 'is' : 'are'} on hold${describeDue(tables)}.`,
      ],
      page.columns,
    ),
    ...nextLines(
      tables.length === 0
        ? []
        : [
            '`wwdb held --restore NAME` restores the name of one, `wwdb held --drop` drops those whose hold time has ended.',
            ...(tables.some(({ undo }) => undo !== undefined)
              ? ['`wwdb undo VERSION` takes back what a batch did to them.']
              : []),
            ...(tables.some(({ isRetired }) => isRetired === true)
              ? ['`wwdb retire run` drops what is retired and unused, `wwdb retire undo NAME` puts it back.']
              : []),
            ...(tables.some(
              ({ change, takenBack, isRetired }) => change !== null && takenBack !== true && isRetired !== true,
            )
              ? ['`wwdb online revert NAME` takes the online change back that keeps one.']
              : []),
          ],
      page,
    ),
  ],
}

function describeDue(tables: readonly HeldTable[]): string {
  const due = tables.filter(({ isDue }) => isDue).length
  if (due === 0) return ''
  return tables.length === 1 ? '; its hold time has ended' : `; the hold time of ${due} has ended`
}

/** A line for each table that drift renamed aside. */
export function renderHeld(tables: readonly (TableAside & Partial<HeldTable>)[], page: Page): readonly Line[] {
  return tables.flatMap(({ database, table, name, since, until, undo, takenBack, hasCarried, isDue = false }) =>
    wrapLine(
      [
        '  ',
        symbol('warning'),
        ' ',
        toned('strong', name),
        undo === undefined
          ? ` of ${database} is on hold as ${table} since ${since.slice(0, 10)}`
          : ` of ${database} keeps rows of ${undo.table} as ${undo.isAdded === true ? `${undo.version} added them` : `they were before ${undo.version}`}, since ${since.slice(0, 10)}`,
        takenBack === true ? ', as a change that was taken back had made it' : '',
        hasCarried === true ? `; ${describeCarried}` : '',
        undo?.isComplete === false
          ? '; the batch is not complete, and its table stays until it is'
          : isDue
            ? `; its hold time ended on ${until.slice(0, 10)}`
            : `, at least until ${until.slice(0, 10)}`,
      ],
      page.columns,
      4,
    ),
  )
}

declare module '../../command/result.ts' {
  interface Answers {
    readonly 'held-tables': HeldTablesResult
  }
}
