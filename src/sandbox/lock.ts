import { open, readFile, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { pid } from 'node:process'
import { ToolError } from '../core/tool-error.ts'
import { makePrivateFolder } from './private-files.ts'
import { commandLine, waitUntil } from './process.ts'

/** How long a lock is waited for, and after how long the wait is reported; milliseconds. */
const patience = { total: 120_000, silent: 1_000 } as const

/**
 * Does `action` while no other process does anything to the same sandbox; waits up to two minutes for its turn. A lock
 * whose owner is dead is taken over.
 * @param say hears whom it waits for, after a second.
 * @throws ToolError SANDBOX_BUSY, naming the process that holds the lock.
 */
export async function withSandboxLock<T>(
  directory: string,
  action: () => Promise<T>,
  say: (message: string) => void = () => undefined,
  total: number = patience.total,
): Promise<T> {
  const file = join(directory, 'lock')
  await makePrivateFolder(directory)
  if (!(await waitUntil(() => acquire(file), patience.silent, 100))) {
    say(`Waiting for ${await describeOwner(file)}, which is starting or stopping this sandbox.`)
    if (!(await waitUntil(() => acquire(file), total - patience.silent, 100)))
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
