import { isContainerRunning } from './docker.ts'
import { inspectGiven } from './given.ts'
import { readGreeting } from './greeting.ts'
import { servesData, waitUntil } from './process.ts'
import { serverFiles } from './server-files.ts'
import { readState, type SandboxState } from './state.ts'
import { parseVersion } from './version.ts'

/** How a sandbox is. `stopped` has data, and a server that was ended or has crashed. */
export type SandboxReport =
  | { readonly state: 'absent' }
  | { readonly state: 'running' | 'stopped'; readonly sandbox: SandboxState }

/**
 * Looks whether the sandbox runs; changes nothing.
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
  return state.pid !== null && servesData(state.pid, serverFiles(directory).data)
}

/** Waits until a server that is running takes connections (it may have just been started), and asks for its version. */
export async function inspectState(state: SandboxState): Promise<SandboxState> {
  let version = state.version
  const answers = async (): Promise<boolean> => {
    const greeting = await readGreeting({ host: state.host, port: state.port }, 2_000)
    if (greeting.type === 'server') version = parseVersion(greeting.version)?.text ?? greeting.version
    return greeting.type !== 'silence'
  }
  await waitUntil(answers, 60_000)
  return { ...state, version }
}
