import { spawn } from 'node:child_process'
import { mkdir, open, readFile, stat, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { ToolError } from '../core/tool-error.ts'
import { commandLine, hasEnded, interruption, sendSignal, waitUntil } from './process.ts'
import type { ServerProgram } from './programs.ts'

/** Where a server lives. */
export interface ServerPlace {
  /** Absolute; holds its data, its log and its process id. */
  readonly directory: string
  /** On 127.0.0.1. */
  readonly port: number
}

/** A server that runs. */
export interface LocalServer extends ServerPlace {
  readonly pid: number
}

/** The parameters of every server start. */
export interface ServerStart extends ServerPlace {
  readonly program: ServerProgram
  /** Further arguments of its command line; they override wwdb's. */
  readonly flags?: readonly string[]
  /** Polled while waiting; true aborts the start and leaves nothing running. */
  readonly interrupted?: () => boolean
  /** Receives the process id as soon as there is one, so that it can be recorded before anything else happens. */
  readonly onStarted?: (pid: number) => Promise<void>
}

/** One kind of server: what differs between MySQL, Redis and the others. Everything else is done here, once. */
export interface ServerDescription<Start extends ServerStart = ServerStart> {
  readonly product: string
  /** Name of its log in the server's folder. */
  readonly log: string
  /** True when the log is the program's output; else the program writes the file itself. */
  readonly printsLog: boolean
  /** How long it may take until it is ready, in milliseconds. */
  readonly startTimeout: number
  /** The signal at which it flushes its memory to disk and ends. */
  readonly stopSignal: 'SIGTERM' | 'SIGINT'
  /** True when it can miss that signal: it is sent again every second. */
  readonly missesSignals?: boolean
  /** Writes the files that it is started with, and returns program and words. One of them must name the folder. */
  readonly command: (start: Start) => Promise<readonly [string, ...string[]]>
  /** True when it accepts connections. `log` is what it has written since it was started. */
  readonly isReady: (place: ServerPlace, log: string) => boolean | Promise<boolean>
  /** True for the command line of the server of this folder: process ids are reused, so a number alone proves nothing. */
  readonly owns: (words: readonly string[], directory: string) => boolean
  /** The sentences of its log that explain why it did not start; empty when it has none. */
  readonly explain: (log: string) => string
  /** The port that another program holds, by its log; null when that is not the reason. */
  readonly findTakenPort?: (log: string, port: number) => number | null
}

/**
 * Starts a server that outlives this process, and waits until it takes connections.
 * @throws ToolError PORT_IN_USE, SANDBOX_FAILED with the errors of its log, STOPPED. Nothing is left running then.
 */
export async function startServer<Start extends ServerStart>(
  server: ServerDescription<Start>,
  start: Start,
): Promise<LocalServer> {
  const { directory, port, interrupted = () => false } = start
  if (!(await isPortFree(port))) throw portInUse(port)
  await mkdir(directory, { recursive: true, mode: 0o700 })
  const log = join(directory, server.log)
  const offset = await fileSize(log)
  const child = await spawnServer(server, start)
  let ended = false
  for (const event of ['error', 'exit'] as const) {
    child.once(event, () => {
      ended = true
    })
  }
  const { pid } = child
  if (pid === undefined) throw serverFailure(server, start, 'start', '')
  const isReady = async (): Promise<boolean> => server.isReady(start, await readFrom(log, offset))
  try {
    await writeFile(join(directory, 'server.pid'), `${pid}\n`)
    await start.onStarted?.(pid)
    const ready = await waitUntil(async () => ended || interrupted() || (await isReady()), server.startTimeout)
    if (interrupted()) throw interruption()
    if (!ready || ended) throw startFailure(server, start, await readFrom(log, offset))
  } catch (error) {
    await endServer(server, { pid, directory, port }, 'SIGKILL')
    throw error
  }
  child.unref()
  return { pid, port, directory }
}

async function spawnServer<Start extends ServerStart>(
  server: ServerDescription<Start>,
  start: Start,
): Promise<ReturnType<typeof spawn>> {
  const { directory } = start
  const [program, ...words] = await server.command(start)
  // Detached, so that a terminal's Ctrl-C reaches only wwdb.
  if (!server.printsLog) return spawn(program, words, { detached: true, stdio: 'ignore', cwd: directory })
  const output = await open(join(directory, server.log), 'a', 0o600)
  try {
    return spawn(program, words, { detached: true, stdio: ['ignore', output.fd, output.fd], cwd: directory })
  } finally {
    await output.close()
  }
}

/** True when the process is the server of this folder. */
export async function runsServer(
  server: Pick<ServerDescription, 'owns'>,
  pid: number,
  directory: string,
): Promise<boolean> {
  return server.owns(await commandLine(pid), directory)
}

/**
 * Ends a server, if the process still is that server, and waits until it is gone. Returns false when it was still there after a minute.
 */
export async function endServer(
  server: Pick<ServerDescription, 'owns' | 'stopSignal' | 'missesSignals'>,
  { pid, directory, port }: LocalServer,
  signal: 'SIGTERM' | 'SIGINT' | 'SIGKILL' = server.stopSignal,
): Promise<boolean> {
  const wasRunning = await runsServer(server, pid, directory)
  let checks = 0
  return waitUntil(async () => {
    const first = checks === 0
    checks += 1
    if (await runsServer(server, pid, directory)) {
      if (first || (server.missesSignals && checks % 20 === 0)) sendSignal(pid, signal)
      return false
    }
    return (await hasEnded(pid)) && (!wasRunning || (await isPortFree(port)))
  }, 60_000)
}

/** True when a server could listen on this port of 127.0.0.1 now. */
export function isPortFree(port: number): Promise<boolean> {
  return new Promise((settle) => {
    const probe = createServer()
    probe.once('error', () => settle(false))
    probe.listen({ host: '127.0.0.1', port, exclusive: true }, () => probe.close(() => settle(true)))
  })
}

/** The current size of a server's log in bytes; 0 when none exists. */
async function fileSize(file: string): Promise<number> {
  return stat(file).then(
    ({ size }) => size,
    () => 0,
  )
}

/** What was written to a file after `offset` bytes; empty when nothing was. */
export async function readFrom(file: string, offset: number): Promise<string> {
  return readFile(file).then(
    (content) => content.subarray(offset).toString(),
    () => '',
  )
}

/** The last lines of a log that `isError` accepts, on one line. */
export function lastLines(log: string, isError: RegExp, count = 3): string {
  const lines = log.split('\n').filter((line) => line.trim() !== '' && isError.test(line))
  return lines.slice(-count).join(' ')
}

function startFailure<Start extends ServerStart>(
  server: ServerDescription<Start>,
  start: Start,
  log: string,
): ToolError {
  const { findTakenPort = (text: string, port: number) => (/address already in use/i.test(text) ? port : null) } =
    server
  const taken = findTakenPort(log, start.port)
  return taken === null ? serverFailure(server, start, 'start', log) : portInUse(taken)
}

/** A server that could not do something, with the errors that it wrote into its log meanwhile. */
export function serverFailure(
  server: Pick<ServerDescription, 'product' | 'log' | 'explain'>,
  { program, directory }: Pick<ServerStart, 'program' | 'directory'>,
  action: string,
  log: string,
): ToolError {
  const errors = server.explain(log)
  return new ToolError('SANDBOX_FAILED', {
    what: `${server.product} ${program.version} (${program.command.at(-1)}) could not ${action}.`,
    where: { file: join(directory, server.log) },
    why: errors === '' ? 'It ended without an error in its log.' : errors,
    next: 'Check the log. To start with empty data, run `wwdb sandbox down --remove` and `wwdb sandbox up`.',
  })
}

/**
 * Another program listens there.
 * @param sandbox the folder of the sandbox whose server it is; null for any other program
 */
export function portInUse(port: number, sandbox: string | null = null): ToolError {
  const choose = 'with `--port`, `WWDB_SANDBOX_PORT` or `sandbox.port` in the configuration'
  return new ToolError('PORT_IN_USE', {
    what: `Port ${port} of 127.0.0.1 is in use by ${sandbox === null ? 'another program' : `the sandbox in \`${sandbox}\``}.`,
    where: { server: `127.0.0.1:${port}` },
    next:
      sandbox === null
        ? `Choose another ${choose}.`
        : `Stop it with \`wwdb sandbox down\` in its project, or choose another port ${choose}.`,
  })
}
