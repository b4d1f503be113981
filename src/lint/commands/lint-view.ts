import { countOf } from '../../core/plural.ts'
import type { Fault } from '../../core/tool-error.ts'
import { renderFault } from '../../terminal/human/fault.ts'
import { nextLines, type Page, paragraph, symbol } from '../../terminal/human/page.ts'
import { type Line, type Span, toned } from '../../terminal/text/span.ts'
import { wrapLine } from '../../terminal/text/wrap.ts'
import { type Annotation, annotateFault, type View } from '../../terminal/view.ts'
import type { LintSeverity } from '../rule.ts'
import type { TrialSummary } from '../trial/ask-servers.ts'

/** A finding as it is printed: in one language. */
export interface LintFindingDocument {
  /** The rule. */
  readonly code: string
  readonly severity: LintSeverity
  /** True for a hazard that stops a run until it is accepted. */
  readonly stops: boolean
  readonly database: string | null
  /** Relative to the project's folder. */
  readonly file: string
  readonly line: number
  readonly column: number
  readonly endLine: number
  /** The column after the last character. */
  readonly endColumn: number
  readonly message: string
  readonly fix: string
  /** The section of the MySQL manual; null where none is named. */
  readonly manual: string | null
  /** True where `--fix` can fix it. */
  readonly fixable: boolean
  /** Stays the same for the same finding, wherever it moves in its file. */
  readonly fingerprint: string
}

/** The answer of `lint`. */
export interface LintResult {
  readonly kind: 'lint'
  /** How many files were judged, out of how many, and why these. */
  readonly judged: {
    readonly files: number
    readonly of: number
    readonly by: 'all' | 'named' | 'since' | 'journal' | 'version'
    readonly note: string | null
  }
  /** Where the project lies in its git repository: `services/shop`; empty at its root, and outside of one. */
  readonly folder: string
  /** Files that are not well-formed: their content was not judged. */
  readonly faults: readonly Fault[]
  readonly findings: readonly LintFindingDocument[]
  /** Findings that a line of their file turns off. */
  readonly suppressed: number
  /** Findings that are in the baseline. */
  readonly known: number
  /** Findings that `--fix` removed. */
  readonly fixed: number
  /** True where the baseline was written. */
  readonly baselineWritten: boolean
  /** The most warnings that `--max-warnings` allows; null without the flag. */
  readonly maxWarnings: number | null
  /** Statements that were tried in scratch schemas; null without `--server`. */
  readonly trial: TrialSummary | null
}

/** True where a run with these findings exits with 1. */
export function hasFailed({ faults, findings, maxWarnings }: LintResult): boolean {
  const warnings = findings.filter(({ severity }) => severity === 'warning').length
  return (
    faults.length > 0 ||
    findings.some(({ severity }) => severity === 'error') ||
    warnings > (maxWarnings ?? Number.POSITIVE_INFINITY)
  )
}

export const lintView: View<LintResult> = {
  render: renderLint,
  succeeded: (result) => result.findings.length === 0 && result.faults.length === 0,
  annotations: ({ faults, findings }) => [
    ...faults.map((fault) => annotateFault(fault, 'Fault')),
    ...findings.map(annotateFinding),
  ],
}

const levels = { error: 'error', warning: 'warning', hint: 'notice' } as const

function annotateFinding({ severity, code, message, fix, file, line, column }: LintFindingDocument): Annotation {
  return { level: levels[severity], title: code, message: `${message}\n${fix}`, file, line, column }
}

const tones = { error: 'bad', warning: 'warning', hint: 'faint' } as const

function renderLint(result: LintResult, page: Page): readonly Line[] {
  const lines: Line[] = result.faults.flatMap((fault) => [...renderFault(fault, page)])
  let file = ''
  for (const group of groupFindings(result.findings)) {
    const { finding } = group
    if (finding.file !== file) lines.push(...wrapLine([toned('strong', finding.file)], page.columns))
    file = finding.file
    lines.push(...renderFinding(group, page))
  }
  return [...lines, ...renderSummary(result, page)]
}

/** What a rule found in a file: its first finding, and the lines of all. `--format json` and annotations list each. */
interface FindingGroup {
  readonly finding: LintFindingDocument
  readonly lines: readonly number[]
}

/**
 * A rule that finds the same in many statements of a file reports it once; a hazard that stops a run is shown each
 * time.
 */
function groupFindings(findings: readonly LintFindingDocument[]): readonly FindingGroup[] {
  const groups = new Map<string, { finding: LintFindingDocument; lines: number[] }>()
  for (const [index, finding] of findings.entries()) {
    const { file, code, severity, stops } = finding
    const key = stops || severity === 'error' ? `${index}` : `${file} ${code} ${severity}`
    const group = groups.get(key)
    if (group === undefined) groups.set(key, { finding, lines: [finding.line] })
    else group.lines.push(finding.line)
  }
  // In the order of files, because each file has its own groups.
  return [...groups.values()]
}

/** How many lines of a group are listed. */
const shownLines = 5

function describeLines(lines: readonly number[]): string {
  const own = [...new Set(lines)]
  const shown = own.slice(0, shownLines).join(', ')
  return `${own.length === 1 ? 'line' : 'lines'} ${own.length > shownLines ? `${shown} and ${own.length - shownLines} more` : shown}`
}

function renderFinding({ finding, lines }: FindingGroup, page: Page): readonly Line[] {
  const { severity, code, line, column, message, fix, fixable } = finding
  const times = lines.length === 1 ? '' : `  ${lines.length} times: ${describeLines(lines)}`
  const heading: Line = [
    `  ${line}:${column} `,
    toned(tones[severity], `${severity} ${code}`),
    fixable ? toned('faint', '  --fix') : '',
    toned('faint', times),
  ]
  return [
    ...wrapLine(heading, page.columns, 4),
    ...paragraph(['    '], message, 4, page),
    ...paragraph(['    ', toned('strong', 'Fix: ')], fix, 9, page),
  ]
}

function renderSummary(result: LintResult, page: Page): readonly Line[] {
  const { judged, findings, faults, suppressed, known, fixed, baselineWritten } = result
  const count = (severity: LintSeverity): number => findings.filter((finding) => finding.severity === severity).length
  const [errors, warnings, hints] = [count('error') + faults.length, count('warning'), count('hint')]
  const parts: Span[] = [
    ...(errors > 0 ? [toned('bad', countOf(errors, 'error'))] : []),
    ...(warnings > 0 ? [toned('warning', countOf(warnings, 'warning'))] : []),
    ...(hints > 0 ? [countOf(hints, 'hint')] : []),
  ]
  const verdict: readonly Span[] =
    parts.length === 0
      ? [toned('good', 'no findings')]
      : parts.flatMap((part, at) => (at === 0 ? [part] : [', ', part]))
  const rest = [
    ...(fixed > 0 ? [`${countOf(fixed, 'finding')} fixed`] : []),
    ...(suppressed > 0 ? [`${suppressed} turned off in their files`] : []),
    ...(known > 0 ? [`${known} in the baseline`] : []),
    ...(baselineWritten ? ['the baseline was written'] : []),
  ]
  const sign = symbol(hasFailed(result) ? 'bad' : findings.length > 0 ? 'warning' : 'good')
  const files = `${judged.files} of ${countOf(judged.of, 'file')} reviewed: `
  const line: Line = [sign, ' ', files, ...verdict, rest.length === 0 ? '.' : `; ${rest.join(', ')}.`]
  return [
    ...wrapLine(line, page.columns, 2),
    ...nextLines([...(judged.note === null ? [] : [judged.note]), ...describeTrial(result.trial)], page),
  ]
}

/** What the trial checked, and what it did not. */
function describeTrial(trial: TrialSummary | null): readonly string[] {
  if (trial === null) return []
  const { tried, untried, notes } = trial
  const [first] = untried
  const left =
    first === undefined
      ? []
      : [
          `${countOf(untried.length, 'statement')} not tried. The first is \`${first.file}:${first.line}\`: ${first.why}.`,
        ]
  const rows = 'The copies are empty: failures that depend on existing rows were not seen.'
  const done = tried === 0 ? [] : [`${countOf(tried, 'statement')} tried in scratch schemas. ${rows}`]
  return [...done, ...left, ...notes]
}

declare module '../../command/result.ts' {
  interface Answers {
    readonly lint: LintResult
  }
}
