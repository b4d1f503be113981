import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { ToolError } from '../../core/tool-error.ts'
import { isAtLeast } from '../../core/version.ts'
import {
  endServer,
  isPortFree,
  lastLines,
  type ServerDescription,
  type ServerStart,
  startServer,
} from '../../sandbox/local-server.ts'
import {
  fetchPackages,
  findOnPath,
  inspectProgram,
  type ProgramSearch,
  type ServerProgram,
  silentSearch,
} from '../../sandbox/programs.ts'
import type { StoreSandbox } from '../contract.ts'

/** How far a node's cluster bus port is above its port. */
const busDistance = 10_000

/** True when a cluster node could listen on this port and on its bus port. */
export async function isNodePortFree(port: number): Promise<boolean> {
  return (await isPortFree(port)) && (await isPortFree(port + busDistance))
}

interface RedisStart extends ServerStart {
  /** Lines of redis.conf, besides those that name its folder and port. */
  readonly lines?: readonly string[]
}

/** Its configuration file is written only where there is none: what `CONFIG REWRITE` put there stays. */
export const redisServer: ServerDescription<RedisStart> = {
  product: 'Redis',
  log: 'redis.log',
  printsLog: false,
  startTimeout: 60_000,
  stopSignal: 'SIGTERM',
  // SIGTERM is ignored while a replica writes its first append-only file.
  missesSignals: true,
  command: async (start) => [...start.program.command, await writeConfiguration(start)],
  isReady: (_, log) => log.includes('Ready to accept connections'),
  owns: (words, directory) => words.includes(join(directory, 'redis.conf')),
  explain: (log) => lastLines(log, /./),
  // The bus port may be the one in use, and only the log has its number.
  findTakenPort: (log, port) =>
    /address already in use|failed listening/i.test(log)
      ? Number(/listening (?:socket \S*:|on port )(\d+)/i.exec(log)?.[1] ?? port)
      : null,
}

async function writeConfiguration({ directory, port, lines = [] }: RedisStart): Promise<string> {
  const file = join(directory, 'redis.conf')
  const own = [
    `port ${port}`,
    'bind 127.0.0.1',
    `dir ${JSON.stringify(directory)}`,
    `logfile ${JSON.stringify(join(directory, redisServer.log))}`,
    `pidfile ${JSON.stringify(join(directory, 'redis.pid'))}`,
    // Its command line stays as it is: that is how the process is found again.
    'set-proc-title no',
  ]
  await writeFile(file, `${[...own, ...lines].join('\n')}\n`, { flag: 'wx', mode: 0o600 }).catch((error: unknown) => {
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error
  })
  return file
}

const version = { words: ['--version'], pattern: /\bv=(\d+\.\d+\.\d+)/ } as const

/**
 * The redis-server on PATH if it is 6.2 or later, else that of Debian's packages, unpacked into the cache when it is first needed.
 * @throws ToolError SANDBOX_UNAVAILABLE where neither is possible; SANDBOX_FETCH_FAILED, STOPPED.
 */
export async function findRedis(search: ProgramSearch = silentSearch): Promise<ServerProgram> {
  const installed = await findOnPath('redis-server', version, (text) => isAtLeast(text, '6.2'))
  if (installed !== null) return installed
  const prefix = await fetchPackages('redis-portable', ['redis-server'], search)
  const program = prefix === null ? null : await inspectProgram('portable', await portableCommand(prefix), version)
  if (program !== null) return program
  throw new ToolError('SANDBOX_UNAVAILABLE', {
    what: '`redis-server` 6.2 or later was not found on PATH, and it can only be downloaded on Debian.',
    next: 'Install Redis 6.2 or later, or configure running servers with `stores.redis.url` in the configuration.',
  })
}

/** Through the loader and the libraries that came with it: this machine's own may be older. */
async function portableCommand(prefix: string): Promise<ServerProgram['command']> {
  const loader = join(prefix, (await readFile(join(prefix, '.loader'), 'utf8')).trim())
  const libraries = (await readFile(join(prefix, '.libraries'), 'utf8')).trim().split(':')
  const path = libraries.map((folder) => join(prefix, folder)).join(':')
  return [loader, '--library-path', path, join(prefix, 'usr/bin/redis-server')]
}

/** Six bare nodes: `wwdb setup apply` turns them into a cluster. */
export const sandbox: StoreSandbox = {
  count: 6,
  distance: 10,
  find: findRedis,
  start: (start, secret) =>
    startServer(redisServer, {
      ...start,
      lines: [
        'cluster-enabled yes',
        'cluster-node-timeout 2000',
        // A client that may send CONFIG SET could make the server write files as its owner.
        `requirepass ${secret}`,
        `masterauth ${secret}`,
      ],
    }),
  end: (node) => endServer(redisServer, node),
  variables: (ports, { passwordFile }) => ({
    WWDB_STORES_REDIS_PASSWORD_FILE: passwordFile,
    WWDB_STORES_REDIS_URL: `redis://${ports.map((port) => `127.0.0.1:${port}`).join(',')}`,
  }),
}
