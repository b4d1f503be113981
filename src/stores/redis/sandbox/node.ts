import { spawn } from 'node:child_process'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { kill } from 'node:process'
import { ToolError } from '../../../core/tool-error.ts'
import { isPortFree } from '../../../sandbox/port.ts'
import { commandLine, waitUntil } from '../../../sandbox/process.ts'
import { interruption, portInUse } from '../../../sandbox/server-fault.ts'
import { logLength } from '../../../sandbox/server-log.ts'
import type { RedisProgram } from './program.ts'

export interface RedisNodeOptions {
  readonly program: RedisProgram
  /** Absolute; holds its configuration file, its data and its log. */
  readonly directory: string
  readonly port: number
  /** Lines of redis.conf, beside those that say where it lives. */
  readonly lines?: readonly string[]
  /** Asked while waiting; true gives up and leaves nothing running. */
  readonly interrupted?: () => boolean
}

export interface RedisNode {
  readonly port: number
  readonly pid: number
  readonly directory: string
}

/** Where a node's port for its neighbours lies: this far above its port. */
const busDistance = 10_000

/** True when a cluster's node could listen on this port and on that for its neighbours. */
export async function isNodePortFree(port: number): Promise<boolean> {
  return (await isPortFree(port)) && (await isPortFree(port + busDistance))
}

/**
 * Starts a Redis on 127.0.0.1 that outlives this process, and waits until it takes connections. Its configuration file is written only where there
 * is none: what `CONFIG REWRITE` put there stays.
 * @throws ToolError PORT_IN_USE, SANDBOX_FAILED with the end of its log, STOPPED. Nothing is left running then.
 */
export async function startRedisNode(options: RedisNodeOptions): Promise<RedisNode> {
  const { directory, port } = options
  if (!(await isPortFree(port))) throw portInUse(port)
  await mkdir(directory, { recursive: true })
  const log = join(directory, 'redis.log')
  const offset = await logLength(log)
  const [program, ...words] = options.program.command
  const file = await configurationFile(options)
  const child = spawn(program, [...words, file], { detached: true, stdio: 'ignore', cwd: directory })
  let ended = false
  for (const event of ['error', 'exit'] as const) {
    child.once(event, () => {
      ended = true
    })
  }
  const pid = child.pid
  const ready = async (): Promise<boolean> => (await saidSince(log, offset)).includes('Ready to accept connections')
  const settled = async (): Promise<boolean> => ended || options.interrupted?.() === true || (await ready())
  const answered = pid !== undefined && (await waitUntil(settled, 60_000)) && !ended
  if (answered && options.interrupted?.() !== true) {
    child.unref()
    return { port, pid, directory }
  }
  if (pid !== undefined) await endRedisNode({ port, pid, directory }, 'SIGKILL')
  if (options.interrupted?.() === true) throw interruption()
  throw failure(options, log, await saidSince(log, offset))
}

/**
 * Ends a node and waits until it is gone, if the process still is that node. SIGTERM is dropped while a replica writes its first
 * append-only file: it is sent again. Returns false when it was still there after half a minute.
 */
export async function endRedisNode(node: RedisNode, signal: 'SIGTERM' | 'SIGKILL' = 'SIGTERM'): Promise<boolean> {
  let asked = 0
  return waitUntil(async () => {
    if (!(await isNodeRunning(node))) return true
    if (asked++ % 20 === 0) send(node.pid, signal)
    return false
  }, 30_000)
}

/** Process ids are given out again: it is the node only when its command line names its configuration file. */
async function isNodeRunning(node: RedisNode): Promise<boolean> {
  return (await commandLine(node.pid)).includes(join(node.directory, 'redis.conf'))
}

function send(pid: number, signal: 'SIGTERM' | 'SIGKILL'): void {
  try {
    kill(pid, signal)
  } catch {
    // It ended between the look and the signal.
  }
}

async function configurationFile({ directory, port, lines = [] }: RedisNodeOptions): Promise<string> {
  const file = join(directory, 'redis.conf')
  const place = [
    `port ${port}`,
    'bind 127.0.0.1',
    `dir ${JSON.stringify(directory)}`,
    `logfile ${JSON.stringify(join(directory, 'redis.log'))}`,
    `pidfile ${JSON.stringify(join(directory, 'redis.pid'))}`,
    // Its command line stays as it is: that is how the process is known again.
    'set-proc-title no',
  ]
  await writeFile(file, `${[...place, ...lines].join('\n')}\n`, { flag: 'wx', mode: 0o600 }).catch((error: unknown) => {
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error
  })
  return file
}

async function saidSince(log: string, offset: number): Promise<string> {
  try {
    return (await readFile(log)).subarray(offset).toString()
  } catch {
    return ''
  }
}

function failure({ program, port }: RedisNodeOptions, log: string, said: string): ToolError {
  // The port for its neighbours may be the one that is taken, and only the log says which.
  const listening = /listening (?:socket \S*:|on port )(\d+)/i.exec(said)?.[1]
  if (/address already in use|failed listening/i.test(said)) return portInUse(Number(listening ?? port))
  const lines = said.split('\n').filter((line) => line.trim() !== '')
  return new ToolError('SANDBOX_FAILED', {
    what: `Redis ${program.version} (${program.command.at(-1)}) could not start.`,
    where: { file: log },
    why: lines.length === 0 ? 'It ended without a word in its log.' : lines.slice(-3).join(' '),
    next: 'Read the log; `wwdb sandbox down --remove` and `wwdb sandbox up` start afresh.',
  })
}
