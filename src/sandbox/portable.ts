import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type { Installation } from './installation.ts'
import { fetchPackages } from './packages.ts'
import { parseVersion } from './version.ts'

/**
 * A current MySQL from Debian's packages, fetched when it is first needed; null where there is no Debian.
 * @throws ToolError SANDBOX_FETCH_FAILED, STOPPED.
 */
export async function findPortable(interrupted: () => boolean = () => false): Promise<Installation | null> {
  const prefix = await fetchPackages('mysql-portable', ['mysql-server-core', 'mysql-client-core'], interrupted)
  if (prefix === null) return null
  const bin = join(prefix, 'bin')
  const mysqld = join(bin, 'mysqld')
  const { stdout } = await promisify(execFile)(mysqld, ['--version'])
  return { provider: 'portable', mysqld, options: [], bin, version: parseVersion(stdout)?.text ?? 'of unknown version' }
}
