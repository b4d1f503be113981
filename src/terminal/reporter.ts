import type { RunEvent } from '../command/event.ts'
import type { Result } from '../command/result.ts'
import type { ExitCode } from '../core/exit-code.ts'
import type { EventViews, ToPlanDocument } from './event-views.ts'
import type { Redact } from './redaction.ts'
import type { TerminalDecision } from './terminal.ts'
import type { View } from './view.ts'

/** Where text goes. */
export interface Writer {
  /** `false` where the text waits in memory for its reader. */
  readonly write: (text: string) => unknown
  /** Resolves when the reader has taken all: true; or has gone away: false, and nothing more need be written. */
  readonly taken?: () => Promise<boolean>
}

/** What a terminal is like at this moment: it may have been resized since the run began. */
export interface TerminalSize {
  readonly columns: number
  readonly rows: number
}

/** The streams and every decision about them. A reporter looks at nothing else. */
export interface ReporterOptions extends TerminalDecision {
  readonly format: 'human' | 'json' | 'github'
  /** The version of this tool, for the first line of a JSON stream. */
  readonly version: string
  /** The run that lines of JSON belong to. */
  readonly runId: string
  /** The answer. */
  readonly out: Writer
  /** Progress, warnings and errors. */
  readonly err: Writer
  /** The present size of the terminal on `err`, where it is one. */
  readonly size?: () => TerminalSize | null
  /** Neither progress nor the summary of a run that went well; warnings, errors and answers stay. */
  readonly quiet: boolean
  /** A line for every statement, and statement texts in plans. */
  readonly verbose: boolean
  /** Stack traces. */
  readonly debug: boolean
  readonly redact: Redact
  /** How events of capabilities look to people, and plans as data; each is loaded where its format is asked for. */
  readonly views: () => Promise<EventViews>
  readonly planDocuments: () => Promise<ToPlanDocument>
  /** Milliseconds, from any fixed point. */
  readonly clock: () => number
  /** Milliseconds since the epoch, for what is dated. */
  readonly wallClock: () => number
}

/** Shows a person or a script what happens. `event` never throws and never waits: a run must not fail for its display. */
export interface Reporter {
  event(event: RunEvent): void
  /**
   * The command's answer, and how it looks to people; null where it is printed as it is. Called once, unless `error` is. Waits for a reader that is
   * slower than the answer is made; where none has to be waited for, all is written when it returns.
   */
  result<Answer extends Result>(result: Answer, exitCode: ExitCode, view: View<Answer> | null): Promise<void>
  /** What the command threw instead of answering. */
  error(error: unknown): void
  /** Takes everything that moves off the terminal, for a question to the user, until `resume`. */
  pause(): void
  resume(): void
  /** Stops timers and leaves the terminal as it was. Safe to call twice. */
  close(): void
}
