import type { RunEvent } from '../command/event.ts'
import type { Result } from '../command/result.ts'
import type { ExitCode } from '../core/exit-code.ts'
import type { EventViews, ToPlanDocument } from './event-views.ts'
import type { Redact } from './redaction.ts'
import type { TerminalDecision } from './terminal.ts'
import type { View } from './view.ts'

/** Where text is written. */
export interface Writer {
  /** `false` where the text waits in memory for its reader. */
  readonly write: (text: string) => unknown
  /**
   * Resolves to true when the reader has taken everything; to false when the reader has gone away and nothing more need
   * be written.
   */
  readonly taken?: () => Promise<boolean>
}

/** The terminal's state at this moment: it may have been resized since the run began. */
export interface TerminalSize {
  readonly columns: number
  readonly rows: number
}

/** The streams and every decision about them. A reporter depends on nothing else. */
export interface ReporterOptions extends TerminalDecision {
  readonly format: 'human' | 'json' | 'github'
  /** The version of this tool, for the first line of a JSON stream. */
  readonly version: string
  /** The run to which lines of JSON belong. */
  readonly runId: string
  /** The answer. */
  readonly out: Writer
  /** Progress, warnings and errors. */
  readonly err: Writer
  /** The current size of the terminal on `err`, where it is one. */
  readonly size?: () => TerminalSize | null
  /** Shows neither progress nor the summary of a successful run; warnings, errors and answers stay. */
  readonly quiet: boolean
  /** A line for every statement, and statement texts in plans. */
  readonly verbose: boolean
  /** Stack traces. */
  readonly debug: boolean
  readonly redact: Redact
  /** The path of a file as annotations name it: from the root of the repository. */
  readonly place: (file: string) => string
  /** How events of capabilities are shown to people, and plans as data; each is loaded when its format is requested. */
  readonly views: () => Promise<EventViews>
  readonly planDocuments: () => Promise<ToPlanDocument>
  /** Milliseconds, from any fixed point. */
  readonly clock: () => number
  /** Milliseconds since the epoch, for dates. */
  readonly wallClock: () => number
}

/**
 * Shows a person or a script what happens. `event` never throws and never waits: a run must not fail because of its
 * display.
 */
export interface Reporter {
  event(event: RunEvent): void
  /**
   * Shows the command's answer; the view is null where the answer is printed as it is. Called once, unless `error` is called. Waits for a slow
   * reader; otherwise everything is written when it returns.
   */
  result<Answer extends Result>(result: Answer, exitCode: ExitCode, view: View<Answer> | null): Promise<void>
  /** Shows the error that the command threw instead of answering. */
  error(error: unknown): void
  /** Removes the moving lines from the terminal, for a question to the user, until `resume`. */
  pause(): void
  resume(): void
  /** Stops timers and leaves the terminal as it was. Safe to call twice. */
  close(): void
}
