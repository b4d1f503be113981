import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { kill } from 'node:process'
import { inject } from 'vitest'
import { ToolError } from '../../../src/core/tool-error.ts'
import { endServer, type LocalServer, startServer } from '../../../src/sandbox/local-server.ts'
import { waitUntil } from '../../../src/sandbox/process.ts'
import type { ServerProgram } from '../../../src/sandbox/programs.ts'
import { findRedis, isNodePortFree, redisServer } from '../../../src/stores/redis/sandbox.ts'
import { freePort } from '../servers/ports.ts'

/** A Redis of a test's own, which it may kill, stop for a while and start again on the same data and port. */
export interface TestRedis {
  readonly port: number
  readonly url: string
  /** Holds its configuration file, its data and its log. */
  readonly directory: string
  /** SIGKILL; returns when the process is gone. */
  readonly kill: () => Promise<void>
  /** Starts it again, after kill(). */
  readonly restart: () => Promise<void>
  /** SIGSTOP: its port still takes connections, and nothing answers. */
  readonly freeze: () => void
  /** SIGCONT. */
  readonly thaw: () => void
  readonly stop: () => Promise<void>
}

/**
 * Starts a Redis: the one on PATH, else that of Debian's packages, unpacked into the cache. Throws where neither can be had.
 * It keeps nothing on disk unless its flags say so.
 * @param flags as on the command line of redis-server.
 * @param files texts by their names, put into its folder before it starts.
 */
export async function startRedis(
  flags: readonly string[] = [],
  program?: ServerProgram,
  files: Readonly<Record<string, string>> = {},
): Promise<TestRedis> {
  const lines = ['save ""', ...toLines(flags)]
  const found = program ?? (await findRedis())
  let node = await onFreePort(async (port) => {
    for (const [name, text] of Object.entries(files)) await writeFile(join(folderOf(port), name), text)
    return startServer(redisServer, { program: found, directory: folderOf(port), port, lines })
  })
  const { port, directory } = node
  const end = async (signal: 'SIGTERM' | 'SIGKILL'): Promise<void> => {
    if (!(await endServer(redisServer, node, signal))) throw new Error(`redis-server ${node.pid} does not end`)
  }
  return {
    port,
    url: `redis://127.0.0.1:${port}`,
    directory,
    kill: () => end('SIGKILL'),
    restart: async () => {
      await waitUntil(() => isNodePortFree(port), 10_000)
      node = await startServer(redisServer, { program: found, directory, port, lines })
    },
    freeze: () => void kill(node.pid, 'SIGSTOP'),
    thaw: () => void kill(node.pid, 'SIGCONT'),
    // What is stopped for a while takes no SIGTERM: nothing is lost with a test's data.
    stop: () => end('SIGKILL'),
  }
}

/** Its process is ended with the run at the latest, by the file with its id in there. */
function folderOf(port: number): string {
  return join(inject('servers').runDirectory, `redis-${port}`)
}

/** `['--requirepass', 'x', '--save', '900', '1']` as lines of a configuration file. */
function toLines(flags: readonly string[]): readonly string[] {
  const lines: string[][] = []
  for (const flag of flags) {
    if (flag.startsWith('--')) lines.push([flag.slice(2)])
    else lines.at(-1)?.push(JSON.stringify(flag))
  }
  return lines.map((words) => words.join(' '))
}

/** A port that was free may be taken a moment later by another program: then another one is tried. */
async function onFreePort(start: (port: number) => Promise<LocalServer>): Promise<LocalServer> {
  for (let attempt = 1; ; ) {
    const port = await freePort()
    if (!(await isNodePortFree(port)) || !(await claim(port))) continue
    try {
      return await start(port)
    } catch (error) {
      if (!(error instanceof ToolError && error.code === 'PORT_IN_USE') || attempt++ === 5) throw error
    }
  }
}

/** The process that makes a port's folder has it: several nodes of one run look for a port at once. */
async function claim(port: number): Promise<boolean> {
  return mkdir(folderOf(port)).then(
    () => true,
    () => false,
  )
}
