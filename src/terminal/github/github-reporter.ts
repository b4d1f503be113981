import type { RunEvent } from '../../command/event.ts'
import type { Result } from '../../command/result.ts'
import type { ExitCode } from '../../core/exit-code.ts'
import { reportError } from '../error-report.ts'
import { createHumanReporter } from '../human/human-reporter.ts'
import { mapTexts } from '../redaction.ts'
import type { Reporter, ReporterOptions } from '../reporter.ts'
import { printableLines, withoutCommands } from '../text/printable.ts'
import { type Annotation, annotateFault, type View } from '../view.ts'

/** The human reporter without animation, plus an annotation on the pull request for every fault, hazard and warning. */
export async function createGithubReporter(options: ReporterOptions): Promise<Reporter> {
  const human = await createHumanReporter({ ...options, animated: false })
  return new GithubReporter(options, human)
}

class GithubReporter implements Reporter {
  readonly #options: Pick<ReporterOptions, 'out' | 'redact' | 'debug' | 'place'>
  readonly #human: Reporter

  constructor(options: Pick<ReporterOptions, 'out' | 'redact' | 'debug' | 'place'>, human: Reporter) {
    this.#options = options
    this.#human = human
  }

  event(event: RunEvent): void {
    this.#human.event(event)
    if (event.type === 'warning') this.#annotate([{ level: 'warning', message: event.message }])
  }

  async result<Answer extends Result>(result: Answer, exitCode: ExitCode, view: View<Answer> | null): Promise<void> {
    await this.#human.result(result, exitCode, view)
    this.#annotate(view?.annotations?.(result) ?? [])
  }

  error(error: unknown): void {
    this.#human.error(error)
    const { faults, code } = reportError(error, this.#options.debug)
    this.#annotate(faults.map((fault) => annotateFault(fault, code)))
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
      const { file } = annotation
      const placed = file === undefined ? annotation : { ...annotation, file: this.#options.place(file) }
      const safe = mapTexts(placed, (text) => withoutCommands(printableLines(this.#options.redact(text))))
      this.#options.out.write(`${formatAnnotation(safe)}\n`)
    }
  }
}

/**
 * A workflow command of GitHub Actions: `::error file=a.sql,line=3,col=5,title=...::message`. Characters that would end the
 * message or a property early are escaped by the rules of actions/toolkit (packages/core, command.ts).
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
