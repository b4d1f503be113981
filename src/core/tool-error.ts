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
  /** Where it is a MySQL error: its number and its SQLSTATE. */
  readonly errno?: number
  readonly sqlState?: string
}

export interface ToolErrorOptions {
  /** Only where it is not the default of the error code. */
  readonly exitCode?: ExitCode
  readonly cause?: unknown
}

/**
 * The only error that is meant for people. Anything else that is thrown is a defect of wwdb and is reported as one. It
 * carries all faults that were found at once (every mistake of a configuration) and the exit code.
 */
export class ToolError extends Error {
  static {
    // A minified class has another name, which is what Node prints of an error.
    Object.defineProperty(ToolError, 'name', { value: 'ToolError' })
  }

  readonly code: ErrorCode
  readonly faults: readonly Fault[]
  readonly exitCode: ExitCode

  constructor(code: ErrorCode, faults: Fault | readonly Fault[], options: ToolErrorOptions = {}) {
    const list: readonly Fault[] = 'what' in faults ? [faults] : faults
    super(list.map((fault) => fault.what).join('\n'), options.cause === undefined ? {} : { cause: options.cause })
    this.name = 'ToolError'
    this.code = code
    const said = serverWords(options.cause)
    this.faults = list.map((fault, index) => (index === 0 ? { ...said.numbers, ...fault, ...said.step } : fault))
    this.exitCode = options.exitCode ?? exitCodeOfError(code)
  }
}

/** What is wrong and why, in one sentence: `Cannot connect to MySQL at db:3306: nothing listens there.` */
export function inOneSentence({ what, why }: Pick<Fault, 'what' | 'why'>): string {
  const bare = (text: string): string => text.replace(/\.$/, '')
  return why === undefined ? `${bare(what)}.` : `${bare(what)}: ${bare(why)}.`
}

/** Words that are a part of a sentence elsewhere, as a sentence of their own. */
export const asSentence = (words: string): string => `${words.charAt(0).toUpperCase()}${words.slice(1)}.`

/**
 * What a server's error provides: its numbers for programs, and the GRANT of a missing privilege, which is then the next step. Nothing for any other
 * cause.
 */
function serverWords(cause: unknown): {
  readonly numbers?: Pick<Fault, 'errno' | 'sqlState'>
  readonly step?: Pick<Fault, 'next'>
} {
  if (!(cause instanceof Error)) return {}
  const isNumbered = 'errno' in cause && 'sqlState' in cause
  const isGrant = 'grant' in cause && typeof cause.grant === 'string'
  return {
    ...(isNumbered && typeof cause.errno === 'number' && typeof cause.sqlState === 'string'
      ? { numbers: { errno: cause.errno, sqlState: cause.sqlState } }
      : {}),
    ...(isGrant
      ? { step: { next: `Ask an administrator to run \`${cause.grant};\`, then run the command again.` } }
      : {}),
  }
}

/** Ends a switch over a closed union; the compiler proves that it is never reached. */
export function assertNever(value: never): never {
  throw new Error(`unexpected value ${JSON.stringify(value)}`)
}
