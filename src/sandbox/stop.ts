import { rm } from 'node:fs/promises'
import { dirname } from 'node:path'
import { ToolError } from '../core/tool-error.ts'
import { removeContainer, stopContainer } from './docker.ts'
import { withSandboxLock } from './lock.ts'
import { endServer } from './process.ts'
import { serverFiles } from './server-files.ts'
import { readState, type SandboxState } from './state.ts'

/**
 * Ends the sandbox's server and waits for its end; a server that was given by URL is left alone. With `remove`, its data
 * goes too, and nothing stays of it.
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
    if (state !== null) await end(directory, state)
    if (options.remove && state?.container) await removeContainer(state.container)
  })
  if (!options.remove) return state
  const { socket } = serverFiles(directory)
  for (const folder of [dirname(socket), directory]) await rm(folder, { recursive: true, force: true })
  return state
}

async function end(directory: string, state: SandboxState): Promise<void> {
  if (state.container !== null) return stopContainer(state.container)
  if (state.pid === null || (await endServer(state.pid, serverFiles(directory).data))) return
  throw new ToolError('SANDBOX_FAILED', {
    what: `The server (process ${state.pid}) does not end.`,
    where: { file: serverFiles(directory).log },
    next: 'Wait for what it is doing, then run `wwdb sandbox down` again.',
  })
}
