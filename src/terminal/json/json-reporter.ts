import type { RunEvent } from '../../command/event.ts'
import type { Result } from '../../command/result.ts'
import type { ExitCode } from '../../core/exit-code.ts'
import { reportError } from '../error-report.ts'
import type { ToPlanDocument } from '../event-views.ts'
import { mapTexts } from '../redaction.ts'
import type { Reporter, ReporterOptions } from '../reporter.ts'
import { printable, printableJson } from '../text/printable.ts'
import { piecesOf, writeAnswer, writeAtOnce } from '../write-answer.ts'
import { jsonPieces } from './json-pieces.ts'
import { type EventLine, type RunLine, toEventBody, toResultBody, type WarningDocument, wireSchema } from './wire.ts'

type JsonOptions = Pick<
  ReporterOptions,
  'out' | 'err' | 'version' | 'runId' | 'debug' | 'redact' | 'clock' | 'wallClock'
>

/**
 * Writes one JSON document per line to stdout. A run (what begins with `run-started`) is a version line, its events and
 * its answer; everything else is its answer alone, with the warnings in it. In either case the last line is the answer.
 */
export class JsonReporter implements Reporter {
  readonly #options: JsonOptions
  readonly #toDocument: ToPlanDocument
  readonly #warnings: WarningDocument[] = []
  /** Events before `run-started`, when it is not known yet whether this is a run. */
  #early: EventLine[] = []
  #streaming = false
  #began: number | null = null

  constructor(options: JsonOptions, toDocument: ToPlanDocument) {
    this.#options = options
    this.#toDocument = toDocument
  }

  event(event: RunEvent): void {
    if (event.type === 'warning') this.#warnings.push({ message: event.message, target: event.target })
    if (event.type === 'run-started') this.#startStream()
    const line = {
      ...toEventBody(event, this.#toDocument),
      elapsed: this.#elapsed(),
      run: this.#options.runId,
      time: this.#time(),
    }
    if (this.#streaming) this.#write(line)
    else this.#early.push(line)
  }

  async result(result: Result, exitCode: ExitCode): Promise<void> {
    const { out, redact } = this.#options
    if (result.kind === 'run') this.#startStream()
    if (result.kind === 'document' && result.format === 'json') {
      await writeAnswer(out, piecesOf(endWithLineFeed(printableJson(redact(result.content)))))
      return
    }
    const body = toResultBody(result, this.#toDocument)
    const time = this.#time()
    const run = this.#options.runId
    const line = { type: 'result', schema: wireSchema, run, time, ...body, exitCode, warnings: this.#warnings } as const
    await writeAnswer(out, this.#pieces(line))
  }

  error(error: unknown): void {
    const report = reportError(error, this.#options.debug)
    const warnings = this.#warnings
    const head = {
      type: 'error',
      schema: wireSchema,
      kind: 'error',
      run: this.#options.runId,
      time: this.#time(),
    } as const
    this.#write({ ...head, ...report, warnings })
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
    this.#write({
      type: 'version',
      tool: 'wwdb',
      version: this.#options.version,
      schema: wireSchema,
      run: this.#options.runId,
      time: this.#time(),
    })
    for (const line of this.#early) this.#write(line)
    this.#early = []
  }

  #elapsed(): number {
    const now = this.#options.clock()
    this.#began ??= now
    return Math.round(now - this.#began)
  }

  #time(): string {
    return new Date(this.#options.wallClock()).toISOString()
  }

  #write(line: RunLine): void {
    writeAtOnce(this.#options.out, this.#pieces(line))
  }

  *#pieces(line: RunLine): Generator<string> {
    const { redact } = this.#options
    yield* jsonPieces(line, (field) => printableJson(JSON.stringify(mapTexts(field, redact), roundTimes)))
    yield '\n'
  }
}

/** Clocks give milliseconds with meaningless digits (24.817505000000097): three decimals are kept. */
function roundTimes(key: string, value: unknown): unknown {
  return typeof value === 'number' && /milliseconds$/i.test(key) ? Math.round(value * 1000) / 1000 : value
}

function endWithLineFeed(text: string): string {
  return text.endsWith('\n') ? text : `${text}\n`
}
