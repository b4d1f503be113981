import { hostname } from 'node:os'
import { Readable, Writable } from 'node:stream'
import type { ProcessEnvironment } from '../cli/process-environment.ts'
import { isRunning, readUser } from '../cli/this-process.ts'

/** What a program says of itself; what it leaves out is as silent as a library must be. */
interface Embedding {
  /** Default: the working directory of the process. */
  readonly cwd?: string | undefined
  /** Default: the variables of the process. */
  readonly variables?: Readonly<Record<string, string | undefined>> | undefined
  /** The words of a command line. */
  readonly words?: readonly string[]
  /** Receives what the command line would write to stdout. */
  readonly out?: Writable
  readonly signals?: ProcessEnvironment['signals']
}

/**
 * The process of another program, as the tool is to see it: no terminal, nothing to read, and no signals but those that the program sends. Nothing
 * of the process is changed.
 */
export function describeHost({
  cwd = process.cwd(),
  variables = process.env,
  words = [],
  out = silent(),
  signals = { on: () => undefined, off: () => undefined },
}: Embedding): ProcessEnvironment {
  return {
    argv: words,
    program: [],
    environment: variables,
    cwd,
    input: Readable.from([]),
    out,
    err: silent(),
    signals,
    exit: () => undefined,
    clock: () => performance.now(),
    now: () => Date.now(),
    hostname: hostname(),
    user: readUser(),
    processId: process.pid,
    isRunning,
    onDefect: () => undefined,
  }
}

function silent(): Writable {
  return new Writable({ write: (_chunk, _encoding, done) => done() })
}
