import { execFile } from 'node:child_process'
import { access, constants, realpath } from 'node:fs/promises'
import { basename, delimiter, dirname, join, sep } from 'node:path'
import { env, geteuid } from 'node:process'
import { promisify } from 'node:util'
import { clientFolderName } from './environment.ts'
import { cacheDirectory, fetchPackages, type ProgramSearch, silentSearch } from './programs.ts'

/** Programs that can serve as a MySQL server on this machine. */
export interface Installation {
  readonly provider: 'installed' | 'portable'
  /** The server program and how it is spawned. */
  readonly mysqld: string
  /** Options that this copy needs in every run, before all others. */
  readonly options: readonly string[]
  /** The folder with `mysql` and `mysqldump`, or null when this copy has none. */
  readonly bin: string | null
  /** `9.7.4`. */
  readonly version: string
}

/** The first arguments of every server start: no my.cnf of this machine, and root may run it. */
export function commonOptions(installation: Installation): readonly string[] {
  const asRoot = geteuid?.() === 0 ? ['--user=root'] : []
  return ['--no-defaults', ...installation.options, ...asRoot]
}

/** A `mysqld` on PATH, if it is MySQL 8 or later and not MariaDB; else null. */
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
      const isOurs =
        basename(folder) === clientFolderName || (await realpath(path)).startsWith(`${cacheDirectory()}${sep}`)
      if (!isOurs) return path
    } catch {
      // Not in this folder.
    }
  }
  return null
}

/**
 * A current MySQL from Debian's packages, downloaded at its first use; null where the system is not Debian.
 * @throws ToolError SANDBOX_FETCH_FAILED, STOPPED.
 */
export async function findPortable(search: ProgramSearch = silentSearch): Promise<Installation | null> {
  const prefix = await fetchPackages('mysql-portable', ['mysql-server-core', 'mysql-client-core'], search)
  if (prefix === null) return null
  const bin = join(prefix, 'bin')
  const mysqld = join(bin, 'mysqld')
  const { stdout } = await promisify(execFile)(mysqld, ['--version'])
  return { provider: 'portable', mysqld, options: [], bin, version: parseVersion(stdout)?.text ?? 'of unknown version' }
}

/** The version that `mysqld --version` or the first packet of a server reports. */
export interface MysqlVersion {
  /** `9.7.4`. */
  readonly text: string
  readonly major: number
  readonly mariadb: boolean
}

/** Finds the version in a line such as `mysqld Ver 9.7.4-2 for Linux on x86_64`; null when it has none. */
export function parseVersion(line: string): MysqlVersion | null {
  const found = /(?:^5\.5\.5-|^|Ver )(\d+)\.(\d+)\.(\d+)/.exec(line)
  if (found === null) return null
  return { text: `${found[1]}.${found[2]}.${found[3]}`, major: Number(found[1]), mariadb: /mariadb/i.test(line) }
}

/** True for a server that this tool works with: MySQL 8 or later. */
export function isSupported(version: MysqlVersion | null): version is MysqlVersion {
  return version !== null && !version.mariadb && version.major >= 8
}
