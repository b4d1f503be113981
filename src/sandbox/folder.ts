import { chmod, mkdir, open, readFile, rename, rm, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { pid } from 'node:process'
import { ToolError } from '../core/tool-error.ts'
import { commandLine, waitUntil } from './process.ts'

/**
 * Makes a folder that only its owner can enter, parents included, and closes one that is there already: its data, sockets
 * and passwords are then closed to other users, also when the mode of a file is wider.
 */
export async function makePrivateFolder(directory: string): Promise<void> {
  await mkdir(directory, { recursive: true, mode: 0o700 })
  await chmod(directory, 0o700)
}

/** Writes a file that only its owner can read, beside and renamed: a file that was there with a wider mode does not keep it. */
export async function writePrivateFile(file: string, text: string): Promise<void> {
  const beside = `${file}.${pid}.new`
  await writeFile(beside, text, { mode: 0o600 })
  await chmod(beside, 0o600)
  await rename(beside, file)
}

/** How long a lock is waited for, and after how long the wait is reported; milliseconds. */
const waiting = { total: 120_000, silent: 1_000 } as const

/**
 * Runs `action` while no other process changes the same folder; waits up to two minutes for its turn. A lock
 * whose owner is dead is taken over.
 * @param report receives the process that it waits for, after a second.
 * @throws ToolError SANDBOX_BUSY, naming the process that holds the lock.
 */
export async function withSandboxLock<T>(
  directory: string,
  action: () => Promise<T>,
  report: (message: string) => void = () => undefined,
  total: number = waiting.total,
): Promise<T> {
  const file = join(directory, 'lock')
  await makePrivateFolder(directory)
  if (!(await waitUntil(() => acquire(file), waiting.silent, 100))) {
    report(`Waiting for ${await describeOwner(file)}, which is starting or stopping this sandbox.`)
    if (!(await waitUntil(() => acquire(file), total - waiting.silent, 100)))
      throw busy(file, await describeOwner(file))
  }
  try {
    return await action()
  } finally {
    await rm(file, { force: true })
  }
}

async function acquire(file: string): Promise<boolean> {
  try {
    const handle = await open(file, 'wx', 0o600)
    await handle.writeFile(String(pid))
    await handle.close()
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
  }
  const owner = await readOwner(file)
  // An empty file belongs to a process that is just about to write its number.
  if (owner > 0 && (await commandLine(owner)).length === 0) await rm(file, { force: true })
  return false
}

async function readOwner(file: string): Promise<number> {
  return Number(await readFile(file, 'utf8').catch(() => ''))
}

/** `process 4711 (node wwdb sandbox up), for 35 s`: the folder of the program is left out of its name. */
async function describeOwner(file: string): Promise<string> {
  const owner = await readOwner(file)
  const since = await stat(file).catch(() => null)
  const words = (await commandLine(owner)).map((word) => word.replace(/^.*\//, ''))
  const age = since === null ? '' : `, for ${Math.round((Date.now() - since.mtimeMs) / 1000)} s`
  return owner > 0 ? `process ${owner} (${words.join(' ')})${age}` : 'another process'
}

function busy(file: string, owner: string): ToolError {
  return new ToolError('SANDBOX_BUSY', {
    what: 'Another wwdb is starting or stopping this sandbox.',
    where: { file },
    why: `The lock is held by ${owner}.`,
    next: 'Wait until that process has ended, or end it, and run the command again.',
  })
}
