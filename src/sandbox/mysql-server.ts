import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { readdir, rename, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, dirname, join } from 'node:path'
import { geteuid, pid } from 'node:process'
import { makePrivateFolder } from './folder.ts'
import { readHandshake } from './handshake.ts'
import {
  type LocalServer,
  readFrom,
  type ServerDescription,
  type ServerStart,
  serverFailure,
  startServer,
} from './local-server.ts'
import { commonOptions, type Installation } from './mysql-program.ts'
import { commandLine, interruption, sendSignal, waitUntil } from './process.ts'

/** Where one server keeps its files. */
export interface ServerFiles {
  readonly data: string
  readonly socket: string
  readonly log: string
}

/**
 * A socket's path may have 107 bytes; a deep folder gets a short one elsewhere, the same one every time, in a folder that is closed to others as
 * the sandbox's own is.
 */
export function serverFiles(directory: string): ServerFiles {
  const near = join(directory, 'mysql.sock')
  const digest = createHash('sha256').update(directory).digest('hex').slice(0, 16)
  const socket =
    Buffer.byteLength(near) <= 100 ? near : join(tmpdir(), `wwdb-${geteuid?.() ?? ''}-${digest}`, 'mysql.sock')
  return { data: join(directory, 'data'), socket, log: join(directory, mysqlServer.log) }
}

interface MysqlStart extends ServerStart {
  readonly installation: Installation
}

/** MySQL with a data folder that `initializeData` made. */
export const mysqlServer: ServerDescription<MysqlStart> = {
  product: 'MySQL',
  log: 'mysqld.log',
  printsLog: false,
  startTimeout: 120_000,
  stopSignal: 'SIGTERM',
  command: async ({ installation, directory, port, flags = [] }) => {
    const { data, socket, log } = serverFiles(directory)
    if (dirname(socket) !== directory) await makePrivateFolder(dirname(socket))
    return [
      installation.mysqld,
      ...commonOptions(installation),
      `--datadir=${data}`,
      `--port=${port}`,
      '--bind-address=127.0.0.1',
      `--socket=${socket}`,
      `--pid-file=${join(directory, 'mysqld.pid')}`,
      `--log-error=${log}`,
      '--mysqlx=OFF',
      // As in containers and under wwdb's own sessions, independent of the machine's time zone.
      '--default-time-zone=+00:00',
      // Kernel queues for asynchronous I/O are scarce in containers; the server's own threads do as well.
      '--innodb-use-native-aio=0',
      // How far an ALTER is; `wwdb doctor` asks for it.
      '--performance-schema-consumer-events-stages-current=ON',
      ...flags,
    ]
  },
  isReady: async ({ directory }) =>
    (await readHandshake({ path: serverFiles(directory).socket }, 2_000)).type === 'server',
  owns: (words, directory) =>
    words.some((word) => /(^|\/)mysqld$/.test(word)) && words.includes(`--datadir=${serverFiles(directory).data}`),
  explain: summarizeErrors,
  findTakenPort: (log, port) =>
    /address already in use|another mysqld server running on port/i.test(summarizeErrors(log)) ? port : null,
}

/** A MySQL that runs. */
export interface RunningServer extends LocalServer {
  readonly socket: string
  /** As the server reports it. */
  readonly version: string
}

/**
 * Starts MySQL on 127.0.0.1 and waits until it takes connections.
 * @throws ToolError PORT_IN_USE, SANDBOX_FAILED with the errors of its log, STOPPED. Nothing is left running then.
 */
export async function launchServer(options: Omit<MysqlStart, 'program'>): Promise<RunningServer> {
  const { socket } = serverFiles(options.directory)
  const server = await startServer(mysqlServer, { ...options, program: programOf(options.installation) })
  const handshake = await readHandshake({ path: socket }, 10_000)
  return { ...server, socket, version: handshake.type === 'server' ? handshake.version : options.installation.version }
}

function programOf({ provider, mysqld, version }: Installation): ServerStart['program'] {
  return { origin: provider, command: [mysqld], version }
}

/** The errors of a mysqld log, without times and codes; its last lines when it calls none an error. */
export function summarizeErrors(text: string): string {
  const lines = text.split('\n').filter((line) => line.trim() !== '')
  const errors = lines.filter((line) => line.includes('[ERROR]') && !line.includes('Aborting'))
  const chosen = errors.length > 0 ? errors : lines.slice(-3)
  return [...new Set(chosen.map((line) => line.replace(/^.*\[ERROR\]\s*(\[[^\]]*\]\s*)*/, '').trim()))]
    .slice(-4)
    .join(' ')
}

/** Two folders may grow at once in one process. */
let attempts = 0

/**
 * Creates a data folder with the user root and no password, once. It grows under another name, so that an interruption
 * leaves no half-made one behind.
 * @throws ToolError SANDBOX_FAILED with the errors of the server's log; STOPPED.
 */
export async function initializeData(
  installation: Installation,
  data: string,
  flags: readonly string[] = [],
  interrupted: () => boolean = () => false,
): Promise<void> {
  if (await isDirectory(data)) return
  attempts += 1
  const growing = `${data}.${pid}.${attempts}.new`
  const log = `${growing}.log`
  await clearAbandoned(data)
  await removeAll([growing])
  await writeFile(log, '')
  const child = spawn(
    installation.mysqld,
    [...commonOptions(installation), `--datadir=${growing}`, '--initialize-insecure', `--log-error=${log}`, ...flags],
    // Detached, so that a terminal's Ctrl-C reaches only wwdb.
    { stdio: 'ignore', detached: true },
  )
  const ended = once(child, 'exit').catch(() => null)
  let exited = false
  void ended.then(() => {
    exited = true
  })
  await waitUntil(() => exited || interrupted(), 300_000)
  // The portable program begins as a shell, whose own children would outlive it.
  if (!exited && child.pid !== undefined) sendSignal(-child.pid, 'SIGKILL')
  await ended
  if (interrupted()) {
    await removeAll([growing, log])
    throw interruption()
  }
  if (child.exitCode !== 0) {
    const place = { program: programOf(installation), directory: dirname(log) }
    throw serverFailure(
      { ...mysqlServer, log: basename(log) },
      place,
      'prepare its data directory',
      await readFrom(log, 0),
    )
  }
  await removeAll([log])
  await moveIntoPlace(growing, data)
}

/** Another run may have been faster: its folder is just as good. */
async function moveIntoPlace(growing: string, data: string): Promise<void> {
  try {
    await rename(growing, data)
  } catch (error) {
    await removeAll([growing])
    if (!(await isDirectory(data))) throw error
  }
}

/** Removes what killed runs left behind while their folder was being created. */
async function clearAbandoned(data: string): Promise<void> {
  const folder = dirname(data)
  for (const name of await readdir(folder)) {
    const owner = name.startsWith(`${basename(data)}.`) ? /\.(\d+)\.\d+\.new(\.log)?$/.exec(name)?.[1] : undefined
    if (owner === undefined || (await commandLine(Number(owner))).length > 0) continue
    await removeAll([join(folder, name)])
  }
}

async function removeAll(paths: readonly string[]): Promise<void> {
  for (const path of paths) await rm(path, { recursive: true, force: true })
}

async function isDirectory(path: string): Promise<boolean> {
  return stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  )
}
