import { countOf } from '../../core/plural.ts'
import type { ShapeDifference } from '../../sql/definitions/compare-definitions.ts'
import { nextLines, type Page, paragraph, symbol } from '../../terminal/human/page.ts'
import { type Line, toned } from '../../terminal/text/span.ts'
import { wrapLine } from '../../terminal/text/wrap.ts'
import type { View } from '../../terminal/view.ts'
import type { DescribedDifference, SchemaDiff } from '../diff.ts'

/** The answer of `schema diff` and `drift`. */
export interface SchemaDiffResult {
  readonly kind: 'schema-diff'
  readonly from: string
  /** The other side: what the first is to become. */
  readonly to: string
  readonly databases: readonly SchemaDiff[]
  /** Objects that differ, over all databases. */
  readonly differences: number
}

export const schemaDiffView: View<SchemaDiffResult> = { render: renderSchemaDiff }

/** What differs by object, and the statements that bring the first side to the second. */
function renderSchemaDiff({ from, to, databases, differences }: SchemaDiffResult, page: Page): readonly Line[] {
  const summary =
    differences === 0
      ? `No difference between ${from} and ${to} in ${countOf(databases.length, 'database')}.`
      : `${countOf(differences, 'object')} of ${from} ${differences === 1 ? 'differs' : 'differ'} from ${to}.`
  const renames = databases.flatMap((one) => one.renames)
  const next = renames.length === 0 ? [] : [`Where a name was changed, say so: \`--rename ${renames[0]}\`.`]
  return [
    ...databases.flatMap((one) => renderDatabase(one, page)),
    ...wrapLine([summary], page.columns),
    ...nextLines(next, page),
  ]
}

/** One database: what differs, and the statements that change it. */
export function renderDatabase({ database, differences, forward, hidden }: SchemaDiff, page: Page): readonly Line[] {
  if (differences.length === 0 && hidden.length === 0) return []
  return [
    ...wrapLine([toned('strong', database)], page.columns),
    ...differences.flatMap((one) => renderDifference(one, page)),
    ...hidden.flatMap((object) =>
      wrapLine(['  ', symbol('warning'), ` ${object}: this user may not read it`], page.columns, 4),
    ),
    ...forward.flatMap(({ text, hazards }) => [
      ...hazards.flatMap(({ code, why }) =>
        wrapLine(['    ', symbol('warning'), ' ', toned('warning', code), `: ${why}`], page.columns, 6),
      ),
      ...paragraph(['    '], `${text};`, 4, page),
    ]),
  ]
}

function renderDifference({ type, name, change, parts }: DescribedDifference, page: Page): readonly Line[] {
  const states = { missing: 'is missing', extra: 'is not wanted', differs: 'differs' } as const
  const detail = parts.length === 0 ? states[change] : parts.map(describePart).join('; ')
  return wrapLine(
    ['  ', symbol('bad'), ` ${type} `, toned('strong', name), `${parts.length === 0 ? ' ' : ': '}${detail}`],
    page.columns,
    4,
  )
}

/** `column email is varchar(20), not varchar(100)` */
function describePart({ part, name, change, wanted, found }: ShapeDifference): string {
  if (part === 'order') return `the columns are in another order, from ${name} on`
  const subject = part === 'partitioning' ? 'partitioning' : `${part} ${name}`
  if (change === 'missing') return `${subject} is missing`
  if (change === 'extra') return `${subject} is not wanted`
  return `${subject} is ${found}, not ${wanted}`
}
