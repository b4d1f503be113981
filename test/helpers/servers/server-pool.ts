import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Installation } from '../../../src/sandbox/mysql-program.ts'
import { obtainElasticsearch, type TestElasticsearch } from '../elasticsearch/elasticsearch-server.ts'
import { clearAbandonedRuns, clearRunDirectory, createRunDirectory } from './run-directory.ts'
import { findInstallation, obtainServer, type ServerVersion, type TestServer } from './shared-servers.ts'

/**
 * Lives in the main process of a test run and hands out what all test files share: a server that one file is the first
 * to need is started then, once, and ended with the run.
 */
export interface ServerPool {
  readonly address: string
  readonly runDirectory: string
  readonly server: (version: ServerVersion) => Promise<TestServer>
  readonly close: () => Promise<void>
}

/** What test files can ask for over HTTP, and the answers. */
export interface PoolAnswers {
  readonly server: TestServer
  readonly installation: Installation
  readonly elasticsearch: TestElasticsearch
}

export async function openServerPool(): Promise<ServerPool> {
  await clearAbandonedRuns()
  const runDirectory = await createRunDirectory()
  const watched: AbortController = new AbortController()
  const server = once((version) => obtainServer(version, runDirectory, watched.signal))
  const installation = once(findInstallation)
  const elasticsearch = once(() => obtainElasticsearch(runDirectory))
  const http = createServer((request, response) => {
    const [, what, version] = (request.url ?? '').split('/')
    const answers: Readonly<Record<string, (version: ServerVersion) => Promise<PoolAnswers[keyof PoolAnswers]>>> = {
      server,
      installation,
      elasticsearch,
    }
    const answer = answers[what ?? ''] ?? (() => Promise.reject(new Error(`the pool has no ${what}`)))
    answer(version === '8.0' ? '8.0' : '9.7').then(
      (value) => response.end(JSON.stringify(value)),
      (error: unknown) => response.writeHead(500).end(describe(error)),
    )
  })
  const address = await listen(http)
  const close = async (): Promise<void> => {
    watched.abort()
    http.closeAllConnections()
    http.close()
    await clearRunDirectory(runDirectory)
  }
  return { address, runDirectory, server, close }
}

/** What failed is tried again by the next who asks. */
function once<T>(obtain: (version: ServerVersion) => Promise<T>): (version: ServerVersion) => Promise<T> {
  const obtained = new Map<ServerVersion, Promise<T>>()
  return (version) => {
    const promise = obtained.get(version) ?? obtain(version)
    obtained.set(version, promise)
    promise.catch(() => obtained.delete(version))
    return promise
  }
}

async function listen(http: Server): Promise<string> {
  await new Promise<void>((settle) => http.listen(0, '127.0.0.1', settle))
  return `http://127.0.0.1:${(http.address() as AddressInfo).port}`
}

function describe(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error)
}
