import { chmod, mkdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { ToolError } from '../../../src/core/tool-error.ts'
import { endServer } from '../../../src/sandbox/local-server.ts'
import type { Installation } from '../../../src/sandbox/mysql-program.ts'
import { launchServer, mysqlServer, type RunningServer, serverFiles } from '../../../src/sandbox/mysql-server.ts'
import { freePort } from './ports.ts'
import { copyReadyData, lowFlags } from './ready-data.ts'

/** A local server of a test's own, which it may kill and restart on the same data and port. */
export interface OwnServer {
  readonly url: string
  readonly port: number
  /** Changes with every restart. */
  readonly pid: number
  readonly version: string
  readonly dataDirectory: string
  /** SIGKILL, as a crash of the machine's kernel would look to clients; returns when the process is gone. */
  readonly kill: () => Promise<void>
  /** Starts it again, after kill() or after a clean end of the running one. */
  readonly restart: () => Promise<void>
  /** Ends it and removes its folder. */
  readonly stop: () => Promise<void>
}

export interface OwnServerOptions {
  readonly installation: Installation
  readonly directory: string
  readonly flags?: readonly string[]
  /** What its data folder is made with besides. */
  readonly initialFlags?: readonly string[]
  /** How many files its process may open at first. */
  readonly openFiles?: number
  /** The time zone of its machine. */
  readonly machineZone?: string
}

/** Starts a server in a folder of its own. It is ended with the test run at the latest. */
export async function launchOwnServer({
  installation,
  directory,
  flags = [],
  initialFlags = [],
  openFiles,
  machineZone,
}: OwnServerOptions): Promise<OwnServer> {
  const files = serverFiles(directory)
  await mkdir(directory, { recursive: true })
  await copyReadyData(installation, files.data, initialFlags)
  const before = [
    ...(openFiles === undefined ? [] : [`ulimit -S -n ${openFiles}`]),
    ...(machineZone === undefined ? [] : [`export TZ='${machineZone}'`]),
  ]
  const started = before.length === 0 ? installation : await prepareProcess(installation, directory, before)
  const launch = (port: number): Promise<RunningServer> =>
    launchServer({
      installation: started,
      directory,
      port,
      flags: [...lowFlags, ...flags],
      onStarted: (pid) => writeFile(join(directory, 'started.pid'), String(pid)),
    })
  let server = await onFreePort(launch)
  const end = async (signal: 'SIGTERM' | 'SIGKILL'): Promise<void> => {
    if (!(await endServer(mysqlServer, server, signal))) throw new Error(`mysqld ${server.pid} does not end`)
  }
  return {
    url: `mysql://root@127.0.0.1:${server.port}`,
    port: server.port,
    get pid() {
      return server.pid
    },
    version: server.version,
    dataDirectory: files.data,
    kill: () => end('SIGKILL'),
    restart: async () => {
      await end('SIGTERM')
      server = await onceFree(() => launch(server.port))
    },
    stop: async () => {
      // Its data goes: a clean end would only take longer.
      await end('SIGKILL')
      await rm(directory, { recursive: true, force: true })
    },
  }
}

/** A script before the server: a process inherits limits and variables, and none of ours may change its own. */
async function prepareProcess(
  installation: Installation,
  directory: string,
  commands: readonly string[],
): Promise<Installation> {
  const script = join(directory, 'prepared-mysqld')
  await writeFile(script, `#!/bin/sh\n${commands.join('\n')}\nexec '${installation.mysqld}' "$@"\n`)
  await chmod(script, 0o755)
  return { ...installation, mysqld: script }
}

/** For some moments after a crash the port may be taken: by a connection that goes out from it, by one that dies slowly. */
async function onceFree<T>(launch: () => Promise<T>): Promise<T> {
  for (const end = Date.now() + 30_000; ; ) {
    try {
      return await launch()
    } catch (error) {
      if (!(error instanceof ToolError && error.code === 'PORT_IN_USE') || Date.now() > end) throw error
      await new Promise((resolve) => setTimeout(resolve, 100))
    }
  }
}

/** A port that was free may be taken a moment later by another program: then another one is tried. */
async function onFreePort<T>(launch: (port: number) => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await launch(await freePort())
    } catch (error) {
      if (!(error instanceof ToolError && error.code === 'PORT_IN_USE') || attempt === 5) throw error
    }
  }
}
