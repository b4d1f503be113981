import { join } from 'node:path'
import { env } from 'node:process'
import { readGreeting } from '../../src/sandbox/greeting.ts'
import type { Installation } from '../../src/sandbox/installation.ts'
import { findInstalled } from '../../src/sandbox/installed.ts'
import { findPortable } from '../../src/sandbox/portable.ts'
import { findMysql80 } from './mysql80.ts'
import { launchOwnServer } from './own-server.ts'

/** Which MySQL: `9.7` stands for the newest that can be had, `8.0` is the oldest that is supported (8.0.12). */
export type ServerVersion = '9.7' | '8.0'

/** A server that all test files of a run share; each works in schemas of its own. */
export interface TestServer {
  /** User root without a password, no schema: `mysql://root@127.0.0.1:36123`. */
  readonly url: string
  /** The folder with the programs `mysql` and `mysqldump`, or null where there are none. */
  readonly bin: string | null
  readonly version: string
  readonly provider: 'url' | 'docker' | 'installed' | 'portable'
}

/** The programs of a version. For tests that start, kill and restart a server themselves, so never Docker's. */
export async function findInstallation(version: ServerVersion): Promise<Installation> {
  if (version === '8.0') return findMysql80()
  const found = (await findInstalled()) ?? (await findPortable())
  if (found === null) throw new Error('no MySQL can be had on this machine: install MySQL 8 or later')
  return found
}

/** Obtains the shared server: WWDB_TEST_MYSQL_URL for the current version, else a fresh one in the run's folder. */
export async function obtainServer(version: ServerVersion, runDirectory: string): Promise<TestServer> {
  const server = await obtain(version, runDirectory)
  console.error(`Test server MySQL ${server.version} (${server.provider}) at ${new URL(server.url).host}`)
  return server
}

async function obtain(version: ServerVersion, runDirectory: string): Promise<TestServer> {
  const url = env[version === '8.0' ? 'WWDB_TEST_MYSQL80_URL' : 'WWDB_TEST_MYSQL_URL']
  if (url) return givenServer(url)
  const installation = await findInstallation(version)
  const server = await launchOwnServer({ installation, directory: join(runDirectory, `shared-${version}`) })
  return { url: server.url, bin: installation.bin, version: server.version, provider: installation.provider }
}

async function givenServer(text: string): Promise<TestServer> {
  const url = new URL(text)
  const greeting = await readGreeting({ host: url.hostname, port: Number(url.port || 3306) }, 5_000)
  if (greeting.type !== 'server') throw new Error(`no MySQL answers at ${url.host}`)
  const client = await findInstalled()
  return { url: text.replace(/\/$/, ''), bin: client?.bin ?? null, version: greeting.version, provider: 'url' }
}
