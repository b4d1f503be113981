import type { Result } from '../../domain/result.ts'
import type { StoreCheck, StoreVerification } from '../../domain/stores/outcome.ts'
import { countOf } from '../text/count.ts'
import { formatDuration } from '../text/duration.ts'
import { type Line, type Span, toned } from '../text/span.ts'
import { wrapLine } from '../text/wrap.ts'
import { renderFault } from './fault.ts'
import { type Page, paragraph, symbol } from './page.ts'

type StoreVerificationResult = Extract<Result, { readonly kind: 'store-verification' }>

const indent = 4

/** Every check of every store: good ones are a line, others say what to do. */
export function renderStoreVerification(result: StoreVerificationResult, page: Page): readonly Line[] {
  return result.stores.flatMap((store) => renderStore(store, page))
}

function renderStore({ store, server, checks, milliseconds, fault }: StoreVerification, page: Page): readonly Line[] {
  const bad = checks.filter(({ state }) => state === 'bad').length
  const state = fault !== null ? 'not verified' : bad === 0 ? 'proven' : countOf(bad, 'finding')
  const sign = fault !== null || bad > 0 ? symbol('bad') : symbol('good')
  const took = toned('faint', ` (${countOf(checks.length, 'check')}, ${formatDuration(milliseconds)})`)
  const heading: Line = [sign, ' ', toned('strong', store), toned('faint', ` at ${server}`), `: ${state}`, took]
  return [
    ...wrapLine(heading, page.columns, indent),
    ...checks.flatMap((check) => renderCheck(check, page)),
    ...(fault === null ? [] : renderFault(fault, page)),
  ]
}

function renderCheck({ name, state, seen, next }: StoreCheck, page: Page): readonly Line[] {
  const sign: Span = symbol(state)
  return [
    ...wrapLine(['    ', sign, ' ', name, toned('faint', `: ${seen}`)], page.columns, indent + 2),
    ...(next === null ? [] : paragraph(['      ', toned('strong', 'Next: ')], next, 12, page)),
  ]
}
