import { countOf } from '../../core/plural.ts'
import type { UnreachedTarget } from '../../core/target.ts'
import { describeDifference } from '../../ddl/compare-snapshots.ts'
import type { LeftByTool } from '../../migrations/find-left.ts'
import { renderUnreached } from '../../terminal/human/fault.ts'
import { nextLines, type Page, paragraph, symbol } from '../../terminal/human/page.ts'
import { type Line, toned } from '../../terminal/text/span.ts'
import { wrapLine } from '../../terminal/text/wrap.ts'
import type { View } from '../../terminal/view.ts'
import type { DescribedDifference, SchemaDiff } from '../diff.ts'
import type { TableAside } from '../drift/find-held.ts'
import type { IgnoredDifference } from '../drift.ts'
import type { UnevenLine } from '../uneven-schema.ts'
import { renderHeld } from './held-view.ts'

/** The answer of `schema diff` and `drift`. */
export interface SchemaDiffResult {
  readonly kind: 'schema-diff'
  readonly from: string
  /** The other side: the first side is to become like it. */
  readonly to: string
  readonly databases: readonly SchemaDiff[]
  /** Objects that differ, over all databases. */
  readonly differences: number
  /** For `drift`: what the configuration ignores for a time. */
  readonly ignored?: readonly IgnoredDifference[]
  /** For `drift`: tables that it renamed aside earlier. */
  readonly held?: readonly TableAside[]
  /** For `drift`: what tools of online changes have left, which is no difference. */
  readonly leftovers?: readonly LeftByTool[]
  /** For keyspaces: objects that are not the same on all shards. */
  readonly uneven?: readonly UnevenLine[]
  /** For keyspaces: what was not compared, each a sentence. */
  readonly uncompared?: readonly string[]
  readonly unreached: readonly UnreachedTarget[]
  /** What a person can do about it; absent where the command's own help explains that. */
  readonly next?: readonly string[]
}

/** What `drift` leaves out by design. */
const leftOut =
  'Not compared: rows, shards, grants and accounts, AUTO_INCREMENT, histograms, the client character set and the database collation that stored code was created with, and tables of wwdb and of online schema change tools.'

/** The same for `drift --replay`: the applied migrations run again under another account, and on another connection. */
const leftOutOfReplay = leftOut.replace(
  'histograms,',
  'histograms, definers and the collation_connection of stored code,',
)

export const schemaDiffView: View<SchemaDiffResult> = { render: renderSchemaDiff }

function renderLeft({ database, what, remove }: LeftByTool, page: Page): readonly Line[] {
  const order = remove.map((text) => `\`${text}\``).join(', then ')
  const next = order === '' ? '' : `; when no such tool runs, remove it in this order: ${order}`
  return wrapLine(['  ', symbol('warning'), ' ', toned('strong', database), `: ${what}${next}`], page.columns, 4)
}

/** The differences by object, and the statements that turn the first side into the second. */
function renderSchemaDiff(
  {
    from,
    to,
    databases,
    differences,
    ignored = [],
    held = [],
    leftovers = [],
    uneven = [],
    uncompared = [],
    unreached,
    next: given,
  }: SchemaDiffResult,
  page: Page,
): readonly Line[] {
  const summary =
    databases.length === 0
      ? 'No database was compared.'
      : differences === 0
        ? `No ${uneven.length > 0 ? 'other ' : ''}difference between ${from} and ${to} in ${countOf(databases.length, 'database')}.`
        : `${countOf(differences, 'object')} of ${from} ${differences === 1 ? 'differs' : 'differ'} from ${to}.`
  const renames = databases.flatMap((one) => one.renames)
  const isDrift = to === 'recorded' && differences > 0
  const answers =
    '`wwdb drift --revert` reverts this, `wwdb drift --accept NAME` keeps it as a migration, `drift.ignore` in the configuration ignores it for a time.'
  const next = given ?? [
    ...(renames.length === 0 ? [] : [askRename(renames[0] ?? '', renames.length)]),
    ...(isDrift ? [answers] : []),
    ...(held.length === 0
      ? []
      : [
          '`wwdb held --restore NAME` restores a table that `drift --revert` renamed, `wwdb held --drop` drops it after its hold time.',
        ]),
  ]
  return [
    ...databases.flatMap((one) => renderDatabase(one, page)),
    ...ignored.flatMap(({ database, type, name, reason, until }) =>
      wrapLine([toned('faint', `${database}: ${type} ${name} is ignored until ${until}: ${reason}`)], page.columns, 2),
    ),
    ...renderHeld(held, page),
    ...leftovers.flatMap((one) => renderLeft(one, page)),
    ...uneven.flatMap(({ database, object }) =>
      wrapLine(
        ['  ', symbol('warning'), ' ', toned('strong', database), `: shards differ: ${object}`],
        page.columns,
        4,
      ),
    ),
    ...renderUnreached(unreached, page),
    ...wrapLine([summary], page.columns),
    ...uncompared.flatMap((sentence) => wrapLine([sentence], page.columns)),
    ...nextLines(next, page),
    ...(from === 'live' && (to === 'recorded' || to === 'applied')
      ? wrapLine([toned('faint', to === 'applied' ? leftOutOfReplay : leftOut)], page.columns)
      : []),
  ]
}

/** Why there are no statements yet: they would drop what may have been renamed. */
function askRename(flag: string, count: number): string {
  const each = count === 1 ? '' : ', and the same for each of them'
  return `State whether it was renamed: \`--rename ${flag}\` if it was, \`--not-renamed ${flag}\` if one is dropped and the other added${each}. Until then no statements are shown.`
}

/** One database: the differences, and the statements that change it. */
export function renderDatabase(
  { database, differences, forward, renames, hidden, byHand = [] }: SchemaDiff,
  page: Page,
): readonly Line[] {
  if (differences.length === 0 && hidden.length === 0) return []
  return [
    ...wrapLine([toned('strong', database)], page.columns),
    ...differences.flatMap((one) => renderDifference(one, page)),
    ...hidden.flatMap((object) =>
      wrapLine(['  ', symbol('warning'), ` ${object}: this user cannot read it`], page.columns, 4),
    ),
    ...renames.flatMap((one) =>
      wrapLine(['  ', symbol('warning'), ' ', toned('strong', one), ' looks like a rename'], page.columns, 4),
    ),
    ...forward.flatMap(({ text, hazards }) => [
      ...hazards.flatMap(({ code, why }) =>
        wrapLine(['    ', symbol('warning'), ' ', toned('warning', code), `: ${why}`], page.columns, 6),
      ),
      ...paragraph(['    '], `${text};`, 4, page),
    ]),
    ...byHand.flatMap((sentence) => wrapLine(['    ', symbol('warning'), ' ', sentence], page.columns, 6)),
  ]
}

function renderDifference({ type, name, change, parts }: DescribedDifference, page: Page): readonly Line[] {
  const detail = describeDifference({ change, parts })
  return wrapLine(
    ['  ', symbol('bad'), ` ${type} `, toned('strong', name), `${parts.length === 0 ? ' ' : ': '}${detail}`],
    page.columns,
    4,
  )
}

declare module '../../command/result.ts' {
  interface Answers {
    readonly 'schema-diff': SchemaDiffResult
  }
}
