import { isWhole, type Report, type ReportFinding, type ReportGap } from './report.ts'

const judgedParts = ['drift', 'lint', 'doctor', 'stores'] as const

/** How many findings of a part are of each severity. */
interface PartVerdict {
  readonly part: (typeof judgedParts)[number]
  readonly errors: number
  readonly warnings: number
}

/** What a reader wants to know first. */
export interface Verdict {
  readonly errors: number
  readonly warnings: number
  readonly hints: number
  /** Parts with errors or warnings. */
  readonly parts: readonly PartVerdict[]
  /** Whether everything that is judged was read: else nothing may be reported as healthy. */
  readonly whole: boolean
}

export function judgeReport(report: Report): Verdict {
  const found: Readonly<Record<PartVerdict['part'], readonly ReportFinding[]>> = {
    drift: report.drift,
    lint: report.lint,
    doctor: report.doctor,
    stores: report.stores.flatMap(({ findings }) => findings),
  }
  const all = Object.values(found).flat()
  const parts = judgedParts.map((part) => ({
    part,
    errors: countOf(found[part], 'error'),
    warnings: countOf(found[part], 'warning'),
  }))
  const unread = report.stores.some(({ state }) => state === 'unread')
  return {
    errors: countOf(all, 'error'),
    warnings: countOf(all, 'warning'),
    hints: countOf(all, 'hint'),
    parts: parts.filter(({ errors, warnings }) => errors + warnings > 0),
    whole: !unread && judgedParts.every((part: ReportGap['part']) => isWhole(report, part)),
  }
}

function countOf(findings: readonly ReportFinding[], wanted: ReportFinding['severity']): number {
  return findings.filter(({ severity }) => severity === wanted).length
}
