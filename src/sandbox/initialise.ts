import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { rename, rm, stat, writeFile } from 'node:fs/promises'
import { pid } from 'node:process'
import { commonOptions, type Installation } from './installation.ts'
import { waitUntil } from './process.ts'
import { interruption, serverFailure } from './server-fault.ts'

/**
 * Makes a data folder with the user root and no password, once. It grows under another name, so that an interruption
 * leaves no half-made one behind.
 * @throws ToolError SANDBOX_FAILED with what the server says; STOPPED.
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
  if (child.exitCode !== 0) throw await serverFailure('prepare its data folder', installation, log, 0)
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

async function isDirectory(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isDirectory()
  } catch {
    return false
  }
}
