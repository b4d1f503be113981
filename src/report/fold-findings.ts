import { groupBy } from '../core/group-by.ts'
import type { ReportFinding } from './report.ts'

/** A finding with every place that it was found at. */
interface FoldedFinding extends Omit<ReportFinding, 'place'> {
  readonly places: readonly string[]
}

/** What says the same of several places is said once, where the first of them was. */
export function foldFindings(findings: readonly ReportFinding[]): readonly FoldedFinding[] {
  const groups = groupBy(findings, ({ place: _, ...rest }) => JSON.stringify(rest))
  return [...groups.values()].flatMap((group) => {
    const [first] = group
    if (first === undefined) return []
    const { place: _, ...rest } = first
    return [{ ...rest, places: group.map(({ place }) => place).filter((place) => place !== '') }]
  })
}
