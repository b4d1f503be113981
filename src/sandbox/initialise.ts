import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readdir, rename, rm, stat, writeFile } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { kill, pid } from 'node:process'
import { commonOptions, type Installation } from './installation.ts'
import { commandLine, waitUntil } from './process.ts'
import { interruption, serverFailure } from './server-fault.ts'

/** Two folders may grow at once in one process. */
let attempts = 0

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
  attempts += 1
  const growing = `${data}.${pid}.${attempts}.new`
  const log = `${growing}.log`
  await clearAbandoned(data)
  await removeAll([growing])
  await writeFile(log, '')
  const child = spawn(
    installation.mysqld,
    [...commonOptions(installation), `--datadir=${growing}`, '--initialize-insecure', `--log-error=${log}`, ...flags],
    // Detached, so that a terminal's Ctrl-C reaches us alone.
    { stdio: 'ignore', detached: true },
  )
  const ended = once(child, 'exit').catch(() => null)
  let exited = false
  void ended.then(() => {
    exited = true
  })
  await waitUntil(() => exited || interrupted(), 300_000)
  if (!exited) killGroup(child.pid)
  await ended
  if (interrupted()) {
    await removeAll([growing, log])
    throw interruption()
  }
  if (child.exitCode !== 0) throw await serverFailure('prepare its data folder', installation, log, 0)
  await removeAll([log])
  await moveIntoPlace(growing, data)
}

/** The portable program begins as a shell, whose own children would outlive it. */
function killGroup(leader: number | undefined): void {
  try {
    if (leader !== undefined) kill(-leader, 'SIGKILL')
  } catch {
    // It ended between the look and the signal.
  }
}

/** Another run may have been faster: its folder is as good as ours. */
async function moveIntoPlace(growing: string, data: string): Promise<void> {
  try {
    await rename(growing, data)
  } catch (error) {
    await removeAll([growing])
    if (!(await isDirectory(data))) throw error
  }
}

/** What runs left behind that were killed while their folder grew. */
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
  try {
    return (await stat(path)).isDirectory()
  } catch {
    return false
  }
}
