import type { StoreCheck } from '../outcome.ts'

export interface CheckTexts {
  /** What is seen where nothing is wrong. */
  readonly good: string
  /** What to do where something is. */
  readonly next: string
  /** How bad it is. Default: bad. */
  readonly bad?: 'warning' | 'bad'
}

/** As many findings as a person reads. */
const mostShown = 8

/** A check that is good when there are no findings, and says them where there are. */
export function check(name: string, findings: readonly string[], { good, next, bad = 'bad' }: CheckTexts): StoreCheck {
  if (findings.length === 0) return { name, state: 'good', seen: good, next: null }
  const rest = findings.length - mostShown
  const seen = [...findings.slice(0, mostShown), ...(rest > 0 ? [`and ${rest} more`] : [])].join('; ')
  return { name, state: bad, seen, next }
}
