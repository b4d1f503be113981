import { formatDuration } from '../../core/duration.ts'
import type { Language } from '../../core/language.ts'
import { countOf } from '../../core/plural.ts'
import type { StoreKind } from '../../core/store.ts'
import { renderFault } from '../../terminal/human/fault.ts'
import { type Page, paragraph, symbol } from '../../terminal/human/page.ts'
import { type Line, type Span, toned } from '../../terminal/text/span.ts'
import { alignTable } from '../../terminal/text/table.ts'
import { wrapLine } from '../../terminal/text/wrap.ts'
import type { View } from '../../terminal/view.ts'
import type { DoctorCheck, DoctorFinding, IgnoredFinding, Reached } from '../answer.ts'
import type { Severity } from '../check.ts'

/** The answer of `doctor`. */
export interface DoctorResult {
  readonly kind: 'doctor'
  /** Errors first. */
  readonly findings: readonly DoctorFinding[]
  /** Findings that `doctor.ignore` expects, with its reason. */
  readonly ignored: readonly IgnoredFinding[]
  /** Sentences: what could not be checked, and why. */
  readonly unchecked: readonly string[]
  readonly checks: readonly DoctorCheck[]
  /** Servers of MySQL that answered, and all. */
  readonly servers: Reached
  /** Stores with a URL that answered, and all of them. */
  readonly stores: Reached
  /** Stores that are declared without a URL: not configured here, and not checked. */
  readonly notConfigured: readonly StoreKind[]
  /** Of the texts. */
  readonly language: Language
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

/** Findings with their cause and fix, then how much was checked. */
function renderDoctor(answer: DoctorResult, page: Page): readonly Line[] {
  const isList = answer.servers.all === 0 && answer.milliseconds === 0
  if (isList) return renderList(answer, page)
  return [
    ...answer.findings.flatMap((finding) => renderFinding(finding, answer.language, page)),
    ...answer.ignored.flatMap(({ code, what, reason }) =>
      wrapLine([symbol('idle'), ' ', toned('faint', sayIgnored(what, code, reason, answer.language))], page.columns, 2),
    ),
    ...answer.unchecked.flatMap((sentence) =>
      wrapLine([symbol('idle'), ' ', toned('faint', sentence)], page.columns, 2),
    ),
    ...renderNotConfigured(answer, page),
    ...renderSummary(answer, page),
  ]
}

function sayIgnored(what: string, code: string, reason: string, language: Language): string {
  return language === 'zh' ? `${what}预期之内（${code}）：${reason}` : `${what} Expected (${code}): ${reason}`
}

function renderNotConfigured({ notConfigured, language }: DoctorResult, page: Page): readonly Line[] {
  const [first] = notConfigured
  if (first === undefined) return []
  const url = `WWDB_STORES_${first.toUpperCase()}_URL`
  const sentence =
    language === 'zh'
      ? `此处没有配置、未检查：${notConfigured.join('、')}。设置 URL（例如 ${url}）即可配置。`
      : `Not configured here and not checked: ${notConfigured.join(', ')}. A URL, for example ${url}, configures it.`
  return wrapLine([symbol('idle'), ' ', toned('faint', sentence)], page.columns, 2)
}

function renderFinding(
  { code, severity, what, where, alsoAt, why, fix }: DoctorFinding,
  language: Language,
  page: Page,
): readonly Line[] {
  const sign: Span = symbol(severity === 'error' ? 'bad' : 'warning')
  const fault = { what, where, ...(why === null ? {} : { why }), next: fix }
  const [, ...rest] = renderFault({ ...fault, what: '' }, page, language)
  const others = alsoAt.map(({ server, file }) => server ?? file ?? '').filter((place) => place !== '')
  const places = language === 'zh' ? `  另见 ${others.join('、')}` : `  also at ${others.join(', ')}`
  const also = others.length === 0 ? [] : wrapLine([toned('faint', places)], page.columns, 2)
  return [...paragraph([sign, ' ', toned('strong', code), ' '], what, 2, page), ...also, ...rest]
}

function renderSummary(answer: DoctorResult, page: Page): readonly Line[] {
  const { findings, milliseconds } = answer
  const errors = findings.filter(({ severity }) => severity === 'error').length
  const say = answer.language === 'zh' ? sayInChinese : sayInEnglish
  const words = say(answer, errors, findings.length - errors)
  const verdict: Span =
    findings.length === 0 ? toned('good', words.verdict) : toned(errors > 0 ? 'bad' : 'warning', words.verdict)
  const sign = findings.length === 0 ? symbol('good') : symbol(errors > 0 ? 'bad' : 'warning')
  const time = toned('faint', words.inBrackets(formatDuration(milliseconds)))
  return wrapLine([sign, ' ', words.looked, verdict, time, words.end], page.columns, 2)
}

interface SummaryWords {
  /** How much was checked. */
  readonly looked: string
  readonly verdict: string
  readonly inBrackets: (text: string) => string
  readonly end: string
}

type SaySummary = (answer: DoctorResult, errors: number, warnings: number) => SummaryWords

const sayInEnglish: SaySummary = ({ checks, servers, stores }, errors, warnings) => {
  const places = [
    `${servers.answered} of ${countOf(servers.all, 'server')}`,
    ...(stores.all === 0 ? [] : [`${stores.answered} of ${countOf(stores.all, 'store')}`]),
  ].join(' and ')
  return {
    looked: `${countOf(checks.length, 'check')} on ${places}: `,
    verdict: errors + warnings === 0 ? 'no findings' : `${countOf(errors, 'error')}, ${countOf(warnings, 'warning')}`,
    inBrackets: (text) => ` (${text})`,
    end: '.',
  }
}

const sayInChinese: SaySummary = ({ checks, servers, stores }, errors, warnings) => {
  const places = [
    `${servers.all} 台服务器中的 ${servers.answered} 台`,
    ...(stores.all === 0 ? [] : [`${stores.all} 个存储中的 ${stores.answered} 个`]),
  ].join('和 ')
  return {
    looked: `对 ${places}执行了 ${checks.length} 项检查：`,
    verdict: errors + warnings === 0 ? '没有问题' : `${errors} 个错误，${warnings} 个警告`,
    inBrackets: (text) => `（${text}）`,
    end: '。',
  }
}

function renderList({ checks, language }: DoctorResult, page: Page): readonly Line[] {
  const rows = checks.map(({ code, severity, asks }): readonly Line[] => [
    [toned('strong', code)],
    [toned(severity === 'error' ? 'bad' : 'warning', language === 'zh' ? severitiesInChinese[severity] : severity)],
    [asks],
  ])
  return alignTable(rows, { columns: page.columns, indent: 0, flexible: [2] })
}

const severitiesInChinese: Readonly<Record<Severity, string>> = { error: '错误', warning: '警告' }

declare module '../../command/result.ts' {
  interface Answers {
    readonly doctor: DoctorResult
  }
}
