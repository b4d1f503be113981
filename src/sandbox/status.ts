import { rm } from 'node:fs/promises'
import { dirname } from 'node:path'
import { ToolError } from '../core/tool-error.ts'
import { isContainerRunning, removeContainer, stopContainer } from './docker-engine.ts'
import { readState, type SandboxState, withSandboxLock } from './folder.ts'
import { inspectGiven, readHandshake } from './handshake.ts'
import { endServer, runsServer } from './local-server.ts'
import { parseVersion } from './mysql-program.ts'
import { mysqlServer, serverFiles } from './mysql-server.ts'
import { waitUntil } from './process.ts'

/** State of a sandbox. `stopped` has data, and a server that was stopped or has crashed. */
export type SandboxReport =
  | { readonly state: 'absent' }
  | { readonly state: 'running' | 'stopped'; readonly sandbox: SandboxState }

/**
 * Checks whether the sandbox runs; changes nothing.
 * @param url a given server, which is then the sandbox.
 * @throws ToolError UNREACHABLE for a given server that does not answer.
 */
export async function readSandbox(directory: string, url: string | null = null): Promise<SandboxReport> {
  if (url !== null) return { state: 'running', sandbox: await inspectGiven(url) }
  const sandbox = await readState(directory)
  if (sandbox === null) return { state: 'absent' }
  return { state: (await isRunning(directory, sandbox)) ? 'running' : 'stopped', sandbox }
}

/** True when the very server of this state runs: the process that serves the sandbox's data, or its container. */
export async function isRunning(directory: string, state: SandboxState): Promise<boolean> {
  if (state.container !== null) return isContainerRunning(state.container)
  return state.pid !== null && runsServer(mysqlServer, state.pid, directory)
}

/** Waits until a server that is running takes connections (it may have just been started), and reads its version. */
export async function inspectState(state: SandboxState): Promise<SandboxState> {
  let version = state.version
  const answers = async (): Promise<boolean> => {
    const handshake = await readHandshake({ host: state.host, port: state.port }, 2_000)
    if (handshake.type === 'server') version = parseVersion(handshake.version)?.text ?? handshake.version
    return handshake.type !== 'silence'
  }
  await waitUntil(answers, 60_000)
  return { ...state, version }
}

/**
 * Stops the sandbox's server and waits for its end; a server that the user named is left alone. With `remove`, all its files are removed, too.
 * @returns the state it had, or null when there was none.
 * @throws ToolError SANDBOX_FAILED when it does not end within a minute.
 */
export async function stopSandbox(
  directory: string,
  options: { readonly remove: boolean } = { remove: false },
): Promise<SandboxState | null> {
  const state = await readState(directory)
  if (state === null && !options.remove) return null
  await withSandboxLock(directory, async () => {
    if (state !== null) await stop(directory, state)
    if (options.remove && state?.container) await removeContainer(state.container)
  })
  if (!options.remove) return state
  const { socket } = serverFiles(directory)
  for (const folder of [dirname(socket), directory]) await rm(folder, { recursive: true, force: true })
  return state
}

async function stop(directory: string, state: SandboxState): Promise<void> {
  if (state.container !== null) return stopContainer(state.container)
  const { pid, port } = state
  if (pid === null || (await endServer(mysqlServer, { pid, port, directory }))) return
  throw new ToolError('SANDBOX_FAILED', {
    what: `The server (process ${pid}) did not end within a minute.`,
    where: { file: serverFiles(directory).log },
    next: 'Wait until it has ended, then run `wwdb sandbox down` again.',
  })
}
