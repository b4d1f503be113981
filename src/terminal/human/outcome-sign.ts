import type { TargetOutcome } from '../../core/result.ts'
import { assertNever } from '../../core/tool-error.ts'
import type { Span } from '../text/span.ts'
import { symbol } from './page.ts'

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
