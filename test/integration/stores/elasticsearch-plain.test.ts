import { randomBytes } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { noOptions } from '../../../src/stores/contract.ts'
import { findDrift } from '../../../src/stores/find-drift.ts'
import type { StoreChange } from '../../../src/stores/store-plan.ts'
import { withElasticsearch } from '../../helpers/elasticsearch/elasticsearch-stage.ts'
import { declarationOf } from '../../helpers/elasticsearch/elasticsearch-text.ts'
import { isAvailable } from '../../helpers/servers/servers.ts'

// A name of this file's own: the node is shared, and what is made elsewhere has no prefix.
const elsewhere = `elsewhere-${randomBytes(4).toString('hex')}@settings`

// The node of the tests has no processors: what is compared of them is in test/unit/stores/elasticsearch-plain.test.ts.
const full = `
ingest_pipelines:
  stamp: { description: When it came, processors: [] }
  words: { processors: [] }
cluster_settings: { search.default_search_timeout: 30s, indices.recovery.max_concurrent_operations: 2 }
index_templates:
  events:
    data_streams: [events]
    composed_of: [{ existing: ${elsewhere} }]
    settings: { index.default_pipeline: stamp }
`

describe.runIf(isAvailable('elasticsearch'))(
  'pipelines, cluster settings and components that are made elsewhere',
  () => {
    const stage = withElasticsearch()
    const open = (text = full) => stage().session(declarationOf(text))
    const apply = async (text = full): Promise<readonly StoreChange[]> => {
      const session = open(text)
      const { changes } = await session.plan()
      for (const change of changes) await session.apply(change)
      expect((await session.plan()).changes).toEqual([])
      return changes
    }
    beforeAll(async () => {
      await stage().request('PUT', `/_component_template/${elsewhere}`, {
        template: { settings: { refresh_interval: '7s' } },
      })
    })
    afterAll(async () => {
      await stage().request('DELETE', `/_component_template/${elsewhere}`)
    })

    it('are planned before what refers to them, made, and read back', async () => {
      const changes = await apply()
      const { prefix, request } = stage()
      expect(changes.map(({ summary }) => summary.replaceAll(prefix, 'P_'))).toEqual([
        'set cluster setting search.default_search_timeout to 30s',
        'set cluster setting indices.recovery.max_concurrent_operations to 2',
        'create ingest pipeline P_stamp',
        'create ingest pipeline P_words',
        'create index template P_events for P_events',
        'create data stream P_events',
      ])
      const [index] = Object.values(await request('GET', `/${prefix}events/_settings?flat_settings=true`))
      expect(index).toMatchObject({
        settings: { 'index.default_pipeline': `${prefix}stamp`, 'index.refresh_interval': '7s' },
      })
      const session = open()
      expect((await session.compare()).findings).toEqual([])
    })

    const drifts: readonly (readonly [
      what: string,
      drift: (prefix: string) => readonly [method: string, path: string, body?: object],
      resource: string,
      path: string,
    ])[] = [
      [
        'another description',
        (prefix) => ['PUT', `/_ingest/pipeline/${prefix}stamp`, { processors: [], description: 'x' }],
        'ingest pipeline stamp',
        'description',
      ],
      [
        'another setting of the cluster',
        () => ['PUT', '/_cluster/settings', { persistent: { 'search.default_search_timeout': '5s' } }],
        'cluster setting search.default_search_timeout',
        '',
      ],
    ]

    it.each(drifts)('finds %s, names it and puts it right', async (_what, drift, resource, path) => {
      const { prefix, request } = stage()
      await request(...drift(prefix))
      const found = findDrift(await open().compare())
      expect(found.map((one) => `${one.resource.kind} ${one.resource.name.replace(prefix, '')}`)).toEqual([resource])
      if (found[0]?.code === 'STORE_DRIFT') expect(found[0].differences.map((one) => one.path)).toContain(path)
      await apply()
    })

    it('keeps what the server has of a pipeline besides, and other settings of the cluster', async () => {
      const { prefix, request } = stage()
      const path = `/_ingest/pipeline/${prefix}words`
      await request('PUT', path, { processors: [], version: 7 })
      await request('PUT', '/_cluster/settings', { persistent: { 'indices.recovery.max_bytes_per_sec': '60mb' } })
      await apply()
      expect((await request('GET', path))[`${prefix}words`]).toMatchObject({ version: 7 })
      const settings = await request('GET', '/_cluster/settings?flat_settings=true')
      expect(settings.persistent).toMatchObject({ 'indices.recovery.max_bytes_per_sec': '60mb' })
      await request('PUT', '/_cluster/settings', { persistent: { 'indices.recovery.max_bytes_per_sec': null } })
    })

    it('names a pipeline that no file declares, and refuses a component that does not exist', async () => {
      const { prefix, request } = stage()
      await request('PUT', `/_ingest/pipeline/${prefix}by-hand`, { processors: [] })
      const { findings } = await open().compare()
      expect(findings).toMatchObject([{ code: 'STORE_UNDECLARED', resource: { name: `${prefix}by-hand` } }])
      await expect(open(full.replace(elsewhere, 'logs@nothing')).plan()).rejects.toMatchObject({
        code: 'STORE_REFUSED',
        faults: [{ what: expect.stringContaining('`logs@nothing`, which does not exist') }],
      })
    })

    it('removes a pipeline that no file declares any more, where that is asked for, and none that was made by hand', async () => {
      await apply(full.replace('  words:', '  spare: { processors: [] }\n  words:'))
      const session = stage().session(declarationOf(full), { options: { ...noOptions, prune: true } })
      const { changes } = await session.plan()
      const { prefix } = stage()
      expect(changes.map(({ summary, loss }) => [summary.replace(prefix, ''), loss?.code])).toEqual([
        ['remove ingest pipeline spare, which no file declares any more', 'removed-resource'],
      ])
      for (const change of changes) await session.apply(change)
      expect((await session.plan()).changes).toEqual([])
    })

    it('asks before a part of a template, a policy or a list goes that somebody added, and not where the file alone has changed', async () => {
      const { prefix, request } = stage()
      const more = `${full.replace('cluster_settings: {', 'cluster_settings: { cluster.routing.allocation.exclude._name: "n1",')}
policies: { kept: { phases: { warm: { min_age: 1d, actions: { set_priority: { priority: 50 }, readonly: {} } } } } }
component_templates: { base: { mappings: { properties: { one: { type: keyword }, two: { type: long } } } } }
`
      const fewer = more.replace(', readonly: {}', '').replace('one: { type: keyword }, ', '')
      await apply(more)
      const losses = async (text: string) =>
        (await open(text).plan()).changes.map(({ resource, loss }) => [
          resource.name.replace(prefix, ''),
          loss?.code ?? null,
          ...(loss?.affected.toSorted() ?? []),
        ])
      expect(await losses(fewer)).toEqual([
        ['kept', null],
        ['base', null],
      ])
      const name = `${prefix}base`
      const { component_templates } = await request('GET', `/_component_template/${name}`)
      const body = component_templates[0].component_template
      body.template.mappings.properties.added = { type: 'date' }
      await request('PUT', `/_component_template/${name}`, {
        template: body.template,
        _meta: { ...body._meta, by: 'ops' },
      })
      const policy = (await request('GET', `/_ilm/policy/${prefix}kept`))[`${prefix}kept`].policy
      policy.phases.warm.actions.forcemerge = { max_num_segments: 1 }
      await request('PUT', `/_ilm/policy/${prefix}kept`, { policy })
      const excluded = { 'cluster.routing.allocation.exclude._name': 'n1,n2' }
      await request('PUT', '/_cluster/settings', { persistent: excluded })
      expect(await losses(fewer)).toEqual([
        [
          'cluster.routing.allocation.exclude._name',
          'removed-additions',
          '`cluster.routing.allocation.exclude._name` n2',
        ],
        [
          'kept',
          'removed-additions',
          '`phases.warm.actions.forcemerge` {"max_num_segments":1}',
          '`phases.warm.actions.readonly` {}',
        ],
        [
          'base',
          'removed-additions',
          '`template.mappings.properties.added` {"type":"date"}',
          '`template.mappings.properties.one` {"type":"keyword"}',
        ],
      ])
      await apply(fewer)
      const after = await request('GET', `/_component_template/${name}`)
      expect(after.component_templates[0].component_template._meta).toMatchObject({ by: 'ops', managed_by: 'wwdb' })
      await request('PUT', '/_cluster/settings', {
        persistent: { 'cluster.routing.allocation.exclude._name': null },
      })
      await request('DELETE', `/_component_template/${name}`)
      await request('DELETE', `/_ilm/policy/${prefix}kept`)
    })

    it('resets a setting of the cluster that is declared as null, and removes the rest with the prefix', async () => {
      const reset =
        'cluster_settings: { search.default_search_timeout: null, indices.recovery.max_concurrent_operations: null }'
      const changes = await apply(full.replace(/^cluster_settings: .*$/m, reset))
      expect(changes.map(({ action }) => action)).toEqual(['remove', 'remove'])
      const gone = await open().clear()
      const { prefix } = stage()
      expect(gone.map((one) => one.replace(prefix, '')).toSorted()).toEqual([
        'data stream events',
        'index template events',
        'ingest pipeline by-hand',
        'ingest pipeline stamp',
        'ingest pipeline words',
      ])
    })
  },
)
