import { randomBytes } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createContext, openSecretRegistry } from '../cli/context.ts'
import { readGlobals } from '../cli/globals.ts'
import type { SignalWatch } from '../cli/signals.ts'
import type { Context } from '../command/context.ts'
import { noServer } from '../config/server.ts'
import { ToolError } from '../core/tool-error.ts'
import { describeHost } from '../library/host.ts'
import { targetServers } from '../migrations/ports.ts'
import type { ProvisionOptions } from './types.ts'

/** In a library only the caller can stop a run. */
export const neverStopped: SignalWatch = {
  stop: { requested: false, killRequested: false, onStop: () => () => undefined, onKill: () => () => undefined },
  exitCode: () => null,
  close: () => undefined,
}

/**
 * The context of commands that a program calls: no terminal, no flags, no signals, no output.
 * @param connects false to read the configuration alone, which may name no server then
 */
export function createLibraryContext(options: ProvisionOptions, url: string | null, connects = true): Context {
  const host = describeHost({ cwd: options.cwd })
  const given = {
    ...(options.config === undefined ? {} : { config: options.config }),
    ...(options.environment === undefined ? {} : { env: options.environment }),
    ...(url === null ? {} : { url }),
  }
  const globals = readGlobals(given, host.environment)
  return createContext({
    host,
    globals,
    settings: {},
    connects,
    stores: connects,
    command: 'provision up',
    manyTargets: false,
    emit: () => undefined,
    watch: neverStopped,
    display: { pause: () => undefined, resume: () => undefined },
    secretRegistry: openSecretRegistry(globals),
    runId: null,
    trail: null,
  })
}

/** The URL of the server to use where it is not the configured one; null where it is. */
export async function findServer(options: ProvisionOptions): Promise<string | null> {
  const named = options.url ?? null
  switch (options.server ?? 'auto') {
    case 'given':
      return named
    case 'testcontainers':
      return (await startThrowaway()) ?? noDocker()
    case 'sandbox':
      return startLasting(options)
    case 'auto': {
      if (named !== null || (process.env['WWDB_URL'] ?? '') !== '') return named
      return (await answers(options)) ? null : ((await startThrowaway()) ?? (await startLasting(options)))
    }
  }
}

/** Whether the configuration names a server and the server answers. */
async function answers(options: ProvisionOptions): Promise<boolean> {
  const named = await createLibraryContext(options, null, false).config()
  if (named.databases.every(({ server }) => server === noServer)) return false
  const context = createLibraryContext(options, null)
  const { databases, timeouts } = await context.config()
  const [database] = databases
  if (database === undefined) return false
  try {
    const administration = await (await context.port(targetServers)).administrate(database, timeouts)
    await administration.close()
    return true
  } catch (error) {
    if (error instanceof ToolError && error.code === 'UNREACHABLE') return false
    throw error
  }
}

/** Null where no Docker engine answers. */
async function startThrowaway(): Promise<string | null> {
  const { startMysqlContainer } = await import('../sandbox/mysql-container.ts')
  const { connectionUrl } = await import('../sandbox/environment.ts')
  const directory = await mkdtemp(join(tmpdir(), 'wwdb-testing-'))
  const state = await startMysqlContainer(directory, await freePort(), randomBytes(18).toString('base64url'), false)
  if (state !== null) return connectionUrl(state)
  await rm(directory, { recursive: true, force: true })
  return null
}

async function startLasting(options: ProvisionOptions): Promise<string> {
  const { sandbox } = await createLibraryContext(options, null, false).config()
  const { startSandbox } = await import('../sandbox/start.ts')
  const { connectionUrl } = await import('../sandbox/environment.ts')
  const given = sandbox.url?.reveal() ?? null
  const state = await startSandbox({
    directory: sandbox.directory,
    port: sandbox.port,
    portIsGiven: sandbox.portIsGiven,
    url: given,
  })
  return given ?? connectionUrl(state)
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer()
    probe.once('error', reject)
    probe.listen(0, '127.0.0.1', () => {
      const address = probe.address()
      probe.close(() => resolve(typeof address === 'object' && address !== null ? address.port : 0))
    })
  })
}

function noDocker(): never {
  throw new ToolError('SANDBOX_UNAVAILABLE', {
    what: 'No Docker engine answers, or the package testcontainers is not installed.',
    next: 'Start Docker, or choose another `server`: given, sandbox or auto.',
  })
}
