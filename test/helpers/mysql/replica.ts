import { createConnection } from 'mysql2/promise'
import type { OwnServer } from '../servers/own-server.ts'
import { type ServerVersion, startServer } from '../servers/servers.ts'

/** A server of the test's own, and one that replicates from it. */
export interface Replication {
  readonly source: OwnServer
  readonly replica: OwnServer
  /** Runs statements in the words of 9.7 (`START REPLICA`) on the replica of either version. */
  readonly onReplica: (...texts: readonly string[]) => Promise<void>
  /** Returns when the replica has applied what the source has. */
  readonly catchUp: () => Promise<void>
  readonly stop: () => Promise<void>
}

const flagsOf = (id: number, version: ServerVersion): readonly string[] => [
  `--server-id=${id}`,
  '--gtid-mode=ON',
  '--enforce-gtid-consistency=ON',
  ...(version === '8.0' ? ['--log-bin=binlog'] : []),
]

export async function query(url: string, ...texts: readonly string[]): Promise<unknown> {
  const connection = await createConnection({ uri: url })
  try {
    let rows: unknown
    for (const text of texts) [rows] = await connection.query(text)
    return rows
  } finally {
    await connection.end()
  }
}

/** The words of a statement before 8.0.22. */
function inOldWords(text: string): string {
  return text
    .replace('RESET BINARY LOGS AND GTIDS', 'RESET MASTER')
    .replace('CHANGE REPLICATION SOURCE', 'CHANGE MASTER')
    .replace(/\bREPLICA\b/, 'SLAVE')
    .replaceAll('SOURCE_', 'MASTER_')
}

export async function startReplication(version: ServerVersion): Promise<Replication> {
  const [source, replica] = await Promise.all([1, 2].map((id) => startServer({ version, flags: flagsOf(id, version) })))
  if (source === undefined || replica === undefined) throw new Error('two servers were asked for')
  const say = (text: string): string => (version === '8.0' ? inOldWords(text) : text)
  const onReplica: Replication['onReplica'] = async (...texts) => {
    await query(replica.url, ...texts.map(say))
  }
  await query(source.url, "CREATE USER repl@'%' IDENTIFIED BY 'repl'", "GRANT REPLICATION SLAVE ON *.* TO repl@'%'")
  await onReplica(
    'RESET BINARY LOGS AND GTIDS',
    `CHANGE REPLICATION SOURCE TO SOURCE_HOST='127.0.0.1', SOURCE_PORT=${source.port}, SOURCE_USER='repl', SOURCE_PASSWORD='repl', SOURCE_SSL=1, SOURCE_AUTO_POSITION=1`,
    'START REPLICA',
  )
  const catchUp = async (): Promise<void> => {
    const rows = (await query(source.url, 'SELECT @@GLOBAL.gtid_executed done')) as readonly { readonly done: string }[]
    await query(replica.url, `SELECT WAIT_FOR_EXECUTED_GTID_SET('${rows[0]?.done}', 60)`)
  }
  await catchUp()
  return {
    source,
    replica,
    onReplica,
    catchUp,
    stop: async () => {
      await replica.stop()
      await source.stop()
    },
  }
}
