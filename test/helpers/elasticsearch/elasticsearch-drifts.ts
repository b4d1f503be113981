import type { Answer, ElasticsearchStage } from './elasticsearch-stage.ts'

interface Drift {
  readonly name: string
  readonly drift: (stage: ElasticsearchStage) => Promise<unknown>
  /** The difference that a plan must report. */
  readonly path: string
  /** What repairs it. */
  readonly repairs: readonly string[]
}

/** Changes a component or an index template as a person with an editor does: read, change, put back. */
async function edit(
  stage: ElasticsearchStage,
  kind: 'component' | 'index',
  name: string,
  change: (body: Answer) => void,
): Promise<void> {
  const path = `/_${kind}_template/${stage.prefix}${name}`
  const answer = await stage.request('GET', path)
  const body = answer[`${kind}_templates`][0][`${kind}_template`]
  change(body)
  await stage.request('PUT', path, body)
}

async function editPolicy(stage: ElasticsearchStage, change: (phases: Answer) => void): Promise<void> {
  const name = `${stage.prefix}logs`
  const policy = (await stage.request('GET', `/_ilm/policy/${name}`))[name].policy
  change(policy.phases)
  await stage.request('PUT', `/_ilm/policy/${name}`, { policy })
}

async function writeIndex(stage: ElasticsearchStage): Promise<string> {
  const { data_streams } = await stage.request('GET', `/_data_stream/${stage.prefix}system-logs`)
  return data_streams[0].indices.at(-1).index_name
}

async function set(stage: ElasticsearchStage, settings: unknown): Promise<unknown> {
  return stage.request('PUT', `/${await writeIndex(stage)}/_settings`, settings)
}

/** Done by hand to a server with the sample declaration. */
export const drifts: readonly Drift[] = [
  {
    name: 'an age in a policy',
    drift: (stage) => editPolicy(stage, (phases) => Object.assign(phases.delete, { min_age: '100d' })),
    path: 'phases.delete.min_age',
    repairs: ['update lifecycle policy'],
  },
  {
    name: 'another condition of rollover',
    drift: (stage) => editPolicy(stage, (phases) => Object.assign(phases.hot.actions.rollover, { max_docs: 10 })),
    path: 'phases.hot.actions.rollover.max_docs',
    repairs: ['update lifecycle policy'],
  },
  {
    name: 'a setting of a component template',
    drift: (stage) =>
      edit(stage, 'component', 'base', (body) =>
        Object.assign(body.template.settings.index, { refresh_interval: '1m' }),
      ),
    path: 'settings.index.refresh_interval',
    repairs: ['update component template'],
  },
  {
    name: 'an analyzer of a component template',
    drift: (stage) =>
      edit(stage, 'component', 'chinese', (body) => {
        body.template.settings.index.analysis.analyzer.zh_search.type = 'cjk'
      }),
    path: 'settings.index.analysis.analyzer.zh_search.type',
    repairs: ['update component template'],
  },
  {
    name: 'a field of an index template',
    drift: (stage) =>
      edit(stage, 'index', 'system-logs', (body) => {
        delete body.template.mappings.properties.level
      }),
    path: 'mappings.properties.level',
    repairs: ['update index template'],
  },
  {
    name: 'the priority of an index template',
    drift: (stage) => edit(stage, 'index', 'messages', (body) => Object.assign(body, { priority: 3 })),
    path: 'priority',
    repairs: ['update index template'],
  },
  {
    name: 'the patterns of an index template',
    drift: (stage) => edit(stage, 'index', 'contacts', (body) => body.index_patterns.push(`${stage.prefix}others-*`)),
    path: 'index_patterns',
    repairs: ['update index template'],
  },
  {
    name: 'a setting of the index that is written',
    drift: (stage) => set(stage, { 'index.refresh_interval': '77s' }),
    path: 'settings.index.refresh_interval',
    repairs: ['update write index'],
  },
  {
    name: 'an index that was taken out of its policy',
    drift: (stage) => set(stage, { 'index.lifecycle.name': null }),
    path: 'settings.index.lifecycle.name',
    repairs: ['update write index'],
  },
  {
    name: 'a parameter of a field in the index that is written',
    drift: async (stage) =>
      stage.request('PUT', `/${await writeIndex(stage)}/_mapping`, {
        properties: { level: { type: 'keyword', ignore_above: 7 } },
      }),
    path: 'mappings.properties.level.ignore_above',
    repairs: ['update write index'],
  },
  {
    name: 'an index that was rolled over with another codec',
    drift: async (stage) => {
      await edit(stage, 'component', 'base', (body) =>
        Object.assign(body.template.settings.index, { codec: 'default' }),
      )
      await stage.request('POST', `/${stage.prefix}system-logs/_rollover`)
    },
    path: 'settings.index.codec',
    repairs: ['update component template', 'replace write index'],
  },
  {
    name: 'a data stream that was removed',
    drift: (stage) => stage.request('DELETE', `/_data_stream/${stage.prefix}system-logs`),
    path: '',
    repairs: ['create data stream'],
  },
  {
    name: 'an alias that writes nowhere',
    drift: ({ prefix, request }) =>
      request('POST', '/_aliases', {
        actions: [{ add: { index: `${prefix}messages-000001`, alias: `${prefix}messages`, is_write_index: false } }],
      }),
    path: 'is_write_index',
    repairs: ['update write alias'],
  },
  {
    name: 'an alias that was removed',
    drift: ({ prefix, request }) =>
      request('POST', '/_aliases', {
        actions: [{ remove: { index: `${prefix}messages-000001`, alias: `${prefix}messages` } }],
      }),
    path: 'is_write_index',
    repairs: ['update write alias'],
  },
  {
    name: 'the marks of the maker',
    drift: (stage) => edit(stage, 'index', 'system-logs', (body) => Object.assign(body._meta, { description: 'mine' })),
    path: '_meta.description',
    repairs: ['update index template'],
  },
]
