import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { kill, platform } from 'node:process'
import { setTimeout as pause } from 'node:timers/promises'
import { promisify } from 'node:util'
import { exitCodes } from '../core/exit-code.ts'
import { ToolError } from '../core/tool-error.ts'

/** The arguments of a running process's command line; empty when the process does not exist or has ended. */
export async function commandLine(pid: number): Promise<readonly string[]> {
  try {
    return (await readFile(`/proc/${pid}/cmdline`, 'utf8')).split('\0').filter((word) => word !== '')
  } catch {
    if (platform === 'linux') return []
  }
  try {
    const { stdout } = await promisify(execFile)('ps', ['-o', 'command=', '-p', String(pid)])
    return stdout.trim().split(/\s+/)
  } catch {
    return []
  }
}

/** Asks again every `interval` milliseconds until the answer is yes or `timeout` (milliseconds) is over; returns the last answer. */
export async function waitUntil(
  answer: () => boolean | Promise<boolean>,
  timeout: number,
  interval = 50,
): Promise<boolean> {
  const end = Date.now() + timeout
  for (;;) {
    if (await answer()) return true
    if (Date.now() >= end) return false
    await pause(interval)
  }
}

/**
 * True when a process is gone, or its number belongs to another one. A dying process loses its command line before it closes its files
 * and ports: until then it has no words and is not yet a zombie.
 */
export async function hasEnded(pid: number): Promise<boolean> {
  if ((await commandLine(pid)).length > 0) return true
  try {
    const status = await readFile(`/proc/${pid}/stat`, 'utf8')
    return /^[ZX]$/.test(status.charAt(status.lastIndexOf(')') + 2))
  } catch {
    return true
  }
}

/** Sends a signal to a process that may have ended meanwhile. A negative number is a group of processes. */
export function sendSignal(pid: number, signal: 'SIGTERM' | 'SIGINT' | 'SIGKILL'): void {
  try {
    kill(pid, signal)
  } catch {
    // It ended between the check and the signal.
  }
}

/** What a program printed, and its exit code: 127 when it could not be started, null when a signal ended it. */
export interface Finished {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

/** How a program is run that fetches or builds something. */
export interface ToolRun {
  /** Asked while it runs; true ends it. */
  readonly interrupted: () => boolean
  /** Receives each line that the program prints on stderr. */
  readonly onLine?: (line: string) => void
}

/**
 * Runs a program in a process group of its own, so that an interruption also ends its children: apt, Maven, compilers. Its time
 * limit is one hour.
 */
export async function runTool(
  [program, ...words]: readonly [string, ...string[]],
  { interrupted, onLine = () => undefined }: ToolRun,
): Promise<Finished> {
  const child = spawn(program, words, { detached: true, stdio: ['ignore', 'pipe', 'pipe'] })
  let stdout = ''
  let stderr = ''
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
    stdout += chunk
  })
  child.stderr.setEncoding('utf8').on('data', (chunk: string) => {
    const lines = `${stderr.slice(stderr.lastIndexOf('\n') + 1)}${chunk}`.split('\n').slice(0, -1)
    stderr += chunk
    for (const line of lines) onLine(line)
  })
  const code = await waitForExit(child, interrupted)
  return { code, stdout, stderr }
}

async function waitForExit(child: ChildProcess, interrupted: () => boolean): Promise<number | null> {
  const exit: { code?: number | null } = {}
  child.once('error', () => {
    exit.code = 127
  })
  child.once('close', (code) => {
    exit.code ??= code
  })
  await waitUntil(() => 'code' in exit || interrupted(), 60 * 60_000)
  if (!('code' in exit) && child.pid !== undefined) sendSignal(-child.pid, 'SIGTERM')
  await waitUntil(() => 'code' in exit, 10_000)
  return exit.code ?? null
}

/** Ctrl-C came while a server was being started. */
export function interruption(): ToolError {
  return new ToolError(
    'STOPPED',
    { what: 'Stopped while the server was starting; nothing was left running.', next: 'Run `wwdb sandbox up` again.' },
    { exitCode: exitCodes.interrupted },
  )
}
