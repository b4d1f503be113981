import { spawn } from 'node:child_process'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { kill } from 'node:process'
import { createConnection, type RowDataPacket } from 'mysql2/promise'
import { readHandshake } from '../../../src/sandbox/handshake.ts'
import type { Installation } from '../../../src/sandbox/mysql-program.ts'
import { commandLine, waitUntil } from '../../../src/sandbox/process.ts'
import { fetchPackages } from '../../../src/sandbox/programs.ts'
import { launchOwnServer, type OwnServer } from '../servers/own-server.ts'
import { freePort } from '../servers/ports.ts'
import { joinGroup, memberFlags } from './group-member.ts'

/** Three servers of group replication with a single primary, behind MySQL Router. */
export interface Group {
  /** Through the Router to the primary; user root without a password. */
  readonly routerUrl: string
  /** Through the Router to the secondaries. */
  readonly readOnlyUrl: string
  readonly nodes: readonly OwnServer[]
  /** The node that takes writes now. */
  readonly primary: () => Promise<OwnServer>
  /** SIGKILL to the primary; returns the node that was killed. The next one takes over after a few seconds. */
  readonly killPrimary: () => Promise<OwnServer>
  /** Starts a killed node again as a secondary; returns when it has caught up. */
  readonly rejoin: (node: OwnServer) => Promise<void>
  /** Hands writing over to a node in good order, as for maintenance. */
  readonly promote: (node: OwnServer) => Promise<void>
  readonly stop: () => Promise<void>
}

interface Member extends RowDataPacket {
  readonly port: number
  readonly state: string
  readonly role: string
}

/** Unpacks MySQL Router; tests of the group call it early so that a missing package is reported at the start. */
export async function findRouter(): Promise<string> {
  const prefix = await fetchPackages('mysql-router', ['mysql-router'])
  if (prefix === null) throw new Error('MySQL Router comes from Debian’s packages, and this is no Debian')
  return prefix
}

/** Starts the group; about 15 s. Everything lives in `directory` and is ended with the test run at the latest. */
export async function launchGroup(installation: Installation, directory: string): Promise<Group> {
  const routerPrefix = await findRouter()
  const nodes: OwnServer[] = []
  for (const index of [0, 1, 2]) {
    const flags = nodeFlags(index)
    const node = await launchOwnServer({ installation, directory: join(directory, `node${index + 1}`), flags })
    await prepareNode(node)
    nodes.push(node)
  }
  const addToGroup = membership()
  for (const node of nodes) await addToGroup(node)
  for (const node of nodes) await waitForAll(node, nodes.length)
  const router = await startRouter(routerPrefix, join(directory, 'router'), nodes)
  const primary = (): Promise<OwnServer> => findPrimary(nodes)
  return {
    routerUrl: router.primaryUrl,
    readOnlyUrl: router.secondaryUrl,
    nodes,
    primary,
    killPrimary: async () => {
      const node = await primary()
      await node.kill()
      return node
    },
    rejoin: async (node) => {
      await node.restart()
      await addToGroup(node)
      await waitForAll(node, nodes.length)
    },
    promote: (node) => query(node.url, 'DO group_replication_set_as_primary(@@server_uuid)'),
    stop: async () => {
      await router.stop()
      for (const node of nodes.toReversed()) await node.stop()
    },
  }
}

function nodeFlags(index: number): readonly string[] {
  return [
    ...memberFlags(index + 1, 'aaaaaaaa-bbbb-4ccc-8ddd-eeeeeeeeeeee'),
    '--log-bin=binlog',
    '--disabled-storage-engines=MyISAM,BLACKHOLE,FEDERATED,ARCHIVE,MEMORY',
    '--group-replication-member-expel-timeout=0',
    '--group-replication-recovery-get-public-key=ON',
    // The next primary must be the Router's next destination, or it would send writes to a secondary.
    `--group-replication-member-weight=${90 - index * 20}`,
  ]
}

/** Adds nodes to one group, which the first of them begins. A node that was killed comes back at another port. */
function membership(): (node: OwnServer) => Promise<void> {
  const ports = new Map<OwnServer, number>()
  return async (node) => {
    ports.delete(node)
    ports.set(node, await joinGroup(node, [...ports.values()]))
  }
}

async function prepareNode(node: OwnServer): Promise<void> {
  await query(
    node.url,
    'SET sql_log_bin = 0',
    "CREATE USER repl@'%' IDENTIFIED BY 'repl'",
    "GRANT REPLICATION SLAVE, BACKUP_ADMIN, GROUP_REPLICATION_STREAM, CONNECTION_ADMIN ON *.* TO repl@'%'",
    'SET sql_log_bin = 1',
    "CHANGE REPLICATION SOURCE TO SOURCE_USER = 'repl', SOURCE_PASSWORD = 'repl' FOR CHANNEL 'group_replication_recovery'",
    // The copied data folder remembers no transactions of its own, and none of ours may differ between the nodes.
    'RESET BINARY LOGS AND GTIDS',
  )
}

async function waitForAll(node: OwnServer, count: number): Promise<void> {
  const complete = async (): Promise<boolean> =>
    (await members(node)).filter((member) => member.state === 'ONLINE').length === count
  if (!(await waitUntil(complete, 60_000))) throw new Error('the group did not come together within a minute')
}

async function findPrimary(nodes: readonly OwnServer[]): Promise<OwnServer> {
  for (const node of nodes) {
    const list = await members(node).catch(() => [])
    const port = list.find((member) => member.role === 'PRIMARY' && member.state === 'ONLINE')?.port
    const found = nodes.find((candidate) => candidate.port === port)
    if (found !== undefined) return found
  }
  throw new Error('the group has no primary')
}

async function members(node: OwnServer): Promise<readonly Member[]> {
  const connection = await createConnection({ uri: node.url })
  try {
    const [rows] = await connection.query<Member[]>(
      'SELECT member_port AS port, member_state AS state, member_role AS role FROM performance_schema.replication_group_members',
    )
    return rows
  } finally {
    connection.destroy()
  }
}

async function query(url: string, ...statements: readonly string[]): Promise<void> {
  const connection = await createConnection({ uri: url })
  try {
    for (const statement of statements) await connection.query(statement)
  } finally {
    connection.destroy()
  }
}

interface Router {
  readonly primaryUrl: string
  readonly secondaryUrl: string
  readonly stop: () => Promise<void>
}

async function startRouter(prefix: string, directory: string, nodes: readonly OwnServer[]): Promise<Router> {
  const [primaryPort, secondaryPort] = [await freePort(), await freePort()]
  const configuration = join(directory, 'router.conf')
  await mkdir(directory, { recursive: true })
  await writeFile(configuration, routerConfiguration(prefix, directory, nodes, primaryPort, secondaryPort))
  const child = spawn(join(prefix, 'bin', 'mysqlrouter'), ['-c', configuration], { detached: true, stdio: 'ignore' })
  const pid = child.pid
  if (pid === undefined) throw new Error('mysqlrouter could not be started')
  child.unref()
  await writeFile(join(directory, 'router.pid'), String(pid))
  const answers = async (): Promise<boolean> =>
    (await readHandshake({ host: '127.0.0.1', port: primaryPort }, 1_000)).type === 'server'
  if (!(await waitUntil(answers, 30_000))) throw new Error(`mysqlrouter does not answer; see ${directory}`)
  const stop = async (): Promise<void> => {
    const runs = async (): Promise<boolean> => (await commandLine(pid)).includes(configuration)
    if (await runs()) kill(pid)
    await waitUntil(async () => !(await runs()), 30_000)
  }
  return {
    primaryUrl: `mysql://root@127.0.0.1:${primaryPort}`,
    secondaryUrl: `mysql://root@127.0.0.1:${secondaryPort}`,
    stop,
  }
}

function routerConfiguration(
  prefix: string,
  directory: string,
  nodes: readonly OwnServer[],
  primaryPort: number,
  secondaryPort: number,
): string {
  const destinations = nodes.map((node) => `127.0.0.1:${node.port}`)
  const route = (name: string, port: number, to: readonly string[], strategy: string): string =>
    `[routing:${name}]\nbind_address=127.0.0.1\nbind_port=${port}\ndestinations=${to.join(',')}\n` +
    `routing_strategy=${strategy}\nprotocol=classic\n`
  return (
    `[DEFAULT]\nlogging_folder=${directory}\nplugin_folder=${prefix}/usr/lib/mysqlrouter/plugin\n` +
    route('primary', primaryPort, destinations, 'first-available') +
    route('secondaries', secondaryPort, destinations.slice(1), 'round-robin')
  )
}
