import { countOf } from '../../core/plural.ts'
import { formatSize } from '../../core/size.ts'
import type { UnreachedTarget } from '../../core/target.ts'
import { renderUnreached } from '../../terminal/human/fault.ts'
import { nextLines, type Page, symbol } from '../../terminal/human/page.ts'
import { type Line, toned } from '../../terminal/text/span.ts'
import { wrapLine } from '../../terminal/text/wrap.ts'
import type { View } from '../../terminal/view.ts'
import { describeCarried, isOld, warnOfOld } from '../online/describe-leftover.ts'
import type { OnlineState } from '../online/record.ts'

/** A table of an online change that is on the server. */
interface ShownChange {
  readonly table: string
  /** `0002_wider`, and the statement there, from 1. */
  readonly migration: string
  readonly statement: number
  /** How far the change is: `copying`, `copied` (the complete copy waits for its swap), `swapped` or `held`. */
  readonly state: OnlineState
  /** The copy, or the table as it was before. */
  readonly kept: string
  /** Data and indexes, by InnoDB's estimate. */
  readonly bytes: number
  /** Since when it is so. */
  readonly since: string | null
  /** Until when it is kept at least; null where it is a copy. */
  readonly until: string | null
  /** True where that time has ended: `wwdb held --drop` drops it. */
  readonly isDue: boolean
  /** True for the table that a change had made and that `online revert` took back. */
  readonly isTakenBack: boolean
  /** Present where a revert ended without putting this table back: rows that were written since the change may have been carried to it. */
  readonly hasCarried?: true
}

/** What a run of such a tool left that was not started by wwdb. */
interface ShownLeftover {
  /** Those that give such names. */
  readonly tools: readonly string[]
  /** The table that was changed; null where the names do not say. */
  readonly table: string | null
  /** Triggers and tables. */
  readonly names: readonly string[]
  readonly bytes: number
  /** Statements that remove it, in their order. */
  readonly remove: readonly string[]
}

interface OnlineOfDatabase {
  readonly database: string
  readonly changes: readonly ShownChange[]
  readonly leftovers: readonly ShownLeftover[]
}

/** The answer of `online list`. */
export interface OnlineChangesResult {
  readonly kind: 'online-changes'
  readonly databases: readonly OnlineOfDatabase[]
  readonly unreached: readonly UnreachedTarget[]
}

export const onlineChangesView: View<OnlineChangesResult> = {
  render: ({ databases, unreached }, page) => {
    const changes = databases.flatMap((one) => one.changes)
    const leftovers = databases.flatMap((one) => one.leftovers)
    const held = changes.some(({ until }) => until !== null)
    return [
      ...databases.flatMap((one) => [
        ...one.changes.flatMap((change) => renderChange(one.database, change, page)),
        ...one.leftovers.flatMap((leftover) => renderLeftover(one.database, leftover, page)),
      ]),
      ...renderUnreached(unreached, page),
      ...wrapLine([describeEnd(changes.length, leftovers.length)], page.columns),
      ...nextLines(
        held
          ? [
              '`wwdb online revert TABLE` takes a change back, `wwdb held --drop` drops the tables whose time has ended.',
            ]
          : [],
        page,
      ),
    ]
  },
}

function describeEnd(changes: number, leftovers: number): string {
  const left = leftovers === 0 ? '' : ` ${countOf(leftovers, 'change')} of other runs left something.`
  if (changes === 0) return `No online change of wwdb has a copy or a kept table.${left}`
  return `${countOf(changes, 'table')} of online changes ${changes === 1 ? 'is' : 'are'} there.${left}`
}

const describeState: Readonly<Record<OnlineState, string>> = {
  copying: 'an unfinished copy',
  copied: 'a complete copy, which waits to take its place',
  swapped: 'the table as it was, whose triggers are not removed yet',
  held: 'the table as it was',
  reverted: 'the table as it was',
  removed: 'nothing',
}

function renderChange(database: string, change: ShownChange, page: Page): readonly Line[] {
  const { table, kept, bytes, migration, statement, state, since, until, isDue, isTakenBack, hasCarried } = change
  const what =
    isTakenBack && until !== null ? 'the table as a change that was taken back had made it' : describeState[state]
  const time =
    until === null
      ? ''
      : isDue
        ? `; its time ended on ${until.slice(0, 10)}`
        : `, kept until ${until.slice(0, 16).replace('T', ' ')} UTC`
  const carried = hasCarried === true ? `; ${describeCarried}` : ''
  const begun = since === null ? '' : ` since ${since.slice(0, 16).replace('T', ' ')} UTC`
  return wrapLine(
    [
      '  ',
      symbol(state === 'held' && !isDue ? 'idle' : 'warning'),
      ' ',
      toned('strong', table),
      ` of ${database}: ${kept} is ${what}${begun} (${formatSize(bytes)}, ${migration}:${statement})${time}${carried}`,
    ],
    page.columns,
    4,
  )
}

function renderLeftover(
  database: string,
  { tools, table, names, bytes, remove }: ShownLeftover,
  page: Page,
): readonly Line[] {
  const order = remove.map((text) => `\`${text}\``).join(', then ')
  const next = order === '' ? '' : `. When no such tool runs, remove it: ${order}`
  return wrapLine(
    [
      '  ',
      symbol('warning'),
      ' ',
      toned('strong', table ?? names[0] ?? ''),
      ` of ${database}: ${describeNames(tools, names)} (${formatSize(bytes)})${warnOfOld(names)}${next}`,
    ],
    page.columns,
    4,
  )
}

/** A table that has the name of an old one is known by nothing else. */
function describeNames(tools: readonly string[], names: readonly string[]): string {
  const tool = tools.join(' or ')
  const all = names.map((name) => (isOld(name) ? `${name} (old)` : name)).join(', ')
  if (!names.every(isOld)) return `${tool} left ${all}`
  return `${all} ${names.length === 1 ? 'has the name' : 'have the names'} of what ${tool} leaves`
}

declare module '../../command/result.ts' {
  interface Answers {
    readonly 'online-changes': OnlineChangesResult
  }
}
