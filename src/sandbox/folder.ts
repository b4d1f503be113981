import { chmod, mkdir, open, readFile, rename, rm, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { pid } from 'node:process'
import * as z from 'zod/mini'
import { ToolError } from '../core/tool-error.ts'
import { commandLine, waitUntil } from './process.ts'

/**
 * Creates a folder that only its owner can enter, parents included, and restricts an existing one: its data, sockets and
 * passwords are then closed to other users, even if a file in it has a wider mode.
 */
export async function makePrivateFolder(directory: string): Promise<void> {
  await mkdir(directory, { recursive: true, mode: 0o700 })
  await chmod(directory, 0o700)
}

/**
 * Writes a file that only its owner can read, under a temporary name, and renames it: an existing file with a wider mode does
 * not keep its mode.
 */
export async function writePrivateFile(file: string, text: string): Promise<void> {
  const beside = `${file}.${pid}.new`
  await writeFile(beside, text, { mode: 0o600 })
  await chmod(beside, 0o600)
  await rename(beside, file)
}

/** How long a lock is waited for, and after how long the wait is reported; milliseconds. */
const waiting = { total: 120_000, silent: 1_000 } as const

/**
 * Runs `action` while no other process changes the same folder; waits up to two minutes for its turn. A lock whose process is dead is taken over.
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

/** Ways to obtain a server, in order of preference. */
const providers = ['url', 'docker', 'installed', 'portable'] as const

export type Provider = (typeof providers)[number]

const schema = z.strictObject({
  format: z.literal([1, 2]),
  provider: z.enum(providers),
  host: z.string(),
  port: z.int(),
  socket: z.nullable(z.string()),
  version: z.string(),
  // Format 1 had none: its server gets one when it is started next.
  password: z._default(z.nullable(z.string()), null),
  bin: z.nullable(z.string()),
  pid: z.nullable(z.int()),
  container: z.nullable(z.string()),
})

/** What is recorded about a sandbox's server. It holds the password of root: only its owner may read the file. */
export interface SandboxState {
  readonly provider: Provider
  readonly host: string
  readonly port: number
  readonly socket: string | null
  readonly version: string
  /** The password of root; null for a server that was given, whose URL has it. */
  readonly password: string | null
  /** The folder with `mysql` and `mysqldump`, or null where they do not exist. */
  readonly bin: string | null
  readonly pid: number | null
  /** Docker's id of the container. */
  readonly container: string | null
}

/** The file in the sandbox's folder that remembers its server between runs of the tool. */
function stateFile(directory: string): string {
  return join(directory, 'state.json')
}

/** Null when no record exists; an unreadable one counts as none, since the server itself is checked anyway. */
export async function readState(directory: string): Promise<SandboxState | null> {
  try {
    const { format: _, ...state } = z.parse(schema, JSON.parse(await readFile(stateFile(directory), 'utf8')))
    return state
  } catch {
    return null
  }
}

/** Readable only by its owner. Written under a temporary name and renamed, so a reader sees either the old or the new one. */
export async function writeState(directory: string, state: SandboxState): Promise<void> {
  await makePrivateFolder(directory)
  await writePrivateFile(stateFile(directory), `${JSON.stringify({ format: 2, ...state }, null, 2)}\n`)
}
