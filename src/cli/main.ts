import { hostname, userInfo } from 'node:os'
import { exitCodes } from '../core/exit-code.ts'
import { watchEarlyEnd } from './early-end.ts'
import type { Host } from './host.ts'
import { watchOutput } from './output.ts'
import { runTool } from './tool.ts'

/** How long something of ours that was left open may keep the process alive once everything is said. */
const lingerMilliseconds = 250

/** Runs the tool in this process. The exit code is set; the process ends by itself when its output is written. */
export async function main(argv: readonly string[] = process.argv.slice(2)): Promise<void> {
  const output = watchOutput(process.stdout, process.stderr)
  let answered = (): void => {}
  const leave = async (code: number): Promise<void> => {
    answered()
    process.exitCode = code
    await output.drain()
    if (output.hasFailed()) process.exitCode = exitCodes.failed
    setTimeout(() => process.exit(), lingerMilliseconds).unref()
  }
  let report = (error: unknown): void => {
    process.stderr.write(`wwdb has a defect: ${String(error)}\n`)
  }
  const onDefect: Host['onDefect'] = (listener) => {
    report = listener
  }
  // Ended by the third signal, a run has said so before.
  const exit = (code: number): void => {
    answered()
    process.exit(code)
  }
  const host = describeProcess(argv, exit, onDefect)
  const surrender = (error: unknown): void => {
    report(error)
    void leave(exitCodes.failed).finally(() => process.exit())
  }
  answered = watchEarlyEnd(process, (error) => report(error), surrender)
  process.on('uncaughtException', surrender)
  process.on('unhandledRejection', surrender)
  await leave(await runTool(host))
}

function describeProcess(argv: readonly string[], exit: Host['exit'], onDefect: Host['onDefect']): Host {
  return {
    argv,
    program: [process.execPath, ...process.argv.slice(1, 2)],
    environment: process.env,
    cwd: process.cwd(),
    // Touching stdin opens it; most commands never ask.
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

/** A container may run as a user id that has no name. */
function readUser(): string {
  try {
    return userInfo().username
  } catch {
    return `user ${process.getuid?.() ?? ''}`.trim()
  }
}

/** Signal 0 only asks. A process of another user may not be asked, which proves that it is there. */
function isRunning(processId: number): boolean {
  try {
    process.kill(processId, 0)
    return true
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM'
  }
}
