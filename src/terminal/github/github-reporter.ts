import type { RunEvent } from '../../core/event.ts'
import type { ExitCode } from '../../core/exit-code.ts'
import { countOf } from '../../core/plural.ts'
import type { Result, TargetOutcome } from '../../core/result.ts'
import type { Fault } from '../../core/tool-error.ts'
import { type Hazard, stopsRun } from '../../lint/rule.ts'
import type { ReferenceCheck } from '../../references/reference-check.ts'
import type { SeedOutcome } from '../../seeds/seed.ts'
import { reportError } from '../error-report.ts'
import { createHumanReporter } from '../human/human-reporter.ts'
import { mapTexts } from '../redaction.ts'
import type { Reporter, ReporterOptions } from '../reporter.ts'
import { printableLines } from '../text/printable.ts'

/** The human reporter without movement, and an annotation on the pull request for every fault, hazard and warning. */
export async function createGithubReporter(options: ReporterOptions): Promise<Reporter> {
  const human = await createHumanReporter({ ...options, animated: false })
  return new GithubReporter(options, human)
}

class GithubReporter implements Reporter {
  readonly #options: Pick<ReporterOptions, 'out' | 'redact' | 'debug'>
  readonly #human: Reporter

  constructor(options: Pick<ReporterOptions, 'out' | 'redact' | 'debug'>, human: Reporter) {
    this.#options = options
    this.#human = human
  }

  event(event: RunEvent): void {
    this.#human.event(event)
    if (event.type === 'warning') this.#annotate([{ level: 'warning', message: event.message }])
  }

  result(result: Result, exitCode: ExitCode): void {
    this.#human.result(result, exitCode)
    this.#annotate(annotationsOf(result))
  }

  error(error: unknown): void {
    this.#human.error(error)
    const { faults, code } = reportError(error, this.#options.debug)
    this.#annotate(faults.map((fault) => fromFault(fault, code)))
  }

  pause(): void {
    this.#human.pause()
  }

  resume(): void {
    this.#human.resume()
  }

  close(): void {
    this.#human.close()
  }

  #annotate(annotations: readonly Annotation[]): void {
    for (const annotation of annotations) {
      const safe = mapTexts(annotation, (text) => printableLines(this.#options.redact(text)))
      this.#options.out.write(`${formatAnnotation(safe)}\n`)
    }
  }
}

function annotationsOf(result: Result): readonly Annotation[] {
  switch (result.kind) {
    case 'validation':
      return [...result.faults.map((fault) => fromFault(fault, 'Fault')), ...result.hazards.map(fromHazard)]
    case 'plan':
      return (
        result.plan.targets
          .flatMap(({ steps }) => steps.flatMap(({ hazards }) => hazards.map(fromHazard)))
          // No hazard stops a rollback.
          .map((one) =>
            result.plan.direction === 'down' && one.level === 'error' ? { ...one, level: 'warning' } : one,
          )
      )
    case 'run':
    case 'seed':
      return outcomesOf(result).flatMap(({ state, fault, code }) =>
        (state === 'failed' || state === 'not-reached') && fault !== null ? [fromFault(fault, code ?? 'Fault')] : [],
      )
    case 'orphans':
      return result.keys.filter(({ state }) => state === 'orphaned').map(fromOrphans)
    default:
      return []
  }
}

type Ended = Pick<TargetOutcome | SeedOutcome, 'state' | 'fault' | 'code'>

function outcomesOf(result: Extract<Result, { readonly kind: 'run' | 'seed' }>): readonly Ended[] {
  return result.outcomes
}

function fromFault(fault: Fault, title: string): Annotation {
  const message = [fault.what, fault.why, fault.next].filter((part) => part !== undefined).join('\n')
  const { file, line, column } = fault.where ?? {}
  return { level: 'error', title, message, file, line, column }
}

function fromOrphans({ file, line, name, child, rows }: ReferenceCheck): Annotation {
  const place = `${child.database ?? child.schema}.${child.table}`
  return { level: 'error', title: name, message: `${countOf(rows, 'row')} of ${place} without a parent.`, file, line }
}

function fromHazard(hazard: Hazard): Annotation {
  const { file, line, code, kind, why, instead, accepted } = hazard
  const level = accepted !== null ? 'notice' : stopsRun(hazard) ? 'error' : 'warning'
  const message = accepted === null ? `${why}\n${instead}` : `${why}\nAccepted: ${accepted}`
  return { level, title: `${kind} ${code}`, message, file, line }
}

/** A remark on a line of a pull request. */
interface Annotation {
  readonly level: 'error' | 'warning' | 'notice'
  readonly message: string
  readonly title?: string | undefined
  /** Relative to the repository's root. */
  readonly file?: string | undefined
  readonly line?: number | undefined
  readonly column?: number | undefined
}

/**
 * A workflow command of GitHub Actions: `::error file=a.sql,line=3,col=5,title=...::message`. What would end the message or a
 * property early is escaped by the rules of actions/toolkit (packages/core, command.ts).
 */
export function formatAnnotation(annotation: Annotation): string {
  const { level, message, title, file, line, column } = annotation
  const properties = Object.entries({ file, line, col: column, title })
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => `${name}=${escapeProperty(String(value))}`)
    .join(',')
  return `::${level}${properties === '' ? '' : ` ${properties}`}::${escapeData(message)}`
}

function escapeData(text: string): string {
  return text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A')
}

function escapeProperty(text: string): string {
  return escapeData(text).replaceAll(':', '%3A').replaceAll(',', '%2C')
}
