import { readFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { arch } from 'node:process'
import { ToolError } from '../../core/tool-error.ts'
import { isAtLeast } from '../../core/version.ts'
import { endServer, type ServerDescription, startServer } from '../../sandbox/local-server.ts'
import {
  buildProgram,
  cacheDirectory,
  findBuildScript,
  findOnPath,
  type ProgramSearch,
  type ServerProgram,
  silentSearch,
} from '../../sandbox/programs.ts'
import type { StoreSandbox } from '../contract.ts'

/** Settings of a single node without security; their names are Elasticsearch's own. */
const settings = {
  'discovery.type': 'single-node',
  'xpack.security.enabled': 'false',
  'cluster.routing.allocation.disk.threshold_enabled': 'false',
} as const

/** One node without security: `elasticsearch`, or the program of test/servers that accepts the same options. */
export const elasticsearchServer: ServerDescription = {
  product: 'Elasticsearch',
  log: 'node.log',
  printsLog: true,
  startTimeout: 120_000,
  stopSignal: 'SIGTERM',
  command: async ({ program, directory, port, flags = [] }) => {
    const place = {
      'path.data': dataFolder(directory),
      'path.logs': join(directory, 'logs'),
      'http.port': port,
      'network.host': '127.0.0.1',
    }
    const words = Object.entries({ ...place, ...settings }).flatMap(([name, value]) => ['-E', `${name}=${value}`])
    return [...program.command, ...words, ...flags]
  },
  isReady: ({ port }) => answers(port),
  owns: (words, directory) =>
    words.some((word) => word === dataFolder(directory) || word === `path.data=${dataFolder(directory)}`),
  // The first ones name the reason; the rest is their stack trace.
  explain: (log) =>
    log
      .split('\n')
      .filter((line) => /exception|error|caused by/i.test(line))
      .slice(0, 3)
      .join(' '),
}

function dataFolder(directory: string): string {
  return join(directory, 'data')
}

async function answers(port: number): Promise<boolean> {
  try {
    const health = `http://127.0.0.1:${port}/_cluster/health`
    const response = await fetch(health, { signal: AbortSignal.timeout(2_000) })
    await response.arrayBuffer()
    return response.ok
  } catch {
    return false
  }
}

/**
 * The elasticsearch on PATH if it is 8 or later, else, in a checkout of wwdb, the node that is built from Elastic's
 * jars.
 * @throws ToolError SANDBOX_UNAVAILABLE where neither is possible; SANDBOX_FETCH_FAILED, STOPPED.
 */
export async function findElasticsearch(search: ProgramSearch = silentSearch): Promise<ServerProgram> {
  const version = { words: ['--version'], pattern: /\bVersion: (\d+\.\d+\.\d+)/ }
  const installed = await findOnPath('elasticsearch', version, (text) => isAtLeast(text, '8.0'))
  return installed ?? (await buildElasticsearch(search))
}

/**
 * A node that is built from the jars that Elastic publishes with Maven, in the cache, when it is first needed. It does not carry out lifecycle policies:
 * docs/internals/testing.md lists what it lacks.
 * @throws ToolError SANDBOX_UNAVAILABLE outside of a checkout, and without JDK 17 and Maven; SANDBOX_FETCH_FAILED, STOPPED.
 */
export async function buildElasticsearch(search: ProgramSearch = silentSearch): Promise<ServerProgram> {
  const script = findBuildScript('elasticsearch-jars/provision.sh')
  if (script === null)
    throw unavailable('There is no portable program of Elasticsearch; only a checkout of wwdb can build a node.')
  const prefix = join(cacheDirectory(), `elasticsearch-${arch}`)
  const effort = 'from the jars that Elastic publishes with Maven, once (67 MB, about 20 s)'
  const outcome = await buildProgram({ product: 'Elasticsearch', script, prefix, effort }, search)
  if (outcome.type === 'impossible') throw unavailable(outcome.why)
  const home = join(outcome.folder, 'home')
  const version = (await readFile(join(home, 'version'), 'utf8')).trim()
  return { origin: 'built', command: ['bash', join(dirname(script), 'elasticsearch'), home], version }
}

function unavailable(why: string): ToolError {
  return new ToolError('SANDBOX_UNAVAILABLE', {
    what: '`elasticsearch` 8 or later was not found on PATH.',
    why,
    next: 'Install Elasticsearch 8 or later, start Docker, or configure a running server with `stores.elasticsearch.url`.',
  })
}

/** Elastic's image contains no analysis-smartcn; where it cannot be fetched, the node starts without it. */
const installAndStart =
  'bin/elasticsearch-plugin install --batch analysis-smartcn || true; exec /usr/local/bin/docker-entrypoint.sh eswrapper'

/** One node, without security. */
export const sandbox: StoreSandbox = {
  count: 1,
  distance: 40,
  find: findElasticsearch,
  start: (start) => startServer(elasticsearchServer, start),
  end: (node) => endServer(elasticsearchServer, node),
  container: {
    image: 'docker.elastic.co/elasticsearch/elasticsearch:8.19.2',
    port: 9200,
    environment: { ...settings, ES_JAVA_OPTS: '-Xms512m -Xmx512m' },
    command: ['bash', '-c', installAndStart],
    isReady: answers,
  },
  variables: ([port = 0]) => ({ WWDB_STORES_ELASTICSEARCH_URL: `http://127.0.0.1:${port}` }),
}
