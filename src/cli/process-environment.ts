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

/** The process that the tool runs in, as a value: `process` fits behind it, and so does a test. */
export interface ProcessEnvironment {
  /** Without node and the script. */
  readonly argv: readonly string[]
  /** How the tool was started, for who starts it again: absolute paths of node and of the script. Empty in another program. */
  readonly program: readonly string[]
  readonly environment: Environment
  readonly cwd: string
  readonly input: Readable & Terminal
  readonly out: Writable & Terminal
  readonly err: Writable & Terminal
  readonly signals: SignalSource
  /** Ends the process there and then. */
  readonly exit: (code: ExitCode) => void
  /** Milliseconds, from any fixed point. */
  readonly clock: () => number
  /** Milliseconds since the epoch. */
  readonly now: () => number
  readonly hostname: string
  readonly user: string
  readonly processId: number
  /** Whether a process of this machine lives. */
  readonly isRunning: (processId: number) => boolean
  /** Statements of migrations are sent alone, the plain way; only tests have it so. */
  readonly sendsAlone?: boolean
  /** Receives errors that no code caught: defects of the tool. */
  readonly onDefect: (listener: (error: unknown) => void) => void
}
