import { execFile } from 'node:child_process'
import { access, constants, realpath } from 'node:fs/promises'
import { delimiter, dirname, join, sep } from 'node:path'
import { env } from 'node:process'
import { promisify } from 'node:util'
import { cacheDirectory } from './cache.ts'
import type { Installation } from './installation.ts'
import { isSupported, parseVersion } from './version.ts'

/** A `mysqld` on PATH, if it is MySQL 8 or later (MariaDB's is none); else null. */
export async function findInstalled(): Promise<Installation | null> {
  const mysqld = await findProgram('mysqld')
  if (mysqld === null) return null
  try {
    const { stdout } = await promisify(execFile)(mysqld, ['--no-defaults', '--version'])
    const version = parseVersion(stdout)
    if (!isSupported(version)) return null
    const client = await findProgram('mysql')
    return {
      provider: 'installed',
      mysqld: await realpath(mysqld),
      options: [],
      bin: client === null ? null : dirname(client),
      version: version.text,
    }
  } catch {
    return null
  }
}

/**
 * The first program of this name in the folders of PATH and in those where servers hide from ordinary users. Our own
 * portable one, which `sandbox env` puts on PATH, is not an installed one.
 */
async function findProgram(name: string): Promise<string | null> {
  const folders = [...(env['PATH'] ?? '').split(delimiter), '/usr/sbin', '/usr/local/sbin']
  for (const folder of folders.filter((path) => path !== '')) {
    const path = join(folder, name)
    try {
      await access(path, constants.X_OK)
      if (!isInside(await realpath(path), cacheDirectory())) return path
    } catch {
      // Not in this folder.
    }
  }
  return null
}

function isInside(path: string, folder: string): boolean {
  return path.startsWith(`${folder}${sep}`)
}
