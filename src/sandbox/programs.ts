import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { access, constants } from 'node:fs/promises'
import { homedir } from 'node:os'
import { delimiter, dirname, join, resolve } from 'node:path'
import { arch, env } from 'node:process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { ToolError } from '../core/tool-error.ts'
import { type Finished, interruption, runTool } from './process.ts'

/** A server program that can be started on this machine. */
export interface ServerProgram {
  /** - `installed`: on PATH. - `portable`: fetched into the cache. - `built`: made from jars or sources, in a checkout of wwdb. */
  readonly origin: 'installed' | 'portable' | 'built'
  /** The program and the words before its own arguments. */
  readonly command: readonly [string, ...string[]]
  /** `8.0.6`. */
  readonly version: string
}

/** How a program is looked for. */
export interface ProgramSearch {
  /** Receives what is downloaded or built, from where, and its progress. */
  readonly report: (message: string) => void
  /** Polled while waiting; true aborts. */
  readonly interrupted: () => boolean
}

export const silentSearch: ProgramSearch = { report: () => undefined, interrupted: () => false }

/** How a program reports its version. */
export interface VersionQuestion {
  readonly words: readonly string[]
  /** Its first group is the version, such as `8.0.6`. */
  readonly pattern: RegExp
}

/** Where fetched servers are kept, outside every project: WWDB_CACHE_DIR, else `wwdb` in the user's cache folder (XDG). */
export function cacheDirectory(): string {
  if (env['WWDB_CACHE_DIR']) return resolve(env['WWDB_CACHE_DIR'])
  return join(env['XDG_CACHE_HOME'] || join(homedir(), '.cache'), 'wwdb')
}

/** The program, when it exists and reports a version; else null. */
export async function inspectProgram(
  origin: ServerProgram['origin'],
  command: ServerProgram['command'],
  { words, pattern }: VersionQuestion,
): Promise<ServerProgram | null> {
  const [program, ...before] = command
  try {
    await access(program, constants.X_OK)
    const { stdout } = await promisify(execFile)(program, [...before, ...words])
    const version = pattern.exec(stdout)?.[1]
    return version === undefined ? null : { origin, command, version }
  } catch {
    return null
  }
}

/** The first program of this name on PATH with a supported version; null when there is none. */
export async function findOnPath(
  name: string,
  question: VersionQuestion,
  isSupported: (version: string) => boolean,
): Promise<ServerProgram | null> {
  for (const folder of (env['PATH'] ?? '').split(delimiter).filter((path) => path !== '')) {
    const program = await inspectProgram('installed', [join(folder, name)], question)
    if (program !== null && isSupported(program.version)) return program
  }
  return null
}

const packagesScript = fileURLToPath(new URL('./provision-mysql.sh', import.meta.url))

/** Exit codes of the scripts when this machine lacks what they need: tools, room or apt sources. */
const notHere: ReadonlySet<number | null> = new Set([3, 4, 127])

/**
 * Unpacks Debian packages into a folder of the cache, unless they are there; returns the folder, or null where there is
 * no Debian to take them from. The first time takes 5 to 30 seconds and about 65 MB.
 * @param suite of the mirror; absent for the one that has MySQL
 * @throws ToolError SANDBOX_FETCH_FAILED when this is Debian and it did not work; STOPPED.
 */
export async function fetchPackages(
  name: string,
  packages: readonly [string, ...string[]],
  { report, interrupted }: ProgramSearch = silentSearch,
  suite?: string,
): Promise<string | null> {
  const prefix = join(cacheDirectory(), `${name}-${arch}`)
  if (!existsSync(join(prefix, '.provisioned')))
    report(`Unpacking ${packages[0]} from Debian’s packages into ${prefix}, once (up to 30 s and 65 MB).`)
  const from = suite === undefined ? [] : [`WWDB_APT_SUITE=${suite}`]
  const { code, stderr } = await runTool(['env', ...from, 'bash', packagesScript, prefix, ...packages], { interrupted })
  if (interrupted()) throw interruption()
  if (code === 0) return prefix
  if (notHere.has(code)) return null
  throw new ToolError('SANDBOX_FETCH_FAILED', {
    what: `\`${packages[0]}\` could not be fetched from Debian’s packages.`,
    why: lastLinesOf(stderr),
    next: 'Retry, install the server, or set a running one in the configuration (`sandbox.url`, `stores`).',
  })
}

/**
 * A script of `test/servers` that builds a server without a portable program. Only a checkout of wwdb has that folder; null in an
 * installed package.
 */
export function findBuildScript(name: string): string | null {
  for (let folder = dirname(fileURLToPath(import.meta.url)); ; folder = dirname(folder)) {
    const script = join(folder, 'test', 'servers', name)
    if (existsSync(join(folder, 'package.json'))) return existsSync(script) ? script : null
    if (dirname(folder) === folder) return null
  }
}

/** What `buildProgram` builds. */
interface Build {
  readonly product: string
  readonly script: string
  /** Where it is built to. */
  readonly prefix: string
  /** Where it is built from and how long that takes, for people. */
  readonly effort: string
}

/** Where it was built to, or the tool that this machine lacks. */
type BuildOutcome =
  | { readonly type: 'built'; readonly folder: string }
  | { readonly type: 'impossible'; readonly why: string }

/** How often a build reports how far it is, in milliseconds. */
const reportInterval = 30_000

/**
 * Runs a script of `test/servers`; returns the folder that it printed, or the reason where this machine lacks the tools.
 * @throws ToolError SANDBOX_FETCH_FAILED, STOPPED.
 */
export async function buildProgram(build: Build, { report, interrupted }: ProgramSearch): Promise<BuildOutcome> {
  report(`Building ${build.product} ${build.effort}.`)
  const begin = Date.now()
  let stage = 'starting'
  const timer = setInterval(
    () => report(`Building ${build.product} for ${Math.round((Date.now() - begin) / 1000)} s: ${stage}.`),
    reportInterval,
  )
  const onLine = (line: string): void => {
    if (!line.startsWith('ERROR')) stage = line
  }
  const finished = await runTool(['bash', build.script, build.prefix], { interrupted, onLine }).finally(() =>
    clearInterval(timer),
  )
  if (interrupted()) throw interruption()
  return outcomeOf(build, finished)
}

function outcomeOf({ product }: Build, { code, stdout, stderr }: Finished): BuildOutcome {
  if (code === 0) return { type: 'built', folder: stdout.trim().split('\n').at(-1) ?? '' }
  if (notHere.has(code)) return { type: 'impossible', why: lastLinesOf(stderr) }
  throw new ToolError('SANDBOX_FETCH_FAILED', {
    what: `${product} could not be built.`,
    why: lastLinesOf(stderr),
    next: `Retry, or install ${product}.`,
  })
}

function lastLinesOf(text: string): string {
  return text.trim().split('\n').slice(-4).join(' ')
}
