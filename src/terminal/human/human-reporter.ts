import type { RunEvent } from '../../command/event.ts'
import type { Result } from '../../command/result.ts'
import type { ExitCode } from '../../core/exit-code.ts'
import type { Fault } from '../../core/tool-error.ts'
import { type ErrorReport, reportError } from '../error-report.ts'
import type { EventViews, ShownPlan } from '../event-views.ts'
import { mapTexts } from '../redaction.ts'
import type { Reporter, ReporterOptions, TerminalSize } from '../reporter.ts'
import { createPaint, type Paint } from '../text/paint.ts'
import { printableJson, printableLines, withoutCommands } from '../text/printable.ts'
import { type Line, spanText, withText } from '../text/span.ts'
import type { View } from '../view.ts'
import { piecesOf, writeAnswer, writeAtOnce } from '../write-answer.ts'
import { describeEvent } from './event-lines.ts'
import { renderError, renderFault } from './fault.ts'
import { LiveBlock, renderLiveLines, renderSingleWait } from './live-block.ts'
import type { Page } from './page.ts'
import { readableText } from './readable-text.ts'
import { RunProgress } from './run-progress.ts'
import { WaitLine } from './wait-line.ts'
import { WaitLog } from './wait-log.ts'

/** Milliseconds between two repaintings; ten per second look alive, and their cost is not measurable. */
const paintingInterval = 100
/** Milliseconds between two checks for long-running work, where nothing moves. */
const logInterval = 1000
/** Where the terminal does not report its width. */
const usualRows = 24

interface Paints {
  readonly out: Paint
  readonly err: Paint
}

/** Creates the reporter for people; loads chalk where there is color. */
export async function createHumanReporter(options: ReporterOptions): Promise<Reporter> {
  const out = await createPaint(options.color.out)
  return new HumanReporter(options, await options.views(), { out, err: await createPaint(options.color.err) })
}

class HumanReporter implements Reporter {
  readonly #options: ReporterOptions
  readonly #views: EventViews
  readonly #paints: Paints
  readonly #progress: RunProgress
  readonly #block: LiveBlock
  readonly #wait: WaitLine
  readonly #log = new WaitLog()
  /** As it arrived: its texts are not yet fit to be shown. */
  #plan: ShownPlan | null = null
  /** The plan that a question was asked about. */
  #asked: ShownPlan | null = null
  #frame = 0
  #talked = false
  #timer: ReturnType<typeof setInterval> | null = null

  constructor(options: ReporterOptions, views: EventViews, paints: Paints) {
    this.#options = options
    this.#views = views
    this.#paints = paints
    this.#progress = new RunProgress((value) => mapTexts(value, readableText(options.redact)))
    this.#block = new LiveBlock(options.err, paints.err, () => this.#size())
    this.#wait = new WaitLine(options.err, paints.err, () => this.#size())
  }

  event(event: RunEvent): void {
    try {
      this.#follow(event)
    } catch (error) {
      // Emit must not throw: a migration must not fail because of its display.
      this.#options.err.write(
        `wwdb cannot show an event of type ${event.type}: ${reportError(error, false).faults[0]?.what}\n`,
      )
    }
  }

  async result<Answer extends Result>(result: Answer, _exitCode: ExitCode, view: View<Answer> | null): Promise<void> {
    this.close()
    const shown = mapTexts(result, readableText(this.#options.redact))
    if (view === null) {
      if (shown.kind === 'document') await this.#writeDocument(shown)
      return
    }
    if (this.#talked) this.#options.err.write('\n')
    this.#showFaults(view.faults?.(shown) ?? [])
    if (this.#options.quiet && view.succeeded?.(shown) === true) return
    const page = this.#page('out')
    if (view.showsPlan?.(shown) === true && this.#plan !== null) {
      await this.#answer([...this.#views.plan.render(this.#readablePlan(this.#plan), page), []])
    }
    await this.#answer(view.render(shown, page))
  }

  error(error: unknown): void {
    this.close()
    const report: ErrorReport = mapTexts(reportError(error, this.#options.debug), readableText(this.#options.redact))
    this.#tell(renderError(report, this.#page('err')))
  }

  /** Before a question, the plan is shown with all its statements; its hazards are already shown above. */
  pause(): void {
    this.#clear()
    if (this.#plan === null || this.#asked === this.#plan) return
    this.#asked = this.#plan
    const page = this.#page('err')
    this.#tell(this.#views.plan.render(this.#views.plan.withoutHazards(this.#readablePlan(this.#plan)), page))
  }

  resume(): void {
    if (this.#progress.running.length > 0 || this.#progress.outside !== null) this.#startTimer()
  }

  close(): void {
    this.#clear()
  }

  #clear(): void {
    this.#stopTimer()
    if (!this.#options.animated) return
    this.#wait.clear()
    this.#block.clear()
  }

  #readablePlan(plan: ShownPlan): ShownPlan {
    return mapTexts(plan, readableText(this.#options.redact))
  }

  #readable(event: RunEvent): RunEvent {
    const change = readableText(this.#options.redact)
    if (event.type !== 'plan-ready') return mapTexts(event, change)
    this.#plan = this.#views.plan.merge(this.#plan, event.plan)
    return { ...event, plan: this.#views.plan.readableOutline(event.plan, change) }
  }

  #follow(given: RunEvent): void {
    const now = this.#options.clock()
    this.#progress.apply(given, now)
    if (isSilent(given, this.#options.verbose)) return
    const event = this.#readable(given)
    if (this.#options.quiet) {
      if (event.type === 'warning') this.#tell(describeEvent(event, this.#page('err'), this.#views))
      return
    }
    const lines = this.#describe(event)
    if (this.#options.animated) this.#show(lines)
    else if (event.type === 'step-finished') this.#tell(lines)
    else this.#tell([...lines, ...this.#log.lines(this.#progress, now, this.#page('err'))])
    if (event.type === 'run-started' || event.type === 'progress') this.#startTimer()
  }

  #describe(event: RunEvent): readonly Line[] {
    return describeEvent(event, this.#page('err'), this.#views)
  }

  /** Prints what stays above the moving lines. Where nothing has to stay, the next repainting is early enough. */
  #show(permanent: readonly Line[]): void {
    if (permanent.length === 0) return
    this.#talked = true
    this.#paintLive(permanent)
  }

  #startTimer(): void {
    if (this.#timer !== null || this.#options.quiet) return
    const { animated } = this.#options
    this.#timer = setInterval(() => this.#tick(), animated ? paintingInterval : logInterval)
    // A timer that only updates the display must not keep the process alive.
    this.#timer.unref()
  }

  #stopTimer(): void {
    if (this.#timer !== null) clearInterval(this.#timer)
    this.#timer = null
  }

  #tick(): void {
    this.#frame += 1
    if (this.#options.animated) this.#paintLive([])
    else this.#tell(this.#log.lines(this.#progress, this.#options.clock(), this.#page('err')))
  }

  /** A single wait has a line drawn by ora; several have a block of lines. */
  #paintLive(permanent: readonly Line[]): void {
    const single = this.#timer === null ? null : renderSingleWait(this.#progress, this.#options.clock())
    if (single === null || permanent.length > 0) this.#wait.clear()
    this.#block.show(permanent, single !== null || this.#timer === null ? [] : this.#liveLines())
    if (single !== null) this.#wait.show(single)
  }

  #liveLines(): readonly Line[] {
    const { columns, rows } = this.#size()
    const view = { now: this.#options.clock(), frame: this.#frame, columns: columns - 1, rows }
    return renderLiveLines(this.#progress, view)
  }

  /**
   * A text may be a script that another program reads, and is written as it is unless a terminal or a CI server would interpret
   * it.
   */
  #readableDocument(content: string): string {
    const isShown = Number.isFinite(this.#options.columns.out) || this.#options.format === 'github'
    return isShown ? printableLines(content) : content
  }

  #size(): TerminalSize {
    const size = this.#options.size?.() ?? null
    const columns = size !== null && size.columns > 0 ? size.columns : this.#options.columns.err
    return { columns, rows: size !== null && size.rows > 0 ? size.rows : usualRows }
  }

  #page(stream: 'out' | 'err'): Page {
    const columns = stream === 'err' && this.#options.animated ? this.#size().columns : this.#options.columns[stream]
    return { columns, verbose: this.#options.verbose }
  }

  /** Databases that share a server share one fault when it does not answer. */
  #showFaults(faults: readonly Fault[]): void {
    const page = this.#page('err')
    const texts = faults.map((fault) => JSON.stringify(fault))
    const single = faults.filter((_, index) => texts.indexOf(texts[index] ?? '') === index)
    if (single.length > 0) this.#tell([...single.flatMap((fault) => renderFault(fault, page)), []])
  }

  async #writeDocument({
    format,
    content,
  }: {
    readonly format: 'json' | 'text'
    readonly content: string
  }): Promise<void> {
    const readable = format === 'json' ? printableJson(content) : this.#readableDocument(content)
    const text = this.#options.format === 'github' ? withoutCommands(readable) : readable
    await writeAnswer(this.#options.out, piecesOf(text.endsWith('\n') ? text : `${text}\n`))
  }

  #tell(lines: Iterable<Line>): void {
    const write = (text: string): void => {
      this.#talked = true
      this.#options.err.write(text)
    }
    writeAtOnce({ write }, this.#texts('err', lines))
  }

  async #answer(lines: Iterable<Line>): Promise<void> {
    await writeAnswer(this.#options.out, this.#texts('out', lines))
  }

  *#texts(stream: 'out' | 'err', lines: Iterable<Line>): Generator<string> {
    for (const line of lines) {
      const safe = line.map((span) => withText(span, printableLines(spanText(span))))
      yield withoutCommands(`${this.#paints[stream](safe)}\n`)
    }
  }
}

/**
 * A run of a thousand short statements has thousands of events that leave nothing on the screen: long work is noticed by the
 * clock.
 */
function isSilent(event: RunEvent, verbose: boolean): boolean {
  if (event.type === 'statement-started') return true
  if (event.type === 'step-started') return event.from === 0
  return event.type === 'statement-finished' && !verbose && event.warnings.length === 0
}
