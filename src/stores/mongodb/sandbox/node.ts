import { spawn } from 'node:child_process'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { kill } from 'node:process'
import { ToolError } from '../../../core/tool-error.ts'
import { isPortFree } from '../../../sandbox/port.ts'
import { commandLine, waitUntil } from '../../../sandbox/process.ts'
import { interruption, portInUse } from '../../../sandbox/server-fault.ts'
import { logLength } from '../../../sandbox/server-log.ts'
import type { MongodbProgram } from './program.ts'

export interface MongodbNodeOptions {
  readonly program: MongodbProgram
  /** Absolute; holds its data and its log. */
  readonly directory: string
  readonly port: number
  /** What it is started for with --replSet; null is a server alone. */
  readonly replicaSet: string | null
  /** Further words of mongod's command line. */
  readonly flags?: readonly string[]
  /** Asked while waiting; true gives up and leaves nothing running. */
  readonly interrupted?: () => boolean
}

export interface MongodbNode {
  readonly port: number
  readonly pid: number
  readonly directory: string
}

/** Small, on this machine only; what it keeps of its log of operations is enough for a sandbox. */
const modest = [
  '--bind_ip',
  '127.0.0.1',
  '--nounixsocket',
  '--wiredTigerCacheSizeGB',
  '0.25',
  '--oplogSize',
  '16',
] as const

/**
 * Starts a mongod on 127.0.0.1 that outlives this process, and waits until it takes connections.
 * @throws ToolError PORT_IN_USE, SANDBOX_FAILED with the end of its log, STOPPED. Nothing is left running then.
 */
export async function startMongodbNode(options: MongodbNodeOptions): Promise<MongodbNode> {
  const { directory, port, replicaSet, program, flags = [] } = options
  if (!(await isPortFree(port))) throw portInUse(port)
  await mkdir(dataOf(directory), { recursive: true })
  const offset = await logLength(logOf(directory))
  const set = replicaSet === null ? [] : ['--replSet', replicaSet]
  const place = ['--port', String(port), '--dbpath', dataOf(directory), '--logpath', logOf(directory), '--logappend']
  const quick = ['--setParameter', 'shutdownTimeoutMillisForSignaledShutdown=100']
  const words = [...place, ...set, ...modest, ...quick, ...flags]
  const child = spawn(program.mongod, words, { detached: true, stdio: 'ignore', cwd: directory })
  let ended = false
  for (const event of ['error', 'exit'] as const) {
    child.once(event, () => {
      ended = true
    })
  }
  const pid = child.pid
  if (pid !== undefined) await writeFile(join(directory, 'mongod.pid'), String(pid))
  const settled = async (): Promise<boolean> =>
    ended || options.interrupted?.() === true || (await takesConnections(directory, offset))
  const answered = pid !== undefined && (await waitUntil(settled, 60_000)) && !ended
  if (answered && options.interrupted?.() !== true) {
    child.unref()
    return { port, pid, directory }
  }
  if (pid !== undefined) await endMongodbNode({ port, pid, directory }, 'SIGKILL')
  if (options.interrupted?.() === true) throw interruption()
  throw failure(options, lastWords(await saidSince(logOf(directory), offset)))
}

/** Ends a node and waits until it is gone, if the process still is that node. Returns false when it was still there after half a minute. */
export async function endMongodbNode(node: MongodbNode, signal: 'SIGTERM' | 'SIGKILL' = 'SIGTERM'): Promise<boolean> {
  if (await isMongodbNodeRunning(node)) send(node.pid, signal)
  return waitUntil(async () => !(await isMongodbNodeRunning(node)) && (await isPortFree(node.port)), 30_000)
}

/** Process ids are given out again: it is the node only when its command line names its data. */
async function isMongodbNodeRunning({ pid, directory }: MongodbNode): Promise<boolean> {
  return (await commandLine(pid)).includes(dataOf(directory))
}

function dataOf(directory: string): string {
  return join(directory, 'data')
}

function logOf(directory: string): string {
  return join(directory, 'mongod.log')
}

function send(pid: number, signal: 'SIGTERM' | 'SIGKILL'): void {
  try {
    kill(pid, signal)
  } catch {
    // It ended between the look and the signal.
  }
}

/** In its own log: on its port another server may answer, which was quicker to take it. */
async function takesConnections(directory: string, offset: number): Promise<boolean> {
  return (await saidSince(logOf(directory), offset)).includes('"Waiting for connections"')
}

async function saidSince(log: string, offset: number): Promise<string> {
  try {
    return (await readFile(log)).subarray(offset).toString()
  } catch {
    return ''
  }
}

/** Of a log of JSON lines: the messages that are errors, or the last ones. */
function lastWords(text: string): string {
  const lines = text.split('\n').flatMap((line) => readLine(line))
  const errors = lines.filter(({ severity }) => severity === 'E' || severity === 'F')
  return (errors.length > 0 ? errors : lines)
    .slice(-3)
    .map(({ message }) => message)
    .join(' ')
}

function readLine(line: string): readonly { readonly severity: string; readonly message: string }[] {
  try {
    const { s, msg, attr } = JSON.parse(line) as {
      readonly s: string
      readonly msg: string
      readonly attr?: { readonly error?: unknown }
    }
    return [{ severity: s, message: attr?.error === undefined ? `${msg}.` : `${msg}: ${JSON.stringify(attr.error)}.` }]
  } catch {
    return []
  }
}

function failure({ program, port, directory }: MongodbNodeOptions, said: string): ToolError {
  if (/address already in use/i.test(said)) return portInUse(port)
  return new ToolError('SANDBOX_FAILED', {
    what: `MongoDB ${program.version} (${program.mongod}) could not start.`,
    where: { file: logOf(directory) },
    why: said === '' ? 'It ended without a word in its log.' : said,
    next: 'Read the log; `wwdb sandbox down --remove` and `wwdb sandbox up` start afresh.',
  })
}
