import { type ChildProcess, spawn } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import type { HookConfig } from '../config/hooks.ts'
import type { ProgramEnd } from '../hooks/call-hook.ts'
import type { Environment } from './globals.ts'
import { type HookCgroup, isProgram, makeHookCgroup } from './hook-cgroup.ts'
import { findHookProcesses, hookMarker } from './hook-processes.ts'

/** The variables that every hook gets: those that programs need to start at all. Others must be named, because they may hold a password. */
const usual = /^(?:PATH|HOME|USER|LOGNAME|SHELL|LANG|LC_\w+|TZ|TMPDIR|TEMP|TMP|SystemRoot|ComSpec|PATHEXT)$/

/** The most bytes of its output that are kept. */
const mostOutput = 16 * 1024

/** Milliseconds from SIGTERM to SIGKILL, and for reading what an ended program left in its pipes. */
const grace = 1000

/** A killed process remains visible until the kernel has removed it. */
const mostAttempts = 5
const attemptPause = 20

/** What a hook needs besides its command. */
interface HookPlace {
  readonly environment: Environment
  readonly folder: string
}

/** Starts a hook in its own groups: Ctrl-C on the terminal does not reach it, and everything that it starts is ended with it. */
export async function startHook(
  { command, timeout, environment: named }: HookConfig,
  { environment, folder }: HookPlace,
  input: string,
  stop: AbortSignal,
): Promise<ProgramEnd> {
  if (stop.aborted) return { type: 'stopped' }
  const marker = randomUUID()
  const env = { ...chooseVariables(environment, named), [hookMarker]: marker }
  const options = { cwd: folder, env, detached: true, stdio: 'pipe' as const }
  const [program = '', ...words] = typeof command === 'string' ? ['/bin/sh', '-c', command] : command
  const cgroup = isProgram(program, folder, environment['PATH'] ?? '') ? makeHookCgroup(marker) : null
  const child =
    cgroup !== null
      ? spawn(...cgroup.enter(program, words), options)
      : typeof command === 'string'
        ? spawn(command, { ...options, shell: true })
        : spawn(program, words, options)
  const hook = { child, marker, cgroup }
  try {
    return await waitFor(hook, timeout, input, stop)
  } finally {
    cgroup?.remove()
  }
}

/** A running hook. */
interface StartedHook {
  readonly child: ChildProcess
  /** The variable that marks its processes. */
  readonly marker: string
  /** Null where it could not get a control group. */
  readonly cgroup: HookCgroup | null
}

/** The usual variables and the named ones: others may hold a password. */
export function chooseVariables(environment: Environment, named: readonly string[]): Record<string, string> {
  const chosen = Object.entries(environment).flatMap(([name, value]): readonly [string, string][] =>
    value !== undefined && (usual.test(name) || named.includes(name)) ? [[name, value]] : [],
  )
  return Object.fromEntries(chosen)
}

function waitFor(hook: StartedHook, timeout: number, input: string, stop: AbortSignal): Promise<ProgramEnd> {
  const { child } = hook
  return new Promise((resolve) => {
    let ended: 'timeout' | 'stopped' | null = null
    let isWhole = false
    let closing: NodeJS.Timeout | undefined
    const output = collect(child)
    const end = (how: 'timeout' | 'stopped'): void => {
      if (ended !== null) return
      ended = how
      isWhole = child.pid !== undefined && hook.cgroup?.list().includes(child.pid) === true
      signalAll(hook, 'SIGTERM')
      closing = setTimeout(() => signalAll(hook, 'SIGKILL'), grace)
    }
    const timer = setTimeout(() => end('timeout'), timeout)
    const onStop = (): void => end('stopped')
    stop.addEventListener('abort', onStop)
    const finish = (result: ProgramEnd): void => {
      clearTimeout(timer)
      clearTimeout(closing)
      stop.removeEventListener('abort', onStop)
      // Processes that it started in the background may hold its pipes, and must not hold this process up.
      child.stdout?.destroy()
      child.stderr?.destroy()
      resolve(result)
    }
    child.once('error', (error) => finish({ type: 'not-started', why: error.message }))
    const close = (code: number | null, signal: string | null): void => {
      if (ended !== null) {
        void endAll(hook).then((left) =>
          finish(ended === 'timeout' ? { type: 'timeout', left, isWhole } : { type: 'stopped' }),
        )
      } else if (signal !== null) finish({ type: 'killed', signal, output: output() })
      else finish({ type: 'exited', code: code ?? 1, output: output() })
    }
    child.once('close', close)
    child.once('exit', (code, signal) => {
      clearTimeout(timer)
      setTimeout(() => close(code, signal), grace).unref()
    })
    child.stdin?.on('error', () => undefined)
    child.stdin?.end(input)
  })
}

/** Its output: stdout first, then stderr. */
function collect({ stdout, stderr }: ChildProcess): () => string {
  const texts = [stdout, stderr].map((stream) => {
    const kept = { text: '' }
    stream?.setEncoding('utf8')
    stream?.on('data', (text: string) => {
      if (kept.text.length < mostOutput) kept.text += text
    })
    return kept
  })
  return () => texts.map(({ text }) => text).join('\n')
}

/** Its group, and the processes that left the group. */
function signalAll(hook: StartedHook, signal: 'SIGTERM' | 'SIGKILL'): void {
  const { pid } = hook.child
  if (pid === undefined) return
  if (signal === 'SIGKILL') hook.cgroup?.kill()
  for (const target of [-pid, ...findAll(hook)]) {
    try {
      process.kill(target, signal)
    } catch {
      // It has ended, with everything that it started, or it belongs to another user.
    }
  }
}

function findAll({ marker, cgroup }: StartedHook): readonly number[] {
  return [...new Set([...(cgroup?.list() ?? []), ...findHookProcesses(marker)])]
}

/**
 * Kills the remaining processes, and those that they started meanwhile. Returns the processes that cannot be killed.
 */
async function endAll(hook: StartedHook): Promise<readonly number[]> {
  for (let attempt = 0; attempt < mostAttempts; attempt += 1) {
    signalAll(hook, 'SIGKILL')
    await new Promise((resolve) => setTimeout(resolve, attempt * attemptPause))
    if (findAll(hook).length === 0) return []
  }
  return findAll(hook)
}
