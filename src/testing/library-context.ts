import { hostname, userInfo } from 'node:os'
import { Readable, Writable } from 'node:stream'
import { createContext, openSecretRegistry } from '../cli/context.ts'
import { readGlobals } from '../cli/globals.ts'
import type { ProcessEnvironment } from '../cli/process-environment.ts'
import type { SignalWatch } from '../cli/signals.ts'
import type { Context } from '../core/context.ts'
import type { ProvisionOptions } from './types.ts'

/** In a library nobody but its caller ends what goes on. */
const neverStopped: SignalWatch = {
  stop: { requested: false, killRequested: false, onStop: () => () => undefined, onKill: () => () => undefined },
  exitCode: () => null,
  close: () => undefined,
}

/**
 * What commands may touch when a program calls them: no terminal, no flags, no signals, and nothing is said.
 * @param connects false to read the configuration alone, which may name no server then
 */
export function createLibraryContext(options: ProvisionOptions, url: string | null, connects = true): Context {
  const host = describeHost(options)
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
    emit: () => undefined,
    watch: neverStopped,
    display: { pause: () => undefined, resume: () => undefined },
    secretRegistry: openSecretRegistry(globals),
  })
}

function describeHost({ cwd = process.cwd() }: ProvisionOptions): ProcessEnvironment {
  const silent = new Writable({ write: (_chunk, _encoding, done) => done() })
  return {
    argv: [],
    program: [],
    environment: process.env,
    cwd,
    input: Readable.from([]),
    out: silent,
    err: silent,
    signals: { on: () => undefined, off: () => undefined },
    exit: () => undefined,
    clock: () => performance.now(),
    now: () => Date.now(),
    hostname: hostname(),
    user: readUser(),
    processId: process.pid,
    isRunning: () => true,
    onDefect: () => undefined,
  }
}

/** A container may run as a user id that has no name. */
function readUser(): string {
  try {
    return userInfo().username
  } catch {
    return 'unknown'
  }
}
