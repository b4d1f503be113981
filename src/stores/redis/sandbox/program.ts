import { execFile } from 'node:child_process'
import { access, constants, readFile } from 'node:fs/promises'
import { delimiter, join } from 'node:path'
import { env } from 'node:process'
import { promisify } from 'node:util'
import { ToolError } from '../../../core/tool-error.ts'
import { fetchPackages } from '../../../sandbox/packages.ts'

/** A redis-server that can be started on this machine. */
export interface RedisProgram {
  readonly origin: 'installed' | 'portable'
  /** The program and the words before its own arguments. */
  readonly command: readonly [string, ...string[]]
  /** `8.0.6`. */
  readonly version: string
}

/** The oldest that the tool supports. */
const oldest = [6, 2] as const

/**
 * The redis-server on PATH if it is 6.2 or later, else that of Debian's packages, unpacked into the cache when it is first needed.
 * @throws ToolError SANDBOX_UNAVAILABLE where neither can be had; SANDBOX_FETCH_FAILED, STOPPED.
 */
export async function findRedis(interrupted: () => boolean = () => false): Promise<RedisProgram> {
  for (const folder of (env['PATH'] ?? '').split(delimiter).filter((path) => path !== '')) {
    const program = await inspect('installed', [join(folder, 'redis-server')])
    if (program !== null && isSupported(program.version)) return program
  }
  const prefix = await fetchPackages('redis-portable', ['redis-server'], interrupted)
  const program = prefix === null ? null : await inspect('portable', await portableCommand(prefix))
  if (program !== null) return program
  throw new ToolError('SANDBOX_UNAVAILABLE', {
    what: 'There is no redis-server 6.2 or later on PATH, and this is no Debian to take it from.',
    next: 'Install Redis 6.2 or later, or name running servers with stores.redis.url in the configuration.',
  })
}

/** Through the loader and the libraries that came with it: this machine's own may be older. */
async function portableCommand(prefix: string): Promise<RedisProgram['command']> {
  const loader = join(prefix, (await readFile(join(prefix, '.loader'), 'utf8')).trim())
  const libraries = (await readFile(join(prefix, '.libraries'), 'utf8')).trim().split(':')
  const path = libraries.map((folder) => join(prefix, folder)).join(':')
  return [loader, '--library-path', path, join(prefix, 'usr/bin/redis-server')]
}

async function inspect(origin: RedisProgram['origin'], command: RedisProgram['command']): Promise<RedisProgram | null> {
  const [program, ...words] = command
  try {
    await access(program, constants.X_OK)
    const { stdout } = await promisify(execFile)(program, [...words, '--version'])
    const version = /\bv=(\d+\.\d+\.\d+)/.exec(stdout)?.[1]
    return version === undefined ? null : { origin, command, version }
  } catch {
    return null
  }
}

function isSupported(version: string): boolean {
  const [major = 0, minor = 0] = version.split('.').map(Number)
  return major > oldest[0] || (major === oldest[0] && minor >= oldest[1])
}
