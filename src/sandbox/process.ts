import { execFile } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { kill, platform } from 'node:process'
import { setTimeout as pause } from 'node:timers/promises'
import { promisify } from 'node:util'

/** The words of a running process's command line; empty when there is no such process or it has ended. */
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

/** True when `pid` is a mysqld that serves this data folder: numbers are given out again, so a number alone proves nothing. */
export async function servesData(pid: number, dataDirectory: string): Promise<boolean> {
  const words = await commandLine(pid)
  return words.some((word) => /(^|\/)mysqld$/.test(word)) && words.includes(`--datadir=${dataDirectory}`)
}

/** Asks again every `interval` milliseconds until the answer is yes or the time (milliseconds) is over; says which. */
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
 * Ends the mysqld that serves this data folder, if `pid` still is that one, and waits until it is gone.
 * Returns false when it was still there after `timeout` milliseconds.
 */
export async function endServer(
  pid: number,
  dataDirectory: string,
  signal: 'SIGTERM' | 'SIGKILL' = 'SIGTERM',
  timeout = 60_000,
): Promise<boolean> {
  if (await servesData(pid, dataDirectory)) send(pid, signal)
  return waitUntil(async () => !(await servesData(pid, dataDirectory)) && (await hasLetGo(pid)), timeout)
}

function send(pid: number, signal: 'SIGTERM' | 'SIGKILL'): void {
  try {
    kill(pid, signal)
  } catch {
    // It ended between the look and the signal.
  }
}

/**
 * True when a process is gone, or is another one by now. A dying process loses its command line before it closes its files
 * and ports: until then it has no words and is not yet a zombie.
 */
async function hasLetGo(pid: number): Promise<boolean> {
  if ((await commandLine(pid)).length > 0) return true
  try {
    const text = await readFile(`/proc/${pid}/stat`, 'utf8')
    return /^[ZX]$/.test(text.charAt(text.lastIndexOf(')') + 2))
  } catch {
    return true
  }
}
