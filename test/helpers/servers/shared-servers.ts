import { join } from 'node:path'
import { env } from 'node:process'
import { connectionUrl } from '../../../src/sandbox/environment.ts'
import { inspectGiven } from '../../../src/sandbox/handshake.ts'
import { startMysqlContainer } from '../../../src/sandbox/mysql-container.ts'
import type { Installation } from '../../../src/sandbox/mysql-program.ts'
import { findInstalled, findPortable } from '../../../src/sandbox/mysql-program.ts'
import { findMysql80 } from '../mysql/mysql80.ts'
import { keepRunning } from './keep-running.ts'
import { launchOwnServer } from './own-server.ts'
import { freePort } from './ports.ts'

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
  // The portable one is the newer: it comes first here, with any server that the machine may have.
  const found = (await findPortable()) ?? (await findInstalled())
  if (found === null) throw new Error('no MySQL can be had on this machine: install MySQL 8 or later')
  return found
}

/**
 * Obtains a shared server: a given one (WWDB_TEST_MYSQL_URL, WWDB_TEST_MYSQL80_URL), Docker's, or a local process.
 * @param ending aborted before servers are ended with the run: one that ends before has crashed
 */
export async function obtainServer(
  version: ServerVersion,
  runDirectory: string,
  ending: AbortSignal,
): Promise<TestServer> {
  const url = env[version === '8.0' ? 'WWDB_TEST_MYSQL80_URL' : 'WWDB_TEST_MYSQL_URL']
  const server = url
    ? await inspectServer(url)
    : ((version === '8.0' ? null : await startDocker(runDirectory)) ??
      (await startLocal(version, runDirectory, ending)))
  console.error(`Test server MySQL ${server.version} (${server.provider}) at ${new URL(server.url).host}`)
  return server
}

async function inspectServer(text: string): Promise<TestServer> {
  const { version } = await inspectGiven(text)
  return { url: text.replace(/\/$/, ''), bin: await findClients(), version, provider: 'url' }
}

/** Null where no engine answers. Testcontainers removes the container with the run. */
async function startDocker(runDirectory: string): Promise<TestServer | null> {
  try {
    const state = await startMysqlContainer(join(runDirectory, 'docker'), await freePort(), 'test', false)
    return state && { url: connectionUrl(state), bin: await findClients(), version: state.version, provider: 'docker' }
  } catch (error) {
    console.error(
      `Docker could not start MySQL (${error instanceof Error ? error.message : error}); trying without it.`,
    )
    return null
  }
}

async function startLocal(version: ServerVersion, runDirectory: string, ending: AbortSignal): Promise<TestServer> {
  const installation = await findInstallation(version)
  const directory = join(runDirectory, `shared-${version}`)
  const server = await launchOwnServer({ installation, directory })
  keepRunning(server, directory, ending)
  return { url: server.url, bin: installation.bin, version: server.version, provider: installation.provider }
}

/** Client programs for a server that brings none. */
async function findClients(): Promise<string | null> {
  return (await findInstalled())?.bin ?? (await findPortable())?.bin ?? null
}
