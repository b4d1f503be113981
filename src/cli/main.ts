import { hostname } from 'node:os'
import type { Writable } from 'node:stream'
import { exitCodes } from '../core/exit-code.ts'
import { ToolError } from '../core/tool-error.ts'
import type { ProcessEnvironment } from './process-environment.ts'
import { isRunning, readUser } from './this-process.ts'
import { runTool } from './tool.ts'

/**
 * Runs the tool in this process, and ends it with the exit code when its output is written: left to end by itself, Node would first take down its heap, 3 to 26 ms of
 * a run with nothing to do (30 November 2026). @param how is passed only by the launchers of tests
 */
export async function main(how: Pick<ProcessEnvironment, 'sendsAlone'> = {}): Promise<void> {
  const output = watchOutput(process.stdout, process.stderr)
  let answered = (): void => {}
  const leave = async (code: number): Promise<void> => {
    answered()
    process.exitCode = code
    await output.drain()
    if (output.hasFailed()) process.exitCode = exitCodes.failed
    process.exit()
  }
  let report = (error: unknown): void => {
    process.stderr.write(`wwdb has a defect: ${String(error)}\n`)
  }
  const onDefect: ProcessEnvironment['onDefect'] = (listener) => {
    report = listener
  }
  // A run that the third signal ends has reported that before.
  const exit = (code: number): void => {
    answered()
    process.exit(code)
  }
  const host = describeProcess(how, exit, onDefect)
  const exitOnDefect = (error: unknown): void => {
    report(error)
    void leave(exitCodes.failed)
  }
  answered = watchEarlyEnd(process, (error) => report(error), exitOnDefect)
  process.on('uncaughtException', exitOnDefect)
  process.on('unhandledRejection', exitOnDefect)
  await leave(await runTool(host))
}

function describeProcess(
  how: Pick<ProcessEnvironment, 'sendsAlone'>,
  exit: ProcessEnvironment['exit'],
  onDefect: ProcessEnvironment['onDefect'],
): ProcessEnvironment {
  return {
    ...how,
    argv: process.argv.slice(2),
    program: [process.execPath, ...process.argv.slice(1, 2)],
    environment: process.env,
    cwd: process.cwd(),
    // Touching stdin opens it; most commands never need it.
    get input() {
      return process.stdin
    },
    out: process.stdout,
    err: process.stderr,
    signals: process,
    exit,
    clock: () => performance.now(),
    now: () => Date.now(),
    hostname: hostname(),
    user: readUser(),
    processId: process.pid,
    isRunning,
    onDefect,
  }
}

/** The fate of the process's two output streams. */
interface OutputWatch {
  /** True when something could not be written although a reader wants it: the disk is full, not a closed pipe. */
  readonly hasFailed: () => boolean
  /** Returns when everything that was written has left the process, or cannot leave it. */
  readonly drain: () => Promise<void>
}

/**
 * A reader that closes its end (`| head`) is not an error: a run continues without it and reports nothing. Any other
 * failure to write an answer is reported on the other stream.
 */
function watchOutput(out: Writable, err: Writable): OutputWatch {
  let failed = false
  const listen = (stream: Writable, other: Writable): void => {
    stream.on('error', (error: Error & { readonly code?: string }) => {
      if (isClosedPipe(error.code) || failed) return
      failed = true
      other.write(`wwdb: the output could not be written: ${error.message}\n`)
    })
  }
  listen(out, err)
  listen(err, out)
  return {
    hasFailed: () => failed,
    drain: async () => {
      await Promise.all([drained(out), drained(err)])
    },
  }
}

function isClosedPipe(code: string | undefined): boolean {
  return code === 'EPIPE' || code === 'ERR_STREAM_DESTROYED' || code === 'EIO'
}

/** An empty write calls back when everything before it is written; on a broken stream it calls back with an error. */
function drained(stream: Writable): Promise<void> {
  return new Promise((resolve) => {
    if (stream.destroyed || stream.writableEnded) resolve()
    else stream.write('', () => resolve())
  })
}

/** The part of `process` that tells how it ends. */
interface EndSource {
  exitCode?: number | string | null | undefined
  readonly on: (event: 'beforeExit' | 'exit', listener: (code: number) => void) => unknown
}

/**
 * A process that ends before the command has answered (a library exits, or a promise can never resolve) is a failure that is reported: an exit code of 0 would mean that everything was done.
 * @param report writes at once
 * @param exitOnDefect reports and ends the process, as after any other defect
 * @returns to be called when the exit code is known
 */
export function watchEarlyEnd(
  source: EndSource,
  report: (error: unknown) => void,
  exitOnDefect: (error: unknown) => void,
): () => void {
  let answered = false
  source.on('beforeExit', () => {
    if (!answered)
      exitOnDefect(endedEarly('it waits for something that can no longer happen: no connection or timer is left'))
  })
  source.on('exit', (code) => {
    if (answered) return
    answered = true
    source.exitCode = exitCodes.failed
    report(endedEarly(`something in its process called process.exit(${code}), which wwdb itself calls only at its end`))
  })
  return () => {
    answered = true
  }
}

function endedEarly(why: string): ToolError {
  return new ToolError('ENDED_EARLY', {
    what: 'wwdb ended before the command had finished.',
    why,
    next: 'Run the command again: it continues where this run stopped. If it ends like this again, report it with the output of `--debug`.',
  })
}
