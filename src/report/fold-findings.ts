import { groupBy } from '../core/group-by.ts'
import type { ReportFinding } from './report.ts'

/** A finding with all of its places. */
interface FoldedFinding extends Omit<ReportFinding, 'place'> {
  readonly places: readonly string[]
}

/** Findings with the same text are shown once, at the first of their places. */
export function foldFindings(findings: readonly ReportFinding[]): readonly FoldedFinding[] {
  const groups = groupBy(findings, ({ place: _, ...rest }) => JSON.stringify(rest))
  return [...groups.values()].flatMap((group) => {
    const [first] = group
    if (first === undefined) return []
    const { place: _, ...rest } = first
    return [{ ...rest, places: group.map(({ place }) => place).filter((place) => place !== '') }]
  })
}
