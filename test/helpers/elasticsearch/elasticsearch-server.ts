import { join } from 'node:path'
import { env } from 'node:process'
import { findEngine } from '../../../src/sandbox/docker-engine.ts'
import { endServer, startServer } from '../../../src/sandbox/local-server.ts'
import { buildElasticsearch, elasticsearchServer } from '../../../src/stores/elasticsearch/sandbox.ts'
import { freePort } from '../servers/ports.ts'

/** An Elasticsearch without security. Tests of a run share one; each works under a prefix of its own. */
export interface TestElasticsearch {
  readonly url: string
  readonly version: string
  /** - `portable` a node of the published jars: nothing carries out lifecycle policies, `_ilm/explain` is missing. */
  readonly provider: 'url' | 'docker' | 'portable'
}

const entrance = '/usr/local/bin/docker-entrypoint.sh'
const image = 'docker.elastic.co/elasticsearch/elasticsearch:8.19.2'

/** Obtains the shared one: a given one (WWDB_TEST_ELASTICSEARCH_URL), Docker's official image, or a local node of the published jars. */
export async function obtainElasticsearch(runDirectory: string): Promise<TestElasticsearch> {
  const given = env['WWDB_TEST_ELASTICSEARCH_URL']?.replace(/\/$/, '')
  const server =
    given === undefined
      ? ((await startDocker()) ?? (await startOwnElasticsearch(join(runDirectory, 'elasticsearch-shared'))))
      : { url: given, version: await readVersion(given), provider: 'url' as const }
  console.error(`Test server Elasticsearch ${server.version} (${server.provider}) at ${new URL(server.url).host}`)
  return server
}

/** A local node, which ends with its test or with the run. */
export async function startOwnElasticsearch(
  directory: string,
  options: { readonly plugins?: boolean } = {},
): Promise<TestElasticsearch & { readonly stop: () => Promise<void> }> {
  const program = await buildElasticsearch()
  const flags = options.plugins === false ? ['-E', 'plugins=no-plugins'] : []
  const node = await startServer(elasticsearchServer, { program, directory, port: await freePort(), flags })
  const stop = async (): Promise<void> => {
    await endServer(elasticsearchServer, node, 'SIGKILL')
  }
  return { url: `http://127.0.0.1:${node.port}`, version: program.version, provider: 'portable', stop }
}

/** The password of the user elastic on {@link startSecureElasticsearch}. */
export const elasticPassword = 'first-of-the-node'

/** A node of the published jars with security, which has the user elastic alone. */
export async function startSecureElasticsearch(
  directory: string,
): Promise<TestElasticsearch & { readonly port: number; readonly stop: () => Promise<void> }> {
  const program = await buildElasticsearch()
  const secure: typeof elasticsearchServer = {
    ...elasticsearchServer,
    command: async (start) => [
      'env',
      `ELASTIC_PASSWORD=${elasticPassword}`,
      ...(await elasticsearchServer.command(start)),
    ],
    // Once the user is known, roles can be written: its index is made with the first of them.
    isReady: async ({ port }) => {
      const authorization = `Basic ${Buffer.from(`elastic:${elasticPassword}`).toString('base64')}`
      const answer = fetch(`http://127.0.0.1:${port}/_cluster/health`, { headers: { authorization } })
      return answer.then(({ ok }) => ok).catch(() => false)
    },
  }
  const flags = ['-E', 'xpack.security.enabled=true']
  const node = await startServer(secure, { program, directory, port: await freePort(), flags })
  const stop = async (): Promise<void> => {
    await endServer(secure, node, 'SIGKILL')
  }
  return { url: `http://127.0.0.1:${node.port}`, port: node.port, version: program.version, provider: 'portable', stop }
}

/** Null where no engine answers. Testcontainers removes the container with the run. */
async function startDocker(): Promise<TestElasticsearch | null> {
  if ((await findEngine()) === null) return null
  try {
    const { GenericContainer, Wait } = await import('testcontainers')
    const started = await new GenericContainer(image)
      .withEnvironment({
        'discovery.type': 'single-node',
        'path.repo': '/tmp/repositories',
        'xpack.security.enabled': 'false',
        'cluster.routing.allocation.disk.threshold_enabled': 'false',
        ES_JAVA_OPTS: '-Xms512m -Xmx512m',
      })
      // Made by Elastic for each release, and in no image of theirs.
      .withCommand([
        'bash',
        '-c',
        `bin/elasticsearch-plugin install --batch analysis-smartcn && exec ${entrance} eswrapper`,
      ])
      .withExposedPorts(9200)
      .withWaitStrategy(Wait.forHttp('/_cluster/health', 9200).forStatusCode(200))
      .withStartupTimeout(180_000)
      .start()
    const url = `http://${started.getHost()}:${started.getMappedPort(9200)}`
    return { url, version: await readVersion(url), provider: 'docker' }
  } catch (error) {
    console.error(
      `Docker could not start Elasticsearch (${error instanceof Error ? error.message : error}); trying without it.`,
    )
    return null
  }
}

async function readVersion(url: string): Promise<string> {
  const answer = (await (await fetch(url)).json()) as { readonly version: { readonly number: string } }
  return answer.version.number
}
