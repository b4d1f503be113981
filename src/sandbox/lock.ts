import { mkdir, open, readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { pid } from 'node:process'
import { ToolError } from '../domain/tool-error.ts'
import { commandLine, waitUntil } from './process.ts'

/**
 * Does `action` while no other process does anything to the same sandbox; waits up to two minutes for its turn. A lock
 * whose owner is dead is taken over.
 * @throws ToolError SANDBOX_BUSY.
 */
export async function withSandboxLock<T>(directory: string, action: () => Promise<T>): Promise<T> {
  const file = join(directory, 'lock')
  await mkdir(directory, { recursive: true })
  if (!(await waitUntil(() => acquire(file), 120_000, 100))) {
    throw new ToolError('SANDBOX_BUSY', {
      what: 'Another wwdb is starting or stopping this sandbox.',
      where: { file },
      next: 'Wait for it, or remove the file if no such process exists.',
    })
  }
  try {
    return await action()
  } finally {
    await rm(file, { force: true })
  }
}

async function acquire(file: string): Promise<boolean> {
  try {
    const handle = await open(file, 'wx')
    await handle.writeFile(String(pid))
    await handle.close()
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
  }
  const owner = Number(await readFile(file, 'utf8').catch(() => ''))
  // An empty file belongs to somebody who is just about to write his number.
  if (owner > 0 && (await commandLine(owner)).length === 0) await rm(file, { force: true })
  return false
}
