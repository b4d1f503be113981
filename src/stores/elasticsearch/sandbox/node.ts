import { spawn } from 'node:child_process'
import { mkdir, open, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { kill } from 'node:process'
import { ToolError } from '../../../core/tool-error.ts'
import { isPortFree } from '../../../sandbox/port.ts'
import { commandLine, waitUntil } from '../../../sandbox/process.ts'
import { interruption, portInUse } from '../../../sandbox/server-fault.ts'
import type { ElasticsearchProgram } from './program.ts'

export interface ElasticsearchNodeOptions {
  readonly program: ElasticsearchProgram
  /** Absolute; holds its data, its log and `node.pid`. */
  readonly directory: string
  readonly port: number
  /** False starts it without analysis-smartcn. */
  readonly plugins?: boolean
  /** Asked while waiting; true gives up and leaves nothing running. */
  readonly interrupted?: () => boolean
}

export interface ElasticsearchNode {
  readonly url: string
  readonly port: number
  readonly pid: number
  readonly directory: string
}

/** Small enough for a laptop; the compiler's first stage alone starts in half the time. */
const javaFlags = ['-Xms256m', '-Xmx512m', '-XX:+UseSerialGC', '-XX:TieredStopAtLevel=1']

/**
 * Starts a node on 127.0.0.1 that outlives this process, and waits until it answers (about five seconds).
 * @throws ToolError PORT_IN_USE, SANDBOX_FAILED with the end of its log, STOPPED. Nothing is left running then.
 */
export async function startElasticsearchNode(options: ElasticsearchNodeOptions): Promise<ElasticsearchNode> {
  const { directory, port } = options
  if (!(await isPortFree(port))) throw portInUse(port)
  await mkdir(directory, { recursive: true })
  const log = join(directory, 'node.log')
  const child = await spawnNode(options, log)
  let ended = false
  for (const event of ['error', 'exit'] as const) {
    child.once(event, () => {
      ended = true
    })
  }
  const url = `http://127.0.0.1:${port}`
  const settled = async (): Promise<boolean> => ended || options.interrupted?.() === true || (await answers(url))
  const pid = child.pid
  const answered = pid !== undefined && (await waitUntil(settled, 120_000, 100)) && !ended
  if (answered && options.interrupted?.() !== true) {
    await writeFile(join(directory, 'node.pid'), `${pid}\n`)
    child.unref()
    return { url, port, pid, directory }
  }
  if (pid !== undefined) await endElasticsearchNode({ pid, directory, port }, 'SIGKILL')
  if (options.interrupted?.() === true) throw interruption()
  throw await failure(options, log)
}

async function spawnNode(options: ElasticsearchNodeOptions, log: string): Promise<ReturnType<typeof spawn>> {
  const { program, directory, port } = options
  const { home } = program
  const output = await open(log, 'w')
  try {
    const classPath = `${join(home, 'classes')}:${join(home, 'lib', '*')}`
    const plugins = join(home, options.plugins === false ? 'no-plugins' : 'plugins')
    const words = [...javaFlags, '-cp', classPath, 'wwdb.Launcher', home, dataFolder(directory), String(port), plugins]
    return spawn('java', words, { detached: true, stdio: ['ignore', output.fd, output.fd], cwd: directory })
  } finally {
    await output.close()
  }
}

/**
 * Ends a node and waits until it is gone, if the process still is that node: process ids are given out again. Returns false when it was still there
 * after half a minute.
 */
export async function endElasticsearchNode(
  { pid, directory, port }: Pick<ElasticsearchNode, 'pid' | 'directory' | 'port'>,
  signal: 'SIGTERM' | 'SIGKILL' = 'SIGTERM',
): Promise<boolean> {
  const isRunning = async (): Promise<boolean> => (await commandLine(pid)).includes(dataFolder(directory))
  if (await isRunning()) {
    try {
      kill(pid, signal)
    } catch {
      // It ended between the look and the signal.
    }
  }
  return waitUntil(async () => !(await isRunning()) && (await isPortFree(port)), 30_000)
}

function dataFolder(directory: string): string {
  return join(directory, 'data')
}

async function answers(url: string): Promise<boolean> {
  try {
    const response = await fetch(`${url}/_cluster/health`, { signal: AbortSignal.timeout(2_000) })
    await response.arrayBuffer()
    return response.ok
  } catch {
    return false
  }
}

async function failure({ program, port }: ElasticsearchNodeOptions, log: string): Promise<ToolError> {
  const said = await readFile(log, 'utf8').catch(() => '')
  if (/address already in use/i.test(said)) return portInUse(port)
  const lines = said.split('\n').filter((line) => /exception|error|caused by/i.test(line))
  return new ToolError('SANDBOX_FAILED', {
    what: `Elasticsearch ${program.version} could not start.`,
    where: { file: log },
    why: lines.length === 0 ? 'It ended without an error in its log.' : lines.slice(0, 3).join(' '),
    next: 'Read the log; `wwdb sandbox down --remove` and `wwdb sandbox up` start afresh.',
  })
}
