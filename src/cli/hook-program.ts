import { type ChildProcess, spawn } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import type { HookConfig } from '../config/hooks.ts'
import type { ProgramEnd } from '../hooks/call-hook.ts'
import type { Environment } from './globals.ts'
import { type HookCgroup, isProgram, makeHookCgroup } from './hook-cgroup.ts'
import { findHookProcesses, hookMarker } from './hook-processes.ts'

/** What every hook gets of the environment: what programs need to start at all. Nothing else goes there unnamed, as it may be a password. */
const usual = /^(?:PATH|HOME|USER|LOGNAME|SHELL|LANG|LC_\w+|TZ|TMPDIR|TEMP|TMP|SystemRoot|ComSpec|PATHEXT)$/

/** Bytes of its output that are kept. */
const mostOutput = 16 * 1024

/** Milliseconds from SIGTERM to SIGKILL, and for what a program that ended has left in its pipes. */
const grace = 1000

/** A killed process is seen until the kernel has taken it apart. */
const mostAttempts = 5
const attemptPause = 20

/** What a hook is started with beside its command. */
interface HookPlace {
  readonly environment: Environment
  readonly folder: string
}

/** Starts a hook as a process of groups of its own: Ctrl-C on the terminal is not its, and all that it starts is ended with it. */
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

/** A hook that runs. */
interface StartedHook {
  readonly child: ChildProcess
  /** What its processes are known by. */
  readonly marker: string
  /** Null where it could not get one. */
  readonly cgroup: HookCgroup | null
}

function chooseVariables(environment: Environment, named: readonly string[]): Record<string, string> {
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
      // What it started in the background may hold its pipes, and must not hold this process.
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

/** Its output: stdout first, stderr after it. */
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

/** Its group, and what left the group. */
function signalAll(hook: StartedHook, signal: 'SIGTERM' | 'SIGKILL'): void {
  const { pid } = hook.child
  if (pid === undefined) return
  if (signal === 'SIGKILL') hook.cgroup?.kill()
  for (const target of [-pid, ...findAll(hook)]) {
    try {
      process.kill(target, signal)
    } catch {
      // It is gone, with all that it started, or belongs to another user.
    }
  }
}

function findAll({ marker, cgroup }: StartedHook): readonly number[] {
  return [...new Set([...(cgroup?.list() ?? []), ...findHookProcesses(marker)])]
}

/** Ends what is there, and what that started meanwhile. Gives the processes that cannot be ended. */
async function endAll(hook: StartedHook): Promise<readonly number[]> {
  for (let attempt = 0; attempt < mostAttempts; attempt += 1) {
    signalAll(hook, 'SIGKILL')
    await new Promise((resolve) => setTimeout(resolve, attempt * attemptPause))
    if (findAll(hook).length === 0) return []
  }
  return findAll(hook)
}
