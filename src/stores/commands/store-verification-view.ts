import { formatDuration } from '../../core/duration.ts'
import { countOf } from '../../core/plural.ts'
import { renderFault } from '../../terminal/human/fault.ts'
import { type Page, paragraph, symbol } from '../../terminal/human/page.ts'
import { type Line, type Span, toned } from '../../terminal/text/span.ts'
import { wrapLine } from '../../terminal/text/wrap.ts'
import type { View } from '../../terminal/view.ts'
import type { StoreFinding } from '../find-drift.ts'
import type { StoreCheck, StoreVerification } from '../outcome.ts'
import { renderDifference } from './stores-view.ts'

/** The answer of `setup verify`. */
export interface StoreVerificationResult {
  readonly kind: 'store-verification'
  readonly stores: readonly StoreVerification[]
  /** How many checks failed. */
  readonly findings: number
}

export const storeVerificationView: View<StoreVerificationResult> = {
  render: renderStoreVerification,
}

const indent = 4

/**
 * Differences from the declaration, every check, and finally whether all is as declared: a passed check is one line, a failed one says
 * what to do.
 */
function renderStoreVerification(result: StoreVerificationResult, page: Page): readonly Line[] {
  return result.stores.flatMap((store) => renderStore(store, page))
}

function renderStore(verification: StoreVerification, page: Page): readonly Line[] {
  const { store, server, findings, checks, milliseconds, fault } = verification
  const errors = findings.filter(({ severity }) => severity === 'error').length
  const bad = errors + checks.filter(({ state }) => state === 'bad').length
  const open = checks.filter((check) => check.state === 'not-judged').length
  const proven = open === 0 ? 'proven' : `proven, ${open} not judged`
  const state = fault !== null ? 'not verified' : bad === 0 ? proven : countOf(bad, 'finding')
  const sign = fault !== null || bad > 0 ? symbol('bad') : symbol('good')
  const took = toned(
    'faint',
    ` (${countOf(checks.length + (fault === null ? 1 : 0), 'check')}, ${formatDuration(milliseconds)})`,
  )
  const heading: Line = [sign, ' ', toned('strong', store), toned('faint', ` at ${server}`), `: ${state}`, took]
  return [
    ...wrapLine(heading, page.columns, indent),
    ...findings.flatMap((finding, index) => renderFinding(finding, findings[index + 1]?.next ?? null, page)),
    ...checks.flatMap((check) => renderCheck(check, page)),
    ...(fault === null ? renderLikeness(verification, page) : renderFault(fault, page)),
  ]
}

/** Advice is given once for consecutive checks with the same advice. */
function renderFinding(finding: StoreFinding, following: string | null, page: Page): readonly Line[] {
  const { severity, what, why, differences, next } = finding
  const sign: Span = symbol(severity === 'error' ? 'bad' : 'warning')
  const reason = why === null ? '' : ` ${why}`
  return [
    ...wrapLine(['    ', sign, ' ', what, toned('faint', reason)], page.columns, indent + 2),
    ...differences.flatMap((difference) => renderDifference(difference, page)),
    ...(next === following ? [] : paragraph(['      ', toned('strong', 'Next: ')], next, 12, page)),
  ]
}

/** The last line of a store: everything is as declared only where everything was compared. */
function renderLikeness({ findings, compared, asDeclared }: StoreVerification, page: Page): readonly Line[] {
  const named = (code: string): number => findings.filter((finding) => finding.code === code).length
  const [undeclared, open] = [named('STORE_UNDECLARED'), named('STORE_NOT_COMPARED')]
  const counted = [
    `${countOf(compared, 'resource')} compared`,
    ...(open === 0 ? [] : [`${open} not compared`]),
    ...(undeclared === 0 ? [] : [`${undeclared} that no file declares`]),
  ].join(', ')
  const [sign, name] = asDeclared
    ? (['good', 'everything is as declared'] as const)
    : findings.length === undeclared + open
      ? (['warning', 'what was compared is as declared'] as const)
      : (['bad', compared === 0 ? 'nothing could be compared' : 'not everything is as declared'] as const)
  return wrapLine(['    ', symbol(sign), ' ', name, toned('faint', `: ${counted}`)], page.columns, indent + 2)
}

function renderCheck({ name, state, seen, next }: StoreCheck, page: Page): readonly Line[] {
  const sign: Span = symbol(state === 'not-judged' ? 'idle' : state)
  return [
    ...wrapLine(['    ', sign, ' ', name, toned('faint', `: ${seen}`)], page.columns, indent + 2),
    ...(next === null ? [] : paragraph(['      ', toned('strong', 'Next: ')], next, 12, page)),
  ]
}

declare module '../../command/result.ts' {
  interface Answers {
    readonly 'store-verification': StoreVerificationResult
  }
}
