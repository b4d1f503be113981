import type { Result } from '../../domain/result.ts'
import { countOf } from '../text/count.ts'
import { type Line, type Span, toned } from '../text/span.ts'
import { wrapLine } from '../text/wrap.ts'
import { renderFault } from './fault.ts'
import { renderHazard } from './hazard.ts'
import { type Page, symbol } from './page.ts'

type ValidationResult = Extract<Result, { readonly kind: 'validation' }>

/** Every fault and hazard that was found without a server, and how much was looked at. */
export function renderValidation(result: ValidationResult, page: Page): readonly Line[] {
  const looked = `${countOf(result.files, 'file')} with ${countOf(result.statements, 'statement')}: `
  const faults = result.faults.length
  const verdict: Span = faults === 0 ? toned('good', 'no faults') : toned('bad', countOf(faults, 'fault'))
  const hazards = result.hazards.length === 0 ? '.' : `, ${countOf(result.hazards.length, 'hazard')}.`
  return [
    ...result.faults.flatMap((fault) => renderFault(fault, page)),
    ...result.hazards.flatMap((hazard) => renderHazard(hazard, `${hazard.file}:${hazard.line}`, 0, page)),
    ...wrapLine([faults === 0 ? symbol('good') : symbol('bad'), ' ', looked, verdict, hazards], page.columns, 2),
  ]
}
