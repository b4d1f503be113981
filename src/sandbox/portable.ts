import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { arch } from 'node:process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { ToolError } from '../domain/tool-error.ts'
import { cacheDirectory } from './cache.ts'
import type { Installation } from './installation.ts'
import { parseVersion } from './version.ts'

const script = fileURLToPath(new URL('./provision-mysql.sh', import.meta.url))

/** What the script says when this machine is not made for it: tools or apt sources are missing. */
const notHere = new Set([3, 4, 127])

/** The folder in the cache for a set of Debian packages. */
export function prefixDirectory(name: string): string {
  return join(cacheDirectory(), `${name}-${arch}`)
}

/**
 * Unpacks Debian packages into a folder of the cache, unless they are there; returns the folder, or null where there is
 * no Debian to take them from. The first time takes 5 to 30 seconds and about 65 MB.
 * @throws ToolError SANDBOX_FETCH_FAILED when this is Debian and it did not work.
 */
export async function fetchPackages(name: string, packages: readonly string[]): Promise<string | null> {
  try {
    const { stdout } = await promisify(execFile)('bash', [script, prefixDirectory(name), ...packages])
    return stdout.trim().split('\n').at(-1) ?? null
  } catch (error) {
    const { code, stderr } = error as { readonly code?: unknown; readonly stderr?: string }
    if (code === 'ENOENT' || (typeof code === 'number' && notHere.has(code))) return null
    throw new ToolError(
      'SANDBOX_FETCH_FAILED',
      {
        what: 'MySQL could not be fetched from Debian’s packages.',
        why: (stderr ?? String(error)).trim().split('\n').slice(-4).join(' '),
        next: 'Try again, install MySQL 8 or later, or give a running server with --url.',
      },
      { cause: error },
    )
  }
}

/** A current MySQL from Debian's packages, fetched when it is first needed; null where there is no Debian. */
export async function findPortable(): Promise<Installation | null> {
  const prefix = await fetchPackages('mysql-portable', ['mysql-server-core', 'mysql-client-core'])
  if (prefix === null) return null
  const bin = join(prefix, 'bin')
  const mysqld = join(bin, 'mysqld')
  const { stdout } = await promisify(execFile)(mysqld, ['--version'])
  return { provider: 'portable', mysqld, options: [], bin, version: parseVersion(stdout)?.text ?? 'of unknown version' }
}
