import { join } from 'node:path'
import { inject } from 'vitest'
import { startOwnElasticsearch, type TestElasticsearch } from '../elasticsearch/elasticsearch-server.ts'
import { type Group, launchGroup } from '../mysql/group.ts'
import type { ServerName } from './optional.ts'
import { launchOwnServer, type OwnServer } from './own-server.ts'
import type { PoolAnswers } from './server-pool.ts'
import type { ServerVersion, TestServer } from './shared-servers.ts'

export type { TestElasticsearch } from '../elasticsearch/elasticsearch-server.ts'
export type { Group } from '../mysql/group.ts'
export type { OwnServer } from './own-server.ts'
export type { ServerVersion, TestServer } from './shared-servers.ts'

let folders = 0

/** The current MySQL that all test files share; it runs before the first of them does. */
export function testServer(): TestServer {
  const { server } = inject('servers')
  if (server === null) throw new Error('WWDB_TEST_OPTIONAL lists mysql, and there is none')
  return server
}

/** MySQL 8.0.12, started when the first file asks. */
export function testServer80(): Promise<TestServer> {
  return ask('server', '8.0')
}

/** Both, for `describe.each`: the versions that a promise must hold on. */
export function testServerOf(version: ServerVersion): Promise<TestServer> {
  return ask('server', version)
}

/** A local server of the test's own, to kill and restart. */
export async function startServer(
  options: {
    readonly version?: ServerVersion
    readonly flags?: readonly string[]
    /** What its data folder is made with besides. */
    readonly initialFlags?: readonly string[]
    /** How many files its process may open at first. */
    readonly openFiles?: number
    /** The time zone of its machine. */
    readonly machineZone?: string
  } = {},
): Promise<OwnServer> {
  const installation = await ask('installation', options.version ?? '9.7')
  return launchOwnServer({ installation, directory: ownFolder('own'), ...options })
}

/** Three nodes of group replication behind MySQL Router (about 20 s and 1.3 GB). */
export async function startGroup(): Promise<Group> {
  return launchGroup(await ask('installation', '9.7'), ownFolder('group'))
}

/** The Elasticsearch that all test files share, started when the first file asks. */
export function testElasticsearch(): Promise<TestElasticsearch> {
  return ask('elasticsearch', '9.7')
}

/** An Elasticsearch of the test's own, to stop, or without analysis-smartcn (about 5 s and 330 MB). */
export function startElasticsearch(
  options: { readonly plugins?: boolean } = {},
): Promise<TestElasticsearch & { readonly stop: () => Promise<void> }> {
  return startOwnElasticsearch(ownFolder('elasticsearch'), options)
}

/** False only for a server that WWDB_TEST_OPTIONAL allows to be absent and that is: for `describe.runIf`. */
export function isAvailable(name: ServerName): boolean {
  return !inject('servers').absent.includes(name)
}

function ownFolder(kind: string): string {
  folders += 1
  return join(inject('servers').runDirectory, `${kind}-${process.pid}-${folders}`)
}

async function ask<What extends keyof PoolAnswers>(what: What, version: ServerVersion): Promise<PoolAnswers[What]> {
  const response = await fetch(`${inject('servers').address}/${what}/${version}`)
  const text = await response.text()
  if (!response.ok) throw new Error(text)
  return JSON.parse(text) as PoolAnswers[What]
}
