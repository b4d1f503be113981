import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { access, constants } from 'node:fs/promises'
import { delimiter, join } from 'node:path'
import { arch, env, kill } from 'node:process'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { ToolError } from '../../../core/tool-error.ts'
import { cacheDirectory } from '../../../sandbox/cache.ts'
import { waitUntil } from '../../../sandbox/process.ts'
import { interruption } from '../../../sandbox/server-fault.ts'

/** An influxd that can be started on this machine. */
export interface InfluxdProgram {
  readonly origin: 'installed' | 'built'
  readonly path: string
  /** `2.8.0`. */
  readonly version: string
}

/** The oldest that the tool supports, and the first that it does not. */
const oldest = [2, 3] as const

/** Built where there is none; the number is in the folder's name, so that another one is built beside it. */
const folder = `influxd-2.8.0-${arch}`

const script = fileURLToPath(new URL('./build-influxd.sh', import.meta.url))

/** What the script says when this machine is not made for it: a toolchain or room is missing. */
const notHere: ReadonlySet<number | null> = new Set([3, 127])

/**
 * The influxd on PATH if it is 2.3 or a later 2.x, else one that is built from its sources into the cache when it is first needed: that takes
 * 8 to 20 minutes on two cores, once.
 * @param say hears that it is being built, and every half minute how far it is.
 * @throws ToolError SANDBOX_UNAVAILABLE where neither can be had; SANDBOX_FETCH_FAILED, STOPPED.
 */
export async function findInfluxd(
  say: (message: string) => void = () => undefined,
  interrupted: () => boolean = () => false,
): Promise<InfluxdProgram> {
  for (const place of (env['PATH'] ?? '').split(delimiter).filter((path) => path !== '')) {
    const program = await inspect('installed', join(place, 'influxd'))
    if (program !== null && isSupported(program.version)) return program
  }
  const path = join(cacheDirectory(), folder, 'influxd')
  const cached = await inspect('built', path)
  if (cached !== null) return cached
  say('Building InfluxDB 2.8.0 from its sources, once: this takes 8 to 20 minutes on two cores.')
  await build(say, interrupted)
  const built = await inspect('built', path)
  if (built === null) throw buildFailure('It was built, and does not run.')
  return built
}

/** How often a build that goes on says so; milliseconds. */
const reportInterval = 30_000

async function build(say: (message: string) => void, interrupted: () => boolean): Promise<void> {
  // A group of its own, so that all of it can be ended, compilers included.
  const words = [script, join(cacheDirectory(), folder)]
  const child = spawn('bash', words, { detached: true, stdio: ['ignore', 'ignore', 'pipe'] })
  const begin = Date.now()
  let stage = 'starting'
  const lines: string[] = []
  const reader = createInterface({ input: child.stderr }).on('line', (line) => {
    lines.push(line)
    if (!line.startsWith('ERROR')) stage = line
  })
  const report = (): void => say(`Building InfluxDB for ${Math.round((Date.now() - begin) / 1000)} s: ${stage}.`)
  const timer = setInterval(report, reportInterval)
  const code = await exitOf(child, interrupted).finally(() => clearInterval(timer))
  reader.close()
  if (interrupted()) throw interruption()
  if (code === 0) return
  const last = lines.slice(-3).join(' ')
  throw notHere.has(code) ? unavailable(last) : buildFailure(last)
}

/** Waits for its end and ends it when interrupted. 127 when it could not be started at all. */
async function exitOf(child: ChildProcess, interrupted: () => boolean): Promise<number | null> {
  const ended: { code?: number | null } = {}
  child.once('error', () => {
    ended.code = 127
  })
  child.once('close', (code) => {
    ended.code ??= code
  })
  await waitUntil(() => 'code' in ended || interrupted(), 60 * 60_000)
  if (!('code' in ended) && child.pid !== undefined) kill(-child.pid, 'SIGTERM')
  await waitUntil(() => 'code' in ended, 10_000)
  return ended.code ?? null
}

async function inspect(origin: InfluxdProgram['origin'], path: string): Promise<InfluxdProgram | null> {
  try {
    await access(path, constants.X_OK)
    const { stdout } = await promisify(execFile)(path, ['version'])
    const version = /^InfluxDB v?(\d+\.\d+\.\d+)/.exec(stdout)?.[1]
    return version === undefined ? null : { origin, path, version }
  } catch {
    return null
  }
}

function isSupported(version: string): boolean {
  const [major = 0, minor = 0] = version.split('.').map(Number)
  return major === oldest[0] && minor >= oldest[1]
}

function unavailable(why: string): ToolError {
  return new ToolError('SANDBOX_UNAVAILABLE', {
    what: 'There is no influxd 2.3 or later on PATH, and it cannot be built here.',
    why,
    next: 'Install InfluxDB 2.3 or a later 2.x, or Go, Rust and a C compiler to build it; or name a running server with stores.influxdb.url.',
  })
}

function buildFailure(why: string): ToolError {
  return new ToolError('SANDBOX_FETCH_FAILED', {
    what: 'InfluxDB could not be built from its sources.',
    why,
    next: 'Try again, install InfluxDB 2.3 or a later 2.x, or name a running server with stores.influxdb.url.',
  })
}
