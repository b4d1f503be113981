import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { mkdir, rename, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { geteuid, pid } from 'node:process'
import { exitCodes } from '../domain/exit-code.ts'
import { ToolError } from '../domain/tool-error.ts'
import { readGreeting } from './greeting.ts'
import type { Installation } from './installation.ts'
import { isPortFree } from './port.ts'
import { endServer, waitUntil } from './process.ts'
import { lastErrors, logLength } from './server-log.ts'

/** Where one server keeps what is its own. */
export interface ServerFiles {
  readonly data: string
  readonly socket: string
  readonly log: string
}

export interface LaunchOptions {
  readonly installation: Installation
  /** Absolute; holds `data`, the log and the socket. */
  readonly directory: string
  readonly port: number
  /** Further options of mysqld; they win over ours. */
  readonly flags?: readonly string[]
  /** Asked while waiting; true gives up and leaves nothing running. */
  readonly interrupted?: () => boolean
  /** Told the process id as soon as there is one, so that it can be recorded before anything else happens. */
  readonly onStarted?: (pid: number) => Promise<void>
}

export interface RunningServer {
  readonly pid: number
  readonly port: number
  readonly socket: string
  /** As the server says it. */
  readonly version: string
}

/** A socket's path may have 107 bytes; a deep folder gets a short one elsewhere, the same one every time. */
export function serverFiles(directory: string): ServerFiles {
  const near = join(directory, 'mysql.sock')
  const digest = createHash('sha256').update(directory).digest('hex').slice(0, 16)
  const socket = Buffer.byteLength(near) <= 100 ? near : join(tmpdir(), `wwdb-${digest}.sock`)
  return { data: join(directory, 'data'), socket, log: join(directory, 'mysqld.log') }
}

function commonOptions(installation: Installation): readonly string[] {
  const asRoot = geteuid?.() === 0 ? ['--user=root'] : []
  return ['--no-defaults', ...installation.options, ...asRoot]
}

/**
 * Makes a data folder with the user root and no password, once. It grows under another name, so that an interruption
 * leaves no half-made one behind.
 * @throws ToolError SANDBOX_FAILED with what the server says; INTERRUPTED.
 */
export async function initialiseData(
  installation: Installation,
  data: string,
  flags: readonly string[] = [],
  interrupted: () => boolean = () => false,
): Promise<void> {
  if (await isDirectory(data)) return
  const growing = `${data}.${pid}.new`
  const log = `${growing}.log`
  await rm(growing, { recursive: true, force: true })
  await writeFile(log, '')
  const child = spawn(
    installation.mysqld,
    [...commonOptions(installation), `--datadir=${growing}`, '--initialize-insecure', `--log-error=${log}`, ...flags],
    { stdio: 'ignore' },
  )
  const ended = once(child, 'exit').catch(() => null)
  let exited = false
  void ended.then(() => {
    exited = true
  })
  await waitUntil(() => exited || interrupted(), 300_000)
  if (!exited) child.kill('SIGKILL')
  await ended
  if (interrupted()) {
    await rm(growing, { recursive: true, force: true })
    throw interruption()
  }
  if (child.exitCode !== 0) throw await failure('prepare its data folder', installation, log, 0)
  await rm(log, { force: true })
  await moveIntoPlace(growing, data)
}

/** Another run may have been faster: its folder is as good as ours. */
async function moveIntoPlace(growing: string, data: string): Promise<void> {
  try {
    await rename(growing, data)
  } catch (error) {
    await rm(growing, { recursive: true, force: true })
    if (!(await isDirectory(data))) throw error
  }
}

/**
 * Starts a server on 127.0.0.1 that outlives this process, and waits until it takes connections.
 * @throws ToolError PORT_IN_USE, SANDBOX_FAILED with what the server says, INTERRUPTED. Nothing is left running then.
 */
export async function launchServer(options: LaunchOptions): Promise<RunningServer> {
  const { installation, directory, port } = options
  const files = serverFiles(directory)
  if (!(await isPortFree(port))) throw portInUse(port)
  await mkdir(directory, { recursive: true })
  const offset = await logLength(files.log)
  const child = spawn(installation.mysqld, launchArguments(options, files), {
    detached: true,
    stdio: 'ignore',
    cwd: directory,
  })
  let ended = false
  child.once('error', () => {
    ended = true
  })
  child.once('exit', () => {
    ended = true
  })
  const pid = child.pid
  if (pid === undefined) throw await failure('start', installation, files.log, offset)
  let version: string | null = null
  const answers = async (): Promise<boolean> => {
    const greeting = await readGreeting({ path: files.socket }, 2_000)
    version = greeting.type === 'server' ? greeting.version : null
    return version !== null
  }
  try {
    await options.onStarted?.(pid)
    await waitUntil(async () => ended || options.interrupted?.() === true || (await answers()), 120_000)
    if (version === null && options.interrupted?.() === true) throw interruption()
    if (version === null || ended) throw await launchFailure(options, files, offset)
  } catch (error) {
    await endServer(pid, files.data, 'SIGKILL')
    throw error
  }
  child.unref()
  return { pid, port, socket: files.socket, version }
}

function launchArguments(options: LaunchOptions, files: ServerFiles): readonly string[] {
  return [
    ...commonOptions(options.installation),
    `--datadir=${files.data}`,
    `--port=${options.port}`,
    '--bind-address=127.0.0.1',
    `--socket=${files.socket}`,
    `--pid-file=${join(options.directory, 'mysqld.pid')}`,
    `--log-error=${files.log}`,
    '--mysqlx=OFF',
    // Kernel queues for asynchronous I/O are scarce in containers; the server's own threads do as well.
    '--innodb-use-native-aio=0',
    ...(options.flags ?? []),
  ]
}

async function launchFailure(options: LaunchOptions, files: ServerFiles, offset: number): Promise<ToolError> {
  const errors = await lastErrors(files.log, offset)
  if (/address already in use|another mysqld server running on port/i.test(errors)) return portInUse(options.port)
  return failure('start', options.installation, files.log, offset)
}

async function failure(doing: string, installation: Installation, log: string, offset: number): Promise<ToolError> {
  const said = await lastErrors(log, offset)
  return new ToolError('SANDBOX_FAILED', {
    what: `MySQL ${installation.version} (${installation.mysqld}) could not ${doing}.`,
    where: { file: log },
    why: said === '' ? 'It ended without a word in its log.' : said,
    next: 'Read the log; `wwdb sandbox down --destroy` and `wwdb sandbox up` start afresh.',
  })
}

function portInUse(port: number): ToolError {
  return new ToolError(
    'PORT_IN_USE',
    {
      what: `Port ${port} of 127.0.0.1 is taken by another program.`,
      where: { server: `127.0.0.1:${port}` },
      next: 'Choose another with --port, or sandbox.port in the configuration.',
    },
    { exitCode: exitCodes.failed },
  )
}

function interruption(): ToolError {
  return new ToolError(
    'INTERRUPTED',
    { what: 'Stopped while the server was starting; nothing was left running.', next: 'Run `wwdb sandbox up` again.' },
    { exitCode: exitCodes.interrupted },
  )
}

async function isDirectory(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isDirectory()
  } catch {
    return false
  }
}
