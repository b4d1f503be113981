import type { Statement } from '../../sql/statement.ts'
import { normalizeCode } from '../allowances.ts'
import type { JudgedSuppression, LintFile } from '../subjects.ts'
import type { ReviewFinding } from './finding.ts'

/** What is known about codes. */
export interface CodeBook {
  /** `stops` for hazards that stop a run, `known` for all others, null for none. */
  readonly kindOf: (code: string) => 'stops' | 'known' | null
  /** False for rules that are turned off, or that only a server answers: their lines may wait. */
  readonly isAsked: (code: string) => boolean
}

interface Line {
  readonly line: Omit<JudgedSuppression, 'state'>
  /** The statement that a line inside a part is about. */
  readonly next: Statement | null
}

/** Marks the findings of a file that its `accept` and `nolint` lines cover, and judges the lines. @param today as `2026-11-26` */
export function applySuppressions(
  file: LintFile,
  findings: readonly ReviewFinding[],
  today: string,
  codes: CodeBook,
): { readonly findings: readonly ReviewFinding[]; readonly suppressions: readonly JudgedSuppression[] } {
  const lines = linesOf(file)
  const used = new Set<Line>()
  const judged = findings.map((finding) => {
    const covering = lines.find((line) => covers(line, finding, today))
    if (covering === undefined) return finding
    used.add(covering)
    return { ...finding, suppressed: covering.line.reason }
  })
  const suppressions = lines.map((line) => ({ ...line.line, state: stateOf(line, used.has(line), today, codes) }))
  return { findings: judged, suppressions }
}

function linesOf(file: LintFile): readonly Line[] {
  const accepted = file.accepted.map(({ code, reason, line }) => ({
    line: { code: normalizeCode(code), reason, line, until: null, scope: 'file' as const, header: 'accept' as const },
    next: null,
  }))
  const statements = [...file.up, ...(file.down ?? [])].map(({ statement }) => statement)
  const turnedOff = file.suppressed.map((each) => ({
    line: { ...each, code: normalizeCode(each.code), header: 'nolint' as const },
    next: each.scope === 'file' ? null : (statements.find(({ line }) => line > each.line) ?? null),
  }))
  return [...accepted, ...turnedOff]
}

function covers({ line, next }: Line, finding: ReviewFinding, today: string): boolean {
  if (line.code !== finding.code || isExpired(line, today)) return false
  if (finding.stops && line.header === 'nolint') return false
  return line.scope === 'file' || next === finding.statement
}

/** Its last day counts. */
function isExpired({ until }: Pick<JudgedSuppression, 'until'>, today: string): boolean {
  return until !== null && until < today
}

function stateOf({ line }: Line, isUsed: boolean, today: string, codes: CodeBook): JudgedSuppression['state'] {
  const kind = codes.kindOf(line.code)
  if (kind === null) return 'unknown'
  if (kind === 'stops' && line.header === 'nolint') return 'wrong'
  if (isExpired(line, today)) return 'expired'
  return isUsed || !codes.isAsked(line.code) ? 'used' : 'unused'
}
