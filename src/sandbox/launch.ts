import { spawn } from 'node:child_process'
import { mkdir } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { ToolError } from '../core/tool-error.ts'
import { readGreeting } from './greeting.ts'
import { commonOptions, type Installation } from './installation.ts'
import { isPortFree } from './port.ts'
import { makePrivateFolder } from './private-files.ts'
import { endServer, waitUntil } from './process.ts'
import { interruption, portInUse, serverFailure } from './server-fault.ts'
import { type ServerFiles, serverFiles } from './server-files.ts'
import { lastErrors, logLength } from './server-log.ts'

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

/**
 * Starts a server on 127.0.0.1 that outlives this process, and waits until it takes connections.
 * @throws ToolError PORT_IN_USE, SANDBOX_FAILED with what the server says, STOPPED. Nothing is left running then.
 */
export async function launchServer(options: LaunchOptions): Promise<RunningServer> {
  const { installation, directory, port } = options
  const files = serverFiles(directory)
  if (!(await isPortFree(port))) throw portInUse(port)
  await mkdir(directory, { recursive: true })
  if (dirname(files.socket) !== directory) await makePrivateFolder(dirname(files.socket))
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
  if (pid === undefined) throw await serverFailure('start', installation, files.log, offset)
  let version: string | null = null
  const answers = async (): Promise<boolean> => {
    const greeting = await readGreeting({ path: files.socket }, 2_000)
    version = greeting.type === 'server' ? greeting.version : null
    return version !== null
  }
  try {
    await options.onStarted?.(pid)
    await waitUntil(async () => ended || options.interrupted?.() === true || (await answers()), 120_000)
    if (options.interrupted?.() === true) throw interruption()
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
    // As in containers and under wwdb's own sessions, whatever the machine's time zone is.
    '--default-time-zone=+00:00',
    // Kernel queues for asynchronous I/O are scarce in containers; the server's own threads do as well.
    '--innodb-use-native-aio=0',
    ...(options.flags ?? []),
  ]
}

async function launchFailure(options: LaunchOptions, files: ServerFiles, offset: number): Promise<ToolError> {
  const errors = await lastErrors(files.log, offset)
  if (/address already in use|another mysqld server running on port/i.test(errors)) return portInUse(options.port)
  return serverFailure('start', options.installation, files.log, offset)
}
