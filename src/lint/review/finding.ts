import { hash } from 'node:crypto'
import type { InBoth } from '../../core/in-both.ts'
import type { Statement } from '../../sql/statement.ts'
import type { LintSeverity, TextEdit } from '../rule.ts'

/** A place in a file; lines and columns from 1, the end is the column after the last character. */
export interface Region {
  readonly line: number
  readonly column: number
  readonly endLine: number
  readonly endColumn: number
}

/** A finding of review in both languages, with all that a report needs. */
export interface ReviewFinding {
  readonly code: string
  readonly severity: LintSeverity
  /** True for a hazard that stops a run. */
  readonly stops: boolean
  readonly database: string | null
  /** Relative to the project's folder. */
  readonly file: string
  readonly region: Region
  readonly message: InBoth
  readonly fix: InBoth
  readonly statement: Statement | null
  /** The safe fix, in the statement's text. */
  readonly edits: readonly TextEdit[]
  /** The reason of the line that turns it off; null where none does. */
  readonly suppressed: string | null
  /** Equal for the same finding, wherever it moves to in its file. */
  readonly fingerprint: string
}

/** Where a span of a statement's text is; of the whole statement its first line. */
export function regionOf(
  statement: Statement,
  span: { readonly start: number; readonly end: number } | undefined,
): Region {
  const { text, line, column } = statement
  const firstLine = text.indexOf('\n')
  const { start, end } = span ?? { start: 0, end: firstLine < 0 ? text.length : firstLine }
  const from = placeOf(text, start, line, column)
  const to = placeOf(text, end, line, column)
  return { line: from.line, column: from.column, endLine: to.line, endColumn: to.column }
}

function placeOf(
  text: string,
  offset: number,
  line: number,
  column: number,
): { readonly line: number; readonly column: number } {
  const before = text.slice(0, offset)
  const last = before.lastIndexOf('\n')
  if (last < 0) return { line, column: column + offset }
  return { line: line + before.split('\n').length - 1, column: offset - last }
}

/** Lines and columns are not part of it: a finding stays the same when lines are inserted above it. */
export function fingerprintOf(code: string, file: string, statement: Statement | null, message: string): string {
  const what = statement === null ? message : statement.text.replace(/\s+/g, ' ')
  return hash('sha256', `${code}\0${file}\0${what}\0${message}`, 'hex').slice(0, 32)
}

/** Two findings of one fingerprint get a number each. */
export function numberFingerprints(findings: readonly ReviewFinding[]): readonly ReviewFinding[] {
  const seen = new Map<string, number>()
  return findings.map((finding) => {
    const count = seen.get(finding.fingerprint) ?? 0
    seen.set(finding.fingerprint, count + 1)
    return count === 0 ? finding : { ...finding, fingerprint: `${finding.fingerprint}-${count}` }
  })
}

export function groupByFile(found: readonly ReviewFinding[]): Map<string, ReviewFinding[]> {
  const groups = new Map<string, ReviewFinding[]>()
  for (const finding of found) {
    const group = groups.get(finding.file)
    if (group === undefined) groups.set(finding.file, [finding])
    else group.push(finding)
  }
  return groups
}

/** By file, then by place; of one place by code. */
export function byPlace(one: ReviewFinding, other: ReviewFinding): number {
  if (one.file !== other.file) return one.file < other.file ? -1 : 1
  return (
    one.region.line - other.region.line || one.region.column - other.region.column || (one.code < other.code ? -1 : 1)
  )
}
