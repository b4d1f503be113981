import { rm, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { createConnection } from 'mysql2/promise'
import { afterAll, beforeAll, describe, inject } from 'vitest'
import { readHandshake } from '../../../src/sandbox/handshake.ts'
import {
  endServer,
  lastLines,
  type ServerDescription,
  startServer as startLocal,
} from '../../../src/sandbox/local-server.ts'
import { serverFiles } from '../../../src/sandbox/mysql-server.ts'
import { freePort } from '../servers/ports.ts'
import { isAvailable, type OwnServer, startServer } from '../servers/servers.ts'
import { findVitess } from './vitess-program.ts'

/** A vtgate with keyspaces, by default `user_db` with one shard, and `message_db` with two; each shard has a MySQL server of its own. */
export interface TestVitess {
  readonly port: number
  /** Without a keyspace. */
  readonly url: string
  /** As messages name it. */
  readonly label: string
  /** Where vtctld is asked, and the program that asks it. */
  readonly vtctld: { readonly address: string; readonly client: string }
  /** The servers beneath, by shard: `user_db/0`, `message_db/-80`, `message_db/80-`. Of a shard with a replica, that of the primary. */
  readonly shards: ReadonlyMap<string, OwnServer>
  /** The replica of a shard that has one becomes its primary, as `PlannedReparentShard` and `EmergencyReparentShard` do it. Returns the server of the former one. */
  readonly reparent: (place: string, kind: ReparentKind) => Promise<OwnServer>
  /**
   * vtgate and all tablets die as in a crash, and begin again over the same data. What vtgate knew of VSchemas is gone.
   * @param further shards that begin then, too: those of a keyspace that overlap with the others serve nothing, as those of a Reshard
   */
  readonly restart: (further?: readonly string[]) => Promise<void>
  /** The tablets read another table ACL; needs `tableAcl`. */
  readonly setTableAcl: (config: TableAclFile) => Promise<void>
  readonly stop: () => Promise<void>
}

interface FurtherParts {
  /** What the tablets, which are strict then, let their one user `userData1` do from the beginning. */
  readonly tableAcl?: TableAclFile
}

/** In the words of Vitess. */
export interface TableAclFile {
  readonly table_groups: readonly {
    readonly name: string
    readonly table_names_or_prefixes: readonly string[]
    readonly readers: readonly string[]
    readonly writers: readonly string[]
    readonly admins: readonly string[]
  }[]
}

export type ReparentKind = 'planned' | 'emergency'

/** Milliseconds. On an empty cache, the first test that asks waits until it is built. */
const longestBuild = 30 * 60_000

export const describeVitess = describe.runIf(isAvailable('vitess'))

const twoKeyspaces = ['user_db/0', 'message_db/-80', 'message_db/80-'] as const

/** One for the file that asks, ended after its tests. @param places its shards, those of a keyspace together @param replicated which of them have a replica, which costs a server more */
export function withVitess(
  places: readonly string[] = twoKeyspaces,
  replicated: readonly string[] = [],
  further: FurtherParts = {},
): () => TestVitess {
  let vitess: TestVitess | null = null
  beforeAll(async () => {
    if (isAvailable('vitess')) vitess = await startVitess(places, replicated, further)
  }, longestBuild)
  afterAll(() => vitess?.stop())
  return () => {
    if (vitess === null) throw new Error('there is no Vitess')
    return vitess
  }
}

/** What its process is known by. */
const pidFlag = (directory: string): string => `--pid-file=${directory}/vitess.pid`

const description: ServerDescription = {
  product: 'Vitess',
  log: 'vitess.log',
  printsLog: true,
  startTimeout: 60_000,
  stopSignal: 'SIGTERM',
  command: async ({ program, directory, port, flags = [] }) => [
    ...(['env', `VTROOT=${directory}`, `VTDATAROOT=${directory}`, 'MYSQL_FLAVOR=MySQL80'] as const),
    ...program.command,
    ...['app', 'dba', 'filtered', 'repl', 'appdebug', 'allprivs'].map((user) => `--db-${user}-user=root`),
    ...['--db-charset=utf8mb4', '--mycnf-server-id=1', '--bind-address=127.0.0.1'],
    ...['--mysql-auth-server-impl=none', '--mysql-server-bind-address=127.0.0.1', `--mysql-server-port=${port}`],
    ...['--mysql-server-version=8.4.6-Vitess', '--foreign-key-mode=allow', '--vschema-ddl-authorized-users=%'],
    ...['--service-map=grpc-vtctld', '--grpc-bind-address=127.0.0.1'],
    pidFlag(directory),
    // A former primary whose server comes back later learns then that it is none.
    '--shard-sync-retry-delay=1s',
    ...['--migration-check-interval=100ms', '--queryserver-config-transaction-cap=20', '--tablet-refresh-interval=1s'],
    ...flags,
  ],
  isReady: async ({ port }) => (await readHandshake({ host: '127.0.0.1', port }, 2_000)).type === 'server',
  owns: (words, directory) => words.includes(pidFlag(directory)),
  explain: (log) => lastLines(log, /panic|"level":"ERROR"/),
}

const logging = ['--log-bin=bin', '--gtid-mode=ON', '--enforce-gtid-consistency=ON']

/** What a client was told to be committed is on the other server, too, while that answers. */
const replication = (id: number): readonly string[] => [
  ...logging,
  `--server-id=${id}`,
  '--plugin-load-add=rpl_semi_sync_source=semisync_source.so',
  '--plugin-load-add=rpl_semi_sync_replica=semisync_replica.so',
  ...['--loose-rpl-semi-sync-source-enabled=ON', '--loose-rpl-semi-sync-replica-enabled=ON'],
  '--loose-rpl-semi-sync-source-timeout=3000',
]

async function startShard(place: string, flags: readonly string[] = logging): Promise<readonly [string, OwnServer]> {
  const server = await startServer({ flags })
  const connection = await createConnection({ uri: server.url })
  await connection.query(`CREATE DATABASE \`vt_${place.replace('/', '_')}\``)
  await connection.end()
  return [place, server]
}

const socketOf = ({ dataDirectory }: OwnServer): string => serverFiles(join(dataDirectory, '..')).socket

async function startVitess(
  places: readonly string[],
  replicated: readonly string[],
  { tableAcl }: FurtherParts,
): Promise<TestVitess> {
  const program = await findVitess({ report: (message) => console.error(message), interrupted: () => false })
  const others = new Map<string, OwnServer>()
  const isReplicated = (place: string): boolean => replicated.includes(place)
  const shards = new Map(
    await Promise.all(places.map((place) => startShard(place, isReplicated(place) ? replication(1) : logging))),
  )
  // What a replica has, the primary has written.
  const replicas = new Map(
    await Promise.all(replicated.map(async (place) => [place, await startServer({ flags: replication(2) })] as const)),
  )
  const port = await freePort()
  const directory = join(inject('servers').runDirectory, `vitess-${port}`)
  const [pages, grpcPort] = [await freePort(), await freePort()]
  const aclFile = `${directory}-acl.json`
  if (tableAcl !== undefined) await writeFile(aclFile, JSON.stringify(tableAcl))
  const launch = (further: ReadonlyMap<string, OwnServer>) => {
    const sockets = [...shards, ...replicas, ...further].map(([place, server]) => `${place}=${socketOf(server)}`)
    // A copy commits row by row: a demotion waits for what has begun.
    const steps = replicas.size === 0 ? [] : ['--vstream-dynamic-packet-size=false', '--vstream-packet-size=10']
    const acl = tableAcl === undefined ? [] : [`--table-acl-config=${aclFile}`, '--queryserver-config-strict-table-acl']
    const flags = [`--port=${pages}`, `--grpc-port=${grpcPort}`, `--shards=${sockets.join(',')}`, ...steps]
    flags.push(...acl)
    return startLocal(description, { program, directory, port, flags })
  }
  let vtgate = await launch(new Map())
  const end = async (): Promise<void> => {
    if (!(await endServer(description, vtgate, 'SIGKILL'))) throw new Error(`Vitess ${vtgate.pid} does not end`)
  }
  return {
    port,
    url: `mysql://root@127.0.0.1:${port}`,
    label: `127.0.0.1:${port}`,
    vtctld: { address: `127.0.0.1:${grpcPort}`, client: join(dirname(program.command[0]), 'vtctldclient') },
    shards,
    reparent: async (place, kind) => {
      const [primary, replica] = [shards.get(place), replicas.get(place)]
      if (primary === undefined || replica === undefined) throw new Error(`the shard ${place} has no replica`)
      const [keyspace = '', shard = ''] = place.split('/')
      const question = new URLSearchParams({ keyspace, shard, kind })
      const answer = await fetch(`http://127.0.0.1:${pages}/debug/reparent?${question}`)
      if (!answer.ok) throw new Error(await answer.text())
      shards.set(place, replica)
      replicas.set(place, primary)
      return primary
    },
    restart: async (further = []) => {
      for (const place of further) if (!others.has(place)) others.set(...(await startShard(place)))
      await end()
      vtgate = await launch(new Map([...others].filter(([place]) => further.includes(place))))
    },
    setTableAcl: async (config) => {
      await writeFile(aclFile, JSON.stringify(config))
      process.kill(vtgate.pid, 'SIGHUP')
    },
    stop: async () => {
      await end()
      await rm(aclFile, { force: true })
      await Promise.all([...shards.values(), ...replicas.values(), ...others.values()].map((server) => server.stop()))
      await rm(directory, { recursive: true, force: true })
    },
  }
}
