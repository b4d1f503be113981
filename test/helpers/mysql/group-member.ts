import { dirname, join } from 'node:path'
import { createConnection } from 'mysql2/promise'
import { readFrom } from '../../../src/sandbox/local-server.ts'
import type { OwnServer } from '../servers/own-server.ts'
import { freePort } from '../servers/ports.ts'

/** How often a server may be refused: each attempt takes the minute that group replication waits for its group. */
const attempts = 3

/** The flags of a server that `joinGroup` makes a member. The group's port is not among them: it is chosen at the last moment. */
export function memberFlags(serverId: number, groupName: string): readonly string[] {
  return [
    `--server-id=${serverId}`,
    '--report-host=127.0.0.1',
    '--gtid-mode=ON',
    '--enforce-gtid-consistency=ON',
    '--plugin-load-add=group_replication.so',
    `--group-replication-group-name=${groupName}`,
    '--group-replication-start-on-boot=OFF',
    '--group-replication-ip-allowlist=127.0.0.1/8',
  ]
}

/**
 * Starts group replication on a port of its own, which it returns. Without `seeds` (the ports of other members) it begins a group.
 *
 * A port that another test takes before the server does is no error to the server at once: it tries for a minute, and then answers 3092,
 * which names no reason. So each attempt has a fresh port, and a failure brings what the server wrote into its log.
 */
export async function joinGroup(server: OwnServer, seeds: readonly number[] = []): Promise<number> {
  const log = join(dirname(server.dataDirectory), 'mysqld.log')
  const failures: string[] = []
  while (failures.length < attempts) {
    const offset = Buffer.byteLength(await readFrom(log, 0))
    const port = await freePort()
    try {
      await startReplication(server.url, port, seeds)
      return port
    } catch (error) {
      failures.push([`on port ${port}: ${String(error)}`, ...lastMessages(await readFrom(log, offset))].join('\n  '))
    }
  }
  throw new Error(`the server ${server.url} was refused by its group ${attempts} times\n${failures.join('\n')}`)
}

/** Without their times: each attempt of the minute repeats the same ones, and the first of them names the reason. */
function lastMessages(log: string): readonly string[] {
  const messages = log.split('\n').map((line) => line.replace(/^\S+ \d+ /, ''))
  return [...new Set(messages.filter((message) => message !== ''))].slice(-12)
}

async function startReplication(url: string, port: number, seeds: readonly number[]): Promise<void> {
  const addresses = [...seeds, port].map((one) => `127.0.0.1:${one}`)
  const begins = seeds.length === 0
  const connection = await createConnection({ uri: url })
  try {
    await connection.query(`SET GLOBAL group_replication_local_address = '127.0.0.1:${port}'`)
    await connection.query(`SET GLOBAL group_replication_group_seeds = '${addresses.join(',')}'`)
    await connection.query(`SET GLOBAL group_replication_bootstrap_group = ${begins ? 'ON' : 'OFF'}`)
    await connection.query('START GROUP_REPLICATION')
    await connection.query('SET GLOBAL group_replication_bootstrap_group = OFF')
  } finally {
    connection.destroy()
  }
}
