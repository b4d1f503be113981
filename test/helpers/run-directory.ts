import { mkdir, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { kill, pid } from 'node:process'
import { commandLine } from '../../src/sandbox/process.ts'

const prefix = 'wwdb-test-'

/** Makes the folder of this test run, where all its servers live. */
export async function createRunDirectory(): Promise<string> {
  const directory = join(tmpdir(), `${prefix}${pid}`)
  await clearRunDirectory(directory)
  await mkdir(directory, { recursive: true })
  return directory
}

/** Clears what test runs left behind that were killed before they could. */
export async function clearAbandonedRuns(): Promise<void> {
  for (const name of await readdir(tmpdir())) {
    const owner = Number(new RegExp(`^${prefix}(\\d+)$`).exec(name)?.[1])
    if (Number.isInteger(owner) && (await commandLine(owner)).length === 0) {
      await clearRunDirectory(join(tmpdir(), name))
    }
  }
}

/** Ends every process that was started in a run's folder (each leaves a `*.pid` file), then removes the folder. */
export async function clearRunDirectory(directory: string): Promise<void> {
  for (const file of await pidFiles(directory)) {
    const number = Number((await readFile(file, 'utf8')).trim())
    const words = number > 0 ? await commandLine(number) : []
    if (words.some((word) => word.includes(`${directory}/`))) kill(number, 'SIGKILL')
  }
  await rm(directory, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 })
}

async function pidFiles(directory: string): Promise<readonly string[]> {
  try {
    const names = await readdir(directory, { recursive: true })
    return names.filter((name) => name.endsWith('.pid')).map((name) => join(directory, name))
  } catch {
    return []
  }
}
