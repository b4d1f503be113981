import { mkdir, readdir, readFile, rm, statfs } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { availableMemory, env, kill, pid } from 'node:process'
import { commandLine } from '../../../src/sandbox/process.ts'

const prefix = 'wwdb-test-'

/** A file system in memory, which Linux has. */
const inMemory = '/dev/shm'

/** What the servers of a whole run want of memory, and their data of a file system in it, with room to spare. */
const plenty = 6 * 1024 ** 3

/** Makes the folder of this test run, where all its servers live. */
export async function createRunDirectory(): Promise<string> {
  const directory = join(await chooseParent(), `${prefix}${pid}`)
  await clearRunDirectory(directory)
  await mkdir(directory, { recursive: true })
  return directory
}

/**
 * Servers flush what they write, as in production, many times for each statement that changes a schema; in memory a flush costs nothing
 * (measured: CREATE TABLE 5 ms instead of 38, with half of the server's processor time). Files there outlive the death of a server as others do.
 */
async function chooseParent(): Promise<string> {
  const given = env['WWDB_TEST_FOLDER']
  if (given) return given
  const free = await statfs(inMemory).then(
    ({ bavail, bsize }) => bavail * bsize,
    () => 0,
  )
  return Math.min(free, availableMemory()) >= plenty ? inMemory : tmpdir()
}

/** Clears what test runs left behind that were killed before they could. */
export async function clearAbandonedRuns(): Promise<void> {
  const parents = new Set([env['WWDB_TEST_FOLDER'] || tmpdir(), tmpdir(), inMemory])
  for (const parent of parents) {
    for (const name of await readdir(parent).catch(() => [])) {
      const owner = Number(new RegExp(`^${prefix}(\\d+)$`).exec(name)?.[1])
      if (Number.isInteger(owner) && (await commandLine(owner)).length === 0) {
        await clearRunDirectory(join(parent, name))
      }
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
