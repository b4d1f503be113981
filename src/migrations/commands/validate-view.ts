import { countOf } from '../../core/plural.ts'
import type { Fault } from '../../core/tool-error.ts'
import type { Hazard } from '../../lint/rule.ts'
import { renderFault } from '../../terminal/human/fault.ts'
import { nextLines, type Page, symbol } from '../../terminal/human/page.ts'
import { type Line, type Span, toned } from '../../terminal/text/span.ts'
import { wrapLine } from '../../terminal/text/wrap.ts'
import { annotateFault, type View } from '../../terminal/view.ts'
import { annotateHazard, renderHazard } from '../views/hazard.ts'

/** The answer of `validate` and `config validate`. */
export interface ValidationResult {
  readonly kind: 'validation'
  readonly faults: readonly Fault[]
  readonly hazards: readonly Hazard[]
  /** With --strict: hazards that are faults, because no header accepts them; null without. */
  readonly stopping: number | null
  readonly files: number
  readonly statements: number
}

export const validationView: View<ValidationResult> = {
  render: renderValidation,
  annotations: ({ faults, hazards }) => [
    ...faults.map((fault) => annotateFault(fault, 'Fault')),
    ...hazards.map(annotateHazard),
  ],
}

const strictAdvice =
  'Do what the hazards say, or accept them in the header of a file that has not been applied yet. Do not change an applied file: set `strictSince` in the configuration to a version, or give `--since VERSION`, to skip older files.'

function countHazards({ hazards, stopping }: ValidationResult): Line {
  if (hazards.length === 0) return ['.']
  const count = `, ${countOf(hazards.length, 'hazard')}`
  if (stopping === null || stopping === 0) return [`${count}.`]
  return [count, ', ', toned('bad', `${stopping} not accepted, an error with --strict`), '.']
}

/** Every fault and hazard that was found without a server, and how much was checked. */
function renderValidation(result: ValidationResult, page: Page): readonly Line[] {
  // A configuration has none.
  const statements = result.statements === 0 ? '' : ` with ${countOf(result.statements, 'statement')}`
  const looked = `${countOf(result.files, 'file')}${statements}: `
  const faults = result.faults.length
  const verdict: Span = faults === 0 ? toned('good', 'no faults') : toned('bad', countOf(faults, 'fault'))
  const stopping = result.stopping ?? 0
  const isBad = faults > 0 || stopping > 0
  return [
    ...result.faults.flatMap((fault) => renderFault(fault, page)),
    ...result.hazards.flatMap((hazard) => renderHazard(hazard, `${hazard.file}:${hazard.line}`, 0, page)),
    ...wrapLine([symbol(isBad ? 'bad' : 'good'), ' ', looked, verdict, ...countHazards(result)], page.columns, 2),
    ...nextLines(stopping === 0 ? [] : [strictAdvice], page),
  ]
}

declare module '../../command/result.ts' {
  interface Answers {
    readonly validation: ValidationResult
  }
}
