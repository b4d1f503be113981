import { join } from 'node:path'
import type { Context } from '../../command/context.ts'
import type { Language } from '../../core/language.ts'
import { describeDifference } from '../../ddl/compare-snapshots.ts'
import { checks } from '../../doctor/checks.generated.ts'
import { examine } from '../../doctor/examine.ts'
import { judgeFacts } from '../../doctor/judge.ts'
import { reviewProject } from '../../lint/run/review-project.ts'
import { compareWithRecords } from '../../schema/drift/compare-with-records.ts'
import type { ReportFinding, ReportGap, ReportStore } from '../report.ts'
import { attemptPart, type PartReading, placeOf, toGap, toGaps } from './attempt.ts'
import type { ReviewedFiles } from './gather-databases.ts'

type Findings = Promise<PartReading<readonly ReportFinding[]>>

/** Changes that were made by hand, one finding per object. */
export function gatherDrift(context: Context): Findings {
  return attemptPart('drift', [], async () => {
    const { result } = await compareWithRecords(context)
    const value = result.databases.flatMap(({ database, differences }) =>
      differences.map(
        ({ type, name, change, parts }): ReportFinding => ({
          severity: 'warning',
          code: change,
          place: `${database}.${name}`,
          what: `${capitalize(type)} \`${name}\`: ${describeDifference({ change, parts })}.`,
          why: null,
          next: '`wwdb drift --revert` reverts it, `wwdb drift --accept NAME` keeps it as a migration.',
        }),
      ),
    )
    const hidden = result.databases.flatMap(({ database, hidden: objects }) =>
      objects.map(
        (object): ReportGap => ({
          part: 'drift',
          place: database,
          why: `The account cannot read the ${object}, so it was not compared.`,
          next: null,
        }),
      ),
    )
    return { value, gaps: [...hidden, ...toGaps('drift', result.unreached)] }
  })
}

/**
 * What a reviewer would say about the files.
 * @param reviewed null for all
 */
export function gatherLint(context: Context, language: Language, reviewed: ReviewedFiles | null): Findings {
  return attemptPart('lint', [], async () => {
    const left = reviewed?.gaps ?? []
    if (reviewed?.files.length === 0) return { value: [], gaps: left }
    const { root } = await context.config()
    const paths = reviewed === null ? [] : reviewed.files.map((file) => join(root, file))
    const { result } = await reviewProject({ language, paths }, context)
    const value = result.findings.map(
      ({ severity, code, file, line, message, fix }): ReportFinding => ({
        severity,
        code,
        place: `${file}:${line}`,
        what: message,
        why: null,
        next: fix,
      }),
    )
    return { value, gaps: [...left, ...result.faults.map((fault) => toGap('lint', placeOf(fault), fault))] }
  })
}

/** What is wrong with servers and stores. */
export function gatherDoctor(context: Context, language: Language): Findings {
  return attemptPart('doctor', [], async () => {
    const { findings, unchecked } = judgeFacts(checks, await examine(context), language)
    const value = findings.map(
      (finding): ReportFinding => ({
        severity: finding.severity,
        code: finding.code,
        place: placeOf(finding) ?? '',
        what: finding.what,
        why: finding.why,
        next: finding.fix,
      }),
    )
    const gaps = unchecked.map((why): ReportGap => ({ part: 'doctor', place: null, why, next: null }))
    return { value, gaps }
  })
}

/** Doctor's findings without those that the comparison of the stores already reports: each is shown and counted once. */
export function leaveToStores(
  findings: readonly ReportFinding[],
  stores: readonly ReportStore[],
): readonly ReportFinding[] {
  const own = stores
    .filter(({ state }) => state !== 'unread')
    .flatMap(({ store }) => [`${store}-differs`, `${store}-undeclared`])
  return findings.filter(({ code }) => !own.includes(code))
}

function capitalize(text: string): string {
  return text.slice(0, 1).toUpperCase() + text.slice(1)
}
