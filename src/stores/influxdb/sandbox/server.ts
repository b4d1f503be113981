import { spawn } from 'node:child_process'
import { mkdir, open, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { kill } from 'node:process'
import { ToolError } from '../../../core/tool-error.ts'
import { isPortFree } from '../../../sandbox/port.ts'
import { commandLine, waitUntil } from '../../../sandbox/process.ts'
import { interruption, portInUse } from '../../../sandbox/server-fault.ts'
import { logLength } from '../../../sandbox/server-log.ts'
import type { InfluxdProgram } from './program.ts'

export interface InfluxdOptions {
  readonly program: InfluxdProgram
  /** Absolute; holds its data, its log and its process id. */
  readonly directory: string
  readonly port: number
  /** Further options of influxd. */
  readonly flags?: readonly string[]
  /** Asked while waiting; true gives up and leaves nothing running. */
  readonly interrupted?: () => boolean
}

export interface InfluxdServer {
  readonly port: number
  readonly pid: number
  readonly directory: string
}

/**
 * Starts an influxd on 127.0.0.1 that outlives this process, and waits until it takes connections. The first time it is fresh: nobody has
 * set it up. It sends no usage reports.
 * @throws ToolError PORT_IN_USE, SANDBOX_FAILED with the end of its log, STOPPED. Nothing is left running then.
 */
export async function startInfluxd(options: InfluxdOptions): Promise<InfluxdServer> {
  const { directory, port, program } = options
  if (!(await isPortFree(port))) throw portInUse(port)
  await mkdir(directory, { recursive: true, mode: 0o700 })
  const log = join(directory, 'influxd.log')
  const offset = await logLength(log)
  const output = await open(log, 'a', 0o600)
  const stdio = ['ignore', output.fd, output.fd] as const
  const child = spawn(program.path, wordsFor(options), { detached: true, stdio: [...stdio], cwd: directory })
  let ended = false
  for (const event of ['error', 'exit'] as const) {
    child.once(event, () => {
      ended = true
    })
  }
  await output.close()
  const { pid } = child
  if (pid !== undefined) await writeFile(join(directory, 'influxd.pid'), `${pid}\n`)
  const settled = async (): Promise<boolean> => ended || options.interrupted?.() === true || (await isReady(port))
  const answered = pid !== undefined && (await waitUntil(settled, 60_000)) && !ended
  if (answered && options.interrupted?.() !== true) {
    child.unref()
    return { port, pid, directory }
  }
  if (pid !== undefined) await endInfluxd({ port, pid, directory }, 'SIGKILL')
  if (options.interrupted?.() === true) throw interruption()
  throw await failure(options, log, offset)
}

/**
 * Ends a server and waits until it is gone, if the process still is that server. SIGINT lets it write down what it holds in memory;
 * SIGTERM does not. Returns false when it was still there after half a minute.
 */
export async function endInfluxd(server: InfluxdServer, signal: 'SIGINT' | 'SIGKILL' = 'SIGINT'): Promise<boolean> {
  if (await isInfluxdRunning(server)) send(server.pid, signal)
  return waitUntil(async () => !(await isInfluxdRunning(server)), 30_000)
}

/** Process ids are given out again: it is the server only when its command line names its folder. */
async function isInfluxdRunning({ pid, directory }: Omit<InfluxdServer, 'port'>): Promise<boolean> {
  return (await commandLine(pid)).includes(`--engine-path=${join(directory, 'engine')}`)
}

function wordsFor({ directory, port, flags = [] }: InfluxdOptions): readonly string[] {
  return [
    'run',
    `--http-bind-address=127.0.0.1:${port}`,
    `--bolt-path=${join(directory, 'influxd.bolt')}`,
    `--sqlite-path=${join(directory, 'influxd.sqlite')}`,
    `--engine-path=${join(directory, 'engine')}`,
    '--reporting-disabled',
    ...flags,
  ]
}

async function isReady(port: number): Promise<boolean> {
  for (const scheme of ['http', 'https']) {
    try {
      const answer = await fetch(`${scheme}://127.0.0.1:${port}/health`, { signal: AbortSignal.timeout(2_000) })
      await answer.body?.cancel()
      if (answer.status === 200) return true
    } catch (error) {
      // A certificate that this process does not trust is an answer, too.
      const cause = error instanceof Error ? error.cause : null
      if (cause instanceof Error && 'code' in cause && /CERT|SIGNATURE/.test(String(cause.code))) return true
    }
  }
  return false
}

function send(pid: number, signal: 'SIGINT' | 'SIGKILL'): void {
  try {
    kill(pid, signal)
  } catch {
    // It ended between the look and the signal.
  }
}

async function failure({ program, port }: InfluxdOptions, log: string, offset: number): Promise<ToolError> {
  const said = (await readFile(log).catch(() => Buffer.alloc(0))).subarray(offset).toString()
  if (/address already in use/i.test(said)) return portInUse(port)
  const lines = said.split('\n').filter((line) => /error|fatal/i.test(line))
  return new ToolError('SANDBOX_FAILED', {
    what: `InfluxDB ${program.version} (${program.path}) could not start.`,
    where: { file: log },
    why: lines.length === 0 ? 'It ended without a word in its log.' : lines.slice(-3).join(' '),
    next: 'Read the log; `wwdb sandbox down --remove` and `wwdb sandbox up` start afresh.',
  })
}
