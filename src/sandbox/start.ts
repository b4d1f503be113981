import { randomBytes } from 'node:crypto'
import { chmod, rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { Emit } from '../command/event.ts'
import { ToolError } from '../core/tool-error.ts'
import { choosePort } from './choose-port.ts'
import { writeClientPrograms } from './client-programs.ts'
import { clientOptionFile, passwordFile } from './environment.ts'
import { type Provider, readState, type SandboxState, withSandboxLock, writePrivateFile, writeState } from './folder.ts'
import { inspectGiven } from './handshake.ts'
import { restartMysqlContainer, startMysqlContainer } from './mysql-container.ts'
import { findInstalled, findPortable, type Installation, parseVersion } from './mysql-program.ts'
import { initializeData, launchServer, serverFiles } from './mysql-server.ts'
import { inspectState, isRunning } from './status.ts'

export interface SandboxOptions {
  /** Absolute path of the folder that holds the data, the log and the state. */
  readonly directory: string
  readonly port: number
  /** A person named this port. Without it, the sandbox takes another one where this one is taken. */
  readonly portIsGiven: boolean
  /** A server that runs already; then nothing is started. */
  readonly url: string | null
  /** The only way of obtaining a server that may be used; null tries all in order. */
  readonly provider?: Exclude<Provider, 'url'> | null
  /** Polled while waiting; true aborts the start and leaves nothing running. */
  readonly interrupted?: () => boolean
}

interface Start extends SandboxOptions {
  /** The password of root, kept in the sandbox's folder. */
  readonly password: string
  readonly report: (message: string) => void
  readonly interrupted: () => boolean
}

/**
 * Starts the sandbox: a server that the user named, else Docker's, a mysqld on PATH, or a portable one. A running one is left alone; a crashed or stopped one is started with its data.
 * @throws ToolError PORT_IN_USE, SANDBOX_FAILED, SANDBOX_UNAVAILABLE, SANDBOX_FETCH_FAILED, UNREACHABLE, STOPPED.
 */
export async function startSandbox(options: SandboxOptions, emit: Emit = () => undefined): Promise<SandboxState> {
  if (options.url !== null) return inspectGiven(options.url)
  const report = (message: string): void => emit({ type: 'progress', message })
  const action = async (): Promise<SandboxState> => {
    const earlier = await readState(options.directory)
    const password = earlier?.password ?? randomBytes(18).toString('base64url')
    const start: Start = { ...options, password, report, interrupted: options.interrupted ?? (() => false) }
    if (earlier !== null && (await isRunning(options.directory, earlier))) {
      report(`The sandbox is already running, on port ${earlier.port}.`)
      await writeClientPrograms(earlier, options.directory)
      return inspectState(earlier)
    }
    // Chosen before anything is fetched or made.
    const port = await choosePort({ ...options, earlier: earlier?.port ?? null, report })
    const placed: Start = { ...start, port }
    const state = (earlier === null ? null : await resume(placed, earlier)) ?? (await begin(placed))
    await writeState(options.directory, state)
    await writeClientPrograms(state, options.directory)
    return state
  }
  return withSandboxLock(options.directory, action, report)
}

/** Starts the kind of server that made the folder's data: another one may be unable to read it. */
async function resume(start: Start, earlier: SandboxState): Promise<SandboxState | null> {
  if (start.provider && start.provider !== earlier.provider) throw otherProvider(start.provider, earlier.provider)
  start.report('Starting with the existing data.')
  if (earlier.provider === 'docker') return restartMysqlContainer(earlier)
  const installation = earlier.provider === 'installed' ? await findInstalled() : await findPortable(start)
  return installation === null ? null : launch(start, installation)
}

async function begin(start: Start): Promise<SandboxState> {
  const ways = start.provider ? [start.provider] : (['docker', 'installed', 'portable'] as const)
  for (const way of ways) {
    const state = await attempt(start, way)
    if (state !== null) return state
  }
  throw unavailable(start.provider ?? null)
}

async function attempt(start: Start, way: Exclude<Provider, 'url'>): Promise<SandboxState | null> {
  if (way === 'docker') return attemptDocker(start)
  const installation = way === 'installed' ? await findInstalled() : await findPortable(start)
  return installation === null ? null : launch(start, installation)
}

/** Where an engine answers but cannot get the image, the next provider is tried. */
async function attemptDocker(start: Start): Promise<SandboxState | null> {
  start.report('Looking for a Docker engine.')
  try {
    const state = await startMysqlContainer(start.directory, start.port, start.password)
    if (state !== null) await writePrivateFile(passwordFile(start.directory), `${start.password}\n`)
    return state
  } catch (error) {
    if (start.provider === 'docker') throw dockerFailure(error)
    start.report(`Docker could not start MySQL (${messageOf(error)}); trying without it.`)
    return null
  }
}

async function launch(start: Start, installation: Installation): Promise<SandboxState> {
  const { directory, port, password, interrupted } = start
  const described = (pid: number | null, version: string): SandboxState => ({
    provider: installation.provider,
    host: '127.0.0.1',
    port,
    socket: serverFiles(directory).socket,
    version: parseVersion(version)?.text ?? version,
    password,
    bin: installation.bin,
    pid,
    container: null,
  })
  start.report(`Starting MySQL ${installation.version} on port ${port}.`)
  await initializeData(installation, serverFiles(directory).data, [], interrupted)
  await writeState(directory, described(null, installation.version))
  const secrets = await writeSecrets(start)
  const server = await launchServer({
    installation,
    directory,
    port,
    flags: [`--init-file=${secrets}`, '--secure-file-priv=NULL'],
    interrupted,
    // Recorded at once: if this process is killed now, the next run still finds the server.
    onStarted: (pid) => writeState(directory, described(pid, installation.version)),
  }).finally(() => rm(secrets, { force: true }))
  await chmod(server.socket, 0o700)
  return described(server.pid, server.version)
}

/**
 * Writes the password where wwdb and the `mysql` client read it, and returns the file that gives it to root before the server takes its first
 * connection (mysqld's `--init-file`): also to a data folder of an earlier version, which had none.
 */
async function writeSecrets({ directory, port, password }: Start): Promise<string> {
  await writePrivateFile(
    clientOptionFile(directory),
    `[client]\nuser=root\npassword=${password}\nhost=127.0.0.1\nport=${port}\n`,
  )
  await writePrivateFile(passwordFile(directory), `${password}\n`)
  const file = join(directory, 'init.sql')
  await writePrivateFile(file, `SET sql_log_bin = 0;\nALTER USER 'root'@'localhost' IDENTIFIED BY '${password}';\n`)
  return file
}

function otherProvider(wanted: Provider, earlier: Provider): ToolError {
  return new ToolError('SANDBOX_FAILED', {
    what: `This sandbox was created with the provider \`${earlier}\`; it cannot use \`${wanted}\`.`,
    next: 'Omit `--provider`, or remove the data with `wwdb sandbox down --remove`.',
  })
}

function dockerFailure(error: unknown): ToolError {
  return new ToolError(
    'SANDBOX_FAILED',
    {
      what: 'Docker could not start MySQL.',
      why: messageOf(error),
      next: 'See `docker ps -a`, or omit `--provider`.',
    },
    { cause: error },
  )
}

/** Exported for its test. */
export function unavailable(provider: Provider | null): ToolError {
  const tried = {
    docker: 'no Docker engine answers, or the package `testcontainers` is not installed',
    installed: 'there is no `mysqld` of version 8 or later on PATH',
    portable: 'this is not Debian or Ubuntu, whose packages can be unpacked',
    url: 'no URL was given',
  }
  const why = provider === null ? [tried.docker, tried.installed, tried.portable] : [tried[provider]]
  return new ToolError('SANDBOX_UNAVAILABLE', {
    what: 'No MySQL can be started on this machine.',
    why: `${why.join('; ')}.`.replace(/^./, (letter) => letter.toUpperCase()),
    next: 'Install MySQL 8 or later (macOS: `brew install mysql`; Fedora: `dnf install community-mysql-server`), start Docker, or set a server with `WWDB_SANDBOX_URL`.',
  })
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
