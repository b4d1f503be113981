import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Redis } from 'ioredis'
import { afterAll, describe, expect, it } from 'vitest'
import type { StoreKind } from '../../../src/core/store.ts'
import { elasticPassword, startSecureElasticsearch } from '../../helpers/elasticsearch/elasticsearch-server.ts'
import { withElasticsearch } from '../../helpers/elasticsearch/elasticsearch-stage.ts'
import { describeInfluxdb, withInfluxdb } from '../../helpers/influxdb/influxdb-server.ts'
import { influxAdmin } from '../../helpers/influxdb/influxdb-session.ts'
import { startRedis } from '../../helpers/redis/redis.ts'
import { isAvailable } from '../../helpers/servers/servers.ts'
import { type ImportProject, openImportProject } from '../../helpers/stores/import-project.ts'

const projects: ImportProject[] = []
afterAll(() => {
  for (const project of projects) project.close()
})

function openProject(store: StoreKind, settings: object, prefix: string, variables = {}): ImportProject {
  const project = openImportProject(store, settings, { WWDB_PREFIX: prefix, ...variables })
  projects.push(project)
  return project
}

const allowed = ['--yes', '--allow', 'removed-resource'] as const

interface Way {
  readonly store: StoreKind
  /** All that is declared, and what is left of it. */
  readonly before: string
  readonly after: string
  /** What else is declared, with a variable that is not set. */
  readonly unset: string
  readonly prefix: string
  /** What the server has of it, as far as it must come back. */
  readonly observe: () => Promise<unknown>
  /** Removes one of those that came back, as nobody should. */
  readonly removeOne: () => Promise<unknown>
}

/** Prunes, restores twice, and prunes again; between them the server has what it had. */
async function goThere(
  project: ImportProject,
  { store, before, after, unset, prefix, observe, removeOne }: Way,
): Promise<void> {
  const file = `migrations/${store}/all.yaml`
  const folder = join('.wwdb', 'removed')
  project.write(file, before)
  expect(await project.setup('apply')).toMatchObject({ exitCode: 0 })
  const seen = await observe()
  project.write(file, after)
  const planned = await project.setup('plan', '--prune')
  expect(planned.stderr).toBe('')
  expect(planned.stdout).toContain('are declared in a file below')
  expect(planned.stdout).not.toContain('does not come back')
  const pruned = await project.setup('apply', '--prune', ...allowed)
  expect(pruned).toMatchObject({ exitCode: 0 })
  expect(await observe()).not.toEqual(seen)
  const [kept = '', ...others] = readdirSync(join(project.folder, folder))
  expect(others).toEqual([])
  expect(pruned.stderr).toContain(kept)
  if (prefix !== '') expect(project.read(join(folder, kept))).not.toContain(prefix)
  expect((await project.setup('status')).exitCode).toBe(0)
  const restored = await project.setup('restore', store, join(folder, kept))
  expect(restored).toMatchObject({ exitCode: 0 })
  expect(await observe()).toEqual(seen)
  // As a run that was killed in the middle leaves it: a part is there.
  await removeOne()
  expect(await observe()).not.toEqual(seen)
  // A variable of something else is not asked for.
  project.write(`migrations/${store}/unset.yaml`, unset)
  expect((await project.setup('plan')).stderr).toContain('needs the variable `NOT_SET`')
  expect(await project.setup('restore', store, join(folder, kept))).toMatchObject({ exitCode: 0 })
  project.write(`migrations/${store}/unset.yaml`, '{}')
  expect(await observe()).toEqual(seen)
  const again = await project.setup('restore', store, join(folder, kept))
  expect(again.stdout).toContain('nothing to do')
  project.write(file, before)
  expect(await project.changes()).toEqual([])
  // Declared again, it is no longer of the file.
  expect((await project.setup('restore', store, join(folder, kept))).stdout).toContain('Declared in the files by now')
  project.write(file, after)
  expect(await project.setup('apply', '--prune', ...allowed)).toMatchObject({ exitCode: 0 })
}

describe.runIf(isAvailable('redis'))('a way back for function libraries of Redis', () => {
  it.each(['', 'pr_1_'])('with the prefix `%s`', async (prefix) => {
    const node = await startRedis()
    const client = new Redis({ port: node.port, host: '127.0.0.1' })
    try {
      const library = (name: string): string =>
        `  ${name}:\n    code: |\n      #!lua name=${name}\n      redis.register_function('${name}_take', function() return 1 end)\n`
      await goThere(openProject('redis', { url: `redis://127.0.0.1:${node.port}` }, prefix), {
        store: 'redis',
        before: `functions:\n${library('shop')}${library('till')}${library('stock')}`,
        after: `functions:\n${library('stock')}`,
        unset: `users: { other: { password: "\${NOT_SET}" } }`,
        prefix,
        observe: async () =>
          String(await client.call('FUNCTION', 'LIST', 'WITHCODE'))
            .split(/,?library_name,/)
            .toSorted(),
        removeOne: () => client.call('FUNCTION', 'DELETE', `${prefix}shop`),
      })
    } finally {
      client.disconnect()
      await node.stop()
    }
  })
})

describeInfluxdb('a way back for tasks of InfluxDB', () => {
  const server = withInfluxdb()

  it.each([
    ['', 'with their buckets declared'],
    ['pr_1_', 'with their buckets declared'],
    ['', 'with their buckets out of the files, too'],
    ['pr_1_', 'with their buckets out of the files, too'],
  ])('with the prefix `%s`, %s', async (prefix, which) => {
    const { user, password, token } = influxAdmin
    const { host } = new URL(server().url)
    const buckets =
      'organization: { name: shop }\nbuckets:\n  hot: { retention: 30d, shardGroup: 1d }\n  cold: { retention: forever, shardGroup: 7d }\n'
    const tasks = `downsampling:\n  hourly: { from: hot, to: cold, window: 1h, description: Each hour }\n`
    const own = `tasks:\n  own:\n    every: 1h\n    flux: 'from(bucket: "hot") |> range(start: -1h) |> to(bucket: "cold")'\n`
    await goThere(openProject('influxdb', { url: `http://${user}:${password}@${host}`, token }, prefix), {
      store: 'influxdb',
      before: `${buckets}${tasks}  daily: { from: hot, to: cold, window: 1d }\n${own}`,
      after: which.includes('out of')
        ? 'organization: { name: shop }\nbuckets:\n  other: { retention: forever, shardGroup: 7d }\n'
        : buckets,
      unset: `buckets: { spare: { retention: "\${NOT_SET}" } }`,
      removeOne: async () => {
        const headers = { authorization: `Token ${token}` }
        const api = `${server().url}/api/v2/tasks`
        const answer = await fetch(`${api}?${new URLSearchParams({ org: `${prefix}shop` })}`, { headers })
        const { tasks: found } = (await answer.json()) as { readonly tasks: readonly { readonly id: string }[] }
        await fetch(`${api}/${found[0]?.id}`, { method: 'DELETE', headers })
      },
      prefix,
      observe: async () => {
        const query = new URLSearchParams({ org: `${prefix}shop` })
        const headers = { authorization: `Token ${token}` }
        const answer = await fetch(`${server().url}/api/v2/tasks?${query}`, { headers })
        const { tasks: found } = (await answer.json()) as {
          readonly tasks: readonly { readonly name: string; readonly flux: string; readonly description?: string }[]
        }
        return found
          .map(({ name, flux, description }) => ({ name, flux, description }))
          .toSorted((one, other) => (one.name < other.name ? -1 : 1))
      },
    })
  })
})

describe.runIf(isAvailable('elasticsearch'))('a way back for definitions of Elasticsearch', () => {
  const stage = withElasticsearch()

  it('brings back policies, component templates, pipelines and synonyms sets under their prefix', async () => {
    const { request, prefix, url } = stage()
    const kept = [
      'ingest_pipelines: { kept: { processors: [] } }',
      'synonyms_sets: { kept: ["a, b"] }',
      'component_templates: { kept: { mappings: { properties: { note: { type: keyword } } } } }',
    ].join('\n')
    const before = `
policies:
  old-keep: { description: For a day, phases: { hot: { actions: { rollover: { max_age: 1d } } } } }
component_templates:
  kept: { mappings: { properties: { note: { type: keyword } } } }
  old-base: { settings: { number_of_replicas: 0 }, mappings: { properties: { note: { type: keyword } } } }
ingest_pipelines:
  kept: { processors: [] }
  old-stamp: { description: When it came, processors: [] }
synonyms_sets:
  kept: ["a, b"]
  old-goods: ["tv, television", "pc => computer"]
`
    const paths = ['/_ilm/policy', '/_component_template', '/_ingest/pipeline']
    await goThere(openProject('elasticsearch', { url }, prefix), {
      store: 'elasticsearch',
      before,
      after: kept,
      unset: `cluster_settings: { search.default_search_timeout: "\${NOT_SET}" }`,
      removeOne: () => request('DELETE', `/_ilm/policy/${prefix}old-keep`),
      prefix,
      observe: async () => ({
        found: await Promise.all(
          paths.map(async (path) => {
            const { [`${prefix}old-keep`]: policy, ...others } = await request('GET', `${path}/${prefix}old*`).catch(
              () => ({}),
            )
            return [policy?.policy, others]
          }),
        ),
        synonyms: await request('GET', `/_synonyms/${prefix}old-goods?size=10`).catch(() => null),
      }),
    })
    await stage().request('DELETE', `/_ingest/pipeline/${prefix}*`)
  })
})

describe.runIf(isAvailable('elasticsearch'))('a way back for users of Elasticsearch', () => {
  it('keeps no password: a user comes back with the one of the variable that the file names', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'wwdb-restore-'))
    const server = await startSecureElasticsearch(join(folder, 'node'))
    try {
      const ask = async (path: string, as: string): Promise<unknown> => {
        const headers = { authorization: `Basic ${Buffer.from(as).toString('base64')}` }
        const response = await fetch(`${server.url}/_security/${path}`, { headers })
        return response.ok ? response.json() : response.status
      }
      const url = server.url.replace('://', `://elastic:${elasticPassword}@`)
      const variables = { ELASTICSEARCH_SHIPPER_PASSWORD: 'of-the-shipper-2' }
      const project = openProject('elasticsearch', { url }, 'pr_', variables)
      const kept = 'roles:\n  stays: { indices: [{ names: [logs], privileges: [read] }] }\n'
      const gone = '  writer: { indices: [{ names: [logs], privileges: [write] }] }\n'
      const users =
        'users:\n  shipper: { password: of-the-shipper-1, roles: [writer] }\n' +
        'role_mappings:\n  staff: { roles: [writer], rules: { field: { username: staff } } }\n'
      project.write('migrations/elasticsearch/all.yaml', `${kept}${gone}${users}`)
      expect(await project.setup('apply')).toMatchObject({ exitCode: 0 })
      const role = await ask('role/pr_writer', `elastic:${elasticPassword}`)
      const mapping = await ask('role_mapping/pr_staff', `elastic:${elasticPassword}`)
      project.write('migrations/elasticsearch/all.yaml', kept)
      const { stdout } = await project.setup('plan', '--prune')
      expect(stdout.replaceAll(/\s+/g, ' ')).toContain('password that `ELASTICSEARCH_SHIPPER_PASSWORD` has then')
      const prune = ['apply', '--prune', '--yes', '--allow', 'removed-access'] as const
      expect(await project.setup(...prune)).toMatchObject({ exitCode: 0 })
      expect(await ask('_authenticate', 'pr_shipper:of-the-shipper-1')).toBe(401)
      const [file = ''] = readdirSync(join(project.folder, '.wwdb', 'removed'))
      // The role of a mapping that goes is removed by the next run.
      expect(await project.setup(...prune)).toMatchObject({ exitCode: 0 })
      expect(await ask('role/pr_writer', `elastic:${elasticPassword}`)).toBe(404)
      const path = join('.wwdb', 'removed', file)
      expect(project.read(path)).not.toContain('of-the-shipper')
      expect(project.read(path).replaceAll(/^#.*$/gm, '')).not.toContain('pr_')
      expect(await project.setup('restore', 'elasticsearch', path)).toMatchObject({ exitCode: 0 })
      expect(await ask('_authenticate', 'pr_shipper:of-the-shipper-2')).toMatchObject({ roles: ['pr_writer'] })
      expect(await ask('role/pr_writer', `elastic:${elasticPassword}`)).toEqual(role)
      expect(await ask('role_mapping/pr_staff', `elastic:${elasticPassword}`)).toEqual(mapping)
    } finally {
      await server.stop()
      rmSync(folder, { recursive: true, force: true })
    }
  }, 240_000)
})
