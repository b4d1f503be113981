import { spawn } from 'node:child_process'
import { constants } from 'node:os'
import { ToolError } from '../core/tool-error.ts'
import type { ProcessEnvironment } from './process-environment.ts'
import type { StopSignal } from './signals.ts'

/**
 * Runs a program with this process's streams and environment and additional variables, and returns its exit code; 128 plus the signal's number
 * for one that a signal ended, as shells do. Signals are passed on, except for Ctrl-C on a terminal, which sends it to both. Throws ToolError
 * `PROGRAM_FAILED` where it cannot be started.
 */
export function runProgram(
  host: ProcessEnvironment,
  cwd: string,
  command: readonly string[],
  environment: Readonly<Record<string, string>>,
): Promise<number> {
  const [program = '', ...words] = command
  const child = spawn(program, words, { cwd, stdio: 'inherit', env: { ...host.environment, ...environment } })
  const onTerminal = host.input.isTTY === true
  const pass = (signal: StopSignal): void => {
    if (signal !== 'SIGINT' || !onTerminal) child.kill(signal)
  }
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const
  for (const signal of signals) host.signals.on(signal, pass)
  return new Promise<number>((resolve, reject) => {
    child.once('error', (error) => reject(cannotStart(program, error)))
    child.once('close', (code, signal) => resolve(code ?? 128 + (signal === null ? 0 : constants.signals[signal])))
  }).finally(() => {
    for (const signal of signals) host.signals.off(signal, pass)
  })
}

function cannotStart(program: string, error: Error): ToolError {
  return new ToolError('PROGRAM_FAILED', {
    what: `${program} could not be started.`,
    why: error.message,
    next: 'Give a program on PATH, and its arguments after `--`.',
  })
}
