import { countOf } from '../../core/plural.ts'
import { nextLines, type Page, symbol } from '../../terminal/human/page.ts'
import { type Line, toned } from '../../terminal/text/span.ts'
import { wrapLine } from '../../terminal/text/wrap.ts'
import type { View } from '../../terminal/view.ts'
import { countReportFindings, countTables, knownCount, type Report, type ReportGap } from '../report.ts'

/** The answer of `report`: everything that the report shows, and the files that it was written to. */
export interface ReportResult {
  readonly kind: 'report'
  /** As `--out` names them; empty without the flag. */
  readonly written: readonly string[]
  readonly report: Report
}

export const reportView: View<ReportResult> = { render: renderReport }

/** The content of the report, what it lacks and why, and where it was written. */
function renderReport({ report, written }: ReportResult, page: Page): readonly Line[] {
  const { databases, families, runs, stores, gaps } = report
  const tables = countTables(report)
  const shards = families.reduce((sum, family) => sum + family.shards.length, 0)
  const count = (found: number, noun: string, ...parts: readonly ReportGap['part'][]): string =>
    knownCount(report, found, ...parts) === null ? `${noun}s not read` : countOf(found, noun)
  const counted = [
    countOf(databases.length, 'database'),
    count(tables, 'table', 'tables'),
    count(shards, 'shard', 'shards'),
    count(runs.length, 'run', 'runs'),
    count(stores.length, 'store', 'stores'),
    count(countReportFindings(report), 'finding', 'drift', 'lint', 'doctor', 'stores'),
  ].join(', ')
  return [
    ...gaps.flatMap(({ part, place, why }) =>
      wrapLine([symbol('warning'), ' ', toned('strong', place ?? part), `: ${why}`], page.columns, 2),
    ),
    ...written.flatMap((file) => wrapLine([symbol('good'), ' wrote ', toned('strong', file)], page.columns, 2)),
    ...wrapLine([`${counted}.`], page.columns),
    ...nextLines(written.length === 0 ? ['`wwdb report --out report.html` writes it as a page.'] : [], page),
  ]
}

declare module '../../command/result.ts' {
  interface Answers {
    readonly report: ReportResult
  }
}
