import { join } from 'node:path'
import { arch } from 'node:process'
import { ToolError } from '../../core/tool-error.ts'
import { isAtLeast } from '../../core/version.ts'
import { endServer, lastLines, type ServerDescription, startServer } from '../../sandbox/local-server.ts'
import {
  buildProgram,
  cacheDirectory,
  findBuildScript,
  findOnPath,
  inspectProgram,
  type ProgramSearch,
  type ServerProgram,
  silentSearch,
} from '../../sandbox/programs.ts'
import type { StoreSandbox } from '../contract.ts'

/** On the first start it has no user, no organization and no bucket. It sends no usage reports. */
export const influxdbServer: ServerDescription = {
  product: 'InfluxDB',
  log: 'influxd.log',
  printsLog: true,
  startTimeout: 60_000,
  // On SIGINT it writes its memory to disk; on SIGTERM it does not.
  stopSignal: 'SIGINT',
  command: async ({ program, directory, port, flags = [] }) => [
    ...program.command,
    'run',
    `--http-bind-address=127.0.0.1:${port}`,
    `--bolt-path=${join(directory, 'influxd.bolt')}`,
    `--sqlite-path=${join(directory, 'influxd.sqlite')}`,
    `--engine-path=${join(directory, 'engine')}`,
    '--reporting-disabled',
    ...flags,
  ],
  isReady: ({ port }) => answers(port),
  owns: (words, directory) => words.includes(`--engine-path=${join(directory, 'engine')}`),
  explain: (log) => lastLines(log, /error|fatal/i),
}

async function answers(port: number): Promise<boolean> {
  for (const scheme of ['http', 'https']) {
    try {
      const answer = await fetch(`${scheme}://127.0.0.1:${port}/health`, { signal: AbortSignal.timeout(2_000) })
      await answer.body?.cancel()
      if (answer.status === 200) return true
    } catch (error) {
      // A certificate that this process does not trust also proves an answer.
      const cause = error instanceof Error ? error.cause : null
      if (cause instanceof Error && 'code' in cause && /CERT|SIGNATURE/.test(String(cause.code))) return true
    }
  }
  return false
}

const version = { words: ['version'], pattern: /^InfluxDB v?(\d+\.\d+\.\d+)/ } as const

/** Built where there is none; the version is in the folder's name, so that another version is built beside it. */
const builtVersion = '2.8.0'

/**
 * The influxd on PATH if it is 2.3 or a later 2.x, else, in a checkout of wwdb, one that is built from its sources into the cache when it is
 * first needed.
 * @throws ToolError SANDBOX_UNAVAILABLE where neither is possible; SANDBOX_FETCH_FAILED, STOPPED.
 */
export async function findInfluxd(search: ProgramSearch = silentSearch): Promise<ServerProgram> {
  const installed = await findOnPath('influxd', version, (text) => text.startsWith('2.') && isAtLeast(text, '2.3'))
  if (installed !== null) return installed
  const prefix = join(cacheDirectory(), `influxd-${builtVersion}-${arch}`)
  const command = [join(prefix, 'influxd')] as const
  const cached = await inspectProgram('built', command, version)
  if (cached !== null) return cached
  const script = findBuildScript('build-influxd.sh')
  if (script === null)
    throw unavailable('There is no portable program of InfluxDB; only a checkout of wwdb can build one.')
  const effort = `${builtVersion} from its Go and Rust sources, once (8 to 20 minutes on two cores)`
  const outcome = await buildProgram({ product: 'InfluxDB', script, prefix, effort }, search)
  if (outcome.type === 'impossible') throw unavailable(outcome.why)
  const built = await inspectProgram('built', command, version)
  if (built === null) throw unavailable('InfluxDB was built, but the program does not run on this machine.')
  return built
}

function unavailable(why: string): ToolError {
  return new ToolError('SANDBOX_UNAVAILABLE', {
    what: '`influxd` 2.3 or a later 2.x was not found on PATH.',
    why,
    next: 'Install InfluxDB 2.3 or a later 2.x, start Docker, or configure a running server with `stores.influxdb.url`.',
  })
}

/** One fresh server: `wwdb setup apply` sets it up with the sandbox's own user and token. */
export const sandbox: StoreSandbox = {
  count: 1,
  distance: 30,
  find: findInfluxd,
  start: (start) => startServer(influxdbServer, start),
  end: (node) => endServer(influxdbServer, node),
  container: { image: 'influxdb:2.7', port: 8086, environment: {}, isReady: answers },
  variables: ([port = 0], { passwordFile, tokenFile }) => ({
    WWDB_STORES_INFLUXDB_URL: `http://sandbox@127.0.0.1:${port}`,
    WWDB_STORES_INFLUXDB_PASSWORD_FILE: passwordFile,
    WWDB_STORES_INFLUXDB_TOKEN_FILE: tokenFile,
  }),
}
