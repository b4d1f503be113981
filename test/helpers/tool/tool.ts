import { type ChildProcess, spawn } from 'node:child_process'
import { homedir } from 'node:os'
import { resolve } from 'node:path'
import { env, execPath } from 'node:process'
import type { Readable } from 'node:stream'

/** The launcher, as npm links it. */
export const launcher = resolve(import.meta.dirname, '../../../bin/wwdb.js')

/**
 * Whether the tool under test sends each statement of a migration alone, the plain way (`src/migrations/execute/plain-way.ts`): the tests that kill it pass
 * both ways.
 */
export const sendsAlone = env['WWDB_TEST_WAY'] === 'alone'

/** What a run of the tool left behind: stdout and stderr apart. */
export interface ToolRun {
  readonly exitCode: number | null
  /** The signal that ended it, where it did not end by itself. */
  readonly signal: string | null
  readonly stdout: string
  readonly stderr: string
}

export interface ToolOptions {
  readonly cwd?: string
  /** Added to the clean environment that every run gets. */
  readonly environment?: Readonly<Record<string, string>>
  readonly input?: string
  /** Another copy of the tool than the one in this folder. */
  readonly launcher?: string
  /** Sends each statement alone; only where it runs in the test's own process. Default: what WWDB_TEST_WAY says. */
  readonly sendsAlone?: boolean
  /** What the tool's clock says, in milliseconds since the epoch; only where it runs in the test's own process. */
  readonly now?: number
  /** Ends it by SIGTERM once it has printed this; only where it runs in the test's own process. */
  readonly endAt?: RegExp
}

export interface RunningTool {
  readonly child: ChildProcess
  readonly ended: Promise<ToolRun>
  /** Returns when a stream holds the text. Throws when the tool ends without it. */
  readonly says: (stream: 'stdout' | 'stderr', text: string) => Promise<void>
}

/** Starts the built tool with nothing of the developer's environment but PATH, HOME and where caches are: servers are fetched once. */
export function startTool(args: readonly string[], options: ToolOptions = {}): RunningTool {
  const child = spawn(execPath, [options.launcher ?? launcher, ...args], {
    cwd: options.cwd ?? '/',
    env: cleanEnvironment(options.environment),
    stdio: ['pipe', 'pipe', 'pipe'],
  })
  const output = { stdout: '', stderr: '' }
  for (const name of ['stdout', 'stderr'] as const) {
    child[name].setEncoding('utf8').on('data', (text: string) => {
      output[name] += text
    })
  }
  child.stdin.on('error', () => {})
  child.stdin.end(options.input ?? '')
  const ended = new Promise<ToolRun>((done, fail) => {
    child.once('error', fail)
    child.once('close', (exitCode, signal) => done({ exitCode, signal, ...output }))
  })
  const says: RunningTool['says'] = async (stream, text) => {
    while (!output[stream].includes(text)) await nextChunk(child[stream], ended)
  }
  return { child, ended, says }
}

/** Runs the built tool to its end. */
export function runTool(args: readonly string[], options: ToolOptions = {}): Promise<ToolRun> {
  return startTool(args, options).ended
}

export function cleanEnvironment(added: Readonly<Record<string, string>> = {}): Record<string, string> {
  const caches = env['XDG_CACHE_HOME'] === undefined ? {} : { XDG_CACHE_HOME: env['XDG_CACHE_HOME'] }
  return { PATH: env['PATH'] ?? '', HOME: homedir(), NO_COLOR: '1', ...caches, ...added }
}

async function nextChunk(stream: Readable, ended: Promise<ToolRun>): Promise<void> {
  const chunk = new Promise<'more'>((more) => stream.once('data', () => more('more')))
  const first = await Promise.race([chunk, ended])
  if (first !== 'more') throw new Error(`the tool ended without saying it: ${JSON.stringify(first)}`)
}
