import { formatDuration } from '../../core/duration.ts'
import { countOf } from '../../core/plural.ts'
import type { StoreKind } from '../../core/store.ts'
import { renderFault } from '../../terminal/human/fault.ts'
import { type Page, paragraph, symbol } from '../../terminal/human/page.ts'
import { type Line, type Span, toned } from '../../terminal/text/span.ts'
import { alignTable } from '../../terminal/text/table.ts'
import { wrapLine } from '../../terminal/text/wrap.ts'
import type { View } from '../../terminal/view.ts'
import type { DoctorCheck, DoctorFinding, IgnoredFinding, Reached } from '../answer.ts'

/** The answer of `doctor`. */
export interface DoctorResult {
  readonly kind: 'doctor'
  /** Errors first. */
  readonly findings: readonly DoctorFinding[]
  /** Findings that `doctor.ignore` expects, with its reason. */
  readonly ignored: readonly IgnoredFinding[]
  /** Sentences: what could not be looked at, and why. */
  readonly unchecked: readonly string[]
  readonly checks: readonly DoctorCheck[]
  /** Servers of MySQL that answered, and all. */
  readonly servers: Reached
  /** Stores with a URL that answered, and all of them. */
  readonly stores: Reached
  /** Stores that are declared without a URL: not configured here, and not looked at. */
  readonly notConfigured: readonly StoreKind[]
  readonly milliseconds: number
}

export const doctorView: View<DoctorResult> = {
  render: renderDoctor,
  succeeded: ({ findings }) => findings.length === 0,
  annotations: ({ findings }) =>
    findings.map(({ code, severity, what, why, fix, where }) => ({
      level: severity === 'error' ? 'error' : 'warning',
      title: code,
      message: [what, ...(why === null ? [] : [why]), fix].join('\n'),
      file: where.file,
      line: where.line,
      column: where.column,
    })),
}

/** Findings with what they are and what to do, then how much was looked at. */
function renderDoctor(answer: DoctorResult, page: Page): readonly Line[] {
  const isList = answer.servers.all === 0 && answer.milliseconds === 0
  if (isList) return renderList(answer, page)
  return [
    ...answer.findings.flatMap((finding) => renderFinding(finding, page)),
    ...answer.ignored.flatMap(({ code, what, reason }) =>
      wrapLine([symbol('idle'), ' ', toned('faint', `${what} Expected (${code}): ${reason}`)], page.columns, 2),
    ),
    ...answer.unchecked.flatMap((sentence) =>
      wrapLine([symbol('idle'), ' ', toned('faint', sentence)], page.columns, 2),
    ),
    ...renderNotConfigured(answer, page),
    ...renderSummary(answer, page),
  ]
}

function renderNotConfigured({ notConfigured }: DoctorResult, page: Page): readonly Line[] {
  const [first] = notConfigured
  if (first === undefined) return []
  const sentence = `Not configured here and not checked: ${notConfigured.join(', ')}. A URL, for example WWDB_STORES_${first.toUpperCase()}_URL, configures it.`
  return wrapLine([symbol('idle'), ' ', toned('faint', sentence)], page.columns, 2)
}

function renderFinding({ code, severity, what, where, alsoAt, why, fix }: DoctorFinding, page: Page): readonly Line[] {
  const sign: Span = symbol(severity === 'error' ? 'bad' : 'warning')
  const fault = { what, where, ...(why === null ? {} : { why }), next: fix }
  const [, ...rest] = renderFault({ ...fault, what: '' }, page)
  const others = alsoAt.map(({ server, file }) => server ?? file ?? '').filter((place) => place !== '')
  const also = others.length === 0 ? [] : wrapLine([toned('faint', `  also at ${others.join(', ')}`)], page.columns, 2)
  return [...paragraph([sign, ' ', toned('strong', code), ' '], what, 2, page), ...also, ...rest]
}

function renderSummary({ findings, checks, servers, stores, milliseconds }: DoctorResult, page: Page): readonly Line[] {
  const errors = findings.filter(({ severity }) => severity === 'error').length
  const warnings = findings.length - errors
  const verdict: Span =
    findings.length === 0
      ? toned('good', 'no findings')
      : toned(errors > 0 ? 'bad' : 'warning', `${countOf(errors, 'error')}, ${countOf(warnings, 'warning')}`)
  const sign = findings.length === 0 ? symbol('good') : symbol(errors > 0 ? 'bad' : 'warning')
  const places = [
    `${servers.answered} of ${countOf(servers.all, 'server')}`,
    ...(stores.all === 0 ? [] : [`${stores.answered} of ${countOf(stores.all, 'store')}`]),
  ].join(' and ')
  const looked = `${countOf(checks.length, 'check')} on ${places}: `
  return wrapLine(
    [sign, ' ', looked, verdict, toned('faint', ` (${formatDuration(milliseconds)})`), '.'],
    page.columns,
    2,
  )
}

function renderList({ checks }: DoctorResult, page: Page): readonly Line[] {
  const rows = checks.map(({ code, severity, asks }): readonly Line[] => [
    [toned('strong', code)],
    [toned(severity === 'error' ? 'bad' : 'warning', severity)],
    [asks],
  ])
  return alignTable(rows, { columns: page.columns, indent: 0, flexible: [2] })
}
