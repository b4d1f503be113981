import type { TargetOutcome } from '../../command/result.ts'
import type { Target } from '../../core/target.ts'
import { assertNever, type Fault } from '../../core/tool-error.ts'
import { type Line, type Span, toned } from '../text/span.ts'
import { wrapLine } from '../text/wrap.ts'

/** What a renderer knows about the place where its lines are shown. */
export interface Page {
  /** Columns of the terminal; Infinity where nothing is cut or wrapped. */
  readonly columns: number
  readonly verbose: boolean
}

/** The signs at the beginning of lines. Beside each stands a word with the same meaning. */
export const symbols = { good: '✓', bad: '✗', warning: '!', idle: '·' } as const

/** A sign with its tone. */
export function symbol(kind: keyof typeof symbols): Span {
  return kind === 'idle' ? toned('faint', symbols.idle) : toned(kind, symbols[kind])
}

/** `user_db at 127.0.0.1:3306, MySQL 9.7.0`; the schema where its name differs from the database's. */
export function targetHeading(target: Target, ...remarks: readonly string[]): Line {
  const place = target.schema === target.database ? `at ${target.server}` : `in ${target.schema} at ${target.server}`
  return [toned('strong', target.database), toned('faint', ` ${[place, ...remarks].join(', ')}`)]
}

/** What is wrong and why, as one text. */
export function joinSentences({ what, why }: Pick<Fault, 'what' | 'why'>): string {
  if (why === undefined) return what
  return what.endsWith('.') ? `${what} ${why}` : `${what}: ${why}`
}

/**
 * A paragraph that may contain line ends, after a first piece such as ` Why: `; further lines are aligned with its
 * text.
 */
export function paragraph(lead: Line, text: string, indent: number, page: Page): readonly Line[] {
  const [first = '', ...others] = text.split('\n')
  const hanging = ' '.repeat(indent)
  return [
    ...wrapLine([...lead, first], page.columns, indent),
    ...others.flatMap((line) => wrapLine([hanging, line], page.columns, indent)),
  ]
}

/** `Next: ...` lines, one per piece of advice. */
export function nextLines(advice: readonly string[], page: Page): readonly Line[] {
  return advice.flatMap((text, index) => paragraph([index === 0 ? toned('strong', 'Next: ') : '      '], text, 6, page))
}

/** The sign before a target or a family in a summary. */
export function outcomeSign(state: TargetOutcome['state']): Span {
  switch (state) {
    case 'done':
      return symbol('good')
    case 'nothing-to-do':
      return symbol('idle')
    case 'failed':
    case 'not-reached':
      return symbol('bad')
    case 'stopped':
    case 'blocked':
    case 'not-started':
      return symbol('warning')
    default:
      return assertNever(state)
  }
}

/** A warning, of one database or of the run. */
export function describeWarning(target: Target | null, message: string, page: Page): readonly Line[] {
  const name: Line = target === null ? [] : [toned('strong', target.database), ' ']
  return paragraph([symbol('warning'), ' ', ...name], message, 2, page)
}
