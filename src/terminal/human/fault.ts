import type { InBoth } from '../../core/in-both.ts'
import type { Language } from '../../core/language.ts'
import { countOf } from '../../core/plural.ts'
import type { UnreachedTarget } from '../../core/target.ts'
import type { Fault, Location } from '../../core/tool-error.ts'
import type { ErrorReport } from '../error-report.ts'
import { cutLine, type Line, type Span, toned } from '../text/span.ts'
import { wrapLine } from '../text/wrap.ts'
import { renderExcerpt } from './excerpt.ts'
import { joinSentences, type Page, paragraph, symbol, targetHeading } from './page.ts'

/** The whole error: all its faults, and with --debug its stack. */
export function renderError(report: ErrorReport, page: Page): readonly Line[] {
  const lines = report.faults.flatMap((fault) => renderFault(fault, page))
  const count = report.faults.length
  const total: Line[] = count > 1 ? [[toned('bad', `${countOf(count, 'fault')}.`), codeMark(report.code)]] : []
  if (count === 1) lines.push(...wrapLine([toned('faint', `  Code: ${report.code}`)], page.columns, 8))
  const stack = report.stack === null ? [] : report.stack.split('\n').map((line): Line => [toned('faint', line)])
  return [...lines, ...total, ...stack]
}

/** The labels of the parts of a fault. */
const labels = {
  at: { en: 'at', zh: '位于' },
  why: { en: 'Why:  ', zh: '原因：' },
  next: { en: 'Next: ', zh: '建议：' },
  database: { en: 'database', zh: '逻辑库' },
  server: { en: 'server', zh: '服务器' },
} satisfies Readonly<Record<string, InBoth>>

const labelOf = (part: keyof typeof labels, language: Language): string => labels[part][language === 'zh' ? 'zh' : 'en']

/** One fault: what, where, the file's line, why, and what to do next. */
export function renderFault(fault: Fault, page: Page, language: Language = 'en'): readonly Line[] {
  const lines: Line[] = [...paragraph([symbol('bad'), ' '], fault.what, 2, page)]
  const place = fault.where === undefined ? [] : describeLocation(fault.where, language)
  if (place.length > 0) lines.push(...wrapLine([`  ${labelOf('at', language)} `, ...place], page.columns, 5))
  if (fault.excerpt !== undefined) lines.push(...renderExcerpt(fault.excerpt, page))
  else if (fault.where?.statement !== undefined) {
    lines.push(cutLine(['  in ', toned('faint', fault.where.statement)], page.columns))
  }
  if (fault.why !== undefined) lines.push(...paragraph([`  ${labelOf('why', language)}`], fault.why, 8, page))
  if (fault.next !== undefined)
    lines.push(...paragraph(['  ', toned('strong', labelOf('next', language))], fault.next, 8, page))
  return lines
}

/** `migrations/a.sql:12:5`, which editors and terminals turn into a link. */
function fileAndLine(where: Location): string | null {
  if (where.file === undefined) return null
  return [where.file, where.line, where.column].filter((part) => part !== undefined).join(':')
}

function describeLocation(where: Location, language: Language): readonly Span[] {
  const file = fileAndLine(where)
  const others = [
    where.database === undefined ? null : `${labelOf('database', language)} ${where.database}`,
    where.server === undefined ? null : `${labelOf('server', language)} ${where.server}`,
  ].filter((part) => part !== null)
  if (file === null) return others.length === 0 ? [] : [others.join(', ')]
  return others.length === 0 ? [toned('active', file)] : [toned('active', file), `, ${others.join(', ')}`]
}

function codeMark(code: string): Span {
  return toned('faint', ` Code: ${code}`)
}

/** Databases that are missing from an answer: which, on which server, why, and what to do. */
export function renderUnreached(unreached: readonly UnreachedTarget[], page: Page): readonly Line[] {
  return unreached.flatMap(({ target, fault }) => [
    ...wrapLine(
      [symbol('bad'), ' ', ...targetHeading(target), ': ', toned('bad', 'not reached'), '.'],
      page.columns,
      2,
    ),
    ...paragraph(['  Why:  '], joinSentences(fault), 8, page),
    ...(fault.next === undefined ? [] : paragraph(['  ', toned('strong', 'Next: ')], fault.next, 8, page)),
  ])
}
