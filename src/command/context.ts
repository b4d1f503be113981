import type { Readable, Writable } from 'node:stream'
import type { Config } from '../config/config.ts'
import type { ConfigReport } from '../config/load.ts'
import type { ExitCode } from '../core/exit-code.ts'
import type { GivePart } from '../core/port.ts'
import type { StopRequest } from '../core/stop-request.ts'
import type { Emit } from './event.ts'
import type { Result } from './result.ts'

/** A question that must be answered before data is lost. */
export interface Confirmation {
  /** What is about to happen, as a sentence. */
  readonly what: string
  /** `moderate` asks y/N or takes --yes; `severe` wants `name` typed or given with --confirm. */
  readonly level: 'moderate' | 'severe'
  readonly name: string
}

/** What a run of the tool wrote, and its exit code. */
export interface ToolAnswer {
  readonly exitCode: number
  readonly stdout: string
  readonly stderr: string
}

/** The process that a command runs in. */
interface ProcessContext {
  readonly cwd: string
  /** Version of wwdb. */
  readonly toolVersion: string
  /** Version of Node: digits only. */
  readonly nodeVersion: string
  /**
   * The command that started the tool, for a scheduler that will start it again: absolute paths of node and of the script. Empty where
   * another program embeds wwdb.
   */
  readonly program: readonly string[]
  /** The environment variables: to report which ones are set, not to read settings. */
  readonly variables: Readonly<Record<string, string | undefined>>
  /** The person or account that runs the tool, for the record: `user@host`. */
  readonly person: string
  /**
   * Runs a program with this process's streams and additional variables; returns its exit code. Throws ToolError
   * `PROGRAM_FAILED`.
   */
  readonly runProgram: (command: readonly string[], environment: Readonly<Record<string, string>>) => Promise<number>
  /** Runs wwdb again in its own process, with `--json`; ends it when the signal is aborted. */
  readonly askTool: (words: readonly string[], signal: AbortSignal) => Promise<ToolAnswer>
  /** Asks a person one line; null where no person can be asked (no terminal, --json, --no-input, --yes), or the input ended. */
  readonly ask: (question: string) => Promise<string | null>
  /** Both ends of a protocol that the tool speaks with the program that started it. */
  readonly protocol: () => { readonly input: Readable; readonly output: Writable }
  /**
   * Reads what is piped to the tool, without the final line end; it is masked in all output from then on. Throws ToolError `USAGE` (64) where it is
   * empty.
   */
  readonly readSecret: () => Promise<string>
  /** Writes numbers for Prometheus to a file. Throws ToolError `METRICS_FILE`. */
  readonly publishMetrics: (file: string, text: string) => Promise<void>
}

/** What the command line gives a command: everything it may use beside its own options. */
export interface Context {
  /** `--target`: the logical databases asked for, as typed; empty means all. The configuration knows whether they exist. */
  readonly targets: readonly string[]
  /**
   * Always the same value; with a name, the configuration of another environment of the file, to which flags and variables that choose a server
   * do not apply. Throws ToolError with exit code 78 when the configuration is wrong.
   */
  readonly config: (environment?: string) => Promise<Config>
  /** Every value in force with its source, for `config show`; a missing URL or variable is shown as such and is not an error. */
  readonly configReport: () => Promise<ConfigReport>
  readonly emit: Emit
  readonly stop: StopRequest
  /** Returns when confirmed; throws ToolError `NOT_CONFIRMED` (exit 2), naming the flag, where it cannot ask or the answer is no. */
  readonly confirm: (confirmation: Confirmation) => Promise<void>
  /** Gives what a port stands for, which a capability declares: a part of a driver, the hooks of the configuration. */
  readonly port: GivePart
  readonly process: ProcessContext
  /** Milliseconds since the epoch by this machine's clock. */
  readonly now: () => number
}

export interface CommandResult<Answer extends Result = Result> {
  readonly result: Answer
  readonly exitCode: ExitCode
}
