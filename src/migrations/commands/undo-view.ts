import { countOf } from '../../core/plural.ts'
import { nextLines, type Page, symbol } from '../../terminal/human/page.ts'
import { type Line, toned } from '../../terminal/text/span.ts'
import { wrapLine } from '../../terminal/text/wrap.ts'
import type { View } from '../../terminal/view.ts'
import type { RefusedUndo, UndoneRow, UndoneTable } from '../undo/list-undone.ts'

/** The answer of `undo`. */
export interface UndoResult {
  readonly kind: 'undo'
  readonly version: string
  readonly tables: readonly UndoneTable[]
  /** Batches that are not undone, because they cannot be; absent where there are none. */
  readonly refused?: readonly RefusedUndo[]
  /** Present in a dry run where an earlier batch is counted again behind a later one of its table: more rows may be put back than it says. */
  readonly countsAgain?: true
  readonly dryRun: boolean
}

export const undoView: View<UndoResult> = {
  render: ({ tables, refused = [], countsAgain, dryRun, version }, page) => [
    ...tables.flatMap((table) => renderTable(table, dryRun, page)),
    ...refused.flatMap((one) => renderRefused(one, page)),
    ...wrapLine([describeTotals(tables, dryRun)], page.columns),
    ...(dryRun ? wrapLine(['Dry run: nothing was written.'], page.columns) : []),
    ...(countsAgain === true ? wrapLine([countedAgain], page.columns) : []),
    ...nextLines(adviseNext(version, tables, dryRun), page),
  ],
  showsPlan: ({ dryRun }) => dryRun,
}

function renderTable(table: UndoneTable, dryRun: boolean, page: Page): readonly Line[] {
  const { target, undone, ready, left, rows, undoTable } = table
  const ended = endOf([table])
  const parts = [
    ...(dryRun ? [`${countOf(ready, 'row')} can be ${ended}`] : []),
    ...(undone > 0 || !dryRun ? [`${countOf(undone, 'row')} ${undone === 1 ? 'is' : 'are'} ${ended}`] : []),
    ...(left > 0
      ? [`${countOf(left, 'row')} ${left === 1 ? 'stays' : 'stay'} as ${left === 1 ? 'it is' : 'they are'}`]
      : []),
  ]
  const head: Line = [
    symbol(left > 0 ? 'warning' : 'good'),
    ' ',
    toned('strong', table.table),
    ` of ${target.database}, statement ${table.statement}${table.direction === 'down' ? ' of the down part' : ''}: ${parts.join(', ')} (kept in ${undoTable})`,
  ]
  const more = left - rows.length
  return [
    ...wrapLine(head, page.columns, 4),
    ...rows.flatMap(({ key, why }) => wrapLine(['    ', `${key}: ${describeReason(why, table)}`], page.columns, 6)),
    ...(more > 0 ? wrapLine(['    ', `and ${countOf(more, 'more row')}`], page.columns, 6) : []),
  ]
}

const countedAgain =
  'An earlier batch of the same table is counted again once the later one is put back: more of its rows can be put back then.'

function renderRefused(one: RefusedUndo, page: Page): readonly Line[] {
  const part = one.direction === 'down' ? ' of the down part' : ''
  const said = one.isOver ? 'all its rows were put back before' : 'is not undone'
  return [
    ...wrapLine(
      [
        symbol(one.isOver ? 'good' : 'warning'),
        ' ',
        toned('strong', one.table),
        ` of ${one.target.database}, statement ${one.statement}${part}: ${said} (kept in ${one.undoTable})`,
      ],
      page.columns,
      4,
    ),
    ...wrapLine(['    ', one.why], page.columns, 6),
  ]
}

const reasons: Readonly<Record<UndoneRow['why'], string>> = {
  changed: 'changed by others since',
  gone: 'deleted by others since',
  taken: 'another row has its key since',
  refused: 'the server refuses the row as it was',
  late: 'became as the batch had written it while this ran; the next `wwdb undo` puts it back',
}

const describeReason = (why: UndoneRow['why'], { verb }: UndoneTable): string =>
  verb === 'INSERT' && why === 'refused' ? 'the server refuses to delete it' : reasons[why]

/** What becomes of rows: those that a batch added are removed. */
function endOf(tables: readonly Pick<UndoneTable, 'verb'>[]): string {
  if (tables.length === 0 || tables.some(({ verb }) => verb !== 'INSERT'))
    return tables.some(({ verb }) => verb === 'INSERT') ? 'put back or removed' : 'put back'
  return 'removed'
}

function describeTotals(tables: readonly UndoneTable[], dryRun: boolean): string {
  const sum = (of: (table: UndoneTable) => number): number => tables.reduce((total, table) => total + of(table), 0)
  const [done, left] = [sum((one) => (dryRun ? one.ready : one.undone)), sum((one) => one.left)]
  const rest =
    left === 0 ? '' : `; ${countOf(left, 'row')} ${left === 1 ? 'was' : 'were'} changed by others since, or refused`
  const ended = endOf(tables)
  return dryRun
    ? `${countOf(done, 'row')} can be ${ended}${rest}.`
    : `${countOf(done, 'row')} ${done === 1 ? 'is' : 'are'} ${ended}${rest}.`
}

function adviseNext(version: string, tables: readonly UndoneTable[], dryRun: boolean): readonly string[] {
  if (dryRun)
    return tables.some(({ ready }) => ready > 0)
      ? [
          endOf(tables) === 'removed'
            ? `\`wwdb undo ${version}\` removes them.`
            : `\`wwdb undo ${version}\` puts them back.`,
        ]
      : []
  return [
    ...(tables.some(({ left, verb }) => left > 0 && verb !== 'INSERT')
      ? ['What the rows were is in the undo table: in `before_1`, ..., whose comments name the columns.']
      : []),
    ...(tables.some(({ direction, undone }) => direction === 'down' && undone > 0) ? [afterDown(version)] : []),
  ]
}

/** A down part that is taken back leaves rows as the up part had made them. */
const afterDown = (version: string): string =>
  `${version} stays pending, and its rows are as its up part left them: the next \`wwdb migrate\` runs the up part on them once more. \`wwdb mark ${version} --applied\` records that it has run.`

declare module '../../command/result.ts' {
  interface Answers {
    readonly undo: UndoResult
  }
}
