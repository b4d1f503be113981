import { type ChildProcess, spawn } from 'node:child_process'
import { homedir } from 'node:os'
import { resolve } from 'node:path'
import { env, execPath } from 'node:process'

/** The launcher, as npm links it. */
export const launcher = resolve(import.meta.dirname, '../../bin/wwdb.js')

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
}

export interface RunningTool {
  readonly child: ChildProcess
  readonly ended: Promise<ToolRun>
  /** Returns when stderr holds the text. */
  readonly saysOnStderr: (text: string) => Promise<void>
}

/** Starts the built tool with nothing of the developer's environment but PATH and HOME. */
export function startTool(args: readonly string[], options: ToolOptions = {}): RunningTool {
  const child = spawn(execPath, [launcher, ...args], {
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
  const saysOnStderr = async (text: string): Promise<void> => {
    while (!output.stderr.includes(text)) await nextChunk(child, ended, output)
  }
  return { child, ended, saysOnStderr }
}

/** Runs the built tool to its end. */
export function runTool(args: readonly string[], options: ToolOptions = {}): Promise<ToolRun> {
  return startTool(args, options).ended
}

export function cleanEnvironment(added: Readonly<Record<string, string>> = {}): Record<string, string> {
  return { PATH: env['PATH'] ?? '', HOME: homedir(), NO_COLOR: '1', ...added }
}

async function nextChunk(
  child: ChildProcess,
  ended: Promise<ToolRun>,
  output: { readonly stderr: string },
): Promise<void> {
  const chunk = new Promise<'more'>((more) => child.stderr?.once('data', () => more('more')))
  const first = await Promise.race([chunk, ended])
  if (first !== 'more')
    throw new Error(`the tool ended (${first.exitCode}) without saying it; stderr: ${output.stderr}`)
}
