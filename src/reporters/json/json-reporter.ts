import type { RunEvent } from '../../domain/event.ts'
import type { ExitCode } from '../../domain/exit-code.ts'
import type { Result } from '../../domain/result.ts'
import { reportError } from '../error-report.ts'
import { mapTexts } from '../redaction.ts'
import type { Reporter, ReporterOptions } from '../reporter.ts'
import { printable, printableJson } from '../text/printable.ts'
import {
  type ErrorDocument,
  type EventLine,
  type ResultDocument,
  toEventBody,
  toResultBody,
  type VersionLine,
  type WarningDocument,
  wireSchema,
} from './wire.ts'

type JsonOptions = Pick<ReporterOptions, 'out' | 'err' | 'version' | 'debug' | 'redact' | 'clock'>

/**
 * Writes one JSON document a line to stdout. A run (what begins with `run-started`) is a version line, its events and its
 * answer; everything else is its answer alone, with the warnings in it. In either case the last line is the answer.
 */
export class JsonReporter implements Reporter {
  readonly #options: JsonOptions
  readonly #warnings: WarningDocument[] = []
  /** Events before `run-started`: nobody knows yet whether this is a run. */
  #early: EventLine[] = []
  #streaming = false
  #began: number | null = null

  constructor(options: JsonOptions) {
    this.#options = options
  }

  event(event: RunEvent): void {
    if (event.type === 'warning') this.#warnings.push({ message: event.message, target: event.target })
    if (event.type === 'run-started') this.#startStream()
    const line = { ...toEventBody(event), elapsed: this.#elapsed() }
    if (this.#streaming) this.#write(line)
    else this.#early.push(line)
  }

  result(result: Result, exitCode: ExitCode): void {
    if (result.kind === 'run') this.#startStream()
    if (result.kind === 'document' && result.format === 'json') {
      this.#options.out.write(endWithLineFeed(printableJson(this.#options.redact(result.content))))
      return
    }
    this.#write({ type: 'result', schema: wireSchema, ...toResultBody(result), exitCode, warnings: this.#warnings })
  }

  error(error: unknown): void {
    const report = reportError(error, this.#options.debug)
    const warnings = this.#warnings
    this.#write({ type: 'error', schema: wireSchema, kind: 'error', ...report, warnings })
    const [first, ...others] = report.faults
    const more = others.length > 0 ? ` (and ${others.length} more)` : ''
    this.#options.err.write(`wwdb: ${printable(this.#options.redact(first?.what ?? report.code))}${more}\n`)
  }

  pause(): void {}

  resume(): void {}

  close(): void {}

  #startStream(): void {
    if (this.#streaming) return
    this.#streaming = true
    this.#write({ type: 'version', tool: 'wwdb', version: this.#options.version, schema: wireSchema })
    for (const line of this.#early) this.#write(line)
    this.#early = []
  }

  #elapsed(): number {
    const now = this.#options.clock()
    this.#began ??= now
    return Math.round(now - this.#began)
  }

  #write(line: VersionLine | EventLine | ResultDocument | ErrorDocument): void {
    this.#options.out.write(`${printableJson(JSON.stringify(mapTexts(line, this.#options.redact)))}\n`)
  }
}

function endWithLineFeed(text: string): string {
  return text.endsWith('\n') ? text : `${text}\n`
}
