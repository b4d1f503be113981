import { type ErrorCode, exitCodeOfError } from './error-codes.ts'
import type { ExitCode } from './exit-code.ts'

/** Where a fault lies. `line` and `column` count from 1; `server` is host:port, never a URL with credentials. */
export interface Location {
  readonly file?: string
  readonly line?: number
  readonly column?: number
  readonly database?: string
  readonly server?: string
  /** The statement's own text, or the start of it. */
  readonly statement?: string
}

/** The line of a file that a fault points at, for the caret under it. */
export interface Excerpt {
  readonly text: string
  readonly line: number
  readonly column: number
}

/** One thing that is wrong: what, where, why and what to do next. */
export interface Fault {
  readonly what: string
  readonly where?: Location
  readonly why?: string
  readonly next?: string
  readonly excerpt?: Excerpt
  /** Where it is a MySQL server's error: its number and its SQLSTATE. */
  readonly errno?: number
  readonly sqlState?: string
}

export interface ToolErrorOptions {
  /** Only where it is not the first that the table of error codes has. */
  readonly exitCode?: ExitCode
  readonly cause?: unknown
}

/**
 * The only error that is meant for people. Everything else that is thrown is a defect of ours and says so.
 * It carries all faults found at once (a configuration shows every one of its mistakes) and the exit code.
 */
export class ToolError extends Error {
  readonly code: ErrorCode
  readonly faults: readonly Fault[]
  readonly exitCode: ExitCode

  constructor(code: ErrorCode, faults: Fault | readonly Fault[], options: ToolErrorOptions = {}) {
    const list: readonly Fault[] = 'what' in faults ? [faults] : faults
    super(list.map((fault) => fault.what).join('\n'), options.cause === undefined ? {} : { cause: options.cause })
    this.name = 'ToolError'
    this.code = code
    const numbers = serverNumbers(options.cause)
    this.faults = numbers === null ? list : list.map((fault, index) => (index === 0 ? { ...numbers, ...fault } : fault))
    this.exitCode = options.exitCode ?? exitCodeOfError(code)
  }
}

/** The numbers of a server's error, for programs that go by them; null for any other cause. */
function serverNumbers(cause: unknown): { readonly errno: number; readonly sqlState: string } | null {
  if (!(cause instanceof Error) || !('errno' in cause) || !('sqlState' in cause)) return null
  const { errno, sqlState } = cause
  return typeof errno === 'number' && typeof sqlState === 'string' ? { errno, sqlState } : null
}

/** Ends a switch over a closed union; the compiler proves that it is never reached. */
export function assertNever(value: never): never {
  throw new Error(`unexpected value ${JSON.stringify(value)}`)
}
