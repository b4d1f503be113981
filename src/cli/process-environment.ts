import type { Readable, Writable } from 'node:stream'
import type { ExitCode } from '../core/exit-code.ts'
import type { Environment } from './globals.ts'
import type { SignalSource } from './signals.ts'

/** A stream that may be a terminal. */
interface Terminal {
  readonly isTTY?: boolean
  readonly columns?: number
  readonly rows?: number
}

/** The process that the tool runs in, as a value: `process` satisfies it, and so does a test. */
export interface ProcessEnvironment {
  /** The words of the command line without node and the script. */
  readonly argv: readonly string[]
  /**
   * The command that started the tool, for a caller that starts it again: absolute paths of node and of the script. Empty in
   * another program.
   */
  readonly program: readonly string[]
  readonly environment: Environment
  readonly cwd: string
  readonly input: Readable & Terminal
  readonly out: Writable & Terminal
  readonly err: Writable & Terminal
  readonly signals: SignalSource
  /** Ends the process immediately. */
  readonly exit: (code: ExitCode) => void
  /** Milliseconds, from any fixed point. */
  readonly clock: () => number
  /** Milliseconds since the epoch. */
  readonly now: () => number
  readonly hostname: string
  readonly user: string
  readonly processId: number
  /** Whether a process of this machine is alive. */
  readonly isRunning: (processId: number) => boolean
  /** Sends statements of migrations individually, the plain way; only tests use it. */
  readonly sendsAlone?: boolean
  /** Receives errors that no code caught: defects of the tool. */
  readonly onDefect: (listener: (error: unknown) => void) => void
}
